"""``ectopy rhythm``: atrial fibrillation from beat times alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def rhythm(
    file: Annotated[
        Path,
        typer.Argument(
            help="Annotations (04015.qrs, 100.atr), or a table of RR intervals or beat times."
        ),
    ],
    unit: Annotated[
        Literal["s", "ms"] | None,
        typer.Option(help="Unit of a table's numbers, if it cannot be told from them."),
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="Column of a table: its name, or its number from 1.")
    ] = None,
    shortest: Annotated[
        float, typer.Option(min=0, help="Seconds; what is shorter is no episode.")
    ] = 30.0,
    gap: Annotated[
        float, typer.Option(min=0.6, help="Seconds between beats from which nothing is told.")
    ] = 5.0,
    out: Annotated[
        Path | None,
        typer.Option(help="Write rhythm annotations (.ecr), a table and a summary here."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite what is there already.")
    ] = False,
) -> None:
    """Find atrial fibrillation by how irregular the beats are; no signal is needed."""
    from ectopy.analysis.rhythm.beat_times import read_beat_times
    from ectopy.analysis.rhythm.outputs import summarise, to_course, write_rhythm
    from ectopy.runtime.rhythm.episodes import rhythm_of
    from ectopy.runtime.rhythm.kinds import AF
    from ectopy.runtime.rhythm.settings import RhythmSettings

    beats = read_beat_times(file, unit=unit, column=column)
    result = rhythm_of(
        beats.times_s, settings=RhythmSettings(af_shortest_s=shortest, rhythm_gap_s=gap)
    )
    told = summarise(result, beats.name, beats.source)
    part = told.rhythm
    found, longest = part.fibrillation, part.fibrillation.longest
    burden = "-" if found.percent is None else f"{found.percent:.2f} %"
    hours = f"{_clock(found.seconds)} of {_clock(part.decided_s)} decided"
    lasts = _clock(longest.duration_s if longest else 0)
    lines = [
        ("beats", f"{told.source}; not decided {_clock(part.not_decided_s)}"),
        ("AF burden", f"{burden} ({hours})"),
        ("AF episodes", f"{found.episodes} of {shortest:g} s or more, longest {lasts}"),
        ("mean rate", f"{_rate(found.rate_inside)} in AF, {_rate(found.rate_outside)} out of it"),
    ]
    for name, text in lines:
        typer.echo(f"{name:<12} {text}")
    episodes = to_course(result).episodes(AF).tolist()
    for i, (onset, end) in enumerate(episodes[:20], start=1):
        typer.echo(f"{i:>5}  {_clock(onset)} to {_clock(end)}  {_clock(end - onset)}")
    if len(episodes) > 20:
        typer.echo(f"{len(episodes) - 20:>5} more" + ("" if out else "; --out writes all"))
    for cannot in part.cannot_show:
        typer.echo(f"cannot show  {cannot}")
    if out is not None:
        for path in write_rhythm(
            result, out, beats.name, fs_hz=beats.fs_hz, source=beats.source, overwrite=force
        ):
            typer.echo(path)


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def _rate(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.0f}/min"
