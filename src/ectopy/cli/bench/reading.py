"""How long archives take to finalize and to ask."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def reading(
    recordings: Annotated[
        list[Path], typer.Argument(help="Recordings whose rows the archive is made of.")
    ],
    beats: Annotated[int, typer.Option(min=1, help="About how many it has.")] = 50_000_000,
    hours: Annotated[float, typer.Option(min=0.01, help="About how long each recording is.")] = 24,
) -> None:
    """Time `ectopy archive finalize` and `query`; their memory, and the size of the results."""
    from ectopy.bench.reading import Sizes, time_reading

    for told in time_reading(recordings, beats, hours):
        if isinstance(told, Sizes):
            each = ", ".join(
                f"{name} {1e5 * size / max(told.beats, 1) / 1e3:.1f}"
                for name, size in told.bytes.items()
            )
            typer.echo(
                f"{told.beats:,} beats, {sum(told.bytes.values()) / 1e6:.1f} MB; "
                f"kB for 100,000 beats: {each}"
            )
        else:
            typer.echo(
                f"{told.what}: {told.wall_s:.1f} s (processor time {told.processor_s:.1f} s), "
                f"{told.peak_mib:.0f} MiB"
            )
