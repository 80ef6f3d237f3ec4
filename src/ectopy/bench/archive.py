"""What an archive costs beside the analysis itself, and how it scales on the cores of a machine."""

from __future__ import annotations

import os
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from ectopy.analysis.analyze import analyze
from ectopy.archive.manifest import read_shards
from ectopy.archive.model import Shard
from ectopy.archive.planning import plan
from ectopy.archive.run import run
from ectopy.archive.store import Archive
from ectopy.archive.work import Task, work
from ectopy.datasets.locate import find
from ectopy.datasets.registry import DATABASES
from ectopy.datasets.wfdb.databases import MITDB
from ectopy.errors import EctopyError
from ectopy.recordings.simulation.simulate import simulate
from ectopy.recordings.wfdb.write import write_record
from ectopy.runners.base import Done
from ectopy.runners.processes import Processes

_SIMULATED: Final = 8
"""Different simulated recordings; the others are copies under other names."""


def make_recordings(
    folder: Path, n: int, minutes: float, seed: int, data_dir: Path | None = None
) -> int:
    """Fill a folder with recordings of two leads; give how many of them are simulated.

    Parameters
    ----------
    folder : Path
        Where they are written.
    n : int
        How many.
    minutes : float
        Length of the simulated ones.
    seed : int
        Of the simulator.
    data_dir : Path, optional
        Where the MIT-BIH database is looked for; three in four recordings are copies of its
        records, if it is there.
    """
    there = find(DATABASES[MITDB.folder], data_dir)
    real = 0 if there is None else n * 3 // 4
    for i in range(real):
        record = MITDB.records[i % len(MITDB.records)]
        place = folder / f"copy-{i // len(MITDB.records)}"
        place.mkdir(parents=True, exist_ok=True)
        for ending in ("hea", "dat"):
            shutil.copy(Path(str(there)) / f"{record}.{ending}", place)
    rng = np.random.default_rng(seed)
    made: list[tuple[Path, Path]] = []
    for i in range(n - real):
        place = folder / f"simulated-{i}"
        if i < _SIMULATED:
            recording, _ = simulate(60 * minutes, rng=rng)
            made.append(write_record(place, recording, "simulated"))
            continue
        place.mkdir()
        for file in made[i % _SIMULATED]:
            shutil.copy(file, place)
    return n - real


@dataclass(frozen=True)
class Timed:
    """One run over an archive.

    Attributes
    ----------
    workers : int
        Processes.
    wall_s, processor_s : float
        From its beginning to its end, and of all processes together.
    load : float
        Load of the machine in the minute before.
    recorded_hours : float
        What was labelled.
    """

    workers: int
    wall_s: float
    processor_s: float
    load: float
    recorded_hours: float


def scaling(recordings: Path, order: tuple[int, ...]) -> Iterator[Timed]:
    """Time runs with several numbers of workers, in turn, each over an archive of its own."""
    for workers in order:
        with planned(recordings) as archive:
            load, before = os.getloadavg()[0], _processor_s()
            begin = time.perf_counter()
            record = run(archive.files.address, Processes(workers))
            wall_s = time.perf_counter() - begin
            if not record.complete or record.failures:
                raise EctopyError(record.told())
            took = _processor_s() - before
            yield Timed(workers, wall_s, took, load, record.recorded_hours)


@dataclass(frozen=True)
class Overhead:
    """Work on shards beside the inner calls of `analyze`, in one process that is warm.

    Attributes
    ----------
    recordings : int
        How many.
    wall_s, processor_s : float
        Of all of the work.
    analyze_wall_s, analyze_processor_s : float
        Of that, within `analyze`.
    """

    recordings: int
    wall_s: float
    processor_s: float
    analyze_wall_s: float
    analyze_processor_s: float


def overhead(recordings: Path) -> Overhead:
    """Time the work on all shards of an archive in this process, and `analyze` within it."""
    inner, n = [0.0, 0.0], [0]

    def timed(*given: Any, **stated: Any) -> Any:
        begin, before = time.perf_counter(), time.process_time()
        result = analyze(*given, **stated)
        inner[0] += time.perf_counter() - begin
        inner[1] += time.process_time() - before
        n[0] += 1
        return result

    with planned(recordings) as archive:
        shards = list(read_shards(archive.files))
        first = Shard(-1, shards[0].entries[:1])  # opens the networks
        work(Task(archive.files.address, archive.plan, first))
        with patch("ectopy.archive.work.analyze", timed):
            begin, before = time.perf_counter(), time.process_time()
            for shard in shards:
                work(Task(archive.files.address, archive.plan, shard))
            took = time.perf_counter() - begin, time.process_time() - before
    return Overhead(n[0], *took, *inner)


def memory(n: int, seconds: float, seed: int) -> tuple[list[int], list[float]]:
    """Give the recordings that a worker has done, and its resident memory in MiB at each moment."""
    with tempfile.TemporaryDirectory(prefix="ectopy-bench-") as made:
        folder = Path(made) / "recordings"
        make_recordings(folder, 1, seconds / 60, seed)
        files = list((folder / "simulated-0").iterdir())
        for i in range(1, n):
            place = folder / f"simulated-{i}"
            place.mkdir()
            for file in files:
                shutil.copy(file, place)
        done: list[int] = []
        taken: list[float] = []
        with planned(folder) as archive:
            address = archive.files.address
            tasks = (Task(address, archive.plan, shard) for shard in read_shards(archive.files))
            told: Done[Task, tuple[int, float]]
            for told in Processes(1).run(work_and_memory, tasks, Event()):
                if told.value is None:
                    raise told.error or EctopyError(told.died)
                done.append(told.value[0] + (done[-1] if done else 0))
                taken.append(told.value[1])
        return done, taken


def work_and_memory(task: Task) -> tuple[int, float]:
    """Work off a shard; give its recordings, and the resident memory of this process in MiB."""
    commit = work(task).commit
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError as error:
        raise EctopyError("memory over time is told on Linux alone") from error
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return commit.recordings + commit.failures, int(kib) / 1024


def slope(done: list[int], taken: list[float]) -> float:
    """Give MiB a thousand recordings, over the second half of them."""
    half = len(done) // 2
    return 1000 * float(np.polyfit(done[half:], taken[half:], 1)[0])


@contextmanager
def planned(recordings: Path) -> Iterator[Archive]:
    """Plan an archive of a folder, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="ectopy-bench-") as made:
        store = Path(made) / "store"
        plan(str(recordings), store)
        yield Archive.open(store)


def _processor_s() -> float:
    """Processor seconds of this process and of all that it started and that ended."""
    return sum(
        told.ru_utime + told.ru_stime
        for told in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
