"""From the outcomes of all trainings to the result files of a run folder."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy.datasets import BeatDataset
from ectopy.evaluation.metrics import classification
from ectopy.evaluation.over_seeds import over_seeds
from ectopy.files import atomic_path, atomic_write
from ectopy.report.wording import QUICK
from ectopy.study.config import StudyConfig
from ectopy.study.unit import Outcome, Unit

Outcomes = Mapping[Unit, Outcome]

HISTORY: Final = (
    "seed", "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds",
    "val_macro_f1", "fold",
)  # fmt: skip

_SAMPLES = 8  # beats a class kept for the sample-beats figure


def write_results(
    path: Path,
    config: StudyConfig,
    dataset: BeatDataset,
    outcomes: Outcomes,
    timing: Mapping[str, float],
) -> dict[str, Any]:
    """Write metrics, history, predictions, samples and the model; give the metrics."""
    main = _of(outcomes, config.protocol)
    scored = score(dataset, main)
    first = next(iter(main.values())).told
    metrics: dict[str, Any] = {
        "study": config.name,
        "title": config.title,
        "protocol": config.protocol,
        "quick": config.quick,
        "data": {
            "name": dataset.name,
            "checksums": dataset.checksums,
            "simulated": dataset.simulated,
            "provenance": dataset.provenance,
            "caveats": list(dataset.caveats),
            "classes": list(dataset.classes),
            "fs_hz": dataset.fs_hz,
            "counts": first["counts"],
            "balancing": config.recipe.balance,
            "balanced": first["balanced"],
            "shares_patients": any(o.told["shares_patients"] for o in main.values()),
        },
        "notes": [*[QUICK] * config.quick, *config.caveats, *first["notes"]],
        "seeds": sorted({u.seed for u in main}),
        "model": {"name": config.model.name, "parameters": first["parameters"]},
        "test": scored["test"],
        "validation": scored["validation"],
        "beside": [
            {
                "label": config.model.name,
                "protocol": protocol,
                **(score(dataset, _of(outcomes, protocol))["test"] or {}),
            }
            for protocol in config.also
        ],
        "published": [p.model_dump(mode="json") for p in config.published],
        "timing": dict(timing),
    }
    atomic_write(path / "history.csv", _history(main))
    _predictions(path / "predictions.parquet", dataset, main)
    _samples(path / "samples.npz", dataset, main)
    with atomic_path(path / "Final_Clinical_Model.keras") as temporary:
        shutil.copyfile(chosen(main).model, temporary)
    atomic_write(path / "metrics.json", json.dumps(metrics, indent=1, ensure_ascii=False) + "\n")
    return metrics


def score(dataset: BeatDataset, outcomes: Outcomes) -> dict[str, dict[str, Any] | None]:
    """Score test and validation beats of each seed (its folds together), summarised over seeds.

    Validation is None where there are no such beats.
    """
    scores: dict[str, dict[str, Any] | None] = {}
    for part in ("test", "validation"):
        results = []
        for seed in sorted({u.seed for u in outcomes}):
            mine = [o for u, o in outcomes.items() if u.seed == seed]
            index = np.concatenate([getattr(o, part) for o in mine])
            if len(index) == 0:
                continue
            p = np.concatenate([getattr(o, f"p_{part}") for o in mine])
            groups = None if dataset.groups is None else dataset.groups[index]
            results.append(classification(dataset.y[index], p, dataset.classes, groups))
        scores[part] = over_seeds(results) if results else None
    return scores


def chosen(outcomes: Outcomes) -> Outcome:
    """Give the model to hand on: lowest validation loss; without validation, the first seed."""

    def loss(outcome: Outcome) -> float:
        losses = [row["val_loss"] for row in outcome.told["history"] if row["val_loss"] is not None]
        return float(min(losses)) if losses else 0.0

    return min(outcomes.values(), key=loss)


def _of(outcomes: Outcomes, protocol: str) -> Outcomes:
    return {u: o for u, o in outcomes.items() if u.protocol == protocol}


def _history(outcomes: Outcomes) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, HISTORY, lineterminator="\n")
    writer.writeheader()
    for unit, outcome in outcomes.items():
        for row in outcome.told["history"]:
            # An empty cell where there was no validation part.
            writer.writerow({"seed": unit.seed, "fold": unit.fold, **row})
    return text.getvalue()


def _predictions(path: Path, dataset: BeatDataset, outcomes: Outcomes) -> None:
    import pyarrow
    import pyarrow.parquet

    columns: dict[str, list[Any]] = {}

    def add(name: str, values: Any) -> None:
        columns.setdefault(name, []).append(values)

    for unit, outcome in outcomes.items():
        n = len(outcome.test)
        add("seed", np.full(n, unit.seed, dtype=np.int32))
        add("beat", outcome.test)
        add("group", np.full(n, "") if dataset.groups is None else dataset.groups[outcome.test])
        add("y_true", dataset.y[outcome.test].astype(np.int8))
        add("y_pred", outcome.p_test.argmax(axis=1).astype(np.int8))
        for name, p in zip(dataset.classes, outcome.p_test.T, strict=True):
            add(f"p_{name}", p)
    table = pyarrow.table({name: np.concatenate(parts) for name, parts in columns.items()})
    with atomic_path(path) as temporary:
        pyarrow.parquet.write_table(table, temporary, compression="zstd")


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
