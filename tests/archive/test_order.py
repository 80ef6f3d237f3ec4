from __future__ import annotations

from collections import deque
from pathlib import Path

import archive_made
import numpy as np
import pytest

from ectopy.archive.model import Entry, Shard
from ectopy.archive.order import Job, Line, jobs, ordered, parse_part
from ectopy.archive.store import Archive
from ectopy.errors import ConfigError, DataFormatError


def entry(i: int, stretch: int = 0, of: int = 1, size: int = 100) -> Entry:
    return Entry(f"{i:016x}", f"/data/p{i}/night {i}.edf", (), size, "", stretch, of)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Plan ten recordings in five shards, and a long one in two stretches that are joined."""
    shards = [
        Shard(n, (entry(2 * n, size=100 - 10 * n), entry(2 * n + 1, size=10))) for n in range(5)
    ]
    shards += [Shard(5, (entry(99, 0, 2, 600),)), Shard(6, (entry(99, 1, 2, 600),))]
    shards.append(Shard(7, (entry(99, 2, 2, 600),), needs=(5, 6)))
    return archive_made.archive(tmp_path / "store", [], shards=shards)


def numbers(found: list[Job]) -> list[int]:
    return [job.number for job in found]


def test_jobs_are_the_shards_with_what_is_done_once_they_are(archive: Archive) -> None:
    found = jobs(archive)
    assert numbers(found) == list(range(8))
    assert [job.recordings for job in found] == [2, 2, 2, 2, 2, 0, 0, 1]
    assert sum(job.recordings for job in found) == archive.plan.recordings
    assert [job.bytes for job in found] == [110, 100, 90, 80, 70, 300, 300, 0]
    assert found[7].needs == (5, 6)
    assert len({job.key for job in found}) == 8


@pytest.mark.parametrize("n", [1, 2, 3, 9])
def test_parts_share_all_out_and_keep_stretches_with_what_joins_them(
    n: int, archive: Archive
) -> None:
    parts = [numbers(jobs(archive, (i, n))) for i in range(1, n + 1)]
    assert sorted(number for part in parts for number in part) == list(range(8))
    assert all(len({5, 6, 7} & set(part)) in (0, 3) for part in parts)


def test_priorities(archive: Archive, tmp_path: Path) -> None:
    def order(priority: str | None) -> list[int]:
        return numbers(ordered(jobs(archive, None, priority), priority))

    assert order(None) == list(range(8))
    assert order("smallest")[:4] == [7, 4, 3, 2]
    assert order("largest")[:3] == [5, 6, 0]
    assert order("*/p7/*")[:3] == [3, 0, 1]
    assert order("night 9.edf")[:2] == [4, 0]  # a part of an address
    wanted = tmp_path / "first.txt"
    wanted.write_text(f"{entry(6).id}\n\n /data/p2/night 2.edf \nnight 9\nnobody\n")
    assert order(str(wanted))[:4] == [1, 3, 4, 0]
    wanted.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataFormatError, match="is no text, expected a list of addresses"):
        order(str(wanted))
    with pytest.raises(ConfigError, match="nowhere fits none of the 11 recordings, expected a pat"):
        order("nowhere")


def test_without_a_priority_two_runs_begin_at_different_places(archive: Archive) -> None:
    found = jobs(archive)
    begun = {numbers(ordered(found, None, np.random.default_rng(i)))[0] for i in range(20)}
    assert len(begun) > 3
    for i in range(3):
        assert sorted(numbers(ordered(found, None, np.random.default_rng(i)))) == list(range(8))
    assert ordered([], None, np.random.default_rng(0)) == []


def test_what_needs_others_waits_for_them(archive: Archive) -> None:
    found = {job.number: job for job in jobs(archive)}
    line = Line(archive, deque([found[7], found[5], found[6]]), set())
    assert [task.shard.number for task in line] == [5, 6]
    line.done.add(5)
    assert list(line) == []
    line.done.add(6)
    task = next(line)
    assert task.shard.needs == (5, 6)
    assert (task.careful, task.plan, task.archive) == (False, archive.plan, archive.files.address)


def test_what_is_tried_again_comes_last_whatever_the_limit(archive: Archive) -> None:
    found = {job.number: job for job in jobs(archive)}
    line = Line(archive, deque([found[0], found[1], found[2]]), set(), limit=3)
    assert next(line).shard.number == 0
    line.again(found[0], careful=True)
    assert [(task.shard.number, task.careful) for task in line] == [(1, False), (0, True)]
    assert numbers(list(line.waiting)) == [2]


@pytest.mark.parametrize("text", ["", "3", "a/b", "1/2/3", "-1/2", "1.5/2"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is no part of an archive, expected one as 3/8"):
        parse_part(text)


@pytest.mark.parametrize("text", ["0/3", "4/3", "1/0"])
def test_a_part_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="there is no part"):
        parse_part(text)


def test_parts_are_counted_from_one() -> None:
    assert parse_part("3/8") == (3, 8)
