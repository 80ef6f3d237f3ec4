import numpy as np
import pytest

from ectopy.evaluation.ec57.periods import Periods, in_fibrillation

OPEN = np.iinfo(np.int64).max


def periods(first: list[int], last: list[int], before: list[int], to_the_end: bool) -> Periods:
    arrays = (np.array(values, dtype=np.int64) for values in (first, last, before))
    return Periods.of(*arrays, to_the_end=to_the_end)


def held(one: Periods, samples: list[int], following: list[int]) -> list[bool]:
    return one.hold(np.array(samples), np.array(following)).tolist()


def test_both_ends_belong_to_a_period() -> None:
    one = periods([100], [200], [1], to_the_end=True)
    assert held(one, [99, 100, 200, 201], [1] * 4) == [False, True, True, False]
    assert one.total(None) == 100


def test_what_is_not_yet_read_is_not_known() -> None:
    # The period stands after three beats; two are read when the first has to be paired.
    one = periods([100], [200], [3], to_the_end=True)
    assert held(one, [150] * 4, [0, 1, 2, 3]) == [False, False, True, True]


def test_only_the_last_two_are_known() -> None:
    three = periods([100, 300, 500], [200, 400, 600], [1, 1, 1], to_the_end=True)
    assert held(three, [150, 350, 550], [1] * 3) == [False, True, True]
    assert three.total(None) == 300


@pytest.mark.parametrize(("to_the_end", "expected"), [(True, True), (False, False)])
def test_a_last_one_without_an_end(to_the_end: bool, expected: bool) -> None:
    two = periods([100, 300], [200, OPEN], [0, 0], to_the_end)
    assert held(two, [150, 10_000], [0, 0]) == [True, expected]
    assert (two.total(1000), two.total(None)) == (800, 100)
    alone = periods([300], [OPEN], [0], to_the_end)
    assert held(alone, [299, 10_000], [0, 0]) == [False, True]


def test_nothing_holds_nothing() -> None:
    assert held(periods([], [], [], to_the_end=False), [1, 2], [0, 0]) == [False, False]
    assert held(periods([1], [2], [0], to_the_end=False), [], []) == []


def test_fibrillation_lasts_from_bracket_to_bracket() -> None:
    told = in_fibrillation(np.array(list("N]N[N[N]N[!")))
    assert "".join("x" if inside else "." for inside in told) == "...xxxx..xx"
    assert in_fibrillation(np.array([], dtype=np.str_)).tolist() == []
