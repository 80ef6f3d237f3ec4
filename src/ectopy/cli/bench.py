"""``ectopy bench``: how long things take on this machine, and how runs compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ectopy.cli.extras import DRAWING, EXPLAINING, TESTING, TRAINING, need
from ectopy.cli.options import SettingOption, Weights

app = typer.Typer(help="Measure how long things take, and compare runs.", no_args_is_help=True)


Records = Annotated[
    str | None,
    typer.Option("--records", help="Records with commas between them; ds1 and ds2 name the sets."),
]


@app.command("analyze")
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


@app.command("label")
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


@app.command("explain")
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


@app.command("contributions")
def contributions(
    folders: Annotated[
        list[Path], typer.Argument(help="Folders of WFDB records with annotations.")
    ],
    weights: Weights = "default",
    setting: SettingOption = None,
    records: Records = None,
    beats: Annotated[
        int, typer.Option(min=1, help="Most beats of a class asked about in a record.")
    ] = 20,
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
) -> None:
    """Check that what is said to have decided a label moves it more than other measures do."""
    import numpy as np

    from ectopy.beats.aami import records_named
    from ectopy.bench.contributions import measure, table

    rng = np.random.default_rng(seed)
    names = None if records is None else records_named(records)
    found = measure(
        folders, names, weights=weights, setting=setting or "whole", beats=beats, rng=rng
    )
    typer.echo(table(found, rng))


@app.command("figures")
def figures(
    run: Annotated[Path, typer.Argument(help="Folder of a finished study.")],
) -> None:
    """Time the ten published figures of a run, at full size."""
    need("ectopy bench figures", DRAWING)
    from ectopy.bench.explain import time_figures

    told = time_figures(run)
    typer.echo(f"{told['figures']:.0f} of the ten figures: {told['seconds']:.1f} s")


@app.command("peaks")
def peaks(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records with annotations.")],
    weights: Weights = "default",
    leads: Annotated[int, typer.Option(min=1, help="Leads to use, from channel 0.")] = 1,
    records: Records = None,
) -> None:
    """Count the R peaks found and missed on annotated records, within 150 ms."""
    from ectopy.beats.aami import records_named
    from ectopy.bench.peaks import score_detection, table
    from ectopy.runtime.bundle import Bundle

    names = None if records is None else records_named(records)
    network = Bundle.load(weights).detector
    typer.echo(table(score_detection(folder, names, network=network, leads=leads)))


@app.command("alarms")
def alarms(
    data: Annotated[Path, typer.Argument(help="Folder of databases, such as $ECTOPY_DATA.")],
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", help="One database, ds1 or ds2; may be given again."),
    ] = None,
    left_out: Annotated[
        bool, typer.Option(help="Judge each record by weights that did not learn from it.")
    ] = True,
) -> None:
    """Count alarms of ventricular fibrillation: how soon they come, and how often falsely."""
    from ectopy.bench.alarms import count_alarms, table
    from ectopy.training.ventricular_fibrillation.records import SETS

    typer.echo(table(count_alarms(data, sets or SETS, left_out=left_out, noise=not sets)))


@app.command("leads")
def leads(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records with annotations.")],
    weights: Weights = "ds1",
    records: Records = None,
    condition: Annotated[
        list[str] | None, typer.Option(help="One condition; may be given again. All by default.")
    ] = None,
) -> None:
    """Count what leads that fail do to labels of annotated two-lead records, file to labels."""
    from ectopy.beats.aami import records_named
    from ectopy.bench.leads import lead_failures, table

    names = None if records is None else records_named(records)
    typer.echo(table(lead_failures(folder, names, weights=weights, names=condition)))


@app.command("strips")
def strips(
    folder: Annotated[Path, typer.Argument(help="Folder of LUDB: strips and ludb.csv.")],
    weights: Weights = "default",
    first: Annotated[int, typer.Option(min=1, help="Number of the first strip.")] = 1,
    step: Annotated[int, typer.Option(min=1, help="From one strip's number to the next.")] = 2,
) -> None:
    """Count beats found and called V on twelve-lead strips, whose diagnoses are known."""
    from ectopy.bench.strips import score_strips, table
    from ectopy.runtime.bundle import SETTINGS

    for setting in SETTINGS:
        typer.echo(f"setting {setting}:")
        numbers = range(first, 201, step)
        typer.echo(table(score_strips(folder, numbers, weights=weights, setting=setting)))


@app.command("pacing")
def pacing(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records.")],
    records: Records = None,
    paced: Annotated[
        str, typer.Option(help="Records known to be paced, where no annotations say so.")
    ] = "",
    sample: Annotated[
        int | None, typer.Option(min=1, help="Draw so many records, always the same.")
    ] = None,
    setting: Annotated[str, typer.Option(help="whole or past.")] = "whole",
) -> None:
    """Tell which records are called paced, and what becomes of their paced beats."""
    from ectopy.beats.aami import records_named
    from ectopy.bench.pacing import score_pacing, table
    from ectopy.errors import ConfigError

    if setting not in ("past", "whole"):
        raise ConfigError(f"setting is {setting!r}, expected past or whole", change="setting")
    names = None if records is None else records_named(records)
    known = [name for name in paced.split(",") if name]
    rows = score_pacing(folder, names, paced=known, sample=sample, setting=setting)  # type: ignore[arg-type]
    typer.echo(table(rows))


@app.command("templates")
def templates(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records with annotations.")],
    weights: Weights = "default",
    records: Records = None,
) -> None:
    """Tell whether the beats of a template are of one reference class, and how many hold most."""
    from ectopy.beats.aami import records_named
    from ectopy.bench.templates import score_templates, table

    names = None if records is None else records_named(records)
    typer.echo(table(score_templates(folder, names, weights=weights)))


@app.command("corrections")
def corrections(
    folder: Annotated[Path, typer.Argument(help="Folder of WFDB records with annotations.")],
    weights: Weights = "default",
    folds: Annotated[
        Path | None,
        typer.Option(help="Folder of weights in their place, each naming records left_out."),
    ] = None,
    records: Records = None,
    seed: Annotated[int, typer.Option(help="Of wrong answers and of the bootstrap.")] = 0,
    csv: Annotated[Path | None, typer.Option(help="File for the figures.")] = None,
) -> None:
    """Tell what a reader's few answers are worth, on records that the weights never saw."""
    from ectopy.beats.aami import records_named
    from ectopy.bench.corrections import score_corrections, table, write

    names = None if records is None else records_named(records)
    rows = score_corrections(folder, names, weights=weights, folds=folds, seed=seed)
    if csv is not None:
        write(csv, rows)
    typer.echo(table(rows))


@app.command("compare")
def compare(
    run_a: Annotated[Path, typer.Argument(help="Folder of a finished study.")],
    run_b: Annotated[Path, typer.Argument(help="Another, that tested the same beats.")],
) -> None:
    """Test whether one finished run is better than another, with the record as the unit."""
    need("ectopy bench compare", TESTING)
    from ectopy.study.compare import compare, table

    typer.echo(table(compare(run_a, run_b)), nl=False)


@app.command("training")
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


@app.command("recipes")
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


@app.command("review")
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
