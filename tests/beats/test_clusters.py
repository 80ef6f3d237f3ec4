"""Beats that look alike are put together, whatever their size, mark, number and order."""

import numpy as np
import pytest

from ectopy.beats.clusters import FEWEST, MOST, cluster
from ectopy.beats.features.outlines import NUMBERS

LENGTH = 2 * NUMBERS


def form(kind: int, shift: float = 0.0) -> np.ndarray:
    """Draw one of several forms of two leads, marked a little earlier or later."""
    at = np.arange(NUMBERS) - 7 - shift
    r, s, wide, t = ((9, -3, 1.2, 2), (6, -9, 1.3, 2), (8, 7, 4.0, -6), (-9, 4, 3.5, 6))[kind]
    first = r * np.exp(-((at / wide) ** 2)) + s * np.exp(-(((at - 2 * wide) / wide) ** 2))
    first = first + t * np.exp(-(((at - 12) / 3.0) ** 2))
    rows = np.stack([first, np.roll(first, 1) * (0.4 if kind % 2 else -0.5)])
    return (rows - rows.mean(axis=1, keepdims=True)).ravel()


def drawn(kinds: np.ndarray, noise: float = 0.6, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = np.stack([form(kind) for kind in range(4)])[kinds]
    rows = rows + rng.normal(0, noise, rows.shape)
    return np.rint(127 * rows / np.abs(rows).max(axis=1, keepdims=True)).astype(np.int8)


def test_each_form_is_one_template_and_the_largest_is_first() -> None:
    kinds = np.random.default_rng(1).choice(4, 3000, p=[0.1, 0.6, 0.25, 0.05])
    found = cluster(drawn(kinds))
    for kind, number in ((1, 1), (2, 2), (0, 3), (3, 4)):
        assert (found[kinds == kind] == number).mean() > 0.99
    np.testing.assert_array_equal(found, cluster(drawn(kinds)))


def test_a_rare_form_is_found_among_very_many() -> None:
    kinds = np.full(60_000, 1)
    rare = np.arange(7, 60_000, 4001)
    kinds[rare] = 3
    found = cluster(drawn(kinds, noise=0.3))
    assert set(found[rare]) == {2}
    assert (found == 2).sum() == len(rare)


@pytest.mark.parametrize("steps", [-2, -1, 1, 2])
def test_one_form_marked_elsewhere_is_no_other(steps: int) -> None:
    rows = np.stack([form(2), form(2, steps)])[np.arange(400) % 2]
    rows = rows + np.random.default_rng(2).normal(0, 0.4, rows.shape)
    found = cluster(np.rint(127 * rows / np.abs(rows).max(axis=1, keepdims=True)).astype(np.int8))
    assert (found == 1).mean() > 0.99


def test_a_lead_that_falls_away_makes_no_other_form() -> None:
    kinds = np.random.default_rng(3).choice(4, 800, p=[0.0, 0.6, 0.4, 0.0])
    rows = drawn(kinds, noise=0.3)
    rows[300:500, NUMBERS:] = 0
    rows[600:700, :NUMBERS] = 0
    found = cluster(rows)
    both = np.r_[0:300, 500:600, 700:800]
    for kind in (1, 2):
        (number,) = set(found[both][kinds[both] == kind])
        assert (found[kinds == kind] == number).mean() > 0.9


def test_what_is_like_no_other_is_in_none() -> None:
    rng = np.random.default_rng(4)
    rows = np.concatenate([drawn(np.full(50, 1)), rng.integers(-127, 128, (9, LENGTH))])
    found = cluster(rows.astype(np.int8))
    assert found[:50].tolist() == [1] * 50
    assert not found[50:].any()
    assert cluster(np.zeros((5, LENGTH), np.int8)).tolist() == [0] * 5
    assert cluster(drawn(np.array([2]))).tolist() == [0]
    assert cluster(np.zeros((0, LENGTH), np.int8)).shape == (0,)


def test_there_are_no_more_than_twelve_and_none_of_one_beat() -> None:
    rng = np.random.default_rng(5)
    forms = rng.normal(0, 40, (30, LENGTH))
    rows = forms[np.repeat(np.arange(30), np.arange(1, 31))] + rng.normal(0, 2, (465, LENGTH))
    found = cluster(np.clip(rows, -127, 127).astype(np.int8))
    sizes = np.bincount(found)
    assert len(sizes) == MOST + 1
    assert sizes[1:].tolist() == list(range(30, 30 - MOST, -1))
    assert sizes[1:].min() >= FEWEST
