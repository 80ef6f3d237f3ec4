"""``ectopy archive export``: annotation files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    store: Annotated[str, typer.Argument(help="The archive: a folder, or as s3://bucket/prefix.")],
    folder: Annotated[Path, typer.Argument(help="Where the files are written, as NAME.ect.")],
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="Only this recording, by name or id; may be repeated."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite files with other content.")
    ] = False,
) -> None:
    """Write the WFDB annotation files of an archive that was planned with --annotations."""
    from ectopy.archive.export import export as write

    count = write(store, folder, names=frozenset(name or ()), overwrite=force)
    typer.echo(f"{count:,} annotation files in {folder}")
