"""Every shard given to two workers at once, in a folder and in a store that answers as it likes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import disturbed
import numpy as np
import pytest
from disturbed import Rows
from object_store import Fault, ObjectStore

from ectopy.archive.files.local import LocalFiles
from ectopy.archive.files.remote import RemoteFiles
from ectopy.archive.manifest import read_shards
from ectopy.archive.planning import plan
from ectopy.archive.store import Archive
from ectopy.archive.work import Task, Worked, work
from ectopy.errors import StoreError

PUTS = ("late", "lost", "twice", "reset", "busy", "conflict")
GETS = ("lost", "twice", "cut", "slow")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Rows]]:
    """Give recordings, and the rows that come of them where nothing happens."""
    folder = tmp_path_factory.mktemp("same")
    with disturbed.short_pieces(folder / "begins"):
        sources = disturbed.recordings(folder / "in", 4)
        yield sources, disturbed.undisturbed(folder, sources)[2]


def both(task: Task) -> list[Worked]:
    """Have a shard worked on by two at once, each again where the store fails, as a run does."""

    def one(_: int) -> Worked:
        for _ in range(2):
            try:
                return work(task)
            except StoreError:
                continue
        return work(task)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(2)))


def tasks(store: Path | str) -> Iterator[Task]:
    archive = Archive.open(store)
    for shard in read_shards(archive.files):
        yield Task(str(store), archive.plan, shard)


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody commit before both are about to."""
    for files in (LocalFiles, RemoteFiles):
        barrier, created = threading.Barrier(2), files.create

        def create(self, name, content, *, barrier=barrier, created=created):
            if name.startswith("commits/"):
                barrier.wait(60)
            return created(self, name, content)

        monkeypatch.setattr(files, "create", create)


@pytest.mark.usefixtures("meeting")
def test_in_a_folder_one_of_both_is_first(made: tuple[Path, Rows], tmp_path: Path) -> None:
    sources, rows = made
    plan(sources, tmp_path / "store")
    for task in tasks(tmp_path / "store"):
        one, two = both(task)
        assert sorted((one.won, two.won)) == [False, True]
        assert one.commit == two.commit
    assert disturbed.there(tmp_path / "store") == disturbed.named(tmp_path / "store")
    disturbed.check(tmp_path / "store", rows)


def test_in_a_store_that_answers_late_or_twice_or_never(
    made: tuple[Path, Rows], store: ObjectStore, bucket: str, rng: np.random.Generator
) -> None:
    sources, rows = made
    plan(sources, bucket)
    happened = 0
    for task in tasks(bucket):
        key = task.shard.key(task.plan.describes())
        store.faults += [
            Fault(str(rng.choice(PUTS)), "PUT", f"commits/{key}", int(rng.integers(1, 3))),
            Fault(str(rng.choice(PUTS)), "PUT", key, int(rng.integers(1, 3))),
            Fault(str(rng.choice(GETS)), "GET", f"commits/{key}"),
            Fault("twice", "DELETE", key),
        ]
        before = sum(fault.times for fault in store.faults)
        one, two = both(task)
        happened += before - sum(fault.times for fault in store.faults)
        assert one.commit == two.commit
    assert happened > 2 * len(list(tasks(bucket)))
    store.settle()
    disturbed.check(bucket, rows)
