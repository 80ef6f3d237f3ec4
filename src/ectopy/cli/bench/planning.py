"""How long archives take to plan."""

from __future__ import annotations

from typing import Annotated

import typer


def planning(
    addresses: Annotated[int, typer.Option(min=1, help="Addresses in a list.")] = 1_000_000,
    files: Annotated[int, typer.Option(min=1, help="Tiny files in a tree.")] = 200_000,
) -> None:
    """Time `ectopy archive plan` and `status`: long lists, many files; and their memory."""
    from ectopy.bench.planning import time_planning

    for took in time_planning(addresses, files):
        typer.echo(
            f"{took.what}: {took.wall_s:.1f} s (processor time {took.processor_s:.1f} s), "
            f"{took.peak_mib:.0f} MiB"
        )
