"""One training of a study: split, train, predict; done once, kept, and skipped when resumed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ectopy.datasets import BeatDataset
from ectopy.datasets.splits import Split
from ectopy.files import atomic_path, atomic_write
from ectopy.report.schema import Told, parse
from ectopy.study.job import OUTCOME, Unit
from ectopy.study.windows.settings import WindowStudy
from ectopy.training.fit import predict
from ectopy.training.recipe import Recipe
from ectopy.training.task import Observer, Task, Trained
from ectopy.training.trainers import trainer

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]


class UnitTold(Told):
    """``outcome.json`` of a unit: all that is told of it but arrays and the model."""

    history: tuple[dict[str, int | float | None], ...] = Field(description="one row an epoch")
    counts: dict[str, dict[str, int]] = Field(description="beats of each class, by part")
    balanced: dict[str, int] = Field(description="training beats of each class after balancing")
    parameters: int
    train_s: float
    evaluate_s: float
    shares_patients: bool
    notes: tuple[str, ...] = Field(description="of the split")


@dataclass(frozen=True)
class Outcome:
    """What is left of a finished unit.

    Attributes
    ----------
    test, validation : ndarray of int64
        Positions of the beats in the data set.
    p_test, p_validation : ndarray of float32, shape (n, n_classes)
        Class probabilities of these beats.
    told : UnitTold
        What is told of it.
    model : Path
        The trained network, a ``.keras`` file.
    """

    test: Int64
    validation: Int64
    p_test: Float32
    p_validation: Float32
    told: UnitTold
    model: Path


def run_unit(
    config: WindowStudy,
    dataset: BeatDataset,
    split: Split,
    unit: Unit,
    folder: Path,
    observer: Observer,
) -> Outcome:
    """Train, predict and keep the outcome in ``folder``, going on from a checkpoint there.

    The test beats are read once, by the finished model.
    """
    watched, trained = _train(config, dataset, split, unit, folder, observer)
    begin = time.perf_counter()
    # By the model that has not seen them, also where another is trained on them afterwards.
    p_validation = _probabilities(watched.model, dataset, split.validation)
    p_test = _probabilities(trained.model, dataset, split.test)
    evaluate_s = time.perf_counter() - begin
    with atomic_path(folder / "model.keras") as path:
        trained.model.save(path, include_optimizer=False)  # a third of the size
    with atomic_path(folder / "outcome.npz") as path, path.open("wb") as file:
        np.savez(
            file,
            test=split.test,
            validation=split.validation,
            p_test=p_test,
            p_validation=p_validation,
        )
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    told = UnitTold(
        history=tuple(watched.history),
        counts={name: dataset.take(index).counts() for name, index in parts.items()},
        balanced=dict(zip(dataset.classes, trained.balanced_counts, strict=True)),
        parameters=int(trained.model.count_params()),
        train_s=watched.seconds + (0 if trained is watched else trained.seconds),
        evaluate_s=evaluate_s,
        shares_patients=split.shares_patients,
        notes=split.notes,
    )
    atomic_write(folder / OUTCOME, told.model_dump_json())  # last: it marks the unit as done
    for leftover in folder.glob("checkpoint*.npz"):
        leftover.unlink()
    return finished(folder)


def finished(folder: Path) -> Outcome:
    """Read the outcome kept in the folder of a unit that is done."""
    with np.load(folder / "outcome.npz") as file:
        arrays = {name: file[name] for name in file.files}
    path = folder / OUTCOME
    told = parse(UnitTold, path.read_text(encoding="utf-8"), path)
    return Outcome(**arrays, told=told, model=folder / "model.keras")


def _train(
    config: WindowStudy,
    dataset: BeatDataset,
    split: Split,
    unit: Unit,
    folder: Path,
    observer: Observer,
) -> tuple[Trained, Trained]:
    """Give the model trained beside a validation part, and the one to test: that, or the refit."""
    train = trainer(config.trainer)
    recipe = config.recipe_of(unit.protocol)

    def task(index: Int64, validation: Int64, recipe: Recipe) -> Task:
        return Task(
            X=dataset.X[index],
            y=dataset.y[index],
            n_classes=len(dataset.classes),
            model=config.model.name,
            recipe=recipe,
            seed=unit.seed * 1000 + unit.fold,  # no two folds of two seeds alike
            options=config.model.options,
            settings=config.trainer_options,
            X_validation=dataset.X[validation] if len(validation) else None,
            y_validation=dataset.y[validation] if len(validation) else None,
            features=_features(dataset, index),
            features_validation=_features(dataset, validation),
        )

    first = train(
        task(split.train, split.validation, recipe),
        checkpoint=folder / "checkpoint.npz",
        observer=observer,
    )
    if not recipe.refit:
        return first, first
    everything = np.concatenate([split.train, split.validation])
    blind = recipe.model_copy(update={"patience": None, "keep": "last"})
    second = train(
        task(everything, split.validation[:0], blind),
        checkpoint=folder / "checkpoint-refit.npz",
        observer=observer,
    )
    return first, second


def _probabilities(model: Any, dataset: BeatDataset, index: Int64) -> Float32:
    if len(index) == 0:
        return np.empty((0, len(dataset.classes)), dtype=np.float32)
    return predict(model, dataset.X[index], _features(dataset, index))


def _features(dataset: BeatDataset, index: Int64) -> dict[str, Float32]:
    return {name: values[index] for name, values in dataset.features.items()}
