import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.evaluation.ec57.pairing import Pairs, pair

FAR = 10**9


def walk(ref: list[int], tst: list[int], window: int, start: int, stop: int) -> Pairs:
    """Pair one beat after the other, as the rules are written; slow, and easy to check."""
    # Before its first beat a series has a beat without a number at sample 0, so that there is one
    # at hand before the start.
    r = [*enumerate(ref), (None, FAR), (None, FAR), (None, FAR)]
    t = [(None, 0), *enumerate(tst), (None, FAR), (None, FAR), (None, FAR)]
    if start == 0:
        r.insert(0, (None, 0))
    i, j = 0, 0
    while r[i][1] < start:
        i += 1
    while t[j + 1][1] < start:
        j += 1
    paired, missed, extra = [], [], []
    here, before, after = r[i][1], t[j][1], t[j + 1][1]
    if here - before <= window and here - before < abs(here - after):
        paired.append((r[i][0], t[j][0]))
        i, j = i + 1, j + 1
    else:
        j += 1
        if t[j][1] - start <= window and abs(here - t[j + 1][1]) < abs(here - t[j][1]):
            j += 1
    while min(r[i][1], t[j][1]) <= stop:
        T, t_, T1, t1 = r[i][1], t[j][1], r[i + 1][1], t[j + 1][1]
        rival = abs(T - t1) if t_ < T else abs(t_ - T1)
        if abs(T - t_) <= window and (abs(T - t_) < rival or abs(T1 - t1) < rival):
            paired.append((r[i][0], t[j][0]))
            i, j = i + 1, j + 1
        elif t_ < T:
            extra.append(t[j][0])
            j += 1
        else:
            missed.append(r[i][0])
            i += 1
    both = np.array([pair for pair in paired if None not in pair], dtype=np.int64).reshape(-1, 2)
    alone = [[k for k in series if k is not None] for series in (missed, extra)]
    return Pairs(both[:, 0], both[:, 1], *(np.array(series, dtype=np.int64) for series in alone))


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
    tst = [sample + 1 for sample in tst]  # one at sample 0 may be passed over
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


def test_a_next_beat_with_a_nearer_partner_is_no_rival() -> None:
    # 130 is as far from 100 as from 160, but 160 belongs to 180; and the same the other way round.
    for one, other in (([100, 160], [130, 180]), ([130, 180], [100, 160])):
        pairs = pair(one, other, 37)
        assert pairs.reference.tolist() == pairs.test.tolist() == [0, 1]
        assert len(pairs.missed) == len(pairs.extra) == 0


def test_a_test_beat_at_sample_0() -> None:
    pairs = pair([40, 100], [0, 98], 50)
    assert (pairs.reference.tolist(), pairs.test.tolist()) == ([1], [1])
    assert (pairs.missed.tolist(), pairs.extra.tolist()) == ([0], [])
    assert pair([0, 100], [0, 98], 50).test.tolist() == [0, 1]


def test_at_the_start() -> None:
    # 301 is the partner of 298, which lies before the start: neither paired nor extra.
    pairs = pair([298, 400], [301, 400], 10, start=300)
    assert (pairs.reference.tolist(), pairs.test.tolist()) == ([1], [1])
    assert len(pairs.extra) == len(pairs.missed) == 0
    # 302 is counted, although its partner lies before the start.
    assert pair([302, 400], [298, 400], 10, start=300).reference.tolist() == [0, 1]
    # So near to sample 0 it is passed over, as if it had one there.
    assert pair([8, 400], [60, 400], 10, start=5).reference.tolist() == [1]


def test_a_hundred_thousand_beats_take_a_moment(rng: np.random.Generator) -> None:
    import time

    ref = np.cumsum(rng.integers(150, 400, size=100_000))
    tst = np.sort(ref + rng.integers(-60, 60, size=len(ref)))
    begin = time.process_time()
    pairs = pair(ref, tst, 38)
    assert time.process_time() - begin < 0.7  # some 0.1 s; a loop over beats takes seconds
    assert len(pairs.reference) > 50_000
