"""Beats stretched from a shorter length are told from the samples alone."""

import numpy as np
import pytest
from scipy.signal import resample_poly

from ectopy.models.resampling import outside_bases, stretched_flag


def _beats(length: int, n: int = 20) -> np.ndarray:
    """Give rough beats of ``length`` samples, brought to 140 as the archive did."""
    rng = np.random.default_rng(length)
    raw = np.cumsum(rng.standard_normal((n, length)), axis=1).round(1)
    beats = raw if length == 140 else resample_poly(raw, 140, length, axis=1)[:, :140]
    beats = beats - beats.mean(axis=1, keepdims=True)
    return (beats / beats.std(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def flag():
    keras = pytest.importorskip("keras")
    beat = keras.Input((140,))
    return keras.Model(beat, stretched_flag(beat, 140))


@pytest.mark.parametrize("length", [60, 101, 120, 133, 138])
def test_stretched_beats_are_found(flag, length):
    assert np.all(flag.predict_on_batch(_beats(length)) == 1)


@pytest.mark.parametrize("length", [140, 150, 200])
def test_other_beats_are_not(flag, length):
    assert np.all(flag.predict_on_batch(_beats(length)) == 0)


def test_shift_and_scale_do_not_matter(flag):
    beats = _beats(115)
    assert np.all(flag.predict_on_batch(0.8 * beats + 0.3) == 1)


def test_noise_hides_it(flag):
    beats = _beats(115)
    noise = np.random.default_rng(1).standard_normal(beats.shape) * 0.01
    assert np.all(flag.predict_on_batch((beats + noise).astype(np.float32)) == 0)


def test_directions_are_orthonormal_for_each_length():
    directions, lengths = outside_bases(140, shortest=130)
    for length in np.unique(lengths):
        mine = directions[:, lengths == length]
        assert mine.shape == (140, 140 - length - 1)
        np.testing.assert_allclose(mine.T @ mine, np.eye(mine.shape[1]), atol=1e-5)
