"""Which shards of an archive are worked off, and in which order."""

from __future__ import annotations

import fnmatch
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.archive.manifest import read_shards
from ectopy.archive.model import Entry, Shard
from ectopy.archive.store import Archive
from ectopy.archive.work import Task
from ectopy.errors import ConfigError, DataFormatError

SMALLEST: Final = "smallest"
LARGEST: Final = "largest"
_AHEAD: Final = 64
"""Shards that are read from the manifest together: of four thousand entries at most."""


@dataclass(frozen=True)
class Job:
    """A shard that is to be worked off, without its entries, of which there may be a million.

    Attributes
    ----------
    number : int
        Of the shard.
    key : str
        Its key.
    recordings : int
        Recordings that are done once it is: none of a shard of stretches.
    bytes : int
        Their size.
    needs : tuple of int
        Shards that have to be done before.
    first : bool
        Whether it holds a recording that was asked for first.
    """

    number: int
    key: str
    recordings: int
    bytes: int
    needs: tuple[int, ...]
    first: bool = False


def parse_part(text: str) -> tuple[int, int]:
    """Read which part of how many, as in ``3/8``.

    Raises
    ------
    ConfigError
        If it is none.
    """
    i, slash, n = text.partition("/")
    if not (slash and i.strip().isdecimal() and n.strip().isdecimal()):
        raise ConfigError(f"{text!r} is no part of an archive, expected one as 3/8", change="part")
    return check_part((int(i), int(n)))


def check_part(part: tuple[int, int]) -> tuple[int, int]:
    """Refuse a part that there is not."""
    i, n = part
    if not 1 <= i <= n:
        raise ConfigError(
            f"there is no part {i} of {n}, they are counted from 1 to {n}", change="part"
        )
    return part


def jobs(
    archive: Archive, part: tuple[int, int] | None = None, priority: str | None = None
) -> list[Job]:
    """Give all shards of an archive, or of a part of it, done or not, in order of their numbers.

    Shards whose stretches are joined are in one part with the shard that joins them.

    Raises
    ------
    ConfigError
        If what is to come first fits no recording.
    """
    wanted = None if priority in (None, SMALLEST, LARGEST) else _wanted(str(priority))
    describes = archive.plan.describes()
    made = [_job(shard, shard.key(describes), wanted) for shard in read_shards(archive.files)]
    if wanted is not None and not any(job.first for job in made):
        raise ConfigError(
            f"{priority} fits none of the {archive.plan.recordings} recordings, expected a pattern "
            "for their addresses, a file that lists addresses, names or ids, "
            f"{SMALLEST} or {LARGEST}",
            change="priority",
        )
    if part is None:
        return made
    i, n = check_part(part)
    joined_by = {need: job.number for job in made for need in job.needs}
    return [job for job in made if joined_by.get(job.number, job.number) % n == i - 1]


def _job(shard: Shard, key: str, wanted: Callable[[Entry], bool] | None) -> Job:
    return Job(
        shard.number,
        key,
        sum(entry.kind != "stretch" for entry in shard.entries),
        sum(entry.size // entry.of for entry in shard.entries if entry.kind != "join"),
        shard.needs,
        wanted is not None and any(map(wanted, shard.entries)),
    )


def _wanted(priority: str) -> Callable[[Entry], bool]:
    """Make a test of recordings from a file that lists them, or a pattern for addresses."""
    path = Path(priority)
    if not path.is_file():
        pattern = priority if set(priority) & set("*?[") else f"*{priority}*"
        fits = re.compile(fnmatch.translate(pattern))
        return lambda entry: fits.match(entry.address) is not None
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DataFormatError(
            f"{path} is no text, expected a list of addresses, names or ids, one a line"
        ) from error
    listed = {line.strip() for line in lines} - {""}

    def is_listed(entry: Entry) -> bool:
        name = entry.address.replace("\\", "/").rpartition("/")[2]
        return not listed.isdisjoint((entry.id, entry.address, name, name.partition(".")[0]))

    return is_listed


def ordered(
    missing: Iterable[Job], priority: str | None, rng: np.random.Generator | None = None
) -> list[Job]:
    """Put shards into the order in which they are begun.

    Without a priority that of the plan, from a random place on: two who work on the whole archive
    then seldom meet.
    """
    found = list(missing)
    if priority == SMALLEST:
        return sorted(found, key=lambda job: job.bytes)
    if priority == LARGEST:
        return sorted(found, key=lambda job: -job.bytes)
    if priority is not None:
        return sorted(found, key=lambda job: not job.first)
    begin = int(rng.integers(len(found))) if rng is not None and found else 0
    return found[begin:] + found[:begin]


@dataclass
class Line(Iterator[Task]):
    """The shards that wait, as tasks: each when what it needs is done, the failed ones last.

    It stops where none can be begun at the moment, and may have one again when another is done.

    Attributes
    ----------
    archive : Archive
        Where the manifest is.
    waiting : deque of Job
        In order.
    done : set of int
        Numbers of shards that are committed.
    limit : int, optional
        Recordings after which no new shard is begun.
    """

    archive: Archive
    waiting: deque[Job]
    done: set[int]
    limit: int | None = None
    _again: deque[tuple[Job, bool]] = field(default_factory=deque)
    _begun: int = 0
    _read: dict[int, Shard] = field(default_factory=dict)

    def __next__(self) -> Task:
        """Give the next one that can be begun now."""
        job, careful = self._next()
        return Task(self.archive.files.address, self.archive.plan, self._shard(job), careful)

    def again(self, job: Job, *, careful: bool) -> None:
        """Have a shard tried again."""
        self._again.append((job, careful))

    def _next(self) -> tuple[Job, bool]:
        if self.limit is None or self._begun < self.limit:
            for _ in range(len(self.waiting)):
                job = self.waiting.popleft()
                if self.done.issuperset(job.needs):
                    self._begun += job.recordings
                    return job, False
                self.waiting.append(job)
        if not self._again:
            raise StopIteration
        return self._again.popleft()

    def _shard(self, job: Job) -> Shard:
        if job.number not in self._read:
            coming = [job.number, *(one.number for one in islice(self.waiting, _AHEAD - 1))]
            read = read_shards(self.archive.files, coming)
            self._read = {shard.number: shard for shard in read}
        return self._read.pop(job.number)
