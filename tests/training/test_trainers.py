"""What every trainer must do: a new line in `TRAINERS` gets these tests for free."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras")
from ectopy.errors import ConfigError
from ectopy.training.fit import predict
from ectopy.training.recipe import Recipe
from ectopy.training.task import Silent, Task, Trained
from ectopy.training.trainers import TRAINERS, trainer

KERNELS = {"model": "beat-kernels", "options": {"convolutions": 4, "stretched": False}}
GIVEN: dict[str, dict[str, Any]] = {
    "kernels": KERNELS,
    "ensemble": {
        "model": "ensemble",
        "settings": {"members": [{"trainer": "kernels", **KERNELS}]},
        "options": {},
    },
}
"""What a trainer needs that the small network of `task` is not."""

N_SAMPLES = 64
ROW = {
    "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_macro_f1", "learning_rate",
    "seconds",
}  # fmt: skip


def beats(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Give three classes, told apart by the form of their wave; one is rarer."""
    rng = np.random.default_rng(seed)
    y = np.resize([0, 0, 1, 1, 2], n)
    t = np.arange(N_SAMPLES)
    height, width = np.array([(1, 2), (-1, 2), (1, 8)])[y].T[:, :, None]
    X = height * np.exp(-0.5 * ((t - 32) / width) ** 2) + 0.1 * rng.normal(size=(n, len(t)))
    X = (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)
    return X.astype(np.float32), y.astype(np.int64)


class Watching(Silent):
    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def epoch(self, row: dict[str, Any], epochs: int) -> None:
        self.rows.append(row)
        assert len(self.rows) <= epochs


def task(name: str) -> Task:
    X, y = beats(60, 0)
    held, theirs = beats(30, 1)
    given = {"model": "cnn1d", "options": {"filters": [8], "kernels": [7], "hidden": 16}}
    return Task(
        X, y, 3, recipe=Recipe(epochs=12, batch_size=10, learning_rate=0.02, settle_norm=True),
        seed=4, X_validation=held, y_validation=theirs, **(given | GIVEN.get(name, {})),
    )  # fmt: skip


@pytest.fixture(scope="module", params=sorted(TRAINERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def trained(name: str) -> tuple[Trained, Watching]:
    watching = Watching()
    return TRAINERS[name](task(name), checkpoint=None, observer=watching), watching


def test_it_learns_what_new_beats_are(trained: tuple[Trained, Watching]) -> None:
    X, y = beats(50, 2)
    p = predict(trained[0].model, X)
    assert p.shape == (50, 3)
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)
    assert (p.argmax(axis=1) == y).mean() > 0.9


def test_it_tells_how_it_went(trained: tuple[Trained, Watching]) -> None:
    found, watching = trained
    assert len(found.balanced_counts) == 3
    assert sum(found.balanced_counts) >= 60
    assert [row["epoch"] for row in found.history] == list(range(1, len(found.history) + 1))
    assert all(set(row) == ROW for row in found.history)
    assert watching.rows == found.history


def test_the_same_seed_gives_the_same_model_whatever_was_drawn_before(
    name: str, trained: tuple[Trained, Watching], tmp_path: Path
) -> None:
    np.random.default_rng().random()
    again = TRAINERS[name](task(name), checkpoint=tmp_path / "checkpoint.npz", observer=Silent())
    for one, other in zip(trained[0].model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_its_beats_are_left_as_they_are_and_validation_is_not_needed(name: str) -> None:
    given = replace(task(name), X_validation=None, y_validation=None)
    given = replace(given, recipe=given.recipe.model_copy(update={"epochs": 1}))
    X, y = given.X.copy(), given.y.copy()
    found = TRAINERS[name](given, checkpoint=None, observer=Silent())
    np.testing.assert_array_equal(given.X, X)
    np.testing.assert_array_equal(given.y, y)
    assert all(row["val_macro_f1"] is None for row in found.history)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=f"'magic'.*{', '.join(TRAINERS)}"):
        trainer("magic")
