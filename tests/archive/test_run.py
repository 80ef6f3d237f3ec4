from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event
from typing import Any

import archive_made
import pytest
from archive_made import Mishap, Unlucky

from ectopy.archive.run import missing, run
from ectopy.archive.run_record import Progress
from ectopy.archive.store import Archive
from ectopy.errors import ConfigError, EctopyError
from ectopy.runners.processes import Processes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    made = archive_made.recordings(tmp_path_factory.mktemp("recordings"), 8)
    (made[3].parent / "r003.npy").write_bytes(b"no recording")
    made.append(made[0].rename(made[0].parent / "deadly.npy"))
    return made[1:]


@pytest.fixture(scope="module")
def undisturbed(paths: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run an archive as it should be, and look at all that is told of it."""
    store = tmp_path_factory.mktemp("undisturbed") / "store"
    archive = archive_made.archive(store, paths)
    assert missing(store).told().startswith("8 of 8 recordings are missing, in 4 shards of 0.2 MB")
    told: list[Progress] = []
    record = run(store, Processes(2), told=told.append)
    assert (record.state, record.complete, record.shards_done) == ("ended", True, 4)
    assert (record.recordings, record.labelled, record.failures) == (8, 7, 1)
    assert list(record.reasons.values()) == [1]
    assert record.recorded_hours == pytest.approx(7 * 12 / 3600)
    assert [one.done for one in told] == [0, 2, 4, 6, 8]
    assert {one.of for one in told} == {8}
    assert (told[0].remaining_s, told[-1].remaining_s, told[-1].failures) == (None, 0, 1)
    with pytest.raises(EctopyError, match="1 of 8 recordings could not be labelled, all others"):
        record.check()
    kept = json.loads(archive.files.read(f"runs/{record.id}.json"))
    assert kept == json.loads(record.model_dump_json())
    assert set(kept["packages"]) == {"numpy", "onnxruntime", "pyarrow"}
    assert missing(store).told() == "nothing is missing: all 8 recordings are done"
    return store


def test_what_is_done_is_not_done_again(undisturbed: Path) -> None:
    again = run(undisturbed, Processes(1))
    assert (again.labelled, again.done_before, again.complete) == (0, 8, True)
    assert again.told() == "nothing was missing: all 8 recordings are done"
    again.check()


def test_a_recording_that_kills_its_process_is_a_failure_and_the_others_are_there(
    paths: list[Path], undisturbed: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    archive_made.archive(store, paths)
    record = run(store, Unlucky(Mishap("deadly"), 2))
    assert (record.deaths, record.careful, record.complete) == (1, 1, True)
    assert (record.labelled, record.failures, record.left) == (6, 2, [])
    reason = f"{paths[-1]} ended its process twice (killed by signal 9); look at it by itself"
    assert (
        record.reasons["… ended its process twice (killed by signal #); look at it by itself"] == 1
    )
    deadly = archive_made.entry(paths[-1])
    made, wanted = archive_made.rows(store), archive_made.rows(undisturbed)
    for table, rows in wanted.items():
        wanted[table] = [row for row in rows if row["id"] != deadly.id]
    failure = {"id": deadly.id, "address": str(paths[-1]), "reason": reason}
    assert failure in made["failures"]
    made["failures"].remove(failure)
    assert made == wanted


def test_a_worker_that_dies_once_costs_no_recording(
    paths: list[Path], undisturbed: Path, tmp_path: Path
) -> None:
    store, seen = tmp_path / "store", tmp_path / "seen"
    seen.mkdir()
    archive_made.archive(store, paths)
    record = run(store, Unlucky(Mishap("deadly", str(seen), times=1)))
    assert (record.deaths, record.careful, record.labelled) == (1, 1, 7)
    assert archive_made.rows(store) == archive_made.rows(undisturbed)


def test_without_memory_a_recording_is_tried_by_itself(paths: list[Path], tmp_path: Path) -> None:
    greedy = [paths[0], paths[0].with_name("greedy.npy")]
    greedy[1].write_bytes(paths[0].read_bytes())
    store = tmp_path / "store"
    archive_made.archive(store, greedy)
    record = run(store, Unlucky(Mishap("greedy")))
    assert (record.labelled, record.failures, record.careful, record.deaths) == (1, 1, 1, 0)
    assert "more memory than there was" in next(iter(record.reasons))


def test_what_befalls_the_machine_commits_nothing_and_is_done_by_another_run(
    paths: list[Path], tmp_path: Path
) -> None:
    offline = paths[0].with_name("offline.npy")
    offline.write_bytes(paths[0].read_bytes())
    store = tmp_path / "store"
    archive_made.archive(store, [offline, paths[0]], 1)
    record = run(store, Unlucky(Mishap("offline")))
    assert (record.labelled, record.failures, record.errors, record.complete) == (1, 0, 3, False)
    assert [one.shard for one in record.left] == [0]
    assert record.left[0].reason == f"the system says Input/output error ({offline})"
    with pytest.raises(EctopyError, match="1 shards could not be worked off, the first one"):
        record.check()
    assert "1 of 2 shards are still to be done" in record.told()
    again = run(store, Processes(1))
    assert (again.labelled, again.complete) == (1, True)


def test_where_all_fails_it_stops_and_says_why(paths: list[Path], tmp_path: Path) -> None:
    every = [paths[0].with_name(f"offline{i}.npy") for i in range(20)]
    for path in every:
        path.write_bytes(paths[0].read_bytes())
    store = tmp_path / "store"
    archive = archive_made.archive(store, every, 1)
    with pytest.raises(EctopyError, match="12 shards failed one after the other, the last one bec"):
        run(store, Unlucky(Mishap("offline")))
    kept = [json.loads(archive.files.read(one.name)) for one in archive.files.list("runs")]
    assert [(one["state"], one["errors"]) for one in kept] == [("stopped", 12)]
    assert "12 shards failed" in kept[0]["why"]


def test_a_limit_begins_no_more(paths: list[Path], tmp_path: Path) -> None:
    archive_made.archive(tmp_path / "store", paths)
    record = run(tmp_path / "store", Processes(1), limit=3, priority="smallest")
    assert record.labelled + record.failures == 4  # whole shards
    assert "2 of 4 shards are still to be done" in record.told()
    assert not record.left
    with pytest.raises(ConfigError, match="limit is 0"):
        run(tmp_path / "store", Processes(1), limit=0)


def test_drained_it_finishes_what_was_begun(paths: list[Path], tmp_path: Path) -> None:
    archive_made.archive(tmp_path / "store", paths)
    drain = Event()
    record = run(
        tmp_path / "store", Processes(1), drain=drain, told=lambda now: now.done and drain.set()
    )
    assert (record.state, record.shards_done, record.complete) == ("drained", 1, False)
    assert "stopped as asked: 3 of 4 shards are still to be done" in record.told()
    record.check()  # it was asked to: nothing to mend


def driver(store: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ectopy", "archive", "run", str(store), "--workers", "1", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_two_drivers_on_one_archive_end_with_the_same_rows(
    paths: list[Path], undisturbed: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    archive_made.archive(store, paths)
    both = driver(store), driver(store)
    for one in both:
        said = one.communicate(timeout=120)
        assert one.returncode in (0, 2), said
        assert "shards failed" not in said[1]
    assert archive_made.rows(store) == archive_made.rows(undisturbed)
    parts = sum(len(commit.parts) for commit in Archive.open(store).commits())
    assert len(list((store / "parts").rglob("*.parquet"))) == parts  # the losers' are gone
    assert not list((store / "_tmp").iterdir())


def _processes_of(session: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(told[3]) == session and told[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def _soon(true: Any, within_s: float = 60) -> bool:
    end = time.monotonic() + within_s
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(true())


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_driver_that_is_killed_leaves_no_process_and_the_next_one_goes_on(
    paths: list[Path], undisturbed: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    archive = archive_made.archive(store, paths)
    one = driver(store)
    assert _soon(archive.committed)
    os.kill(one.pid, signal.SIGKILL)
    one.communicate()
    assert _soon(lambda: not _processes_of(one.pid))
    record = run(store, Processes(1))
    assert record.shards_done_before >= 1
    assert record.complete
    assert archive_made.rows(store) == archive_made.rows(undisturbed)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_all_processes_of_a_job_lets_what_was_begun_be_finished(
    how: signal.Signals, paths: list[Path], tmp_path: Path
) -> None:
    store = tmp_path / "store"
    archive = archive_made.archive(store, paths)
    one = driver(store)
    assert _soon(lambda: len(_processes_of(one.pid)) > 2)  # and the tracker of resources
    os.killpg(one.pid, how)
    out, err = one.communicate(timeout=60)
    assert (one.returncode, err) == (
        0,
        "ectopy: finishing what was begun; once more stops at once\n",
    )
    assert "stopped as asked: 3 of 4 shards are still to be done" in out
    assert len(archive.committed()) == 1
    kept = json.loads(next((store / "runs").iterdir()).read_text())
    assert kept["state"] == "drained"
