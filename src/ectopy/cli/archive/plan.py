"""``ectopy archive plan``: say which recordings, and with what, before any work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from ectopy.cli.archive.options import DryRun, KeepAnnotations, Sources
from ectopy.cli.options import Anonymous, Gain, Lead, Rate, SettingOption, Units, Weights

if TYPE_CHECKING:
    from ectopy.archive.planning import Planned
    from ectopy.archive.sources.found import Counted, Told


def plan(
    sources: Sources,
    out: Annotated[
        str | None,
        typer.Option("--out", help="Where the archive is to be (needed).", metavar="STORE"),
    ] = None,
    weights: Weights = "default",
    setting: SettingOption = None,
    lead: Lead = None,
    fs_hz: Rate = None,
    units: Units = None,
    gain: Gain = None,
    change: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a threshold, as in pause_s=3.", metavar="KEY=VALUE"),
    ] = None,
    anonymous: Anonymous = False,
    annotations: KeepAnnotations = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Plan so many recordings, the first ones.")
    ] = None,
    dry_run: DryRun = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Find the recordings, share them out to shards, and write that down once."""
    from ectopy.archive.planning import plan as make
    from ectopy.cli.analyze import read_settings
    from ectopy.errors import ConfigError

    if out is None:
        raise ConfigError(
            "no place for the archive was given; name one, as in "
            f"ectopy archive plan {sources[0]} --out results"
        )
    with shown() as progress:
        made = make(
            sources,
            out,
            weights=weights,
            setting=setting or "whole",
            settings=read_settings([*(change or []), *["anonymous=true"] * anonymous]),
            lead=lead,
            fs_hz=fs_hz,
            units=units,
            gain=gain,
            annotations=annotations,
            limit=limit,
            dry_run=dry_run,
            progress=progress,
        )
    for sentence in sentences(made.told):
        typer.echo(f"ectopy: {sentence}", err=True)
    typer.echo(made.plan.model_dump_json(indent=1) if as_json else line(made, out, dry_run=dry_run))


@contextmanager
def shown() -> Iterator[Callable[[int], None] | None]:
    """Show how many recordings were found, on a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("looking for recordings") as status:
        yield lambda n: status.update(f"{n:,} recordings")


def line(made: Planned, out: str, *, dry_run: bool = False) -> str:
    """Tell a plan in one line."""
    plan = made.plan
    what = f"{plan.recordings:,} recording{'s' * (plan.recordings != 1)} ({_bytes(plan.bytes)}) "
    what += f"in {plan.shards:,} shard{'s' * (plan.shards != 1)}"
    if dry_run:
        return f"would plan {what}; nothing was written"
    if not made.new:
        return f"{out} is planned so already: {what}"
    return f"planned {what} -> {out}"


def sentences(told: Told) -> Iterator[str]:
    """Say what is to be known beside what was planned."""
    kinds: tuple[tuple[Counted, str, str], ...] = (
        (told.skipped, "skipped {} that {hold} no recording", "file"),
        (
            told.missing,
            "{} {is} not there (or not a file), planned all the same, to be told as failed",
            "file",
        ),
        (told.repeated, "{} named more than once, planned once", "recording"),
        (told.parts, "passed over {} that {belong} to others of the list, or {is} of ours", "file"),
        (told.unreadable, "{} could not be looked into", "folder"),
    )
    for counted, text, what in kinds:
        n = counted.number
        if n:
            number = f"{n:,} {what}{'s' * (n != 1)}"
            verbs = ("holds", "is", "belongs") if n == 1 else ("hold", "are", "belong")
            said = text.format(number, **dict(zip(("hold", "is", "belong"), verbs, strict=True)))
            more = f" and {n - len(counted.first):,} more" if n > len(counted.first) else ""
            yield f"{said}: {', '.join(counted.first)}{more}"


def _bytes(size: int) -> str:
    for unit, name in ((1e12, "TB"), (1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{size / unit:,.1f} {name}"
    return f"{size:,} bytes"
