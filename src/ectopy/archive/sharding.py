"""Share recordings out to shards of bounded work; long recordings are cut in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from ectopy.archive.model import Entry, Shard
from ectopy.archive.sources.found import LONG_S, Found
from ectopy.recordings.formats.budget import LONGEST_S

T = TypeVar("T")

MOST_RECORDINGS: Final = 64
"""Entries of a shard: its commit then costs little beside its work."""
MOST_BYTES: Final = 1 << 30
"""Bytes of a shard, unless one recording alone has more."""
FEWEST_SHARDS: Final = 64
"""Shards of a small archive, so that there is work for many workers and little is lost with one."""
STRETCH_S: Final = 24 * 3600.0
"""About how long a stretch is."""


def stretches_of(seconds: float | None) -> int:
    """Give in how many stretches a recording is cut; 1 is whole.

    One whose header says that it is longer than recordings can be is left whole, to fail by name.
    """
    if seconds is None or not LONG_S < seconds <= LONGEST_S:
        return 1
    return round(seconds / STRETCH_S)


def shards(found: Iterable[Found]) -> Iterator[Shard]:
    """Share recordings out to shards.

    First come shards of whole recordings, then of stretches of long ones, then those that join
    them, each in the order of the recordings.
    """
    whole: list[tuple[int, Entry]] = []
    long: list[tuple[Found, int]] = []
    for each in found:
        of = stretches_of(each.seconds)
        if of == 1:
            whole.append((each.size, _entry(each, 0, 1)))
        else:
            long.append((each, of))
    number = 0
    for entries in _shared(whole):
        yield Shard(number, tuple(entries))
        number += 1
    needed: dict[str, list[int]] = {}  # by recording, the shards of its stretches
    cut = [(each.size // of, _entry(each, k, of)) for each, of in long for k in range(of)]
    for entries in _shared(cut):
        yield Shard(number, tuple(entries))
        for entry in entries:
            needed.setdefault(entry.id, []).append(number)
        number += 1
    for entries in _shared([(0, _entry(each, of, of)) for each, of in long]):
        needs = sorted({one for entry in entries for one in needed[entry.id]})
        yield Shard(number, tuple(entries), tuple(needs))
        number += 1


def _shared(sized: list[tuple[int, T]]) -> Iterator[list[T]]:
    """Part things, each with its size, into groups."""
    most = min(max(1, -(-len(sized) // FEWEST_SHARDS)), MOST_RECORDINGS)
    group: list[T] = []
    size = 0
    for own, thing in sized:
        if group and (len(group) == most or size + own > MOST_BYTES):
            yield group
            group, size = [], 0
        group.append(thing)
        size += own
    if group:
        yield group


def _entry(found: Found, stretch: int, of: int) -> Entry:
    return Entry(
        id=f"{found.id:016x}",
        address=found.address,
        others=found.others,
        size=found.size,
        fingerprint=found.fingerprint,
        stretch=stretch,
        of=of,
    )
