"""Shards: bounded, in order, each recording once, long ones cut and joined."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ectopy.archive.sharding import (
    FEWEST_SHARDS,
    MOST_BYTES,
    MOST_RECORDINGS,
    shards,
    stretches_of,
)
from ectopy.archive.sources.found import Found

HOUR = 3600.0


def found(i: int, size: int, seconds: float | None = None) -> Found:
    return Found(i, f"/data/{i}.edf", (), size, "f", seconds)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2 * MOST_BYTES),
            st.none() | st.floats(0, 1e9, allow_nan=False),
        ),
        max_size=200,
    )
)
def test_every_recording_is_there_once_in_bounded_shards(
    recordings: list[tuple[int, float | None]],
) -> None:
    every = [found(i, *each) for i, each in enumerate(recordings)]
    made = list(shards(every))
    assert [shard.number for shard in made] == list(range(len(made)))
    entries = Counter((e.address, e.stretch, e.of) for shard in made for e in shard.entries)
    wanted: Counter[tuple[str, int, int]] = Counter()
    for each in every:
        of = stretches_of(each.seconds)
        wanted.update((each.address, k, of) for k in range(of + (of > 1)))
    assert entries == wanted
    of_stretches: dict[str, set[int]] = {}
    for shard in made:
        kinds = {entry.kind for entry in shard.entries}
        assert len(kinds) == 1
        assert len(shard.entries) <= MOST_RECORDINGS
        if kinds == {"join"}:
            needed = set().union(*(of_stretches[entry.address] for entry in shard.entries))
            assert shard.needs == tuple(sorted(needed))
        else:
            assert not shard.needs
            held = sum(e.size // e.of for e in shard.entries)
            assert held <= MOST_BYTES or len(shard.entries) == 1
        if kinds == {"stretch"}:
            for entry in shard.entries:
                of_stretches.setdefault(entry.address, set()).add(shard.number)


def test_small_archives_have_work_for_many_and_large_ones_full_shards() -> None:
    for n, n_shards, most in ((1, 1, 1), (64, 64, 1), (200, 50, 4), (6400, 100, 64)):
        made = list(shards(found(i, 1000) for i in range(n)))
        assert (len(made), max(len(shard.entries) for shard in made)) == (n_shards, most)
    assert FEWEST_SHARDS == 64


def test_only_what_is_long_is_cut_and_nothing_that_cannot_be() -> None:
    for hours, of in ((0.5, 1), (48, 1), (48.1, 2), (72, 3), (7 * 24, 7), (62 * 24, 62)):
        assert stretches_of(hours * HOUR) == of
    for seconds in (None, 0.0, -5.0, 63 * 24 * HOUR, 1e300, float("inf"), float("nan")):
        assert stretches_of(seconds) == 1
