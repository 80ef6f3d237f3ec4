import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ectopy.runtime.rhythm.groups import patterns, rows

Beats = st.lists(st.tuples(st.sampled_from("NVS"), st.booleans()), max_size=40)


def split(beats: list[tuple[str, bool]]) -> tuple[list[str], np.ndarray]:
    return [letter for letter, _ in beats], np.array([joined for _, joined in beats], dtype=bool)


@given(Beats)
def test_rows_are_what_reading_along_gives(beats: list[tuple[str, bool]]) -> None:
    letters, joined = split(beats)
    own = np.array([letter == "V" for letter in letters], dtype=bool)
    expected: list[list[int]] = []
    for i, letter in enumerate(letters):
        if letter != "V":
            continue
        if expected and expected[-1][1] == i - 1 and joined[i]:
            expected[-1][1] = i
        else:
            expected.append([i, i])
    first, last = rows(own, joined)
    assert np.stack([first, last], axis=1).tolist() == expected


@given(Beats, st.sampled_from([2, 3]), st.integers(2, 4))
def test_patterns_repeat_without_a_break(
    beats: list[tuple[str, bool]], cycle: int, fewest: int
) -> None:
    letters, joined = split(beats)
    own, between = (np.array([x == y for x in letters], dtype=bool) for y in "VN")
    unit = "V" + "N" * (cycle - 1)
    first, last = patterns(own, between, joined, cycle, fewest)
    for begin, end in zip(first.tolist(), last.tolist(), strict=True):
        times, rest = divmod(end + 1 - begin, cycle)
        assert rest == 0
        assert times >= fewest
        assert "".join(letters[begin : end + 1]) == unit * times
    # Wherever so many stand in a row, joined within each unit, a pattern holds them.
    for i in range(len(letters) - cycle * fewest + 1):
        here = "".join(letters[i : i + cycle * fewest])
        steps = itertools.product(range(fewest), range(1, cycle))
        if here == unit * fewest and all(joined[i + cycle * n + k] for n, k in steps):
            assert ((first <= i) & (last >= i + cycle * fewest - 1)).any()
