"""``ectopy archive status``: how far an archive is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from ectopy.cli.archive.options import Store

if TYPE_CHECKING:
    from ectopy.archive.status import Status


def status(
    store: Store,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Tell what was planned, what is done, what failed and why."""
    from ectopy.archive.status import status as ask

    found = ask(store)
    if as_json:
        typer.echo(found.model_dump_json(indent=1))
        return
    for line in lines(found):
        typer.echo(line)


def lines(found: Status) -> Iterator[str]:
    """Tell a status in lines."""
    from ectopy.cli.archive.progress import lasting

    done = found.labelled + found.failures
    percent = 100 * done / found.recordings if found.recordings else 100.0
    yield (
        f"{found.address}: {done:,} of {found.recordings:,} recordings done ({percent:.1f} %), "
        f"{found.shards_done:,} of {found.shards:,} shards"
    )
    yield (
        f"labelled {found.labelled:,}: {found.recorded_hours:,.1f} h recorded, "
        f"{found.beats:,} beats"
    )
    yield f"failed {found.failures:,}"
    for reason in found.reasons:
        example = f" (as {reason.example})" if "…" in reason.reason else ""
        yield f"  {reason.recordings:,}: {reason.reason}{example}"
    if found.reasons_of < found.failures:
        yield f"  and {found.failures - found.reasons_of:,} whose reasons were not read"
    if found.recordings_per_s is not None and not found.complete:
        yield (
            f"{found.left:,} left: {lasting(found.remaining_s or 0)} at the rate of the last run, "
            f"{60 * found.recordings_per_s:,.1f} recordings a minute"
        )
    if found.complete and found.snapshot_shards == found.shards:
        yield f"complete; snapshot {found.snapshot} holds all of it"
    elif found.complete:
        yield "complete; ectopy archive finalize makes the tables that readers use"
    elif found.snapshot is not None:
        held = f"{found.snapshot_shards:,} of {found.shards:,} shards"
        yield f"snapshot {found.snapshot} holds {held}"
