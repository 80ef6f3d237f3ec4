"""A recording in stretches gives the rows that it gives whole, whoever looks at which stretch."""

from dataclasses import replace
from pathlib import Path

import pytest
from archive_made import archive, entry, recordings, rows

from ectopy.archive.model import Shard
from ectopy.archive.work import Task, work
from ectopy.errors import StoreError

OF = 3


@pytest.fixture
def long(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr("ectopy.analysis.plan.PIECE_SAMPLES", 150_000)
    return recordings(tmp_path / "in", 1, seconds=900)[0]


def _shards(path: Path) -> list[Shard]:
    one, two, three, joined = (entry(path, stretch, OF) for stretch in range(OF + 1))
    return [Shard(0, (one, two)), Shard(1, (three,)), Shard(2, (joined,), needs=(0, 1))]


def _done(store: Path, shards: list[Shard], **changed: object) -> list[Task]:
    made = archive(store, [], shards=shards)
    tasks = [Task(str(store), made.plan, shard) for shard in shards]
    return [replace(task, **changed) for task in tasks]


def test_joined_stretches_are_the_whole(long, tmp_path) -> None:
    tasks = _done(tmp_path / "cut", _shards(long))
    with pytest.raises(StoreError, match=r"shard 0 of .* is not done"):
        work(tasks[2])
    commits = [work(task).commit for task in tasks]
    assert [commit.recordings for commit in commits] == [0, 0, 1]
    (task,) = _done(tmp_path / "whole", [Shard(0, (entry(long),))])
    work(task)
    cut, whole = rows(tmp_path / "cut"), rows(tmp_path / "whole")
    assert cut.pop("looks")
    assert cut == whole
    assert whole["recordings"][0]["duration_s"] == 900


def test_a_stretch_that_fails_is_one_failure_of_the_recording(long, tmp_path) -> None:
    shards = _shards(long)
    tasks = _done(tmp_path / "cut", shards)
    work(tasks[0])
    content = long.read_bytes()
    long.write_bytes(content[:-4000])  # as a disk does that fills, after the first stretches
    for task in tasks[1:]:
        work(task)
    made = rows(tmp_path / "cut")
    assert {row["stretch"]: row["reason"] is None for row in made["looks"]} == {
        0: True,
        1: True,
        2: False,
    }
    assert len(made["failures"]) == 1
    assert made["failures"][0]["reason"].startswith(f"{long} changed since it was planned")
    assert not made["recordings"]
