"""What nothing names is cleared away, and nothing that a living worker may still name."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import small_archive
from object_store import Fault, ObjectStore

from ectopy.analysis.result import Result
from ectopy.archive import publish as publishing
from ectopy.archive.files.base import Listed
from ectopy.archive.files.local import LocalFiles
from ectopy.archive.files.open import open_files
from ectopy.archive.finalize import finalize
from ectopy.archive.gc import OLD_S, Cleared, gc
from ectopy.archive.publish import commit_name
from ectopy.archive.verify import verify
from ectopy.cli import main
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError

DAY_S = 86_400


@pytest.fixture
def made(tmp_path: Path) -> small_archive.Made:
    """Give an archive of three shards, each of one recording that failed."""
    results: list[Result] = []
    return small_archive.archive(
        tmp_path / "store",
        results,
        tmp_path / "scratch",
        a_shard=1,
        failures=("a.edf", "b.edf", "c.edf"),
    )


def key(made: small_archive.Made, number: int) -> str:
    return made.shards[number].key(made.plan.describes())


def put(made: small_archive.Made, name: str, days: float = 0) -> str:
    """Put a file there that nothing names, as old as that."""
    path = Path(made.address) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"12345")
    then = time.time() - days * DAY_S
    os.utime(path, (then, then))
    return name


def part(made: small_archive.Made, number: int, table: str = "beats", attempt: str = "") -> str:
    return f"parts/{table}/{key(made, number)}-{attempt or uuid.uuid4().hex}.parquet"


def there(made: small_archive.Made) -> set[str]:
    root = Path(made.address)
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def names(cleared: Cleared) -> list[str]:
    return [one.name for one in cleared.garbage]


def test_what_is_named_stays_however_old_it_is(made: small_archive.Made) -> None:
    made.commit(0, 1, 2)
    finalize(made.address)
    put(made, "runs/a.json", 100)
    put(made, "notes of mine.txt", 100)
    put(made, "parts/beats/notes of mine.txt", 100)
    before = there(made)
    for name in before:
        os.utime(Path(made.address) / name, (0, 0))
    assert gc(made.address, older_than_s=0) == Cleared(made.address, False, (), 0)
    assert there(made) == before
    assert verify(made.address).whole


def test_leftovers_go_once_they_are_old(made: small_archive.Made) -> None:
    made.commit(0)
    before = there(made)
    old = [
        put(made, part(made, 1), 2),
        put(made, "_tmp/" + uuid.uuid4().hex, 2),
        put(made, "snapshots/0001/beats/000.parquet", 2),
    ]
    young = [
        put(made, part(made, 2), 0.9),
        put(made, "_tmp/" + uuid.uuid4().hex),
        put(made, "snapshots/0002/beats/000.parquet"),
    ]
    told = gc(made.address, dry_run=True)
    assert sorted(names(told)) == sorted(old)
    assert {one.reason for one in told.garbage} == {"left over"}
    assert (told.young, told.bytes, told.dry_run) == (3, 15, True)
    assert there(made) == before | {*old, *young}
    assert names(gc(made.address)) == names(told)
    assert there(made) == before | {*young}
    assert sorted(names(gc(made.address, older_than_s=0))) == sorted(young)
    assert there(made) == before


def test_what_is_still_being_written_keeps_what_was_written_before(
    made: small_archive.Made,
) -> None:
    attempt = uuid.uuid4().hex
    kept = {
        put(made, part(made, 1, "beats", attempt), 3),
        put(made, part(made, 1, "events", attempt)),
        put(made, "snapshots/0001/beats/000.parquet", 3),
        put(made, "snapshots/0001/beats/001.parquet", 0.5),
    }
    assert gc(made.address).young == 4
    assert kept < there(made)


def test_what_lost_to_another_goes_at_once(made: small_archive.Made) -> None:
    made.commit(0)
    before = there(made)
    lost = put(made, part(made, 0))
    other_plan = put(made, f"plan/recordings-{'0' * 16}.parquet")
    its_weights = put(made, f"weights/{'0' * 64}/whole.onnx")
    cleared = gc(made.address)
    assert names(cleared) == sorted((lost, other_plan, its_weights))
    assert {one.reason for one in cleared.garbage} == {"another won"}
    assert there(made) == before


def test_nothing_goes_where_a_commit_cannot_be_read(made: small_archive.Made) -> None:
    made.commit(0, 1)
    (Path(made.address) / commit_name(key(made, 0))).write_text("{")
    before = there(made)
    with pytest.raises(DataFormatError, match="is no commit"):
        gc(made.address, older_than_s=0)
    assert there(made) == before


def test_nothing_goes_where_a_snapshot_cannot_be_read(made: small_archive.Made) -> None:
    made.commit(0, 1, 2)
    finalize(made.address)
    (Path(made.address) / "snapshots/0001.json").write_text("{")
    before = there(made)
    with pytest.raises(DataFormatError, match="is no snapshot"):
        gc(made.address, older_than_s=0)
    assert there(made) == before


def test_between_part_and_commit_a_worker_loses_nothing(
    made: small_archive.Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = LocalFiles.create
    cleared: list[Cleared] = []

    def cleared_before(self: LocalFiles, name: str, content: bytes | Path) -> bool:
        if name.startswith("commits/"):
            cleared.append(gc(made.address))
        return create(self, name, content)

    monkeypatch.setattr(LocalFiles, "create", cleared_before)
    made.commit(0, 1, 2)
    assert [(one.garbage, one.young) for one in cleared] == [((), 1)] * 3
    assert verify(made.address).whole


def test_a_commit_made_while_the_parts_are_listed_keeps_them(
    made: small_archive.Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, listing = LocalFiles.create, LocalFiles.list

    def cleared_meanwhile(self: LocalFiles, name: str, content: bytes | Path) -> bool:
        if not name.startswith("commits/"):
            return create(self, name, content)
        won: list[bool] = []

        def listed_then_committed(me: LocalFiles, folder: str) -> Iterator[Listed]:
            found = list(listing(me, folder))
            if folder == "parts":
                won.append(create(self, name, content))
            return iter(found)

        with monkeypatch.context() as patch:
            patch.setattr(LocalFiles, "list", listed_then_committed)
            gc(made.address, older_than_s=0)
        return won[0]

    monkeypatch.setattr(LocalFiles, "create", cleared_meanwhile)
    made.commit(0, 1, 2)
    assert verify(made.address).whole


_KILLED = """
import os, signal, sys
from pathlib import Path
from ectopy.archive.files import local
from ectopy.archive.files.open import open_files

files = open_files(sys.argv[1])
assert files.create(sys.argv[2], b"a part")
os.link = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
files.create(sys.argv[3], b"half a commit")
"""


def test_a_killed_writer_leaves_only_garbage(made: small_archive.Made) -> None:
    made.commit(0)
    before = there(made)
    name = part(made, 1)
    words = [sys.executable, "-c", _KILLED, made.address, name, commit_name(key(made, 1))]
    assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
    (temporary,) = there(made) - before - {name}
    assert temporary.startswith("_tmp/")
    assert verify(made.address).committed == 1
    assert gc(made.address).young == 2
    assert names(gc(made.address, older_than_s=0)) == sorted((temporary, name))
    assert there(made) == before
    made.commit(1, 2)
    assert verify(made.address).whole


def test_a_worker_has_given_up_long_before(made: small_archive.Made) -> None:
    assert OLD_S >= 2 * publishing.WITHIN_S


def test_garbage_in_a_store(store: ObjectStore, bucket: str, tmp_path: Path) -> None:
    made = small_archive.archive(
        bucket, [], tmp_path / "scratch", a_shard=1, failures=("a.edf", "b.edf")
    )
    made.commit(0)
    files = open_files(bucket)
    for name in (part(made, 0), part(made, 1), "_tmp/probe-1"):
        files.create(name, b"123")
    cleared = gc(bucket)
    assert [one.reason for one in cleared.garbage] == ["another won"]
    assert cleared.young == 2
    store.faults += [Fault("lost", "DELETE"), Fault("reset", "HEAD")]
    cleared = gc(bucket, older_than_s=0)
    assert [one.reason for one in cleared.garbage] == ["left over"] * 2
    made.commit(1)
    assert verify(bucket).whole


def test_ages_and_places_that_cannot_be_meant(made: small_archive.Made, tmp_path: Path) -> None:
    for age in (-1.0, float("nan")):
        with pytest.raises(ConfigError, match="expected 0 or more"):
            gc(made.address, older_than_s=age)
    with pytest.raises(DataNotFoundError, match="plan"):
        gc(tmp_path)


def test_the_command_tells_what_it_deletes(
    made: small_archive.Made,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def said(*words: str) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["ectopy", "archive", "gc", made.address, *words])
        with suppress(SystemExit):
            main()
        told = capsys.readouterr()
        return told.out, told.err

    old, young = put(made, part(made, 0), 2), put(made, part(made, 1))
    out, _ = said("--dry-run")
    assert f"             5  {old}  (left over)\n1 files, 0.0 MB, would be deleted\n" in out
    assert "1 files without a commit are kept: something younger than 24 hours" in out
    told = json.loads(said("--json")[0])
    assert (told["dry_run"], told["bytes"], told["young"]) == (False, 5, 1)
    assert told["garbage"] == [{"name": old, "bytes": 5, "reason": "left over"}]
    assert "--older-than" in said("--older-than", "nan")[1]
    assert young in there(made)
    assert "1 files, 0.0 MB, deleted\n" in said("--older-than", "0")[0]
    assert young not in there(made)
