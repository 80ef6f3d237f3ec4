"""Do what is missing of an archive: shards to workers, in order, some tried again, all told."""

from __future__ import annotations

import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Final

import numpy as np

from ectopy.archive.manifest import read_shards
from ectopy.archive.order import Job, Line, jobs, ordered
from ectopy.archive.run_record import MOST_REASONS, RUNS, Left, Progress, RunRecord, begin
from ectopy.archive.store import Archive
from ectopy.archive.work import Task, Worked, classifier, work
from ectopy.errors import ConfigError, EctopyError
from ectopy.runners.base import Done, Runner

Told = Callable[[Progress], None]

TRIES: Final = 3
"""Times that a shard is begun in a run, before it is left to another one."""
_HOPELESS: Final = 12
"""Shards that fail one after the other, until it is plain that the next one will as well."""


def run(
    address: str | Path,
    runner: Runner,
    *,
    limit: int | None = None,
    priority: str | None = None,
    part: tuple[int, int] | None = None,
    told: Told | None = None,
    drain: Event | None = None,
) -> RunRecord:
    """Work off what is missing of an archive; it may be stopped and run again at any moment.

    Parameters
    ----------
    address : str or path
        Of the archive.
    runner : Runner
        Who does it.
    limit : int, optional
        Begin no new shard once so many recordings were begun.
    priority : str, optional
        What comes first: ``smallest``, ``largest``, a file that lists addresses, names or ids, or
        a pattern for addresses. Shards are worked off whole.
    part : tuple of int, optional
        Which of how many parts, counted from 1, as in a job array; all of it by default.
    told : callable
        Told of the progress, after each shard.
    drain : Event, optional
        Once it is set nothing is begun any more, and what was begun is finished.

    Returns
    -------
    RunRecord
        What was done, which is in the archive as ``runs/<id>.json`` as well.

    Raises
    ------
    EctopyError
        If there is no plan, it was made by another version or with other weights, the store cannot
        be used, or one shard after the other fails; what was committed by then is kept.
    """
    if limit is not None and limit < 1:
        raise ConfigError(f"limit is {limit}, expected at least 1", change="limit")
    archive = Archive.open(address)
    classifier(archive.files.address, archive.plan)
    archive.files.probe()
    record = begin(type(runner).__name__, runner.workers)
    record.part, record.limit, record.priority = part, limit, priority
    made = {job.number: job for job in jobs(archive, part, priority)}
    driver = _Driver(archive, record, told or (lambda _: None), made)
    with _kept(archive, record):
        driver.drive(runner, drain or Event())
    return record


@dataclass(frozen=True)
class Missing:
    """What a run would work off.

    Attributes
    ----------
    recordings, shards, bytes : int
        How much.
    of : int
        Recordings of the archive, or of the part, done or not.
    first : str
        Address of the recording that would be first; empty where nothing is missing.
    """

    recordings: int
    shards: int
    bytes: int
    of: int
    first: str

    def told(self) -> str:
        """Tell it in one sentence."""
        if not self.shards:
            return f"nothing is missing: all {self.of:,} recordings are done"
        return (
            f"{self.recordings:,} of {self.of:,} recordings are missing, in {self.shards:,} shards "
            f"of {self.bytes / 1e6:,.1f} MB; the first is {self.first}"
        )


def missing(
    address: str | Path, *, part: tuple[int, int] | None = None, priority: str | None = None
) -> Missing:
    """Tell what a run would work off; see `run`."""
    archive = Archive.open(address)
    all_jobs, committed = jobs(archive, part, priority), archive.committed()
    wanted = ordered((job for job in all_jobs if job.key not in committed), priority)
    first = next(read_shards(archive.files, [wanted[0].number])) if wanted else None
    return Missing(
        sum(job.recordings for job in wanted),
        len(wanted),
        sum(job.bytes for job in wanted),
        sum(job.recordings for job in all_jobs),
        first.entries[0].address if first else "",
    )


@contextlib.contextmanager
def _kept(archive: Archive, record: RunRecord) -> Iterator[None]:
    """Write the record in the end, whatever ends it."""
    try:
        yield
    except BaseException as error:
        record.state = "stopped"
        record.why = str(error) if isinstance(error, EctopyError) else type(error).__name__
        with contextlib.suppress(OSError, EctopyError):  # the first error is the one to tell
            _write(archive, record)
        raise
    _write(archive, record)


def _write(archive: Archive, record: RunRecord) -> None:
    text = record.model_dump_json(indent=1) + "\n"
    archive.files.create(f"{RUNS}/{record.id}.json", text.encode())


@dataclass
class _Driver:
    archive: Archive
    record: RunRecord
    told: Told
    jobs: dict[int, Job]
    line: Line = field(init=False)
    tries: Counter[int] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    failed_in_a_row: int = 0
    done: int = 0
    """Recordings that are committed."""
    bytes_missing: int = 0
    bytes_done: int = 0
    since: float = 0.0

    def drive(self, runner: Runner, drain: Event) -> None:
        """Work off what is missing, and keep count of it."""
        record, committed = self.record, self.archive.committed()
        before = [job for job in self.jobs.values() if job.key in committed]
        missing = [job for job in self.jobs.values() if job.key not in committed]
        self.done = record.done_before = sum(job.recordings for job in before)
        record.shards, record.shards_done_before = len(self.jobs), len(before)
        record.recordings = self.done + sum(job.recordings for job in missing)
        self.bytes_missing = sum(job.bytes for job in missing)
        whole = record.part is None and record.limit is None
        order = ordered(missing, record.priority, np.random.default_rng() if whole else None)
        self.line = Line(self.archive, deque(order), {job.number for job in before}, record.limit)
        self.since = time.monotonic()
        self._tell()
        going = True
        while going and not drain.is_set():
            going = False
            with contextlib.closing(runner.run(work, self.line, drain)) as running:
                for one in running:
                    going = True
                    self._take(one)
                    self._tell()
        record.state = "drained" if drain.is_set() else "ended"
        if not drain.is_set() and record.limit is None:
            self._leave_waiting()
        record.complete = len(self.archive.committed()) >= self.archive.plan.shards

    def _take(self, one: Done[Task, Worked]) -> None:
        """Take in what became of a shard; have it tried again where that may help."""
        record, job = self.record, self.jobs[one.task.shard.number]
        if one.value is not None:
            self.failed_in_a_row = 0
            self._count(job, one.value)
            return
        if isinstance(one.error, ConfigError):  # another version, other weights: so for all shards
            raise one.error
        record.deaths += bool(one.died)
        record.errors += one.error is not None
        reason = (one.died and f"its worker died ({one.died})") or _told(one.error)
        self.failed_in_a_row += 1
        if self.failed_in_a_row >= max(_HOPELESS, 2 * record.workers):
            raise EctopyError(
                f"{self.failed_in_a_row} shards failed one after the other, the last one because "
                f"{reason}; mend that and run again, what is committed is kept"
            )
        self.tries[job.number] += 1
        if self.tries[job.number] >= TRIES:
            record.left.append(Left(shard=job.number, recordings=job.recordings, reason=reason))
            return
        careful = one.task.careful or bool(one.died) or isinstance(one.error, MemoryError)
        record.careful += careful and not one.task.careful
        self.line.again(job, careful=careful)

    def _count(self, job: Job, worked: Worked) -> None:
        record, commit = self.record, worked.commit
        self.line.done.add(job.number)
        self.done += job.recordings
        if not worked.won:
            record.raced += 1
            self.bytes_missing -= job.bytes  # no work of ours: it tells nothing of the pace
            return
        self.bytes_done += job.bytes
        record.shards_done += 1
        record.labelled += commit.recordings
        record.failures += commit.failures
        record.beats += commit.beats
        record.recorded_hours += commit.recorded_s / 3600
        self.reasons.update(worked.reasons)
        record.reasons = dict(self.reasons.most_common(MOST_REASONS))

    def _leave_waiting(self) -> None:
        for job in self.line.waiting:
            reason = "a shard that it needs is not done"
            self.record.left.append(
                Left(shard=job.number, recordings=job.recordings, reason=reason)
            )

    def _tell(self) -> None:
        record = self.record
        record.seconds = time.monotonic() - self.since
        record.recorded_hours_per_s = record.recorded_hours / max(record.seconds, 1e-9)
        left = None
        if self.bytes_done:
            left = (self.bytes_missing - self.bytes_done) * record.seconds / self.bytes_done
        self.told(
            Progress(
                self.done, record.recordings, record.failures, record.recorded_hours_per_s, left
            )
        )


def _told(error: Exception | None) -> str:
    """Tell an error in words that continue a sentence."""
    if isinstance(error, EctopyError):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is too little memory"
    if isinstance(error, OSError) and error.strerror:
        return f"the system says {error.strerror}" + f" ({error.filename})" * bool(error.filename)
    return f"ectopy met a defect ({type(error).__name__}: {error}), please report it"
