"""How long things take on this machine, and how runs compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ectopy.cli.extras import DRAWING, EXPLAINING, TESTING, TRAINING, need


def analyze(
    hours: Annotated[float, typer.Option(help="Length of the simulated recording.")] = 24.0,
    repeats: Annotated[int, typer.Option(min=1, help="Runs; the best is told.")] = 3,
    seed: Annotated[int, typer.Option(help="Of the simulator.")] = 1,
) -> None:
    """Time a long two-lead recording, file to all outputs, with other detectors beside it."""
    from ectopy.bench.analyze import time_analysis

    found = time_analysis(hours, repeats, seed)
    runs = found["file_to_outputs_s"]
    typer.echo(f"{hours:g} h, two leads, 250 Hz, SIMULATED, {found['beats']:,} beats:")
    typer.echo(f"  ectopy analyze, file to all outputs  {min(runs):.2f} s (runs: {runs})")
    work = found["processor_s"]
    typer.echo(f"  processor time, all cores together   {min(work):.2f} s")
    typer.echo(f"  most memory                          {found['peak_rss_mib']:.0f} MiB")
    typer.echo(f"R-peak detection alone, one lead, {found['detection_hours']:g} h:")
    for key, name in (
        ("ours_one_lead_s", "ectopy"),
        ("xqrs_s", "wfdb xqrs"),
        ("neurokit2_s", "neurokit2 ecg_peaks"),
    ):
        value = found[key]
        typer.echo(f"  {name:36s} {'not installed' if value is None else f'{value:.2f} s'}")


def label(
    beats: Annotated[int, typer.Option(min=1, help="Simulated beats to label.")] = 100_000,
    repeats: Annotated[int, typer.Option(min=1, help="Runs; the best is told.")] = 3,
    seed: Annotated[int, typer.Option(help="Of the simulator.")] = 1,
) -> None:
    """Time the classes of given R peaks: the beat model alone, from signal in memory."""
    from ectopy.bench.label import time_labelling

    found = time_labelling(beats, repeats, seed)
    typer.echo(
        f"{found.beats:,} beats, {found.hours:.1f} h, two leads, 250 Hz, SIMULATED; given R peaks "
        "to classes:"
    )
    for name, wall, work in (
        (f"in hours, {found.threads} at a time", found.wall_s, found.processor_s),
        ("in one call, on one core", found.call_wall_s, found.call_processor_s),
    ):
        typer.echo(f"  {name:26s} {wall:6.2f} s, processor time {work:.2f} s")


def explain(
    beats: Annotated[int, typer.Option(min=1, help="Beats to explain.")] = 1000,
    repeats: Annotated[int, typer.Option(min=1, help="Runs; the median is told.")] = 5,
) -> None:
    """Time Grad-CAM of the 1D-CNN."""
    need("ectopy bench explain", EXPLAINING)
    import statistics

    from ectopy.bench.explain import time_gradcam
    from ectopy.training.start import start_keras

    start_keras()
    times = time_gradcam(beats, repeats)
    typer.echo(
        f"Grad-CAM, 1D-CNN, {beats:,} beats of 187 samples: {statistics.median(times):.2f} s"
    )


def figures(
    run: Annotated[Path, typer.Argument(help="Folder of a finished study.")],
) -> None:
    """Time the ten published figures of a run, at full size."""
    need("ectopy bench figures", DRAWING)
    from ectopy.bench.explain import time_figures

    told = time_figures(run)
    typer.echo(f"{told['figures']:.0f} of the ten figures: {told['seconds']:.1f} s")


def compare(
    run_a: Annotated[Path, typer.Argument(help="Folder of a finished study.")],
    run_b: Annotated[Path, typer.Argument(help="Another, that tested the same beats.")],
) -> None:
    """Test whether one finished run is better than another, with the record as the unit."""
    need("ectopy bench compare", TESTING)
    from ectopy.study.compare import compare, table

    typer.echo(table(compare(run_a, run_b)), nl=False)


def training(
    study: Annotated[str, typer.Argument(help="Study to take network and recipe from.")] = (
        "ecg5000-cnn-gru-paper"
    ),
    rounds: Annotated[int, typer.Option(min=1, help="Trainings of each kind.")] = 3,
    epochs: Annotated[int, typer.Option(min=2, help="Epochs each; the first is a warm-up.")] = 6,
    data: Annotated[Path | None, typer.Option(help="Folder to look for data in first.")] = None,
    data_set: Annotated[str | None, typer.Option(help="Such as simulated-140.")] = None,
) -> None:
    """Time our training loop beside a bare Keras fit: same net, arrays and settings, in turn."""
    need("ectopy bench training", TRAINING)
    from ectopy.bench.training import time_training
    from ectopy.datasets import load as load_data
    from ectopy.study.config import load_as
    from ectopy.study.windows.settings import WindowStudy
    from ectopy.training.start import start_keras

    config = load_as(WindowStudy, study, data_set=data_set)
    dataset = load_data(config.data.name, data, **config.data.options)
    start_keras()
    told = time_training(config, dataset, rounds=rounds, epochs=epochs)
    typer.echo(
        f"{config.model.name} on {dataset.name}, {told.beats:,} beats an epoch in batches of "
        f"{config.recipe.batch_size}; median of {told.rounds} x {told.epochs} epochs:"
    )
    for name, seconds in (
        ("ectopy", told.ours_s),
        ("Keras fit, same settings", told.bare_s),
        ("Keras fit, one step at a time", told.plain_s),
        ("ectopy with augmentation", told.augmented_s),
    ):
        typer.echo(f"  {name:32s} {seconds:7.3f} s  {told.beats / seconds:8,.0f} beats/s")
    typer.echo(f"  ectopy is {told.ratio:.2f} times as fast as the same Keras fit")
    typer.echo(f"  augmentation takes {100 * told.augmentation_share:.1f} % of training time")


def recipes(
    studies: Annotated[
        list[str] | None, typer.Argument(help="Studies of one data set; the first is the measure.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of each.")] = 3,
    out: Annotated[Path, typer.Option(help="Folder; a killed comparison goes on there.")] = Path(
        "runs/recipes"
    ),
    data: Annotated[Path | None, typer.Option(help="Folder to look for data in first.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A look: no figure to quote.")] = False,
) -> None:
    """Train studies in turn on the same split: training time, accuracy and macro-F1 of each."""
    need("ectopy bench recipes", TRAINING)
    from ectopy.bench.recipes import time_recipes
    from ectopy.study.config import load_as
    from ectopy.study.progress import Reporter
    from ectopy.study.windows.settings import WindowStudy

    names = studies or ["mitbih-cnn-smote", "mitbih-cnn-fast"]
    configs = [load_as(WindowStudy, name, quick=quick) for name in names]
    told = time_recipes(configs, seeds=seeds, out=out, data_dir=data, reporter=Reporter())
    for note in told["notes"]:
        typer.echo(note)
    typer.echo(f"{told['protocol']}, {seeds} seeds, one process, in turn:")
    for name, study in told["studies"].items():
        accuracy, f1 = study["accuracy"]["mean"], study["macro_f1"]["mean"]
        typer.echo(
            f"  {name:24s} {study['train_s']['mean']:8.1f} s (1/{1 / study['share']:.1f})  "
            f"accuracy {accuracy:.4f}  macro-F1 {f1:.4f}  epochs {study['epochs']}"
        )


def review(
    folder: Annotated[Path, typer.Argument(help="Folder whose first recording is reviewed.")],
    seconds: Annotated[float, typer.Option(help="How long 20 clients read and correct.")] = 60.0,
    clients: Annotated[int, typer.Option(min=1, help="How many clients.")] = 20,
    kills: Annotated[int, typer.Option(min=0, help="How often the server is killed.")] = 30,
    each: Annotated[int, typer.Option(min=1, help="Windows of each length.")] = 100,
    seed: Annotated[int, typer.Option(help="Of what is asked for.")] = 0,
) -> None:
    """Time the review application over HTTP, crowd it, and kill it."""
    from ectopy.cli.extras import SERVING

    need("ectopy bench review", SERVING, extra="app")
    import tempfile

    import numpy as np

    from ectopy.bench.review import analysed, crowd, edits, first_strip, killed, served, windows

    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as made:
        store = Path(made)
        with served(store, folder) as server:
            at, took = analysed(server)
            typer.echo(f"analysed in a worker process             {took:8.1f} s")
            empty = server.memory_mib
            first = first_strip(server.client, at)
            typer.echo(f"first strip of the recording             {first:8.2f} s")
            for times in windows(server.client, at, each, rng) + edits(server.client, at, 20, rng):
                median, p95 = times.median_ms, times.p95_ms
                typer.echo(f"{times.what:40s} {median:8.1f} ms, 95 % within {p95:.1f} ms")
            more = server.memory_mib - empty
            typer.echo(f"memory of the server, open recording     {more:8.0f} MiB of it")
            asked, errors, lost = crowd(server, at, clients, seconds)
            typer.echo(f"{clients} clients for {seconds:g} s: {asked:,} requests, {errors} errors, "
                       f"{lost} edits lost")  # fmt: skip
        if kills:
            kept = killed(store, folder, at, kills, rng)
            typer.echo(f"killed {kills} times: all of {kept:,} acknowledged edits are kept")
