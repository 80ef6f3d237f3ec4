"""From the outcomes of all trainings to the result files of a run folder."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from ectopy.datasets import BeatDataset
from ectopy.errors import ConfigError
from ectopy.evaluation.metrics import classification
from ectopy.evaluation.over_seeds import over_seeds
from ectopy.files import atomic_path, atomic_write
from ectopy.report.schema import Beside, Data, Metrics, Model, Scores
from ectopy.report.wording import QUICK
from ectopy.study.job import Unit
from ectopy.study.predictions import Predictions, write_predictions
from ectopy.study.windows.settings import WindowStudy
from ectopy.study.windows.unit import Outcome

Outcomes = Mapping[Unit, Outcome]
Part = Literal["test", "validation"]

HISTORY: Final = (
    "seed", "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds",
    "val_macro_f1", "fold",
)  # fmt: skip

_SAMPLES = 8  # beats a class kept for the sample-beats figure


def write_results(
    path: Path,
    config: WindowStudy,
    dataset: BeatDataset,
    outcomes: Outcomes,
    timing: Mapping[str, float],
) -> Metrics:
    """Write history, predictions, samples and the model; give the metrics."""
    main = _of(outcomes, config.protocol)
    first = next(iter(main.values())).told
    atomic_write(path / "history.csv", _history(main))
    _predictions(path, dataset, main)
    _samples(path / "samples.npz", dataset, main)
    with atomic_path(path / "Final_Clinical_Model.keras") as temporary:
        shutil.copyfile(chosen(main).model, temporary)
    return Metrics(
        study=config.name,
        kind=config.kind,
        title=config.title,
        protocol=config.protocol,
        quick=config.quick,
        data=Data(
            name=dataset.name,
            classes=dataset.classes,
            checksums=dataset.checksums,
            simulated=dataset.simulated,
            provenance=dataset.provenance,
            caveats=dataset.caveats,
            fs_hz=dataset.fs_hz,
            counts=first.counts,
            balancing=config.recipe.balance,
            balanced=first.balanced,
            shares_patients=any(o.told.shares_patients for o in main.values()),
        ),
        notes=(*[QUICK] * config.quick, *config.caveats, *first.notes),
        seeds=tuple(sorted({u.seed for u in main})),
        model=Model(
            name=config.model.name,
            parameters=first.parameters,
            input="one beat, cut as under *Data*",
            files={
                "Final_Clinical_Model.keras": "Keras",
                "model.onnx": "ONNX; the same outputs to 1e-5",
            },
        ),
        test=_tested(score(dataset, main, "test"), config),
        validation=score(dataset, main, "validation"),
        beside=tuple(
            Beside(
                label=config.model.name,
                protocol=protocol,
                scores=score(dataset, _of(outcomes, protocol), "test"),
            )
            for protocol in config.also
        ),
        published=config.published,
        timing={
            **timing,
            "train_s": sum(o.told.train_s for o in outcomes.values()),
            "evaluate_s": sum(o.told.evaluate_s for o in outcomes.values()),
        },
    )


def score(dataset: BeatDataset, outcomes: Outcomes, part: Part) -> Scores | None:
    """Score the beats of a part for each seed (its folds together), summarised over seeds.

    None where there are no such beats.
    """
    results = []
    for seed in sorted({u.seed for u in outcomes}):
        mine = [o for u, o in outcomes.items() if u.seed == seed]
        index = np.concatenate([getattr(o, part) for o in mine])
        if len(index) == 0:
            continue
        p = np.concatenate([getattr(o, f"p_{part}") for o in mine])
        groups = None if dataset.groups is None else dataset.groups[index]
        results.append(classification(dataset.y[index], p, dataset.classes, groups))
    return Scores.model_validate(over_seeds(results)) if results else None


def _tested(scores: Scores | None, config: WindowStudy) -> Scores:
    if scores is None:
        raise ConfigError(f"the {config.protocol} split of study {config.name} has no test beats")
    return scores


def chosen(outcomes: Outcomes) -> Outcome:
    """Give the model to hand on: lowest validation loss; without validation, the first seed."""

    def loss(outcome: Outcome) -> float:
        losses = [row["val_loss"] for row in outcome.told.history if row["val_loss"] is not None]
        return float(min(losses)) if losses else 0.0

    return min(outcomes.values(), key=loss)


def _of(outcomes: Outcomes, protocol: str) -> Outcomes:
    return {u: o for u, o in outcomes.items() if u.protocol == protocol}


def _history(outcomes: Outcomes) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, HISTORY, lineterminator="\n")
    writer.writeheader()
    for unit, outcome in outcomes.items():
        for row in outcome.told.history:
            # An empty cell where there was no validation part.
            writer.writerow({"seed": unit.seed, "fold": unit.fold, **row})
    return text.getvalue()


def _predictions(path: Path, dataset: BeatDataset, outcomes: Outcomes) -> None:
    write_predictions(
        path,
        dataset.classes,
        [
            Predictions(
                seed=unit.seed,
                beat=o.test,
                group=np.full(len(o.test), "")
                if dataset.groups is None
                else dataset.groups[o.test],
                y_true=dataset.y[o.test],
                p=o.p_test,
            )
            for unit, o in outcomes.items()
        ],
    )


def _samples(path: Path, dataset: BeatDataset, outcomes: Outcomes) -> None:
    """Keep a few training beats of each class, evenly spread over the part."""
    unit, outcome = next(iter(outcomes.items()))
    hidden = np.concatenate([outcome.test, outcome.validation])
    train = np.setdiff1d(np.arange(len(dataset)), hidden)
    picks: Sequence[Any] = [
        pool[np.linspace(0, len(pool) - 1, min(_SAMPLES, len(pool))).astype(int)]
        for pool in (train[dataset.y[train] == c] for c in range(len(dataset.classes)))
    ]
    index = np.concatenate(picks)
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(file, X=dataset.X[index], y=dataset.y[index], beat=index, seed=unit.seed)
