import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ectopy.runtime.rhythm.smoothing import most_likely


def score(course: tuple[bool, ...], evidence: list[float], cost: float) -> float:
    changes = sum(a != b for a, b in itertools.pairwise(course))
    return sum(e for there, e in zip(course, evidence, strict=True) if there) - cost * changes


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=10), st.integers(0, 12))
def test_no_course_is_better(evidence: list[int], cost: int) -> None:
    values = [e + 0.013 * i for i, e in enumerate(evidence)]  # ties would let either one stand
    found = tuple(most_likely(values, cost).tolist())
    best = max(
        score(course, values, cost)
        for course in itertools.product((False, True), repeat=len(values))
    )
    assert abs(score(found, values, cost) - best) < 1e-9


def test_nothing_gives_nothing_and_a_day_is_quick() -> None:
    assert most_likely([], 3).tolist() == []
    evidence = np.random.default_rng(0).normal(0, 3, 20_000)
    assert most_likely(evidence, 1e9).all() == (evidence.sum() > 0)
