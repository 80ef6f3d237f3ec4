"""Noise that hides P waves: what raises it, and what must not."""

import numpy as np
import pytest

from ectopy.beats.features.context import look
from ectopy.beats.features.noise import NOISY_FROM, doubt, noise_at

STEP = 110  # canonical samples from beat to beat


def made(n=120, *, p_mv=0.15, ectopic=(), waves_mv=0.0):
    """Two leads of beats with P, QRS and T; ectopic ones are wide, tall and have no P wave."""
    at = 200.0 + STEP * np.arange(n)
    t = np.arange(int(at[-1]) + 300)
    lead = waves_mv * np.sin(2 * np.pi * 6.0 * t / 128)  # as fibrillating atria make
    for number, when in enumerate(at):
        waves = [(p_mv, -20, 3), (1.0, 0, 1.6), (0.5, 36, 6)]
        if number in ectopic:
            waves = [(2.0, 0, 6), (-0.6, 40, 9)]
        for height, centre, width in waves:
            lead += height * np.exp(-0.5 * ((t - when - centre) / width) ** 2)
    return np.stack([lead, -0.7 * lead]).astype(np.float32), at


def measured(signal, at):
    return noise_at(signal, look(signal, at))


def doubted(signal, at):
    return doubt(measured(signal, at))[20:].mean()


def white(signal, sigma_mv, seed=0):
    noise = np.random.default_rng(seed).normal(0, sigma_mv, signal.shape)
    return signal + noise.astype(np.float32)


def test_it_grows_with_noise_and_is_nothing_without():
    signal, at = made()
    grown = [doubted(white(signal, sigma), at) for sigma in (0, 0.002, 0.03, 0.06, 0.12, 0.24)]
    assert grown[:2] == [0, 0]
    assert (np.diff(grown[1:]) > 0.3).all()
    slow = signal + np.float32(0.25) * np.sin(np.arange(signal.shape[1]) / 23).astype(np.float32)
    assert doubted(slow, at) > 0.3, "what does not repeat is noise too, however slow"


def test_gain_and_polarity_drop_out():
    signal, at = made()
    noisy = white(signal, 0.05)
    for factor in (10, 0.1, -1):
        other = measured(np.float32(factor) * noisy, at)
        np.testing.assert_allclose(other, measured(noisy, at), atol=0.15)


@pytest.mark.parametrize(
    "how",
    [
        {"ectopic": range(0, 120, 2)},  # bigeminy
        {"ectopic": range(3, 120, 7)},
        {"p_mv": 0.0, "waves_mv": 0.04},
    ],
)
def test_ectopic_beats_and_fibrillating_atria_are_no_noise(how):
    signal, at = made(**how)
    assert doubted(white(signal, 0.002), at) == 0


def test_one_artefact_is_not_a_noisy_stretch_and_a_stretch_ends():
    signal, at = made()
    clean = white(signal, 0.002)
    once, long = clean.copy(), clean.copy()
    once[:, int(at[60]) - 40 : int(at[60])] += white(np.zeros((2, 40), np.float32), 0.3)
    there = slice(int(at[40]) - 50, int(at[80]))
    long[:, there] = white(long[:, there], 0.15)
    assert (doubt(measured(once, at)) == 0).all()
    found = doubt(measured(long, at))
    assert (found[46:80] > 0.5).all()
    assert (found[:40] == 0).all()
    assert (found[90:] < 0.2).all()


def test_a_lead_that_is_off_does_not_count():
    signal, at = made()
    noisy = white(signal, 0.1)
    one = noisy.copy()
    one[1] = 0
    np.testing.assert_allclose(measured(one, at), measured(noisy[:1], at), atol=1e-5)


def test_doubt_depends_on_the_beats_before_alone():
    rng = np.random.default_rng(0)
    noise = (NOISY_FROM + rng.normal(0, 1, (2, 50))).astype(np.float32)
    np.testing.assert_array_equal(doubt(noise[:, 10:])[7:], doubt(noise)[17:])
    np.testing.assert_array_equal(doubt(noise[:, :30]), doubt(noise)[:30])
    assert doubt(noise[:, :0]).shape == (0,)
    assert np.isfinite(doubt(noise[:, :1])).all()
