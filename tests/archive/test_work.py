from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import archive_made
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from ectopy.analysis.analyze import analyze
from ectopy.archive import work as working
from ectopy.archive.manifest import read_shards
from ectopy.archive.model import Entry, Shard
from ectopy.archive.sources.found import fingerprint, identifier
from ectopy.archive.sources.place import mark_of
from ectopy.archive.store import Archive
from ectopy.archive.work import Task, Worked, work
from ectopy.errors import ConfigError, DataNotFoundError, StoreError
from ectopy.runners.processes import Processes


def worked(archive: Archive, paths: list[Path], **changed: object) -> Worked:
    shard = Shard(0, tuple(map(archive_made.entry, paths)))
    return work(replace(Task(archive.files.address, archive.plan, shard), **changed))  # type: ignore[arg-type]


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    return archive_made.recordings(tmp_path / "recordings", 3)


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_shard_holds_what_analyze_gives_and_nothing_is_left(
    paths: list[Path], tmp_path: Path, scratch: Path
) -> None:
    archive = archive_made.archive(tmp_path / "store", paths, 3)
    told = worked(archive, paths)
    assert told.won
    assert (told.commit.recordings, told.commit.failures) == (3, 0)
    assert told.commit.recorded_s == pytest.approx(36)
    rows = archive_made.rows(tmp_path / "store")
    for path in paths:
        entry, result = archive_made.entry(path), analyze(path, fs_hz=250.0)
        beats = [row for row in rows["beats"] if row["id"] == entry.id]
        assert [row["sample"] for row in beats] == result.beats.samples.tolist()
    assert told.commit.beats == len(rows["beats"])
    assert not list(scratch.iterdir())
    again = worked(archive, paths)
    assert (again.won, again.commit) == (False, told.commit)


def test_what_is_wrong_with_a_recording_is_a_row_and_the_others_are_there(
    paths: list[Path], tmp_path: Path, scratch: Path
) -> None:
    paths = archive_made.recordings(tmp_path / "recordings", 5)
    short = tmp_path / "recordings/cut.npy"
    short.write_bytes(paths[0].read_bytes()[:500])
    shard = Shard(0, tuple(map(archive_made.entry, [*paths[:3], short, *paths[3:]])))
    archive = archive_made.archive(tmp_path / "store", [], shards=[shard])
    paths[0].unlink()
    np.save(paths[1], np.zeros((1, 5000), np.float32))
    paths[3].unlink()
    paths[3].mkdir()  # the same name, and no file
    told = work(Task(archive.files.address, archive.plan, shard))
    assert (told.commit.recordings, told.commit.failures) == (2, 4)
    reasons = {
        Path(row["address"]).name: row["reason"]
        for row in archive_made.rows(tmp_path / "store")["failures"]
    }
    assert reasons["r000.npy"] == (
        f"{paths[0]} is not there, though it is in the plan; put it back, or plan a new archive "
        "without it"
    )
    assert "changed since it was planned" in reasons["r001.npy"]
    assert "r003.npy is not there, though it is in the plan" in reasons["r003.npy"]
    assert str(short) in reasons["cut.npy"]
    assert all("\n" not in reason and "  " not in reason for reason in reasons.values())
    assert sum(told.reasons.values()) == 4
    assert not any(str(tmp_path) in reason for reason in told.reasons)
    assert not list(scratch.iterdir())


@pytest.mark.skipif(os.getuid() == 0, reason="root may read all files")
def test_a_file_that_may_not_be_read_is_a_failure(paths: list[Path], tmp_path: Path) -> None:
    archive = archive_made.archive(tmp_path / "store", paths, 3)
    paths[1].chmod(0)
    assert worked(archive, paths).commit.failures == 1


def test_what_befalls_machine_or_disk_is_no_word_about_a_recording(
    paths: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = archive_made.archive(tmp_path / "store", paths, 3)

    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(working, "rows", broken)
    with pytest.raises(OSError, match="No space"):
        worked(archive, paths)
    monkeypatch.undo()
    assert not archive.committed()


def test_a_defect_of_ours_is_told_as_one(
    paths: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = archive_made.archive(tmp_path / "store", paths, 3)

    def defect(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(working, "analyze", defect)
    assert worked(archive, paths).reasons == {
        "ectopy met a defect (ZeroDivisionError) on …; please report it": 3
    }


def test_a_worker_needs_nothing_that_an_extra_brings(paths: list[Path], tmp_path: Path) -> None:
    archive = archive_made.archive(tmp_path / "store", paths, 3)
    task = Task(archive.files.address, archive.plan, next(read_shards(archive.files)))
    done = next(Processes(1).run(archive_made.modules, iter([task]), Event()))
    assert done.value is not None
    extras = {"pandas", "scipy", "fsspec", "s3fs", "duckdb", "dask", "distributed", "typer", "rich"}
    assert not extras & done.value
    assert "onnxruntime" in done.value


def test_a_place_that_is_not_mounted_makes_no_failures(paths: list[Path], tmp_path: Path) -> None:
    archive = archive_made.archive(tmp_path / "store", paths, 3)
    shard = Shard(0, tuple(map(archive_made.entry, paths)))
    paths[0].parent.rename(tmp_path / "elsewhere")
    with pytest.raises(DataNotFoundError, match="all 3 recordings of shard 0 are gone, the first"):
        work(Task(archive.files.address, archive.plan, shard))
    assert not archive.committed()


@pytest.fixture
def elsewhere(paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shard]:
    """Put recordings where fsspec gets them from, and plan them."""
    store = MemoryFileSystem()
    entries = []
    for path in paths:
        store.pipe(f"/recordings/{path.name}", path.read_bytes())
        address = f"memory://recordings/{path.name}"
        mark = mark_of(store.info(address))
        assert mark is not None
        told = fingerprint([(path.name, mark)])
        entries.append(Entry(f"{identifier(address):016x}", address, (), mark[0], told))
    yield Shard(0, tuple(entries))
    store.store.clear()


def test_recordings_elsewhere_are_fetched_labelled_alike_and_deleted_again(
    elsewhere: Shard, paths: list[Path], tmp_path: Path, scratch: Path
) -> None:
    here = archive_made.archive(tmp_path / "here", paths, 3)
    worked(here, paths)
    there = archive_made.archive(tmp_path / "there", [], shards=[elsewhere])
    assert work(Task(there.files.address, there.plan, elsewhere)).commit.recordings == 3
    for table, rows in archive_made.rows(tmp_path / "here").items():
        found = archive_made.rows(tmp_path / "there")[table]
        for row in rows + found:
            row["id"] = row["address"] = None
        assert sorted(map(str, rows)) == sorted(map(str, found))
    assert not list(scratch.iterdir())


def test_a_damaged_one_from_elsewhere_is_called_by_its_address(
    elsewhere: Shard, tmp_path: Path, scratch: Path
) -> None:
    MemoryFileSystem().pipe("/recordings/r000.npy", b"no recording")
    first = replace(elsewhere.entries[0], fingerprint="")
    shard = Shard(0, (first, *elsewhere.entries[1:]))
    archive = archive_made.archive(tmp_path / "store", [], shards=[shard])
    told = work(Task(archive.files.address, archive.plan, shard))
    assert (told.commit.recordings, told.commit.failures) == (2, 1)
    reason = archive_made.rows(tmp_path / "store")["failures"][0]["reason"]
    assert reason.startswith("memory://recordings/r000.npy ")
    assert str(scratch) not in reason


def test_keys_that_are_no_longer_good_make_no_failures(
    elsewhere: Shard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = archive_made.archive(tmp_path / "store", [], shards=[elsewhere])

    def forbidden(*_: object, **__: object) -> None:
        raise PermissionError("The provided token has expired.")

    monkeypatch.setattr(MemoryFileSystem, "info", forbidden)
    with pytest.raises(StoreError, match="could not be asked for"):
        work(Task(archive.files.address, archive.plan, elsewhere))
    monkeypatch.undo()
    monkeypatch.setattr(MemoryFileSystem, "get_file", forbidden)
    with pytest.raises(StoreError, match="could not be asked for"):
        work(Task(archive.files.address, archive.plan, elsewhere))
    assert not archive.committed()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"software": "0.0.1"}, "was planned by ectopy 0.0.1, and this is"),
        ({"weights_sha256": "0" * 64}, "are not those that"),
    ],
)
def test_another_version_or_other_weights_are_refused(
    changed: dict[str, str], says: str, paths: list[Path], tmp_path: Path
) -> None:
    archive = archive_made.archive(tmp_path / "store", paths, 3, **changed)
    with pytest.raises(ConfigError, match=says):
        worked(archive, paths)
    with pytest.raises(ConfigError, match=says):
        worked(archive, paths, careful=True)
    assert not archive.committed()
