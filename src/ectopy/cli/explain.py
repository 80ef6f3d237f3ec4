"""``ectopy explain``: why a beat of a recording has its label, or what a network looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ectopy.cli.extras import EXPLAINING, need
from ectopy.cli.options import Gain, Lead, Rate, SettingOption, Units, Weights


def explain(
    given: Annotated[
        Path,
        typer.Argument(
            help="A recording; or a network: a .keras file, or the folder of a study's run.",
            metavar="RECORDING|MODEL",
        ),
    ],
    beats: Annotated[
        Path | None,
        typer.Argument(
            help="For a network: CSV or TSV, one beat a row; a further column of classes is "
            "allowed.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            help="Which beat of the recording: 12:31:05, 'day 2 00:12:30', '0:12:30 elapsed' or "
            "seconds from its start.",
            metavar="TIME",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Folder for the page and its figures; for a network a new one (needed)."
        ),
    ] = None,
    result: Annotated[
        Path | None,
        typer.Option(help="A saved result of the recording, to explain its labels as they are."),
    ] = None,
    lead: Lead = None,
    weights: Weights = "default",
    setting: SettingOption = None,
    fs_hz: Rate = None,
    units: Units = None,
    gain: Gain = None,
    explained: Annotated[
        str | None,
        typer.Option("--class", help="Network: class to explain; by default the predicted one."),
    ] = None,
    layer: Annotated[
        str | None,
        typer.Option(
            help="Network: convolution for Grad-CAM; by default the last that resolves the beat."
        ),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(help="Network: gradcam (default), integrated-gradients or occlusion."),
    ] = None,
) -> None:
    """Explain the label of a beat of a recording, or the beats of a file with a network.

    A recording: what was found of the beat and what of it decided, as text; with --out also as
    DIR/NAME.TIME.html and .json. A network: maps of what spoke for a class, as DIR/maps.csv,
    DIR/maps.npz and DIR/explanations.png.
    """
    of_network = {"--class": explained, "--layer": layer, "--method": method}
    of_recording = {
        "--at": at, "--result": result, "--lead": lead, "--setting": setting, "--fs": fs_hz,
        "--units": units, "--gain": gain, "--weights": None if weights == "default" else weights,
    }  # fmt: skip
    if beats is not None or _is_network(given):
        _refuse(of_recording, f"{given} is a network", "a recording")
        _explain_network(given, beats, out, explained, layer, method or "gradcam")
        return
    _refuse(of_network, f"{given} is a recording", "a network")
    stated = {"fs_hz": fs_hz, "units": units, "gain": gain}
    wanted = {"lead": lead, "setting": setting}
    _explain_recording(given, at, out, result, weights, stated, wanted)


def _is_network(given: Path) -> bool:
    """Tell a network by its name, or a run folder by the model in it."""
    return given.suffix.lower() == ".keras" or (given / "Final_Clinical_Model.keras").is_file()


def _refuse(options: dict[str, Any], what: str, whose: str) -> None:
    """Refuse options that are for something else."""
    from ectopy.errors import ConfigError

    stated = [name for name, value in options.items() if value is not None]
    if stated:
        are = "is" if len(stated) == 1 else "are"
        raise ConfigError(f"{what}, and {', '.join(stated)} {are} for {whose}; leave that out")


def _explain_network(
    model: Path,
    beats: Path | None,
    out: Path | None,
    explained: str | None,
    layer: str | None,
    method: str,
) -> None:
    need("ectopy explain", EXPLAINING)
    from ectopy.errors import ConfigError
    from ectopy.explain.beats import explain_file
    from ectopy.explain.source import check_there, find_model
    from ectopy.report.explained import check_new, write
    from ectopy.training.start import start_keras

    # What can be told at once, before the seconds that Keras takes to start.
    if beats is None or out is None:
        raise ConfigError(
            f"{model} is a network, which needs beats and a folder; name them, as in ectopy "
            f"explain {model} beats.csv --out why"
        )
    check_new(out)
    check_there(beats)
    find_model(model)
    start_keras()
    result = explain_file(model, beats, explained=explained, layer=layer, method=method)
    for path in write(result, out):
        typer.echo(path)


def _explain_recording(
    file: Path,
    at: str | None,
    out: Path | None,
    saved: Path | None,
    weights: str,
    stated: dict[str, Any],
    wanted: dict[str, Any],
) -> None:
    from ectopy.analysis.analyze import analyze
    from ectopy.analysis.explanation.outputs import write
    from ectopy.analysis.inputs import find_recordings
    from ectopy.analysis.overwrite import check_writable
    from ectopy.analysis.result import Result
    from ectopy.errors import ConfigError
    from ectopy.recordings.open import open_recording

    (found, *others) = find_recordings([file]).files
    if others:
        raise ConfigError(f"{file} holds {len(others) + 1} recordings; name one of them")
    if at is None:
        raise ConfigError(
            f"no beat of {file} was named; say when it is, as in ectopy explain {file} "
            "--at 00:12:30"
        )
    if out is not None:
        check_writable(out)
    recording = open_recording(found, **stated)
    if saved is None:
        result = analyze(recording, weights=weights, **wanted)
    else:
        _refuse(
            {f"--{name}": value for name, value in wanted.items()},
            f"{saved} says how {file} was labelled",
            "labelling it anew",
        )
        result = Result.load(saved).with_recording(recording)
    own = weights if saved is None or weights != "default" else None
    why = result.explain(at, weights=own)
    typer.echo(repr(why))
    if out is not None:
        for path in write(why, out):
            typer.echo(path)
