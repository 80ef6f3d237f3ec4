"""``ectopy archive run``: do what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ectopy.cli.archive.options import DryRun, Limit, Priority, Store
from ectopy.cli.options import Scheduler, Workers

if TYPE_CHECKING:
    from ectopy.archive.run_record import RunRecord

_DRAINING = "ectopy: finishing what was begun; once more stops at once"


def run(
    store: Store,
    workers: Workers = None,
    scheduler: Scheduler = None,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            help="Work on one part of the archive, as 3/8 in a job array of eight.",
            metavar="I/N",
        ),
    ] = None,
    limit: Limit = None,
    priority: Priority = None,
    dry_run: DryRun = False,
) -> None:
    """Do what is missing of a planned archive; Ctrl-C or SIGTERM let it finish what it began."""
    from ectopy.archive.order import parse_part
    from ectopy.archive.run import missing

    part = None if shard is None else parse_part(shard)
    if dry_run:
        typer.echo(missing(store, part=part, priority=priority).told())
        return
    record = work_off(store, workers, scheduler, limit, priority, part)
    typer.echo(record.told())
    record.check()


def work_off(
    store: str,
    workers: int | None,
    scheduler: str | None,
    limit: int | None,
    priority: str | None,
    part: tuple[int, int] | None = None,
) -> RunRecord:
    """Run what is missing, with a bar or lines of progress."""
    from ectopy.archive.run import run
    from ectopy.cli.archive.progress import shown
    from ectopy.runners.choose import chosen
    from ectopy.runners.draining import draining

    with chosen(workers, scheduler) as runner, draining(_DRAINING) as drain, shown() as told:
        return run(store, runner, limit=limit, priority=priority, part=part, told=told, drain=drain)
