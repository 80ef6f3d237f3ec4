"""``ectopy archive``: label an archive of recordings; one verb a file, and one that does it all."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from ectopy.cli.archive import (
    everything,
    export,
    finalize,
    gc,
    plan,
    query,
    run,
    status,
    verify,
)

__all__ = ["app"]

_ALL = "all"


class _Verbs(TyperGroup):
    """Verbs, of which one may be left out: words that begin with no verb are meant for it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the verb before words that have none."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [_ALL, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Verbs,
    help="Label an archive of recordings, of any size, once and whole.\n\n"
    "ectopy archive SOURCE --out STORE does it all: it plans, runs and finalizes, and goes on "
    "where it was stopped. The verbs below do one thing each.",
    subcommand_metavar="SOURCE... --out STORE | VERB ...",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command(_ALL)(everything.everything)
app.command("plan")(plan.plan)
app.command("run")(run.run)
app.command("status")(status.status)
app.command("finalize")(finalize.finalize)
app.command("verify")(verify.verify)
app.command("gc")(gc.gc)
app.command("query")(query.query)
app.command("export")(export.export)
