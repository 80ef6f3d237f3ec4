"""What answers add to log probabilities: against a general optimiser, and what it must not do."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from ectopy.runtime.corrections.residual import MOST, PRIOR, corrected, surprising
from ectopy.runtime.networks import log_softmax

PLAIN = replace(PRIOR, trust=1.0, slip=0.0, alone=1.0)


def some_beats(seed: int, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    log_p = log_softmax(rng.normal(size=(n, 5)) * 3)
    return log_p, rng.normal(size=(n, 4)).astype(np.float32) / 2


def test_it_is_what_a_general_optimiser_finds() -> None:
    log_p, places = some_beats(0)
    rows, classes = np.array([3, 17, 40]), np.array([1, 0, 2])
    apart = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    alike = PLAIN.everywhere + PLAIN.local * np.exp(-apart / 2 / PLAIN.reach**2)
    inner = alike[np.ix_(rows, rows)]

    def loss(flat: np.ndarray) -> float:
        carried = flat.reshape(len(rows), 5)
        added = inner @ carried
        likely = log_softmax(log_p[rows] + added)[np.arange(len(rows)), classes].sum()
        return float(0.5 * (carried * added).sum() - likely)

    best = minimize(loss, np.zeros(15), tol=1e-12)
    expected = log_softmax(log_p + alike[:, rows] @ best.x.reshape(3, 5))
    found = corrected(log_p, places, rows, classes, PLAIN)
    np.testing.assert_allclose(np.exp(found), np.exp(expected), atol=2e-3)


def test_no_answer_changes_nothing() -> None:
    log_p, places = some_beats(1)
    none = np.zeros(0, dtype=np.int64)
    assert corrected(log_p, places, none, none) is log_p


def test_an_answer_speaks_for_beats_like_it_and_not_for_others() -> None:
    places = np.zeros((20, 2), np.float32)
    places[10:] = 9.0
    log_p = np.tile(np.log([0.5, 0.45, 0.03, 0.01, 0.01]), (20, 1))
    local = replace(PRIOR, everywhere=0.0)
    found = corrected(log_p, places, np.array([0]), np.array([1]), local).argmax(axis=1)
    assert (found[:10] == 1).all()
    assert (found[10:] == 0).all()
    # The constant part alone moves all of them.
    everywhere = replace(PRIOR, local=1e-3)
    found = corrected(log_p, places, np.array([0]), np.array([1]), everywhere).argmax(axis=1)
    assert (found == 1).all()


def test_an_answer_against_a_sure_label_waits_for_another_like_it() -> None:
    places = np.zeros((30, 2), np.float32)
    log_p = np.tile(np.log([0.97, 0.01, 0.01, 0.005, 0.005]), (30, 1))
    one, two = np.array([0]), np.array([0, 1])
    assert surprising(log_p, places, one, np.array([2])).tolist() == [True]
    assert surprising(log_p, places, two, np.array([2, 2])).tolist() == [False, False]
    assert surprising(log_p, places, two, np.array([2, 1])).tolist() == [True, True]
    assert surprising(log_p, places, one, np.array([0])).tolist() == [False]
    alone = corrected(log_p, places, one, np.array([2]))
    backed = corrected(log_p, places, two, np.array([2, 2]))
    assert (alone[2:].argmax(axis=1) == 0).all()
    assert (backed[2:].argmax(axis=1) == 2).all()


def test_many_answers_are_carried_by_some_of_each_class() -> None:
    rng = np.random.default_rng(0)
    places = rng.normal(size=(5000, 4)).astype(np.float32)
    classes = (places[:, 0] > 0).astype(np.int64)
    classes[:3] = 2
    places[:3] = 20  # far from all others
    log_p = np.tile(np.log([0.4, 0.3, 0.1, 0.1, 0.1]), (5000, 1))
    rows = np.arange(0, 5000, 2)
    assert len(rows) > MOST
    found = corrected(log_p, places, rows, classes[rows]).argmax(axis=1)
    assert (found == classes).mean() > 0.93
    assert found[1] == 2


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_probabilities_stay_probabilities(seed: int, n_answers: int) -> None:
    log_p, places = some_beats(seed)
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(log_p), n_answers, replace=False)
    found = corrected(log_p, places, rows, rng.integers(0, 5, n_answers))
    assert np.exp(found).sum(axis=1) == pytest.approx(1)
    assert np.isfinite(found).all()
