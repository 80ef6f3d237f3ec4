"""``ectopy explain``: show which part of each beat spoke for a class."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ectopy.cli.extras import EXPLAINING, need


def explain(
    model: Annotated[Path, typer.Argument(help="A .keras file, or the folder of a study's run.")],
    beats: Annotated[
        Path,
        typer.Argument(help="CSV or TSV, one beat a row; a further column of classes is allowed."),
    ],
    out: Annotated[Path, typer.Option("--out", help="New folder for maps and figure.")],
    explained: Annotated[
        str | None,
        typer.Option("--class", help="Class to explain; by default the predicted one."),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(help="Convolution for Grad-CAM; by default the last that resolves the beat."),
    ] = None,
    method: Annotated[
        str, typer.Option(help="gradcam, integrated-gradients or occlusion.")
    ] = "gradcam",
) -> None:
    """Explain beats: maps of what spoke for a class, as CSV, NPZ and a figure.

    Writes DIR/maps.csv, DIR/maps.npz and DIR/explanations.png.
    """
    need("ectopy explain", EXPLAINING)
    from ectopy.explain.beats import explain_file
    from ectopy.explain.source import check_there, find_model
    from ectopy.report.explained import check_new, write
    from ectopy.training.start import start_keras

    # What can be told at once, before the seconds that Keras takes to start.
    check_new(out)
    check_there(beats)
    find_model(model)
    start_keras()
    result = explain_file(model, beats, explained=explained, layer=layer, method=method)
    for path in write(result, out):
        typer.echo(path)
