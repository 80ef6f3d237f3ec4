"""What an engineer who is new to it gets wrong: one sentence each, the right status, no harm."""

from __future__ import annotations

import errno
import hashlib
import itertools
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from app_session import API, Session, started
from test_uploading import ended, record, submit

from ectopy.review.limits import Limits
from ectopy.review.service import Review
from ectopy.review.store import Store


def refused(answer: httpx.Response, status: int, *words: str) -> str:
    """Check that it was refused, in one sentence with some words, and give the sentence."""
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert list(said) == ["error"]
    sentence = str(said["error"])
    assert 10 < len(sentence) < 400
    assert "\n" not in sentence
    assert "defect" not in sentence
    for word in words:
        assert word in sentence
    return sentence


SUBMISSIONS: list[tuple[Any, int, str]] = [
    ({}, 422, "files"),
    ({"files": []}, 422, "files"),
    ({"files": "a.edf"}, 422, "files"),
    ({"files": ["a"] * 65}, 422, "files"),
    ({"files": [None]}, 422, "files"),
    ({"files": ["a.edf"], "name": 5}, 422, "name"),
    ({"files": ["a.edf"], "nmae": "a"}, 422, "nmae"),
    ({"files": ["a.bin"], "fs_hz": "250"}, 422, "fs_hz"),
    ({"files": ["a.bin"], "fs_hz": True}, 422, "fs_hz"),
    ({"files": ["a.bin"], "fs_hz": 0}, 422, "fs_hz"),
    ({"files": ["a.bin"], "fs_hz": -250.0}, 422, "fs_hz"),
    ({"files": ["a.bin"], "fs_hz": float("nan")}, 422, "fs_hz"),
    ({"files": ["a.bin"], "gain": float("inf")}, 422, "gain"),
    ({"files": ["a.bin"], "gain": float("nan")}, 422, "gain"),
    ({"files": ["a.bin"], "units": "volts"}, 422, "units"),
    ({"files": ["a.edf"], "weights": "best"}, 422, "weights"),
    ({"files": ["a.edf"], "settings": {"pause": 3}}, 422, "pause"),
    ({"files": ["a.edf"], "settings": {"pause_s": float("inf")}}, 422, "pause_s"),
    ({"files": ["a.edf"], "settings": {"pause_s": 60}}, 400, "pause_s"),
]


@pytest.mark.parametrize(("body", "status", "word"), SUBMISSIONS, ids=range(len(SUBMISSIONS)))
def test_a_submission_that_cannot_be_is_refused(
    reading: Session, body: Any, status: int, word: str
) -> None:
    answer = reading.http.post(
        f"{API}/recordings", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    refused(answer, status, word)
    assert len(reading.review.store.recordings()) == 1


EDITS: list[tuple[dict[str, Any], int, str]] = [
    ({"kind": "relabel", "samples": ["155"], "to": "V"}, 422, "samples"),
    ({"kind": "relabel", "samples": [True], "to": "V"}, 422, "samples"),
    ({"kind": "relabel", "samples": [155.5], "to": "V"}, 422, "samples"),
    ({"kind": "relabel", "samples": [1], "to": "V"}, 409, "another reader may have changed"),
    ({"kind": "delete", "samples": [1, 2]}, 409, "another reader may have changed"),
    ({"kind": "relabel", "samples": 155, "to": "V"}, 422, "samples"),
    ({"kind": "relabel", "samples": [155], "to": "v"}, 422, "to"),
    ({"kind": "relable", "samples": [155], "to": "V"}, 422, "relable"),
    ({"samples": [155], "to": "V"}, 422, "kind"),
    ({"kind": "insert", "sample": 10**9, "to": "V"}, 400, "outside the recording"),
    ({"kind": "artefact", "start": 9, "stop": 9}, 400, "empty"),
    (
        {"kind": "cluster", "of": "N", "cluster": 12345, "to": "V"},
        409,
        "another reader may have changed",
    ),
    ({"kind": "accept", "item": "run:VEB:1:2"}, 409, "no such item"),
]


@pytest.mark.parametrize(("edit", "status", "word"), EDITS, ids=range(len(EDITS)))
def test_an_edit_that_cannot_be_is_refused(
    reading: Session, edit: dict[str, Any], status: int, word: str
) -> None:
    refused(reading.http.post(f"{reading.at}/edits", json={"edit": edit}), status, word)
    assert reading.review.opened(reading.recording).log == []


ASKED: list[tuple[str, str, int, str]] = [
    ("GET", "", 405, "no such method"),
    ("PATCH", "/recordings/{id}", 405, "no such method"),
    ("HEAD", "/recordings", 405, ""),
    ("GET", "/recordings/{id}/", 404, "nothing at this address"),
    ("GET", "/recordings/0123456789abcdef", 404, "choose one of the list"),
    ("GET", "/recordings/0123456789ABCDEF", 422, "recording"),
    ("DELETE", "/recordings/0123456789abcdef", 404, "choose one of the list"),
    ("GET", "/recordings/{id}/beats?limit=0", 422, "limit"),
    ("GET", "/recordings/{id}/beats?limit=10001", 422, "limit"),
    ("GET", "/recordings/{id}/beats?after=x", 422, "after"),
    ("GET", "/recordings/{id}/beats?start_s=-1", 422, "start_s"),
    ("GET", "/recordings/{id}/events?kind=runs", 422, "'run'"),
    ("GET", "/recordings/{id}/events?of=V", 422, "'VEB'"),
    ("GET", "/recordings/{id}/window?start=0&stop=100&leads=0,0", 400, "each once"),
    ("GET", "/recordings/{id}/window?start=0&stop=100&leads=II", 422, "leads"),
    ("GET", "/recordings/{id}/window?start=100&stop=0", 400, "outside the recording"),
    ("GET", "/recordings/{id}/window", 422, "start"),
    ("GET", "/recordings/{id}/export/edf", 422, "wfdb"),
    ("GET", "/recordings/{id}/edits/1", 404, "no edit 1"),
    ("GET", "/recordings/{id}/proposals/1", 404, "no proposal 1"),
    ("POST", "/recordings/{id}/proposals/1/accept", 404, "no proposal 1"),
    ("POST", "/recordings/{id}/proposals", 409, "nothing was corrected"),
    ("GET", "/recordings/{id}/agreement?a=anna&b=model", 400, "corrected nothing"),
    ("GET", "/recordings/{id}/agreement?a=model&b=model", 400, "with itself"),
    ("GET", "/recordings/{id}/why/1", 404, "beat"),
    ("POST", "/recordings/{id}/analyse", 409, "is ready already"),
    ("POST", "/recordings/{id}/cancel", 409, "nothing to cancel"),
    ("PUT", "/recordings/{id}/files/0", 409, "awaits no file"),
    ("POST", "/folder/0", 404, "no recording 0"),
]


@pytest.mark.parametrize(("method", "path", "status", "word"), ASKED)
def test_what_is_not_there_is_told(
    reading: Session, method: str, path: str, status: int, word: str
) -> None:
    address = f"{API}/session" if not path else f"{API}{path}".replace("{id}", reading.recording)
    content = b"x" if method == "PUT" else None
    answer = reading.http.request("PUT" if not path else method, address, content=content)
    if method == "HEAD":
        assert answer.status_code == status
    else:
        refused(answer, status, word)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_is_no_json_is_refused(reading: Session, kind: str) -> None:
    answer = reading.http.post(
        f"{reading.at}/undo", content=b"number=1", headers={"Content-Type": kind}
    )
    refused(answer, 422, "body")


def test_states_and_undo_out_of_turn_are_refused(session: Session) -> None:
    http, at = session.http, session.at
    refused(http.post(f"{at}/undo", json={}), 409, "nothing to undo")
    refused(http.post(f"{at}/redo", json={}), 409, "nothing to redo")
    refused(http.post(f"{at}/undo", json={"number": 9}), 404, "no edit 9")
    refused(http.put(f"{at}/state", json={"status": "draft"}), 409, "is draft already")
    refused(http.put(f"{at}/state", json={"status": "final"}), 422, "signed")
    signed = http.put(f"{at}/state", json={"status": "signed"})
    assert signed.json()["signature_holds"] is True
    refused(http.put(f"{at}/state", json={"status": "signed"}), 409, "is signed already")
    refused(http.post(f"{at}/undo", json={"number": 1}), 400, "no correction")
    sample = session.get("beats", label="V", limit=1)["beats"][0]["sample"]
    body = {"edit": {"kind": "delete", "samples": [sample]}, "revision": 99}
    refused(http.post(f"{at}/edits", json=body), 409, "the last one is 1")
    session.edit(kind="delete", samples=[sample])
    refused(
        http.post(f"{at}/edits", json={"edit": body["edit"]}),
        409,
        "another reader may have changed",
    )
    take_back = {"number": 3, "key": "take it back"}
    answers = [http.post(f"{at}/undo", json=take_back).json()["edit"] for _ in range(2)]
    assert answers[0]["number"] == answers[1]["number"] == 4  # sent again, and made once
    refused(http.post(f"{at}/undo", json={"number": 3}), 409, "undone already")
    insert = {"edit": {"kind": "insert", "sample": sample, "to": "V"}}
    refused(http.post(f"{at}/edits", json=insert), 409, "already")


def test_a_part_of_an_export_is_not_given_for_the_whole(reading: Session) -> None:
    whole = reading.http.get(f"{reading.at}/export/csv")
    for part in ("bytes=0-9", "bytes=9999999-", "lines=1-2", "bytes=-1,0-0"):
        answer = reading.http.get(f"{reading.at}/export/csv", headers={"Range": part})
        assert (answer.status_code, answer.content) == (200, whole.content)


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Session]:
    yield from started(tmp_path / "store", "", limits=Limits(free_bytes=0))


def test_files_sent_twice_at_once_or_too_late_leave_one_whole_file(
    waiting: Session, tmp_path: Path
) -> None:
    http, folder = waiting.http, tmp_path / "store" / "recordings"
    one = http.post(f"{API}/recordings", json={"files": ["a.edf", "b.dat"]}).json()["id"]
    contents = [bytes([i]) * 200_000 for i in range(4)]

    def send(content: bytes, at: str = f"{API}/recordings/{one}/files/0") -> None:
        assert http.put(at, content=content).status_code == 200

    threads = [threading.Thread(target=send, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.name for path in (folder / one / "files").iterdir()] == ["file0.edf"]
    kept = (folder / one / "files" / "file0.edf").read_bytes()
    assert kept in contents
    told = http.get(f"{API}/recordings/{one}").json()["files"][0]
    assert told["sha256"] == hashlib.sha256(kept).hexdigest()
    refused(http.post(f"{API}/recordings/{one}/analyse"), 409, "b.dat was not given yet")
    http.delete(f"{API}/recordings/{one}")
    refused(http.put(f"{API}/recordings/{one}/files/0", content=b"x"), 404)
    refused(http.delete(f"{API}/recordings/{one}"), 404)
    assert list(folder.iterdir()) == []


def test_what_is_deleted_while_it_is_sent_analysed_or_exported_is_gone(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    http, folder = session.http, tmp_path / "store" / "recordings"
    one = submit(http, record())
    assert http.post(f"{API}/recordings/{one}/analyse").status_code == 202
    refused(http.post(f"{API}/recordings/{one}/analyse"), 409, "already")
    refused(http.get(f"{API}/recordings/{one}/beats"), 409, "expected one that is ready")
    assert http.delete(f"{API}/recordings/{one}").status_code == 204
    assert [path.name for path in folder.iterdir()] == [session.recording]

    # Deleted between the look at it and the file that is written.
    two = http.post(f"{API}/recordings", json={"files": ["a.edf"]}).json()["id"]
    real = session.review.place_for

    def late(*asked: Any) -> Path:
        place = real(*asked)
        session.review.delete(two)
        return place

    monkeypatch.setattr(session.review, "place_for", late)
    refused(http.put(f"{API}/recordings/{two}/files/0", content=b"x"), 404, "choose one")

    opened = session.review.opened(session.recording)
    sample = int(opened.base.beats.samples[0])
    session.review.delete(session.recording)
    session.review._opened[session.recording] = opened  # somebody had it open
    refused(http.get(f"{session.at}/export/csv"), 404, "choose one")
    edit = {"edit": {"kind": "delete", "samples": [sample]}}
    refused(http.post(f"{session.at}/edits", json=edit), 404, "choose one")
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_told_and_all_goes_on_when_there_is_room(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    http, db = session.http, session.review.store._db
    sample = session.get("beats", label="V", limit=1)["beats"][0]["sample"]
    edit = {"edit": {"kind": "delete", "samples": [sample]}}
    session.edit(kind="relabel", samples=[sample], to="F")
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages}")  # what SQLite meets where the disk is full
    kept, answer = 1, None
    while answer is None or answer.status_code == 201:
        again = {"kind": "relabel", "samples": [sample], "to": "FS"[kept % 2]}
        answer = http.post(f"{session.at}/edits", json={"edit": again})
        kept += answer.status_code == 201
    refused(answer, 507, "disk of the store is full and nothing was kept")
    assert session.get("edits")["revision"] == kept
    db.execute("PRAGMA max_page_count = 1000000")
    assert http.post(f"{session.at}/edits", json=edit).json()["edit"]["number"] == kept + 1

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/secret/place")

    one = http.post(f"{API}/recordings", json={"files": ["a.edf"]}).json()["id"]
    monkeypatch.setattr("ectopy.analysis.outputs._write_aside", full)
    assert "passing" not in refused(http.get(f"{session.at}/export/csv"), 507, "disk")
    monkeypatch.setattr("tempfile.NamedTemporaryFile", full)
    refused(http.put(f"{API}/recordings/{one}/files/0", content=b"x"), 507, "disk")


def test_a_store_that_cannot_be_used_any_more_is_told_and_acknowledges_nothing(
    session: Session, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    http, db = session.http, session.review.store._db
    sample = session.get("beats", label="V", limit=1)["beats"][0]["sample"]
    edit = {"edit": {"kind": "delete", "samples": [sample]}}
    db.execute("PRAGMA query_only = ON")
    refused(http.post(f"{session.at}/edits", json=edit), 500, "readonly", "look at its folder")
    db.execute("PRAGMA query_only = OFF")
    shutil.move(tmp_path / "store", tmp_path / "moved")
    said = refused(http.post(f"{session.at}/edits", json=edit), 500, "No such file")
    assert str(tmp_path) not in said + caplog.text
    shutil.move(tmp_path / "moved", tmp_path / "store")
    assert http.post(f"{session.at}/edits", json=edit).json()["edit"]["number"] == 1


def test_a_clock_that_goes_back_changes_no_order_and_no_signature(
    prepared: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(prepared[0], tmp_path / "store")
    back = (f"20{60 - i}-01-01T00:00:00.000+00:00" for i in itertools.count())
    for module in ("store", "opened"):
        monkeypatch.setattr(f"ectopy.review.{module}.now", lambda: next(back))
    for session in started(tmp_path / "store", prepared[1]):
        sample = session.get("beats", label="V", limit=1)["beats"][0]["sample"]
        for to in "FSN":
            session.edit(kind="relabel", samples=[sample], to=to)
        session.http.post(f"{session.at}/undo", json={})
        session.http.put(f"{session.at}/state", json={"status": "signed"})
        # What is being sent is not taken for old, nor what is old for new.
        sent = session.http.post(f"{API}/recordings", json={"files": ["a"]}).json()["id"]
        session.http.post(f"{API}/recordings", json={"files": ["b"]})
        answer = session.http.put(f"{API}/recordings/{sent}/files/0", content=b"x")
        assert answer.status_code == 200
    for session in started(tmp_path / "store", prepared[1]):
        assert session.get("state")["signature_holds"] is True
        assert session.get("edits")["revision"] == 5
        beat = session.get("beats", after=sample - 1, limit=1)["beats"][0]
        assert (beat["sample"], beat["label"]) == (sample, "S")


def test_what_was_left_half_done_is_done_or_gone_at_the_next_start(
    prepared: tuple[Path, str], tmp_path: Path
) -> None:
    shutil.copytree(prepared[0], tmp_path / "store")
    folder = tmp_path / "store" / "recordings"
    left = [folder / ("0" * 16), folder / f"gone-{'1' * 16}", folder / prepared[1] / "passing-x"]
    for place in left:
        place.mkdir()
        (place / "Jane Doe.csv").write_text("Jane Doe")
    (folder / "not of ours").mkdir()
    store = Store(tmp_path / "store")
    about = {"stated": {}, "options": {}, "settings": {}}
    lost = store.create("lost", "local", "analysing", about | {"files": [
        {"name": "a.hea", "bytes": 5, "sha256": ""}, {"name": "a.dat", "bytes": 5, "sha256": ""}
    ]})  # fmt: skip
    half = store.create("deleted", "local", "ready", about)
    store.place(half.id).rename(folder / f"gone-{half.id}")  # its deletion was begun
    store.close()
    review = Review(Store(tmp_path / "store"))  # one that cannot be taken up stops no other
    row = review.store.recording(lost.id)
    assert (row.state, row.message) == ("failed", "its files cannot be read; submit them again")
    assert review.opened(prepared[1]).log == []
    assert half.id not in {row.id for row in review.store.recordings()}
    assert not [place for place in left if place.exists()]
    assert (folder / "not of ours").exists()
    review.close()


def test_how_an_analysis_ended_is_kept_once_there_is_room(
    waiting: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that runs analyses outlives a full disk, and the next one is analysed, too."""
    store, failures = waiting.review.store, itertools.count()
    real = store.change

    def sometimes(recording: str, **values: object) -> None:
        if values.get("state") == "failed" and next(failures) == 0:
            raise sqlite3.OperationalError("database or disk is full")
        real(recording, **values)

    monkeypatch.setattr(store, "change", sometimes)
    monkeypatch.setattr("ectopy.review.workers._AGAIN_S", 0.05)
    for _ in range(2):
        one = submit(waiting.http, {"a.edf": b"0       " + b"\0" * 5000})
        assert waiting.http.post(f"{API}/recordings/{one}/analyse").status_code == 202
        assert ended(waiting.http, one)["state"] == "failed"
    assert next(failures) == 3
