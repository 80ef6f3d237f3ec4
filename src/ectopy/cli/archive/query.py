"""``ectopy archive query``: ask by SQL."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_ROWS = 40


def query(
    store: Annotated[str, typer.Argument(help="The archive: a folder, or as s3://bucket/prefix.")],
    sql: Annotated[
        str | None,
        typer.Option(
            help="One SELECT over recordings, beats, rhythm, events, hours and failures (DuckDB)."
        ),
    ] = None,
    example: Annotated[
        str | None,
        typer.Option(help="Ask a worked example: vt-runs, af-by-hour or review-first."),
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Print the SQL of the example, and ask nothing.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="File for the answer: .csv or .parquet.")] = None,
) -> None:
    """Ask the newest snapshot of an archive by SQL; nothing in it can be changed."""
    from ectopy.cli.extras import ASKING, need

    need("ectopy archive query", ASKING, extra="archive")
    from ectopy.archive import query as asking
    from ectopy.errors import ConfigError

    if (sql is None) == (example is None):
        known = ", ".join(asking.examples())
        raise ConfigError(
            f"an archive is asked by either --sql or --example; the examples are {known}"
        )
    asked = sql if example is None else asking.example(example)
    assert asked is not None
    if show:
        typer.echo(asked.rstrip())
        return
    with asking.connect(store) as connection:
        found = asking.ask(connection, asked, out)
        if out is not None:
            typer.echo(f"{found:,} rows in {out}")
        else:
            typer.echo(asking.shown(found, _ROWS))
