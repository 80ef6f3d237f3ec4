"""``ectopy data``: what there is, where it is, fetch it, check it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="List, fetch and verify data sets.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder with mitdb/, ecg5000/ or svdb/; looked into first."),
]
Name = Annotated[str, typer.Argument(help="A data set or its database, as in `ectopy data list`.")]


@app.command("list")
def list_(data: Data = None) -> None:
    """Show every data set, and where its files are."""
    from rich.console import Console
    from rich.table import Table

    from ectopy.datasets.locate import find
    from ectopy.datasets.registry import DATASETS
    from ectopy.errors import EctopyError

    table = Table("data set", "what", "licence", box=None, pad_edge=False)
    table.add_column("where", overflow="fold")  # a path is no use when it is cut off
    for name, source in DATASETS.items():
        licence = "made here"
        where = "always there"
        if source.database is not None:
            licence = source.database.licence
            try:
                found = find(source.database, data)
            except EctopyError as error:
                where = str(error)
            else:
                where = str(found) if found else f"not here: {_advice(source.database.folder)}"
        table.add_row(name, source.summary, licence, where)
    Console().print(table)


def _advice(folder: str) -> str:
    from ectopy.datasets.registry import DATABASES

    if DATABASES[folder].fetch is None:
        return f"put the files into {folder}/ under --data or $ECTOPY_DATA"
    return f"ectopy data fetch {folder}"


@app.command("fetch")
def fetch(name: Name, data: Data = None) -> None:
    """Download a database whole, into --data or the user cache, and verify it."""
    from ectopy.datasets.locate import cache_folder
    from ectopy.datasets.registry import database
    from ectopy.errors import DownloadError

    found = database(name)
    folder = (data or cache_folder()) / found.folder
    if found.fetch is None:
        raise DownloadError(
            f"{found.title} cannot be downloaded without an account; put the files into {folder}"
        )
    found.fetch(folder)
    _report(name, folder)


@app.command("verify")
def verify(name: Name, data: Data = None) -> None:
    """Compare a database with its known SHA-256 checksums; exit with 2 where it differs."""
    from ectopy.datasets.locate import find
    from ectopy.datasets.registry import database
    from ectopy.errors import DataNotFoundError

    wanted = database(name)
    folder = find(wanted, data)
    if folder is None:
        raise DataNotFoundError(
            f"{wanted.title} is not on this machine, so there is nothing to verify: "
            f"{_advice(wanted.folder)}"
        )
    _report(name, folder)


def _report(name: str, folder: Path) -> None:
    from ectopy.datasets.registry import database
    from ectopy.datasets.verify import verify as compare
    from ectopy.errors import DataFormatError

    outcome = compare(database(name), folder)
    if outcome.faults:
        more = f", and {len(outcome.faults) - 3} more" if len(outcome.faults) > 3 else ""
        raise DataFormatError(
            f"{folder} is not as published: {'; '.join(outcome.faults[:3])}{more}; "
            f"remove what differs and fetch it again"
        )
    typer.echo(f"{folder}: {outcome.matching} files have their known SHA-256")
    if outcome.unknown:
        typer.echo(
            f"no SHA-256 is known for {', '.join(outcome.unknown[:3])}"
            + (f" and {len(outcome.unknown) - 3} more" if len(outcome.unknown) > 3 else "")
        )
