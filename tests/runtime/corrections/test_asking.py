"""What is asked: groups of beats, and which of them."""

import numpy as np
import pytest

from ectopy.runtime.corrections.asking import BY_GROUP, CHECK_EVERY, choose
from ectopy.runtime.corrections.grouping import GROUPS, groups
from ectopy.runtime.corrections.places import describe
from ectopy.runtime.networks import log_softmax

NONE = np.zeros(0, dtype=np.int64)


@pytest.fixture(scope="module")
def beats() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    places = np.repeat(rng.normal(size=(8, 5)) * 3, 100, axis=0) + rng.normal(size=(800, 5)) * 0.1
    log_p = np.tile(np.log([0.99, 0.004, 0.003, 0.002, 0.001]), (800, 1))
    log_p[100:200] = log_softmax(rng.normal(size=(100, 5)))  # one form that is doubtful
    places = places.astype(np.float32)
    return log_p, places, groups(places)


def test_groups_hold_what_is_alike(beats: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    _, places, group = beats
    forms = np.repeat(np.arange(8), 100)
    assert all(len(np.unique(forms[group == one])) == 1 for one in np.unique(group))
    assert group.max() < GROUPS
    assert (groups(places) == group).all()
    assert groups(places[:3]).tolist() == [0, 1, 2]
    assert len(groups(places[:0])) == 0


def test_the_doubtful_come_first_and_a_sure_group_is_shown(
    beats: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    log_p, places, group = beats
    asked = choose(log_p, places, group, NONE, CHECK_EVERY, 0.7)
    rows = np.array([one.row for one in asked])
    assert len(np.unique(rows)) == CHECK_EVERY
    first = asked[0]
    assert first.why == "doubtful group"
    assert 100 <= first.row < 200
    inside = np.flatnonzero(group == group[first.row])
    assert log_p[first.row].max() == log_p[inside].max(axis=1).min()
    assert asked[-1].why == "certain group"
    assert group[asked[-1].row] not in group[rows[:-1]]
    late = choose(log_p, places, group, np.arange(200, 200 + BY_GROUP), 3, 0.7)
    assert {one.why for one in late} == {"least certain"}
    assert all(100 <= one.row < 200 for one in late)


def test_what_was_answered_is_not_asked_again(
    beats: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    log_p, places, group = beats
    answered = NONE
    for _ in range(6):
        rows = [one.row for one in choose(log_p, places, group, answered, 7, 0.7)]
        assert not np.isin(rows, answered).any()
        answered = np.append(answered, rows)
    left = np.setdiff1d(np.arange(800), np.arange(3))
    assert sorted(one.row for one in choose(log_p, places, group, left, 10, 0.7)) == [0, 1, 2]
    assert choose(log_p, places, group, np.arange(800), 10, 0.7) == []


def test_a_surprising_answer_is_followed_up_once(
    beats: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    log_p, places, group = beats
    row = 300
    first = choose(log_p, places, group, np.array([row]), 2, 0.7, np.array([row]))
    assert first[0].why == "surprising answer"
    assert group[first[0].row] == group[row]
    assert first[1].why == "doubtful group"
    both = np.array([row, first[0].row])
    again = choose(log_p, places, group, both, 2, 0.7, np.array([row]))
    assert "surprising answer" not in {one.why for one in again}


def test_places_say_form_interval_and_the_models_word() -> None:
    rng = np.random.default_rng(0)
    outlines = np.tile(rng.integers(-99, 99, 48), (300, 1)).astype(np.int8)
    outlines[::10] *= -1  # a second form
    times_s = np.cumsum(np.full(300, 0.8))
    times_s[5::10] -= 0.3  # early beats
    log_p = np.tile(np.log([0.9, 0.05, 0.03, 0.01, 0.01]), (300, 1))
    log_p[7::10] = np.log([0.1, 0.8, 0.05, 0.03, 0.02])
    places = describe(outlines, times_s, log_p)
    assert (places**2).sum(axis=1).mean() == pytest.approx(1, rel=1e-3)
    middle = slice(40, 260)
    usual = np.median(places, axis=0)
    off = ((places - usual) ** 2).sum(axis=1)[middle]
    kinds = np.arange(300)[middle] % 10
    others = off[~np.isin(kinds, [0, 4, 5, 6, 7])].max()
    for kind in (0, 5, 7):
        assert off[kinds == kind].min() > 2 * others
    for n in (0, 1, 2):
        assert np.isfinite(describe(outlines[:n], times_s[:n], log_p[:n])).all()
    flat = describe(np.zeros((50, 48), np.int8), times_s[:50], log_p[:50])
    assert np.isfinite(flat).all()
