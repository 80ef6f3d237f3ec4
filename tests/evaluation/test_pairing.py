import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.evaluation.pairing import Pairs, pair


def walk(ref: list[int], tst: list[int], window: int, start: int, stop: int) -> Pairs:
    """Pair one beat after the other, as the rules are written; slow, and easy to check."""
    far = 10**9

    def at(series: list[int], k: int) -> int:
        return series[k] if k < len(series) else far

    i = sum(sample < start for sample in ref)
    j = sum(sample < start for sample in tst)
    paired, missed, extra = [], [], []
    if start:
        T, here, after = at(ref, i), at(tst, j), at(tst, j + 1)
        if j and T - tst[j - 1] <= window and T - tst[j - 1] < abs(T - here):
            paired.append((i, j - 1))
            i += 1
        elif here - start <= window and abs(T - after) < abs(T - here):
            j += 1
    while min(at(ref, i), at(tst, j)) <= stop:
        T, t = at(ref, i), at(tst, j)
        rival = abs(T - at(tst, j + 1)) if t < T else abs(t - at(ref, i + 1))
        if abs(T - t) <= window and abs(T - t) < rival:
            paired.append((i, j))
            i, j = i + 1, j + 1
        elif t < T:
            extra.append(j)
            j += 1
        else:
            missed.append(i)
            i += 1
    both = np.array(paired, dtype=np.int64).reshape(-1, 2)
    return Pairs(both[:, 0], both[:, 1], np.array(missed), np.array(extra))


beats = st.lists(st.integers(0, 120), max_size=40).map(sorted)


@settings(max_examples=500, deadline=None)
@given(beats, beats, st.integers(0, 12), st.integers(0, 60), st.integers(60, 130))
def test_agrees_with_the_walk(
    ref: list[int], tst: list[int], window: int, start: int, stop: int
) -> None:
    ours = pair(ref, tst, window, start=start, stop=stop)
    slow = walk(ref, tst, window, start, stop)
    for name in ("reference", "test", "missed", "extra"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(slow, name), err_msg=name)


@given(beats, beats, st.integers(0, 12))
def test_every_beat_is_used_once(ref: list[int], tst: list[int], window: int) -> None:
    pairs = pair(ref, tst, window)
    assert sorted([*pairs.reference, *pairs.missed]) == list(range(len(ref)))
    assert sorted([*pairs.test, *pairs.extra]) == list(range(len(tst)))
    apart = np.array(ref, int)[pairs.reference] - np.array(tst, int)[pairs.test]
    assert (np.abs(apart) <= window).all()


@given(beats.map(lambda samples: sorted(set(samples))), st.integers(0, 12))
def test_a_series_pairs_with_itself(ref: list[int], window: int) -> None:
    pairs = pair(ref, ref, window)
    np.testing.assert_array_equal(pairs.reference, np.arange(len(ref)))
    np.testing.assert_array_equal(pairs.test, np.arange(len(ref)))


def test_the_nearer_of_two_wins() -> None:
    # 100 is within reach of both, but 104 is nearer.
    pairs = pair([100], [92, 104], 10)
    assert (pairs.reference.tolist(), pairs.test.tolist()) == ([0], [1])
    assert pairs.extra.tolist() == [0]


def test_at_the_start() -> None:
    # 301 is the partner of 298, which lies before the start: neither paired nor extra.
    pairs = pair([298, 400], [301, 400], 10, start=300)
    assert (pairs.reference.tolist(), pairs.test.tolist()) == ([1], [1])
    assert len(pairs.extra) == len(pairs.missed) == 0
    # 302 is counted, although its partner lies before the start.
    assert pair([302, 400], [298, 400], 10, start=300).reference.tolist() == [0, 1]


def test_a_hundred_thousand_beats_take_a_moment(rng: np.random.Generator) -> None:
    import time

    ref = np.cumsum(rng.integers(150, 400, size=100_000))
    tst = np.sort(ref + rng.integers(-60, 60, size=len(ref)))
    begin = time.perf_counter()
    pairs = pair(ref, tst, 38)
    assert time.perf_counter() - begin < 0.5
    assert len(pairs.reference) > 50_000
