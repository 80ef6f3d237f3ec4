import numpy as np
import pytest

from ectopy.beats.features import fibrillation_gate as fibrillation
from ectopy.beats.features import prematurity as sinus
from ectopy.beats.features import rr_intervals as rhythm
from ectopy.beats.features.fibrillation_gate import GATE_BEATS, LIMIT, N_GATED, gated


def features(n=100, n_features=60):
    return np.random.default_rng(0).standard_normal((n, n_features)).astype(np.float32)


def test_an_open_gate_repeats_prematurity_and_a_closed_one_hides_it():
    X = features()
    n = X.shape[1]
    sifted = X[:, -sinus.N_SINUS :]
    measures = [sifted[:, place] for place in sinus.PREMATURE]
    measures += [X[:, place] for place in rhythm.PREMATURE]
    measures += [sifted[:, place] for place in sinus.GATED]
    opened, closed = (gated(X, np.full(len(X), sign * 50.0, np.float32)) for sign in (-1, 1))
    assert opened.shape == (len(X), n + N_GATED)
    np.testing.assert_array_equal(opened[:, :n], X)
    np.testing.assert_allclose(opened[:, n + 5 :], np.stack(measures, axis=1), rtol=1e-3)
    assert np.abs(closed[:, n + 5 :]).max() < 1e-2


def test_one_beat_hardly_moves_the_gate():
    logits = np.full(100, -LIMIT, np.float32)
    logits[50] = 1e6
    more = gated(features(), logits)
    gate = more[:, features().shape[1] + 3]
    assert gate.min() > 0.99


@pytest.mark.parametrize("at", [20, 60])
def test_later_beats_do_not_count(at):
    X, logits = features(), np.random.default_rng(1).standard_normal(100).astype(np.float32)
    early = gated(X[:at], logits[:at])
    np.testing.assert_allclose(gated(X, logits)[:at], early, rtol=1e-5, atol=1e-6)
    # And those longer ago than the longest average do not either.
    late = gated(X[at:], logits[at:])[max(GATE_BEATS) :]
    np.testing.assert_allclose(gated(X, logits)[at:][max(GATE_BEATS) :], late, rtol=1e-4, atol=1e-5)


def test_both_sides_count_alike():
    X, logits = features(), np.random.default_rng(1).standard_normal(100).astype(np.float32)
    forth = gated(X, logits, two_sided=True)
    back = gated(X[::-1], logits[::-1], two_sided=True)[::-1]
    np.testing.assert_allclose(forth, back, rtol=1e-4, atol=1e-5)


def test_columns_are_what_they_are_called():
    """The places named in `rhythm` and `sinus` hold prematurity: early beats stand out there."""
    rng = np.random.default_rng(2)
    rr = 0.9 + rng.normal(0, 0.01, 400)
    rr[50::9] = 0.55
    rr[51::9] = 1.2
    times = np.cumsum(rr)
    early = rr < 0.7
    for table, places in ((rhythm.rhythm(times), rhythm.PREMATURE), (sinus.sinus(times), (4, 20))):
        for place in places:
            assert table[early, place].max() < -0.25
    assert sinus.sinus(times)[early, 31].min() > 0.9
    assert fibrillation.N_GATED == 5 + 3 + 2 + 7
