"""`ectopy study`: run a study into a run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ectopy.cli.extras import TRAINING, need


def study(
    name: Annotated[
        str | None, typer.Argument(help="A packaged study (see --list) or a .toml file.")
    ] = None,
    list_studies: Annotated[
        bool, typer.Option("--list", help="List the packaged studies and stop.")
    ] = False,
    seeds: Annotated[
        int | None, typer.Option(help="How many seeds to run; seeds are 0, 1, 2 ...")
    ] = None,
    protocol: Annotated[
        str | None,
        typer.Option(
            help="official, training-folds (cross-validation without the test part), pooled, "
            "intra-patient, patient-wise, inter-patient or inter-patient-strict (without "
            "record 202)."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Run folder; by default a new one in runs/.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Folder to look for data in first.")] = None,
    data_set: Annotated[
        str | None, typer.Option(help="Another data set, such as simulated-140.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A look in half a minute: no figure to quote.")
    ] = False,
    evaluate_only: Annotated[
        bool,
        typer.Option(
            "--evaluate-only",
            help="mitbih-interpatient: score the packaged weights, train nothing.",
        ),
    ] = False,
    train_on: Annotated[
        str,
        typer.Option(
            "--train-on", help="mitbih-interpatient: ds1, or all for the default weights."
        ),
    ] = "ds1",
    robustness: Annotated[
        bool,
        typer.Option("--robustness", help="mitbih-interpatient: measure noise and the like too."),
    ] = False,
) -> None:
    """Train, test and report a study; a killed run goes on where it stopped."""
    from ectopy.errors import ConfigError
    from ectopy.study.config import load, packaged
    from ectopy.study.interpatient import run as interpatient

    if list_studies or name is None:
        for known, title in packaged().items():
            typer.echo(f"{known:28} {title}")
        typer.echo(f"{interpatient.NAME:28} {interpatient.TITLE}")
        return
    theirs = {
        "--seeds": seeds is not None,
        "--protocol": protocol is not None,
        "--data-set": data_set is not None,
        "--quick": quick,
    }
    ours = {
        "--evaluate-only": evaluate_only,
        "--train-on": train_on != "ds1",
        "--robustness": robustness,
    }
    foreign = theirs if name == interpatient.NAME else ours
    given = [option for option, is_given in foreign.items() if is_given]
    if given:
        raise ConfigError(f"{name} does not take {', '.join(given)}; see ectopy study --help")
    if not evaluate_only:  # scoring the packaged weights takes ONNX Runtime alone
        need("ectopy study", TRAINING)
    if name == interpatient.NAME:
        interpatient.run_interpatient(
            out=out,
            data_dir=data,
            evaluate_only=evaluate_only,
            train_on=train_on,
            disturb=robustness,
            say=typer.echo,
        )
        return
    changes: dict[str, Any] = {"seeds": seeds, "protocol": protocol}
    config = load(
        name,
        quick=quick,
        data_set=data_set,
        **{key: value for key, value in changes.items() if value is not None},
    )
    from ectopy.study.progress import Reporter
    from ectopy.study.run import run_study

    run_study(config, out=out, data_dir=data, reporter=Reporter())
