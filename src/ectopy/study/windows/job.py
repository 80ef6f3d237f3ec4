"""`WindowJob`: the trainings of a study of single beats, and what they come to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.datasets import BeatDataset, load
from ectopy.datasets.protocols import Shares, protocol
from ectopy.datasets.splits import Split
from ectopy.models.registry import check_options
from ectopy.report.schema import Metrics
from ectopy.study.job import Job, Unit
from ectopy.study.windows.settings import WindowStudy
from ectopy.study.windows.unit import finished, run_unit
from ectopy.training.task import Observer
from ectopy.training.trainers import trainer

KERAS_MODEL: Final = "Final_Clinical_Model.keras"  # the published 1D-CNN repository's name
ONNX_MODEL: Final = "model.onnx"


class WindowJob(Job):
    """A study of windows of beats, made ready.

    Parameters
    ----------
    config : WindowStudy
        What to do.
    data_dir : Path, optional
        Where data is looked for first.
    """

    def __init__(self, config: WindowStudy, data_dir: Path | None) -> None:
        self.config = config
        trainer(config.trainer)  # before any data is read or any folder made
        if config.trainer != "ensemble":  # whose members name their own models
            check_options(config.model.name, config.model.options)
        whole = load(config.data.name, data_dir, **config.data.options)
        self.dataset = look(whole) if config.quick else whole
        self.splits = plan(config, self.dataset)
        self.units = list(self.splits)

    def fingerprint(self) -> str:
        """Give the SHA-256 of beats, classes and features."""
        found = hashlib.sha256()
        for array in (self.dataset.X, self.dataset.y, *self.dataset.features.values()):
            found.update(np.ascontiguousarray(array).data)
        return found.hexdigest()

    def run(self, unit: Unit, folder: Path, observer: Observer) -> None:
        """Train and test one unit."""
        import keras

        run_unit(self.config, self.dataset, self.splits[unit], unit, folder, observer)
        keras.utils.clear_session()  # the graphs of finished models would pile up

    def results(
        self, folders: Mapping[Unit, Path], out: Path, timing: Mapping[str, float]
    ) -> Metrics:
        """Write the result files, the model as Keras and ONNX, and the explanations."""
        import keras

        from ectopy.study.windows.explanations import explain
        from ectopy.study.windows.results import write_results
        from ectopy.training.contracts import attach, contract_of
        from ectopy.training.export import to_onnx

        outcomes = {unit: finished(folder) for unit, folder in folders.items()}
        metrics = write_results(out, self.config, self.dataset, outcomes, timing)
        model = keras.models.load_model(out / KERAS_MODEL)
        beats = np.arange(0, len(self.dataset), max(len(self.dataset) // 500, 1))
        sample = self.dataset.take(beats)
        contract = contract_of(
            model,
            sample,
            study=self.config.name,
            protocol=self.config.protocol,
            quick=self.config.quick,
        )
        attach(contract, out / KERAS_MODEL)
        difference = to_onnx(model, out / ONNX_MODEL, sample.X, sample.features, contract)
        if self.config.explain:
            main = {u: o for u, o in outcomes.items() if u.protocol == self.config.protocol}
            explain(self.dataset, main, out, quick=self.config.quick)
        told = metrics.model.model_copy(update={"onnx_largest_difference": difference})
        return metrics.model_copy(update={"model": told})


def plan(config: WindowStudy, dataset: BeatDataset) -> dict[Unit, Split]:
    """List every training with its split: the study's own protocol first."""
    found = {}
    for name in (config.protocol, *config.also):
        for seed in config.seeds_of(name):
            splits = splits_of(config, dataset, name, seed)
            for fold, split in enumerate(splits):
                found[Unit(name, seed, fold, len(splits))] = split
    return found


def splits_of(config: WindowStudy, dataset: BeatDataset, name: str, seed: int) -> list[Split]:
    """Split the beats under a protocol for a seed: once, or once a fold."""
    origin = seed if config.split_seed is None else config.split_seed
    rng = np.random.default_rng([origin, 0])  # 0: apart from the generator of training
    shares = Shares(config.validation, config.test, config.folds)
    return protocol(name).splits(dataset, rng, shares)


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
