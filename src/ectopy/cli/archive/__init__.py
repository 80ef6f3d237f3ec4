"""``ectopy archive``: label an archive of recordings, and read what was found in it."""

from __future__ import annotations

import typer

from ectopy.cli.archive import export, finalize, query

app = typer.Typer(
    help="Label an archive of recordings, and read what was found.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("finalize")(finalize.finalize)
app.command("query")(query.query)
app.command("export")(export.export)
