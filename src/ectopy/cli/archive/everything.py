"""``ectopy archive SOURCE --out STORE``: plan, run, finalize, as far as it was not done before."""

from __future__ import annotations

import difflib
from pathlib import Path

import typer

from ectopy.cli.archive.options import (
    DryRun,
    KeepAnnotations,
    Limit,
    Out,
    Priority,
    Sources,
)
from ectopy.cli.options import (
    Anonymous,
    Changes,
    Gain,
    Lead,
    Rate,
    Scheduler,
    SettingOption,
    Units,
    Weights,
    Workers,
)


def everything(
    ctx: typer.Context,
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
    workers: Workers = None,
    scheduler: Scheduler = None,
    limit: Limit = None,
    priority: Priority = None,
    dry_run: DryRun = False,
) -> None:
    """Do it all: plan, run, finalize. The word ``all`` may be left out."""
    from ectopy.errors import ConfigError

    if out is None:
        raise ConfigError(_no_store(sources[0], ctx))
    from ectopy.cli.archive.finalize import finalize
    from ectopy.cli.archive.plan import line, planned
    from ectopy.cli.archive.run import work_off
    from ectopy.cli.extras import ASKING, need

    need("ectopy archive", ASKING, extra="archive")  # before hours of work
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
        dry_run=dry_run,
    )
    typer.echo(line(made, out, dry_run=dry_run))
    if dry_run:
        return
    record = work_off(out, workers, scheduler, limit, priority)
    typer.echo(record.told())
    if record.complete:
        finalize(out, partial=False, scratch=None)
    record.check()


def _no_store(word: str, ctx: typer.Context) -> str:
    """Say what is missing; where a verb may have been meant, that as well."""
    verbs = getattr(ctx.parent and ctx.parent.command, "commands", ())
    near = [] if Path(word).exists() else difflib.get_close_matches(word, verbs, 1)
    if near:
        return f"{word} is no verb of ectopy archive, the nearest is {near[0]}"
    return (
        f"no place for the archive was given; name one, as in ectopy archive {word} --out results"
    )
