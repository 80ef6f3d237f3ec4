"""Small archives for tests, and recordings that kill who works on them: importable by workers."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from pyarrow import parquet

from ectopy import __version__
from ectopy.analysis.settings import Settings
from ectopy.archive import careful
from ectopy.archive import work as working
from ectopy.archive.files.open import open_files
from ectopy.archive.manifest import write_manifest
from ectopy.archive.model import TABLES, Entry, Plan, Shard
from ectopy.archive.sources.found import fingerprint, identifier
from ectopy.archive.sources.local import LocalFolder
from ectopy.archive.store import Archive
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runners.base import Done
from ectopy.runners.processes import Processes
from ectopy.runtime.bundle import Bundle

FS_HZ = 250.0


def recordings(folder: Path, n: int, seconds: float = 12) -> list[Path]:
    """Write simulated recordings, each another one."""
    folder.mkdir(parents=True, exist_ok=True)
    whole, _ = simulate(seconds + n, rng=np.random.default_rng(7))
    signal_mv = whole.read(0, whole.n_samples)
    made = []
    for i in range(n):
        begin = round(i * whole.fs_hz)
        made.append(folder / f"r{i:03}.npy")
        np.save(made[-1], signal_mv[:, begin : begin + round(seconds * whole.fs_hz)])
    return made


def entry(path: Path, stretch: int = 0, of: int = 1) -> Entry:
    """Make the entry of a file, as a plan does."""
    marks = LocalFolder(str(path.parent)).marks([path.name])
    told = fingerprint(marks.items()) if marks else ""
    size = sum(size for size, _ in marks.values())
    return Entry(f"{identifier(str(path)):016x}", str(path), (), size, told, stretch, of)


def archive(
    store: Path | str, paths: list[Path], a_shard: int = 2, shards: list[Shard] | None = None,
    **changed: Any,
) -> Archive:  # fmt: skip
    """Plan an archive of files."""
    shards = shards or [
        Shard(number, tuple(map(entry, paths[begin : begin + a_shard])))
        for number, begin in enumerate(range(0, len(paths), a_shard))
    ]
    files = open_files(store)
    _, sha256 = write_manifest(files, shards)
    bundle = Bundle.load("default")
    plan = Plan(
        **{
            "software": __version__,
            "weights": bundle.name,
            "weights_sha256": bundle.checksum,
            "setting": "whole",
            "settings": Settings(),
            "fs_hz": FS_HZ,
            "sources": ("tests",),
            "recordings": sum(e.kind != "stretch" for shard in shards for e in shard.entries),
            "shards": len(shards),
            "bytes": sum(e.size for shard in shards for e in shard.entries),
            "manifest_sha256": sha256,
            **changed,
        }
    )
    assert files.create("plan/plan.json", plan.model_dump_json().encode())
    return Archive.open(store)


def rows(store: Path | str) -> dict[str, list[dict[str, Any]]]:
    """Give all rows that commits name, in order of recordings."""
    opened = Archive.open(store)
    made: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
    for commit in opened.commits():
        for part in commit.parts:
            with opened.files.open(part.name) as stream:
                found = parquet.read_table(stream)
            assert found.num_rows == part.rows
            made.setdefault(part.table, []).extend(found.to_pylist())
    for table in made.values():
        # Stable: in order of time within a recording, of whose stretches each has its own commit.
        table.sort(key=lambda row: (str(row["id"]), row.get("stretch", 0)))
    return made


@dataclass(frozen=True)
class Mishap:
    """What happens to a recording whose name has the word."""

    word: str
    folder: str = ""
    times: int = 1 << 30

    def befall(self, address: str) -> None:
        """Let it happen, so many times."""
        if self.word not in Path(address).name:
            return
        before = len(list(Path(self.folder).glob("mishap-*"))) if self.folder else 0
        if before >= self.times:
            return
        if self.folder:
            (Path(self.folder) / f"mishap-{before}").touch()
        if self.word == "deadly":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.word == "greedy":
            raise MemoryError
        if self.word == "offline":
            raise OSError(5, "Input/output error", address)


class Unlucky(Processes):
    """Processes in which mishaps happen, and in those that they start."""

    def __init__(self, mishap: Mishap, workers: int = 1) -> None:
        super().__init__(workers)
        self.mishap = mishap

    def run(self, work: Any, tasks: Iterator[Any], drain: Event) -> Iterator[Done[Any, Any]]:
        assert work is working.work
        os.environ[_MISHAP] = json.dumps(asdict(self.mishap))
        try:
            yield from super().run(_unlucky_work, tasks, drain)
        finally:
            del os.environ[_MISHAP]


def modules(task: working.Task) -> set[str]:
    """Work, and tell what was imported for it."""
    assert working.work(task).commit.recordings
    return set(sys.modules)


_MISHAP = "ECTOPY_TESTS_MISHAP"
_LABEL = working.label


def _unlucky_work(task: working.Task) -> working.Worked:
    working.label = _unlucky_label
    careful._label = _unlucky_one
    return working.work(task)


def _unlucky_label(
    archive: str, plan: Plan, entry: Entry, scratch: Path, needs: tuple[int, ...] = ()
) -> working.Tables:
    Mishap(**json.loads(os.environ[_MISHAP])).befall(entry.address)
    return _LABEL(archive, plan, entry, scratch, needs)


def _unlucky_one(one: careful._One) -> working.Tables:
    return _unlucky_label(one.archive, one.plan, one.entry, Path(), one.needs)
