import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ectopy.runtime.rhythm.steady import first_of_each, steady


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 20)), min_size=1, max_size=60),
    st.integers(0, 40),
)
def test_what_is_left_lasts_and_was_there(spans: list[tuple[int, int]], shortest: int) -> None:
    kind = np.array([kind for kind, _ in spans])
    edges = np.cumsum([0, *(length for _, length in spans)]).astype(float)
    found = steady(kind, edges[:-1], edges[-1], shortest)
    assert set(found.tolist()) <= set(kind.tolist())
    first = np.flatnonzero(first_of_each(found))
    length = np.diff(np.append(edges[:-1][first], edges[-1]))
    assert len(first) == 1 or length.min() >= shortest
    own = np.flatnonzero(first_of_each(kind))
    if np.diff(np.append(edges[:-1][own], edges[-1])).min() >= shortest:
        assert found.tolist() == kind.tolist()


def test_spans_that_grow_one_by_one_are_given_away_to_the_last() -> None:
    edges = np.cumsum(np.arange(1, 200) / 10)
    kind = np.arange(198) % 2
    found = steady(kind, edges[:-1], edges[-1], 10)
    first = np.flatnonzero(first_of_each(found))
    assert np.diff(np.append(edges[:-1][first], edges[-1])).min() >= 10


def test_a_short_span_goes_to_the_longer_neighbour() -> None:
    kind, times = np.array([0, 1, 2]), np.array([0.0, 20.0, 25.0])
    assert steady(kind, times, 100.0, 10).tolist() == [0, 2, 2]
    assert steady(kind, times, 30.0, 10).tolist() == [0, 0, 0]
    assert steady(kind, times, 30.0, 5).tolist() == [0, 1, 2]
