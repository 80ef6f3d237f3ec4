import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ectopy.recordings.stretches import stretches


@given(
    n_samples=st.integers(0, 500),
    step=st.integers(1, 600),
    behind=st.integers(0, 100),
    ahead=st.integers(0, 100),
    places=st.one_of(st.none(), st.sets(st.integers(0, 500), max_size=8)),
)
def test_every_sample_is_in_one_stretch_with_all_that_is_around_it(
    n_samples: int, step: int, behind: int, ahead: int, places: set[int] | None
) -> None:
    runs = None
    if places is not None:
        at = sorted(place for place in places if place <= n_samples)
        runs = list(zip(at[::2], at[1::2], strict=False))
    found = stretches(n_samples, step, behind=behind, ahead=ahead, recorded=runs)
    assert [part.begin for part in found] == [0, *(part.end for part in found)][: len(found)]
    assert sum(part.end - part.begin for part in found) == n_samples
    there = np.zeros(n_samples, dtype=bool)
    for begin, end in runs if runs is not None else [(0, n_samples)]:
        there[begin:end] = True
    for part in found:
        assert (there[part.begin : part.end] == part.recorded).all()
        assert part.end - part.begin <= step or not part.recorded
        assert part.start == max(0, part.begin - behind)
        assert part.stop == min(n_samples, part.end + ahead)


def test_beats_are_told_apart_by_stretch() -> None:
    samples = np.array([0, 99, 100, 199, 200, 250])
    first, second, third = stretches(260, 100, behind=10, ahead=1)
    assert [samples[part.own(samples)].tolist() for part in (first, second, third)] == [
        [0, 99],
        [100, 199],
        [200, 250],
    ]
    assert samples[second.near(samples)].tolist() == [99, 100, 199, 200]
