import numpy as np
import pytest

from ectopy.beats.features.prematurity import N_SINUS, sinus

DUE = 4  # log ratio of the interval to what was due, over twelve sifted beats


def times(rr):
    return 1.0 + np.cumsum(rr)


def rhythm_with(early, n=200, wander=0.01, seed=0):
    """Sinus rhythm at 75 a minute, with beats 30 % early and a full pause after them."""
    rng = np.random.default_rng(seed)
    rr = 0.8 * np.exp(rng.normal(0, wander, n))
    rr[early] *= 0.7
    rr[np.asarray(early) + 1] *= 1.3
    return times(rr)


def test_shape_even_without_beats():
    assert sinus(np.zeros(0)).shape == (0, N_SINUS)
    for n in (1, 2, 300):
        found = sinus(times(np.full(n, 0.8)))
        assert found.shape == (n, N_SINUS)
        assert np.isfinite(found).all()


def test_early_beats_do_not_shift_what_is_due():
    early = np.arange(20, 190, 3)  # trigeminy: a third early, a third after a pause
    found = sinus(rhythm_with(early))[30:, DUE]
    is_early = np.isin(np.arange(30, 200), early)
    assert np.abs(np.median(found[is_early]) - np.log(0.7)) < 0.05
    on_time = ~is_early & ~np.isin(np.arange(30, 200), early + 1)
    assert np.abs(np.median(found[on_time])) < 0.03


def test_the_same_interval_is_less_early_where_the_rhythm_wanders():
    steady, loose = (sinus(rhythm_with([150], wander=wander))[150] for wander in (0.01, 0.08))
    surprise = 4 * 3 + 1 + 6 + 1  # interval in units of the wander
    assert steady[surprise] < loose[surprise] - 0.3


def test_only_a_bounded_past_and_two_beats_ahead_matter():
    whole = rhythm_with(np.arange(20, 980, 7), n=1000, wander=0.05)
    plain = sinus(whole)
    cut = int(np.searchsorted(whole, whole[700] - 236))  # as far as `BeatClassifier` looks back
    assert np.abs(sinus(whole[cut:703])[700 - cut] - plain[700]).max() < 1e-4


@pytest.mark.parametrize("factor", [0.6, 1.5])
def test_rate_drops_out(factor):
    slow = sinus(rhythm_with([60, 61, 62, 100]))
    fast = sinus(1 + factor * (rhythm_with([60, 61, 62, 100]) - 1))
    assert np.abs(slow - fast).max() < 0.02
