"""What an archive costs beside the analysis itself, and how it scales."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def archive(
    recordings: Annotated[int, typer.Option(min=1, help="Half-hour records.")] = 200,
    minutes: Annotated[float, typer.Option(help="Length of the simulated ones.")] = 30.0,
    rounds: Annotated[int, typer.Option(min=0, help="Runs with each number of workers.")] = 2,
    workers: Annotated[int, typer.Option(min=2, help="Beside one alone.")] = 2,
    short: Annotated[int, typer.Option(min=0, help="Recordings of ten seconds.")] = 2000,
    data: Annotated[
        Path | None, typer.Option(help="Folder to look for mitdb in; three in four come from it.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the simulator.")] = 0,
) -> None:
    """Time an archive on one worker and on several, in turn; its overhead; a worker's memory."""
    import tempfile

    from ectopy.bench.archive import make_recordings, memory, overhead, scaling, slope

    with tempfile.TemporaryDirectory(prefix="ectopy-bench-") as made:
        folder = Path(made) / "recordings"
        simulated = make_recordings(folder, recordings, minutes, seed, data)
        typer.echo(
            f"{recordings} recordings, {recordings - simulated} copies of MIT-BIH records, "
            f"{simulated} SIMULATED:"
        )
        walls: dict[int, list[float]] = {1: [], workers: []}
        order = [n for i in range(rounds) for n in ((1, workers) if i % 2 == 0 else (workers, 1))]
        for told in scaling(folder, tuple(order)):
            walls[told.workers].append(told.wall_s)
            typer.echo(
                f"  {told.workers} workers  {told.wall_s:8.1f} s, processor time "
                f"{told.processor_s:.1f} s, {told.recorded_hours:.1f} h recorded "
                f"({told.processor_s / told.recorded_hours:.2f} core-seconds an hour), load before "
                f"{told.load:.1f}"
            )
        if rounds:
            ratio = min(walls[1]) / min(walls[workers])
            typer.echo(f"  {workers} workers are {ratio:.2f} times as fast as one (best of each)")
        took = overhead(folder)
        for name, all_s, inner_s in (
            ("processor time", took.processor_s, took.analyze_processor_s),
            ("wall", took.wall_s, took.analyze_wall_s),
        ):
            typer.echo(
                f"  overhead beside analyze, {name:14s} {100 * (all_s / inner_s - 1):6.1f} % "
                f"({1e3 * (all_s - inner_s) / took.recordings:.1f} ms a recording)"
            )
    if short:
        done, taken = memory(short, 10.0, seed)
        middle = taken[len(taken) // 2]
        typer.echo(
            f"memory of a worker over {done[-1]:,} recordings of 10 s, SIMULATED: "
            f"{taken[0]:.0f} MiB after {done[0]}, {middle:.0f} in the middle, {taken[-1]:.0f} at "
            f"the end; {slope(done, taken):+.2f} MiB a thousand recordings in the second half"
        )
