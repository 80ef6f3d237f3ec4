"""``ectopy archive plan``: say which recordings, and with what, before any work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ectopy.cli.archive.options import DryRun, KeepAnnotations, Out, Sources
from ectopy.cli.options import Anonymous, Changes, Gain, Lead, Rate, SettingOption, Units, Weights

if TYPE_CHECKING:
    from ectopy.archive.planning import Planned
    from ectopy.archive.sources.found import Counted, Told
    from ectopy.runtime.bundle import Setting


def plan(
    sources: Sources,
    out: Out = None,
    weights: Weights = "default",
    setting: SettingOption = None,
    lead: Lead = None,
    fs_hz: Rate = None,
    units: Units = None,
    gain: Gain = None,
    change: Changes = None,
    anonymous: Anonymous = False,
    annotations: KeepAnnotations = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Plan so many recordings, the first ones.")
    ] = None,
    dry_run: DryRun = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Find the recordings, share them out to shards, and write that down once."""
    from ectopy.errors import ConfigError

    if out is None:
        raise ConfigError(
            "no place for the archive was given; name one, as in "
            f"ectopy archive plan {sources[0]} --out results"
        )
    made = planned(
        sources,
        out,
        change=change,
        anonymous=anonymous,
        setting=setting,
        weights=weights,
        lead=lead,
        fs_hz=fs_hz,
        units=units,
        gain=gain,
        annotations=annotations,
        limit=limit,
        dry_run=dry_run,
    )
    typer.echo(made.plan.model_dump_json(indent=1) if as_json else line(made, out, dry_run=dry_run))


def planned(
    sources: list[str],
    out: str,
    *,
    change: list[str] | None,
    anonymous: bool,
    setting: Setting | None,
    **stated: Any,
) -> Planned:
    """Plan, with progress, and with what is to be known beside it told."""
    from ectopy.archive.planning import plan as make
    from ectopy.cli.analyze import read_settings

    settings = read_settings(change or [], anonymous=anonymous)
    with _shown() as progress:
        made = make(
            sources,
            out,
            setting=setting or "whole",
            settings=settings,
            progress=progress,
            **stated,
        )
    for sentence in _sentences(made.told):
        typer.echo(f"ectopy: {sentence}", err=True)
    return made


@contextmanager
def _shown() -> Iterator[Callable[[int], None] | None]:
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


def _sentences(told: Told) -> Iterator[str]:
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
