"""Run a study: data, trainings, results, report, into a run folder."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from ectopy.datasets import BeatDataset, load
from ectopy.datasets.splits import Split, make
from ectopy.study.config import StudyConfig
from ectopy.study.folder import RunFolder, open_folder
from ectopy.study.progress import Reporter
from ectopy.study.unit import Outcome, Unit, finished, run_unit


def run_study(
    config: StudyConfig,
    *,
    out: str | os.PathLike[str] | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    reporter: Reporter | None = None,
) -> Path:
    """Run a study, or go on with one that was killed.

    Parameters
    ----------
    config : StudyConfig
        What to do.
    out : path, optional
        Run folder; see `ectopy.study.folder.open_folder`.
    data_dir : path, optional
        Where data is looked for first.
    reporter : Reporter, optional
        Shows progress; by default nothing is shown.

    Returns
    -------
    Path
        The finished run folder.

    Raises
    ------
    EctopyError
        If data, settings or folder cannot be used; nothing has been trained then.
    """
    begin = time.perf_counter()
    timing = {}
    dataset = load(config.data.name, data_dir, **config.data.options)
    if config.quick:
        dataset = look(dataset)
    plan = _plan(config, dataset)
    timing["data_s"] = time.perf_counter() - begin
    show = reporter or Reporter(quiet=True)
    with contextlib.closing(open_folder(config, out)) as folder:
        show.start(config, folder.path, resumed=folder.resumed)
        moment = time.perf_counter()
        start_keras()
        timing["import_s"] = time.perf_counter() - moment
        outcomes = _train_all(config, dataset, plan, folder, show)
        timing["train_s"] = sum(o.told["train_s"] for o in outcomes.values())
        timing["evaluate_s"] = sum(o.told["evaluate_s"] for o in outcomes.values())
        _finish(config, dataset, outcomes, folder, timing, begin)
    show.end(config, folder.path)
    return folder.path


def look(dataset: BeatDataset, beats: int = 500, least: int = 40) -> BeatDataset:
    """Thin a data set out for ``--quick``: every so-manieth beat of each class.

    The classes keep their shares, so that balancing has something to do, except that ``least``
    beats of each stay where there are as many. Where the source has a split of its own, each part
    is thinned out by itself, and one of at most ``beats`` is left as it is.
    """
    part = np.full(len(dataset), "") if dataset.part is None else dataset.part
    keep = []
    for name in np.unique(part):
        inside = part == name
        share = min(beats / np.count_nonzero(inside), 1.0)
        for label in range(len(dataset.classes)):
            pool = np.flatnonzero(inside & (dataset.y == label))
            wanted = max(round(share * len(pool)), min(least, len(pool)))
            keep.append(pool[np.linspace(0, len(pool) - 1, wanted).astype(np.int64)])
    kept = dataset.take(np.sort(np.concatenate(keep)))
    if len(kept) == len(dataset):
        return dataset
    told = (
        f"Thinned out for a quick look: {len(kept):,} of {len(dataset):,} beats, rare classes less "
        "than others."
    )
    return replace(kept, provenance=f"{dataset.provenance} {told}".strip())


def start_keras() -> None:
    """Import Keras and its backend, without the messages TensorFlow prints when it starts.

    They come from C++ before any logging can be set up, so standard error is closed meanwhile.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # for what it says later
    sys.stderr.flush()
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        import keras

        keras.ops.ones(1)  # the first operation has its own greeting
        # It warns of slowness when a function is traced often, which a study of many models does.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def _plan(config: StudyConfig, dataset: BeatDataset) -> list[tuple[Unit, Split]]:
    """List every training: the study's own protocol first."""
    plan = []
    for protocol in (config.protocol, *config.also):
        for seed in config.seeds_of(protocol):
            origin = seed if config.split_seed is None else config.split_seed
            splits = make(
                protocol,
                dataset,
                np.random.default_rng([origin, 0]),  # 0: apart from the generator of training
                validation=config.validation,
                test=config.test,
                folds=config.folds,
            )
            plan += [(Unit(protocol, seed, fold), split) for fold, split in enumerate(splits)]
    return plan


def _train_all(
    config: StudyConfig,
    dataset: BeatDataset,
    plan: list[tuple[Unit, Split]],
    folder: RunFolder,
    show: Reporter,
) -> dict[Unit, Outcome]:
    import keras

    outcomes = {}
    for number, (unit, split) in enumerate(plan, start=1):
        place = folder.unit(unit.name)
        outcome = finished(place)
        if outcome is None:
            with show.unit(unit, number, len(plan)) as observer:
                outcome = run_unit(config, dataset, split, unit, place, observer)
            keras.utils.clear_session()  # the graphs of finished models would pile up
        outcomes[unit] = outcome
    return outcomes


def _finish(
    config: StudyConfig,
    dataset: BeatDataset,
    outcomes: dict[Unit, Outcome],
    folder: RunFolder,
    timing: dict[str, float],
    begin: float,
) -> None:
    import keras

    from ectopy.report.outputs import write_study_outputs
    from ectopy.study.explanations import explain
    from ectopy.study.results import write_results
    from ectopy.training.contracts import attach, contract_of
    from ectopy.training.export import to_onnx

    timing["total_s"] = time.perf_counter() - begin
    write_results(folder.path, config, dataset, outcomes, timing)
    model = keras.models.load_model(folder.path / "Final_Clinical_Model.keras")
    sample = dataset.take(np.arange(0, len(dataset), max(len(dataset) // 500, 1)))
    contract = contract_of(
        model, sample, study=config.name, protocol=config.protocol, quick=config.quick
    )
    attach(contract, folder.path / "Final_Clinical_Model.keras")
    parity = to_onnx(model, folder.path / "model.onnx", sample.X, sample.features, contract)
    if config.explain:
        main = {u: o for u, o in outcomes.items() if u.protocol == config.protocol}
        explain(dataset, main, folder.path, quick=config.quick)
    write_study_outputs(folder.path)
    folder.note(
        data=config.data.name,
        checksums=dataset.checksums,
        seeds=list(config.seeds_of(config.protocol)),
        onnx_largest_difference=parity,
        total_s=time.perf_counter() - begin,  # of this process, report included
    )
    folder.finish()
