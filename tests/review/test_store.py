"""The store keeps what was acknowledged, and deletes what is deleted."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ectopy.errors import ConfigError, DataNotFoundError
from ectopy.review.edits import BEATS, Edit, rows
from ectopy.review.store import Store, told


def one(number: int, **values: object) -> Edit:
    return Edit(number, "anna", "now", "relabel", rows([number], b"N", b"V"), **values)  # type: ignore[arg-type]


def test_a_log_comes_back_as_it_was(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    row = store.create("Jane <b>\n", "anna", "ready", {"files": []})
    assert row.name == "Jane <b>"
    first = store.append(row.id, [one(1, note={"item": "a"}), one(2)], None)
    store.append(row.id, [one(3, key="mine")], first[-1])
    store.close()
    again = Store(tmp_path / "store")
    log = again.log(row.id)
    assert [edit.number for edit in log] == [1, 2, 3]
    assert log[0].note == {"item": "a"}
    assert log[2].key == "mine"
    assert log[1].beats.tolist() == [(2, b"N", b"V", -1, -1)]
    assert again.intact(log)
    assert [edit.number for edit in again.log(row.id, after=2)] == [3]
    again.close()


def test_a_row_can_neither_be_changed_nor_pass_for_another(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    row = store.create("a", "anna", "ready", {})
    store.append(row.id, [one(1), one(2)], None)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), store.transaction() as db:
        db.execute("UPDATE edits SET author = 'ben'")
    store.close()
    # Behind our back: the chain of digests tells.
    db = sqlite3.connect(tmp_path / "store" / "review.sqlite")
    db.execute("DROP TRIGGER edits_stay")
    db.execute("UPDATE edits SET author = 'ben' WHERE number = 1")
    db.commit()
    db.close()
    store = Store(tmp_path / "store")
    assert not store.intact(store.log(row.id))
    store.close()


def test_of_edits_that_belong_together_all_or_none_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    row = store.create("a", "anna", "ready", {})
    first = store.append(row.id, [one(1)], None)
    with pytest.raises(ConfigError, match="not kept"):
        store.append(row.id, [one(2), one(1)], first[-1])
    assert len(store.log(row.id)) == 1
    with pytest.raises(DataNotFoundError, match="no recording"):
        store.append("0" * 16, [one(1)], None)
    store.close()


def test_delete_deletes_all_of_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    row = store.create("Jane Doe", "anna", "ready", {"files": [{"name": "jane.edf"}]})
    other = store.create("kept", "anna", "ready", {})
    (store.place(row.id) / "file").write_text("Jane Doe")
    store.append(row.id, [one(1, note={"why": "Jane Doe"})], None)
    store.append(other.id, [one(1)], None)
    store.delete(row.id)
    assert [found.id for found in store.recordings()] == [other.id]
    assert store.log(row.id) == []
    assert len(store.log(other.id)) == 1
    with pytest.raises(DataNotFoundError):
        store.delete(row.id)
    store.close()
    for path in (tmp_path / "store").rglob("*"):
        assert not path.is_file() or b"Jane" not in path.read_bytes(), path


def test_deleting_makes_room_before_it_needs_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "store")
    row = store.create("large", "anna", "ready", {})
    (store.place(row.id) / "file").write_bytes(b"x" * 1000)

    def full() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(store, "transaction", full)
        with pytest.raises(sqlite3.OperationalError):
            store.delete(row.id)
    assert not list((tmp_path / "store").rglob("file"))
    store.delete(row.id)  # it is asked for again, now that there is room
    assert store.recordings() == []
    assert list((tmp_path / "store" / "recordings").iterdir()) == []
    store.close()


def test_a_transaction_that_cannot_be_ended_leaves_none_open(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    row = store.create("a", "anna", "ready", {})
    pages = store.query("PRAGMA page_count")[0][0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    long = one(1, note={"why": "x" * 100_000})
    for _ in range(2):
        with pytest.raises(sqlite3.OperationalError, match="full"):
            store.append(row.id, [long], None)
    store._db.execute("PRAGMA max_page_count = 10000")
    assert [edit.number for edit in store.append(row.id, [long], None)] == [1]
    store.close()


def test_one_process_has_a_store_open(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    with pytest.raises(ConfigError, match="open in another process"):
        Store(tmp_path / "store")
    store.close()
    Store(tmp_path / "store").close()


def test_a_store_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    Store(tmp_path / "store").close()
    db = sqlite3.connect(tmp_path / "store" / "review.sqlite")
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(ConfigError, match="later ectopy"):
        Store(tmp_path / "store")


def test_what_is_no_folder_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be used as a store"):
        Store(tmp_path / "file" / "store")
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "review.sqlite").write_text("no data base at all, but long enough " * 100)
    with pytest.raises(ConfigError, match="cannot be used as a store"):
        Store(tmp_path / "s")


def test_text_is_shown_on_one_line() -> None:
    assert told("a\n\tb\u202ec\0") == "a b\ufffdc\ufffd"
    assert len(told("x" * 1000)) == 200


_EDITING = """
import sys
from ectopy.review.edits import Edit, rows
from ectopy.review.store import Store

store = Store(sys.argv[1])
row = store.recordings()[0]
log = store.log(row.id)
last = log[-1] if log else None
number = len(log)
print("ready", flush=True)
while True:
    number += 1
    edit = Edit(number, "anna", "now", "relabel", rows([number] * 50, b"N", b"V"))
    last = store.append(row.id, [edit], last)[-1]
    print(last.number, last.digest, flush=True)
"""


def test_no_acknowledged_edit_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    row = store.create("a", "anna", "ready", {})
    store.close()
    rng = np.random.default_rng(0)
    acknowledged: dict[int, str] = {}
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", _EDITING, str(tmp_path / "store")],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(float(rng.uniform(0.02, 0.3)))
            process.kill()
            for line in process.stdout.read().splitlines():
                number, *digest = line.split()
                if digest and len(digest[0]) == 64:  # the last line may be cut
                    acknowledged[int(number)] = digest[0]
        store = Store(tmp_path / "store")
        log = store.log(row.id)
        store.close()
        assert store.intact(log)
        assert [edit.number for edit in log] == list(range(1, len(log) + 1))
        kept = {edit.number: edit.digest for edit in log}
        assert acknowledged.items() <= kept.items()
    assert len(acknowledged) > 5
    assert BEATS.itemsize * 50 == log[0].beats.nbytes
