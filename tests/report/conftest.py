"""A small run folder with every file that reports read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from ectopy.classes import AAMI
from ectopy.evaluation.metrics import classification
from ectopy.evaluation.over_seeds import over_seeds
from ectopy.report.schema import (
    Beside,
    Data,
    Ec57Row,
    Estimate,
    Manifest,
    Metrics,
    Model,
    Published,
    Scores,
)

SUPPORT = (300, 40, 60, 5, 0)  # one class rare, one absent from the test beats
N_SAMPLES = 40


def write_run(
    folder: Path, *, seeds: int = 3, simulated: bool = False, ec57: tuple[Ec57Row, ...] = ()
) -> Path:
    rng = np.random.default_rng(7)
    folder.mkdir(parents=True, exist_ok=True)
    y_true = np.repeat(np.arange(5), SUPPORT)
    columns: dict[str, list[Any]] = {}
    scores = []
    for seed in range(seeds):
        logits = rng.normal(size=(len(y_true), 5)) + 3 * np.eye(5)[y_true]
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        scores.append(classification(y_true, p, AAMI, n_resamples=50))
        table = {
            "seed": np.full(len(y_true), seed),
            "beat": np.arange(len(y_true)),
            "group": np.where(np.arange(len(y_true)) % 2, "100", "232"),
            "y_true": y_true,
            "y_pred": p.argmax(axis=1),
            **{f"p_{name}": p[:, i] for i, name in enumerate(AAMI)},
        }
        for key, value in table.items():
            columns.setdefault(key, []).append(value)
    whole = {key: np.concatenate(value) for key, value in columns.items()}
    pyarrow.parquet.write_table(pyarrow.table(whole), folder / "predictions.parquet")

    counts = dict(zip(AAMI, SUPPORT, strict=True))
    test = Scores.model_validate(over_seeds(scores))
    metrics = Metrics(
        study="tiny",
        kind="windows",
        protocol="intra-patient",
        data=Data(
            name="made <up>",
            classes=AAMI,
            fs_hz=125.0,
            simulated=simulated,
            provenance="Drawn at random for a test.",
            checksums={"beats.tsv": "ab" * 32},
            caveats=("Nothing here is true of anyone.",),
            counts={"train": counts, "validation": counts, "test": counts},
            balanced=dict.fromkeys(AAMI, 300),
            balancing="SMOTE",
            shares_patients=True,
        ),
        seeds=tuple(range(seeds)),
        model=Model(name="cnn1d", parameters=166149, input="one beat"),
        test=test,
        timing={"total_s": 12.5},
        published=tuple(
            Published(label="A paper", metric=metric, value=value, protocol="theirs")
            for metric, value in (("accuracy", 0.9867), ("macro_f1", 0.9241))
        ),
        beside=(
            Beside(
                label="patients apart",
                protocol="inter-patient",
                scores=test.model_copy(update={"accuracy": Estimate(mean=0.91234)}),
            ),
        ),
        ec57=ec57,
    )
    (folder / "metrics.json").write_text(metrics.model_dump_json())
    lines = ["seed,epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds"]
    lines += [
        f"{seed},{epoch},{1 / epoch},{0.9},{1.2 / epoch},{0.88},0.001,1.0"
        for seed in range(seeds)
        for epoch in range(1, 5 + seed % 2)
    ]
    (folder / "history.csv").write_text("\n".join(lines) + "\n")
    (folder / "config.toml").write_text('study = "tiny"\n[recipe]\nepochs = 4\n')
    (folder / "manifest.json").write_text(
        Manifest(
            study="tiny",
            protocol="intra-patient",
            command="ectopy study tiny",
            started="2026-01-01T00:00:00+00:00",
            versions={"ectopy": "0.1.0"},
        ).model_dump_json()
    )

    y = np.repeat(np.arange(5), 3)
    X = rng.normal(size=(len(y), N_SAMPLES)).astype(np.float32)
    np.savez(folder / "samples.npz", X=X, y=y)
    np.savez(
        folder / "explanations.npz",
        X=X, maps=rng.random(X.shape), y_true=y, y_pred=y, p=np.eye(5)[y], layer="conv_3",
    )  # fmt: skip
    steps = np.linspace(0, 1, 5)
    band = np.stack([steps * 0.9, steps], axis=1)
    curve = {
        "fraction": steps.tolist(), "map": steps.tolist(), "random": steps.tolist(),
        "map_interval": band.tolist(), "random_interval": band.tolist(), "area": 0.5,
        "area_random": 0.4, "difference": 0.1, "interval": [0.05, 0.15],
        "threshold": 0.01, "passed": True,
    }  # fmt: skip
    checks = {
        "n_beats": 100, "passed": False, "reasons": ["The map keeps its similarity."],
        "deletion": curve, "insertion": curve,
        "class_sensitivity": {
            "similarity": 0.31, "interval": [0.27, 0.35], "threshold": 0.95, "passed": True,
        },
        "seeds": {"similarity": 0.72, "interval": [0.7, 0.74], "chance": 0.1, "n_models": 3},
        "randomisation": {
            "layers": ["dense", "conv"], "similarity": [0.9, 0.8],
            "interval": [[0.85, 0.95], [0.7, 0.9]], "threshold": 0.5, "passed": False,
        },
    }  # fmt: skip
    (folder / "explanation_checks.json").write_text(json.dumps(checks))
    return folder


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    def make(**options: Any) -> Path:
        return write_run(tmp_path / "run", **options)

    return make
