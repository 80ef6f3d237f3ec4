"""Augmentation: what each change does, what it leaves alone, and what it costs."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.training.augment import add_noise, augment, time_scale, time_shift
from ectopy.training.recipe import Augmentation

Change = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]

BEATS = arrays.arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.integers(2, 60)),
    elements=st.floats(-10, 10, width=32),
)
SEEDS = st.integers(0, 2**32 - 1)
STRENGTHS = [name for name, field in Augmentation.model_fields.items() if field.default == 0]


@pytest.mark.parametrize("change", [time_scale, time_shift, add_noise])
@given(X=BEATS, seed=SEEDS)
def test_zero_strength_is_the_identity(change: Change, X: np.ndarray, seed: int) -> None:
    changed = change(X, 0.0, np.random.default_rng(seed))
    assert changed.dtype == np.float32
    np.testing.assert_array_equal(changed, X)


@pytest.mark.parametrize("change", [time_scale, time_shift, add_noise])
@given(X=BEATS, seed=SEEDS)
def test_leaves_its_input_alone_and_follows_its_seed(
    change: Change, X: np.ndarray, seed: int
) -> None:
    before = X.copy()
    one = change(X, 0.3, np.random.default_rng(seed))
    np.testing.assert_array_equal(one, change(X, 0.3, np.random.default_rng(seed)))
    np.testing.assert_array_equal(X, before)
    assert one.shape == X.shape


@pytest.mark.parametrize("name", STRENGTHS)
@pytest.mark.parametrize("shape", [(40, 60), (40, 60, 2)])
def test_every_change_of_a_recipe_changes_beats_and_nothing_else(
    name: str, shape: tuple[int, ...]
) -> None:
    X = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    before = X.copy()
    settings = Augmentation(**{name: 0.3})
    changed = augment(X, settings, np.random.default_rng(1))
    assert changed.dtype == np.float32
    assert changed.shape == shape
    assert np.isfinite(changed).all()
    moved = (changed != X).any(axis=tuple(range(1, X.ndim)))
    assert moved.mean() > 0.9
    np.testing.assert_array_equal(X, before)
    np.testing.assert_array_equal(changed, augment(X, settings, np.random.default_rng(1)))
    assert not np.array_equal(changed, augment(X, settings, np.random.default_rng(2)))
    few = augment(X, settings.model_copy(update={"share": 0.2}), np.random.default_rng(1))
    assert 0 < (few != X).any(axis=tuple(range(1, X.ndim))).mean() < 0.5


@given(X=BEATS, seed=SEEDS, strength=st.floats(0.0, 0.9))
def test_time_changes_keep_a_beat_within_its_range(
    X: np.ndarray, seed: int, strength: float
) -> None:
    low, high = X.min(axis=1, keepdims=True), X.max(axis=1, keepdims=True)
    for change in (time_scale, time_shift):
        changed = change(X, strength, np.random.default_rng(seed))
        assert (changed >= low - 1e-5).all()
        assert (changed <= high + 1e-5).all()


@given(X=BEATS, seed=SEEDS, strength=st.floats(0.0, 0.9))
def test_shifting_moves_every_sample_alike(X: np.ndarray, seed: int, strength: float) -> None:
    changed = time_shift(X, strength, np.random.default_rng(seed))
    n = X.shape[1]
    bound = round(strength * n)
    for old, new in zip(X, changed, strict=True):
        candidates = [
            new[max(-move, 0) : n - max(move, 0)].tolist()
            == old[max(move, 0) : n - max(-move, 0)].tolist()
            for move in range(-bound, bound + 1)
        ]
        assert any(candidates)


def test_scaling_keeps_the_anchor_and_moves_the_rest() -> None:
    t = np.arange(101, dtype=np.float32)
    X = np.tile(t, (500, 1))  # a ramp tells where each sample came from
    for anchor in (0.0, 0.5, 1.0):
        changed = time_scale(X, 0.2, np.random.default_rng(1), anchor=anchor)
        fixed = round(anchor * 100)
        np.testing.assert_allclose(changed[:, fixed], fixed, atol=1e-3)
        slope = changed[:, 52] - changed[:, 50]
        assert slope.min() == pytest.approx(2 * 0.8, abs=0.02)
        assert slope.max() == pytest.approx(2 * 1.2, abs=0.02)


def test_noise_is_white_of_the_stated_level_and_spares_flat_beats() -> None:
    rng = np.random.default_rng(2)
    X = np.tile(np.sin(np.linspace(0, 6, 200, dtype=np.float32)), (2000, 1))
    noise = add_noise(X, 0.5, rng) - X
    level = noise.std(axis=1) / X.std(axis=1)
    assert level.max() == pytest.approx(0.5, rel=0.2)
    assert level.mean() == pytest.approx(0.25, rel=0.1)  # uniform in 0 to 0.5
    assert abs(noise.mean()) < 0.005
    neighbours = np.mean(noise[:, 1:] * noise[:, :-1]) / np.mean(noise**2)
    assert abs(neighbours) < 0.01
    flat = np.ones((3, 50), dtype=np.float32)
    np.testing.assert_array_equal(add_noise(flat, 1.0, rng), flat)


def test_changes_only_the_stated_share() -> None:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(5000, 30)).astype(np.float32)
    settings = Augmentation(scale=0.1, shift=0.1, noise=0.1, share=0.25)
    same = (augment(X, settings, rng) == X).all(axis=1)
    assert same.mean() == pytest.approx(0.75, abs=0.03)


def test_nothing_on_costs_nothing() -> None:
    X = np.ones((3, 5), dtype=np.float32)
    assert augment(X, Augmentation(), np.random.default_rng(0)) is X
    assert augment(X, Augmentation(scale=0.5, share=0), np.random.default_rng(0)) is X


def test_beats_differ_from_each_other_across_blocks() -> None:
    X = np.tile(np.linspace(0, 1, 40, dtype=np.float32), (5000, 1))  # more than one block
    changed = augment(X, Augmentation(shift=0.2, noise=0.1), np.random.default_rng(0))
    assert len(np.unique(changed, axis=0)) == 5000
