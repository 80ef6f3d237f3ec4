"""The fit loop: learns, repeats, resumes, stops, and averages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ectopy.errors import ConfigError
from ectopy.training.fit import fit, predict
from ectopy.training.recipe import Augmentation, Recipe
from ectopy.training.task import Silent, Task, Trained

keras = pytest.importorskip("keras")

EVERYTHING = Recipe(
    epochs=3,
    batch_size=16,
    learning_rate=0.01,
    schedule="cosine",
    warmup=0.2,
    optimizer="adamw",
    weight_decay=0.01,
    clip_norm=1.0,
    ema=0.9,
    label_smoothing=0.1,
    settle_norm=True,
    balance="smote-on-the-fly",
    augmentation=Augmentation(scale=0.1, shift=0.1, noise=0.1),
    keep="best",
)


@pytest.fixture(scope="module")
def beats() -> tuple[np.ndarray, np.ndarray]:
    """Give two classes of 40 samples, told apart by the side their wave is on."""
    rng = np.random.default_rng(8)
    y = np.repeat([0, 1], [90, 30])
    t = np.arange(40)
    X = np.exp(-0.5 * ((t - np.array([12, 28])[y][:, None]) / 2) ** 2)
    order = rng.permutation(len(y))
    X = (X + 0.2 * rng.normal(size=X.shape)).astype(np.float32)
    return X[order], y[order].astype(np.int64)


def task(beats: tuple[np.ndarray, np.ndarray], recipe: Recipe, **changes: Any) -> Task:
    X, y = beats
    settings: dict[str, Any] = {
        "X": X[:80],
        "y": y[:80],
        "n_classes": 2,
        "model": "cnn1d",
        "recipe": recipe,
        "seed": 3,
        "options": {"filters": [6], "kernels": [5], "hidden": 8},
        "X_validation": X[80:],
        "y_validation": y[80:],
    }
    return Task(**(settings | changes))


class Killer(Silent):
    """Stops training after an epoch, as a kill would."""

    def __init__(self, epoch: int) -> None:
        self.last = epoch

    def epoch(self, row: dict[str, Any], epochs: int) -> None:
        if row["epoch"] == self.last:
            raise KeyboardInterrupt


def _same(one: Trained, two: Trained) -> None:
    def figures(trained: Trained) -> list[dict[str, Any]]:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in trained.history]

    assert figures(one) == figures(two)
    for a, b in zip(one.model.get_weights(), two.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.fixture(scope="module")
def unbroken(beats: tuple[np.ndarray, np.ndarray]) -> Trained:
    return fit(task(beats, EVERYTHING))


def test_a_killed_training_ends_as_an_unbroken_one(
    beats: tuple[np.ndarray, np.ndarray], unbroken: Trained, tmp_path: Path
) -> None:
    path = tmp_path / "checkpoint.npz"
    for epoch in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            fit(task(beats, EVERYTHING), checkpoint=path, observer=Killer(epoch))
    resumed = fit(task(beats, EVERYTHING), checkpoint=path)
    _same(resumed, unbroken)
    assert len(resumed.history) == 3


def test_history_tells_the_course(unbroken: Trained) -> None:
    assert [row["epoch"] for row in unbroken.history] == [1, 2, 3]
    rates = [row["learning_rate"] for row in unbroken.history]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == pytest.approx(0, abs=1e-6)
    assert unbroken.balanced_counts[0] == unbroken.balanced_counts[1]


def test_learns(beats: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = beats
    deep = {"filters": [4, 4, 4], "hidden": 8}
    recipe = Recipe(epochs=25, batch_size=8, learning_rate=0.01)
    trained = fit(task(beats, recipe, options=deep))
    assert (predict(trained.model, X[80:]).argmax(axis=1) == y[80:]).mean() > 0.9
    assert trained.history[-1]["loss"] < 0.5 * trained.history[0]["loss"]


def test_keeps_the_best_epoch_and_stops_waiting(beats: tuple[np.ndarray, np.ndarray]) -> None:
    X, y = beats
    # So large a step that validation gets worse now and then.
    recipe = Recipe(epochs=30, batch_size=8, learning_rate=0.1, patience=2, keep="best")
    trained = fit(task(beats, recipe, options={"filters": [4, 4, 4], "hidden": 8}))
    losses = [row["val_loss"] for row in trained.history]
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 2
    p = predict(trained.model, X[80:])[np.arange(40), y[80:]]
    assert -np.log(np.maximum(p, 1e-7)).mean() == pytest.approx(losses[best], rel=1e-5)


def test_averaged_weights_are_what_is_validated_and_kept(
    beats: tuple[np.ndarray, np.ndarray],
) -> None:
    X, y = beats
    plain = fit(task(beats, Recipe(epochs=2, batch_size=8)))
    averaged = fit(task(beats, Recipe(epochs=2, batch_size=8, ema=0.9)))
    # The average does not steer training, so the losses are the same and the weights are not.
    assert [r["loss"] for r in plain.history] == [r["loss"] for r in averaged.history]
    assert not np.array_equal(plain.model.get_weights()[0], averaged.model.get_weights()[0])
    p = predict(averaged.model, X[80:])[np.arange(40), y[80:]]
    assert -np.log(p).mean() == pytest.approx(averaged.history[-1]["val_loss"], rel=1e-5)


def test_trains_without_looking(beats: tuple[np.ndarray, np.ndarray]) -> None:
    trained = fit(task(beats, Recipe(epochs=1), X_validation=None, y_validation=None))
    assert trained.history[0]["val_loss"] is None
    with pytest.raises(ConfigError, match="need validation beats"):
        fit(task(beats, Recipe(patience=1), X_validation=None, y_validation=None))


def test_weighted_parts_make_no_difference_to_what_is_seen(
    beats: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fit(task(beats, Recipe(epochs=1, batch_size=16, balance="class-weights")))
    from ectopy.training import fit as module

    monkeypatch.setattr(module, "_PART", 40)  # two batches at a time
    parts = fit(task(beats, Recipe(epochs=1, batch_size=16, balance="class-weights")))
    for a, b in zip(whole.model.get_weights(), parts.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_settled_norm_is_that_of_the_training_beats(beats: tuple[np.ndarray, np.ndarray]) -> None:
    X, _ = beats
    trained = fit(task(beats, Recipe(epochs=1, batch_size=16, settle_norm=True)))
    before = keras.Model(trained.model.input, trained.model.get_layer("norm_1").input)
    features = keras.ops.convert_to_numpy(before(X[:80, :, None]))
    norm = trained.model.get_layer("norm_1")
    mean, variance = (
        keras.ops.convert_to_numpy(v) for v in (norm.moving_mean, norm.moving_variance)
    )
    np.testing.assert_allclose(mean, features.mean(axis=(0, 1)), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(variance, features.var(axis=(0, 1)), rtol=1e-3, atol=1e-5)
    assert norm.momentum == 0.99
