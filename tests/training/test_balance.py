"""Balancing: how many beats of each class, made of which, and of no others."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from ectopy.datasets import BeatDataset
from ectopy.datasets.protocols import protocol
from ectopy.errors import ConfigError
from ectopy.training.balance import TrainingBeats
from ectopy.training.recipe import Balance

pytest.importorskip("imblearn")

METHODS = get_args(Balance)
COUNTS = (400, 60, 25)


def _beats(rng: np.random.Generator, counts: tuple[int, ...] = COUNTS) -> tuple[np.ndarray, ...]:
    y = rng.permutation(np.repeat(np.arange(len(counts)), counts)).astype(np.int64)
    X = rng.normal(size=(len(y), 12)).astype(np.float32) + 5 * y[:, None].astype(np.float32)
    return X, y


def _epoch(source: TrainingBeats, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    draw = source.draw(rng)
    return source.beats(draw, slice(0, len(draw)))


@pytest.mark.parametrize("method", METHODS)
def test_an_epoch_holds_what_the_method_promises(method: str, rng: np.random.Generator) -> None:
    X, y = _beats(rng)
    source = TrainingBeats(X, y, 3, method=method, batch_size=30, rng=rng)
    X_epoch, y_epoch, weight = _epoch(source, rng)
    counts = np.bincount(y_epoch, minlength=3)
    if method in ("oversample", "smote", "smote-on-the-fly"):
        assert counts.tolist() == [400, 400, 400]
    elif method == "balanced-batches":
        assert np.ptp(counts) <= 10  # the last batch is cut short
    else:
        assert counts.tolist() == list(COUNTS)
    assert X_epoch.dtype == np.float32
    totals = np.bincount(y_epoch, weights=weight)
    if method == "class-weights":
        np.testing.assert_allclose(totals, totals.mean(), rtol=1e-5)
        assert weight.mean() == pytest.approx(1)
    else:
        assert (weight == 1).all()
    np.testing.assert_allclose(source.balanced_counts(), counts, atol=10)


@pytest.mark.parametrize("method", METHODS)
def test_every_beat_is_a_training_beat_or_between_two_of_its_class(
    method: str, rng: np.random.Generator
) -> None:
    X, y = _beats(rng)
    X_epoch, y_epoch, _ = _epoch(TrainingBeats(X, y, 3, method=method, rng=rng), rng)
    made = 0
    for beat, label in zip(X_epoch, y_epoch, strict=True):
        pool = X[y == label]
        if (pool == beat).all(axis=1).any():
            continue
        made += 1
        # On the segment between two beats the distances to both add up to their distance.
        distance = np.linalg.norm(pool - beat, axis=1)
        between = np.linalg.norm(pool[:, None] - pool[None], axis=2)
        detour = distance[:, None] + distance[None] - between
        np.fill_diagonal(detour, np.inf)
        assert detour.min() < 1e-4
    # Every class is filled up to 400; those beats beyond the real ones are made.
    expected = 800 - 60 - 25
    if method == "smote":
        assert made == expected
    elif method == "smote-on-the-fly":
        assert made == pytest.approx(expected, rel=0.1)
    else:
        assert made == 0


@pytest.mark.parametrize("method", METHODS)
def test_no_made_or_copied_beat_reaches_validation_or_test(
    method: str, rng: np.random.Generator
) -> None:
    """Beats carry their number in sample 0, and train beats alone a mark of 0 in sample 1."""
    X, y = _beats(rng)
    X[:, 0] = np.arange(len(X))
    data = BeatDataset("numbered", X, y, ("a", "b", "c"))
    (split,) = protocol("pooled").splits(data, rng)
    X[:, 1] = 1
    X[split.train, 1] = 0
    source = TrainingBeats(X[split.train], y[split.train], 3, method=method, rng=rng)
    X_epoch, _, _ = _epoch(source, rng)
    assert (X_epoch[:, 1] == 0).all(), "a beat of validation or test took part"
    hidden = np.concatenate([split.validation, split.test])
    assert len(np.unique(hidden)) == len(hidden)
    np.testing.assert_array_equal(X[hidden, 0], hidden)  # real beats, untouched
    assert not set(hidden.tolist()) & set(X_epoch[:, 0].tolist())


@pytest.mark.parametrize("method", ["oversample", "smote", "smote-on-the-fly"])
def test_strength_lies_between_nothing_and_equality(method: str, rng: np.random.Generator) -> None:
    X, y = _beats(rng)
    half = TrainingBeats(X, y, 3, method=method, strength=0.5, rng=rng)
    expected = [400, round((400 * 60) ** 0.5), round((400 * 25) ** 0.5)]
    assert half.balanced_counts() == expected
    none = TrainingBeats(X, y, 3, method=method, strength=0.0, rng=rng)
    assert none.balanced_counts() == list(COUNTS)


def test_every_batch_is_balanced(rng: np.random.Generator) -> None:
    X, y = _beats(rng)
    source = TrainingBeats(X, y, 3, method="balanced-batches", batch_size=10, rng=rng)
    _, y_epoch, _ = _epoch(source, rng)
    batches = y_epoch[: len(y_epoch) // 10 * 10].reshape(-1, 10)
    for label in range(3):
        count = (batches == label).sum(axis=1)
        assert count.min() >= 3
        assert count.max() <= 4


def test_a_smaller_epoch_keeps_the_shares(rng: np.random.Generator) -> None:
    X, y = _beats(rng)
    source = TrainingBeats(X, y, 3, method="oversample", per_epoch=90, copies=2, rng=rng)
    _, y_epoch, _ = _epoch(source, rng)
    assert np.bincount(y_epoch).tolist() == [60, 60, 60]


def test_copies_show_each_beat_that_often(rng: np.random.Generator) -> None:
    X, y = _beats(rng)
    draw = TrainingBeats(X, y, 3, copies=3, rng=rng).draw(rng)
    assert (np.bincount(draw.first) == 3).all()


def test_on_the_fly_holds_no_more_than_it_was_given(rng: np.random.Generator) -> None:
    X, y = _beats(rng)
    source = TrainingBeats(X, y, 3, method="smote-on-the-fly", rng=rng)
    assert source.X is X


def test_impossible_wishes_are_refused_in_words(rng: np.random.Generator) -> None:
    X, y = _beats(rng, (20, 1))
    for method in ("smote", "smote-on-the-fly"):
        with pytest.raises(ConfigError, match="class 1 has one training beat"):
            TrainingBeats(X, y, 2, method=method, rng=rng)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="batch_size = 1"):
        TrainingBeats(X, y, 2, method="balanced-batches", batch_size=1, rng=rng)


def test_a_class_without_training_beats_is_left_out(rng: np.random.Generator) -> None:
    X, y = _beats(rng)
    for method in METHODS:
        source = TrainingBeats(X, y, 5, method=method, rng=rng)  # type: ignore[arg-type]
        assert source.balanced_counts()[3:] == [0, 0]
        assert set(_epoch(source, rng)[1].tolist()) == {0, 1, 2}
