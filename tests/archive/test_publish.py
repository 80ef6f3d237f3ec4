"""What a shard gave is published once, and a commit never names what is not there."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from ectopy.archive import publish as publishing
from ectopy.archive.files.local import LocalFiles
from ectopy.archive.model import Entry, Shard
from ectopy.archive.publish import commit_name, commit_of, parse_commit, publish
from ectopy.errors import DataFormatError, StoreError
from ectopy.files import sha256

SHARD = Shard(7, (Entry("a" * 16, "a.edf", (), 10, "10-1"), Entry("b" * 16, "b.edf", (), 10, "")))
KEY = SHARD.key({})


@dataclass(frozen=True)
class Counted:
    recordings: int = 1
    failures: int = 1
    beats: int = 3
    recorded_s: float = 2.5


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "archive")


def parts(folder: Path, beats: int = 3) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    rows = {"beats": beats, "recordings": 1, "failures": 1}
    for table, n in rows.items():
        parquet.write_table(pa.table({"id": ["a" * 16] * n}), folder / f"{table}.parquet")
    return {table: folder / f"{table}.parquet" for table in rows}


def test_a_commit_names_rows_and_checksums(files: LocalFiles, tmp_path: Path) -> None:
    made = parts(tmp_path)
    commit, won = publish(files, SHARD, KEY, made, Counted())
    assert won
    assert commit == commit_of(files, KEY)
    assert (commit.key, commit.shard, commit.recorded_s) == (KEY, 7, 2.5)
    assert [(part.table, part.rows) for part in commit.parts] == [
        ("beats", 3), ("failures", 1), ("recordings", 1),
    ]  # fmt: skip
    for part in commit.parts:
        assert part.name == f"parts/{part.table}/{KEY}-{commit.attempt}.parquet"
        assert files.read(part.name) == made[part.table].read_bytes()
        assert part.bytes == made[part.table].stat().st_size
        assert part.sha256 == sha256(made[part.table])


def test_who_comes_later_takes_what_stands_and_puts_nothing(
    files: LocalFiles, tmp_path: Path
) -> None:
    first, _ = publish(files, SHARD, KEY, parts(tmp_path), Counted())
    before = list(files.list("parts"))
    assert publish(files, SHARD, KEY, parts(tmp_path, 4), Counted(beats=4)) == (first, False)
    assert list(files.list("parts")) == before


def test_of_eight_that_publish_one_wins_and_the_others_leave_nothing(
    files: LocalFiles, tmp_path: Path
) -> None:
    barrier = threading.Barrier(8)
    create = LocalFiles.create

    class Meeting(LocalFiles):
        def create(self, name: str, content: bytes | Path) -> bool:
            if name == commit_name(KEY):
                barrier.wait()  # all have their parts there
            return create(self, name, content)

    made = [parts(tmp_path / str(i), i + 1) for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        told = list(
            pool.map(
                lambda i: publish(Meeting(files.folder), SHARD, KEY, made[i], Counted(beats=i + 1)),
                range(8),
            )
        )
    assert sum(won for _, won in told) == 1
    assert len({commit.attempt for commit, _ in told}) == 1
    stands = commit_of(files, KEY)
    assert stands is not None
    assert {part.name for part in stands.parts} == {file.name for file in files.list("parts")}
    winner = next(i for i, (_, won) in enumerate(told) if won)
    assert stands.beats == winner + 1


def test_parts_stay_where_nobody_knows_whether_the_commit_stands(
    files: LocalFiles, tmp_path: Path
) -> None:
    class Late(LocalFiles):
        """Says that it failed, and has the commit there in a moment."""

        def create(self, name: str, content: bytes | Path) -> bool:
            done = super().create(name, content)
            if name == commit_name(KEY):
                raise StoreError("no answer")
            return done

    with pytest.raises(StoreError, match="no answer"):
        publish(Late(files.folder), SHARD, KEY, parts(tmp_path), Counted())
    commit = commit_of(files, KEY)
    assert commit is not None
    assert all(files.exists(part.name) for part in commit.parts)


def test_a_worker_that_slept_too_long_commits_nothing(
    files: LocalFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([1_000_000.0, 1_000_000.0 + publishing.WITHIN_S + 1])
    monkeypatch.setattr(publishing.time, "time", lambda: next(clock))
    with pytest.raises(StoreError, match=r"shard 7 took more than 6 hours .* run it again"):
        publish(files, SHARD, KEY, parts(tmp_path), Counted())
    assert commit_of(files, KEY) is None


def test_a_damaged_commit_is_named(files: LocalFiles, tmp_path: Path) -> None:
    name = commit_name(KEY)
    files.create(name, b'{"key": "half')
    with pytest.raises(DataFormatError, match=rf"{name} is no commit .*; delete it and run again"):
        commit_of(files, KEY)
    other = "0" * 64
    commit, _ = publish(files, SHARD, other, parts(tmp_path), Counted())
    with pytest.raises(DataFormatError, match="is the commit of another shard"):
        parse_commit(files, name, commit.model_dump_json().encode())
