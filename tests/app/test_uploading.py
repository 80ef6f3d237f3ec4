"""From files to a recording that is ready, in a process of its own; and to nothing again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from app_session import API, Client, Session, started

from ectopy.recordings.simulation.simulate import simulate
from ectopy.review.limits import Limits
from ectopy.review.service import Review
from ectopy.review.store import Store


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Session]:
    yield from started(tmp_path / "store", "")


def record() -> dict[str, bytes]:
    """Give the two files of a WFDB record of 40 s."""
    recording, _ = simulate(40, rng=np.random.default_rng(5))
    numbers = np.rint(recording.read() * 1000).astype("<i2").T
    lines = [f"jane 2 {recording.fs_hz:g} {recording.n_samples}"]
    lines += [f"jane.dat 16 1000/mV 16 0 0 0 0 {lead}" for lead in recording.leads]
    return {"jane.hea": "\n".join(lines).encode(), "jane.dat": numbers.tobytes()}


def submit(http: Client, files: dict[str, bytes], name: str = "", **stated: object) -> str:
    body = {"name": name, "files": list(files), **stated}
    answer = http.post(f"{API}/recordings", json=body)
    assert answer.status_code == 201, answer.text
    one = str(answer.json()["id"])
    for number, content in enumerate(files.values()):
        sent = http.put(f"{API}/recordings/{one}/files/{number}", content=content)
        assert sent.status_code == 200, sent.text
        assert sent.json()["files"][number]["bytes"] == len(content)
    return one


def ended(http: Client, one: str, seconds: float = 60) -> dict[str, object]:
    """Wait until it is no longer analysed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told = http.get(f"{API}/recordings/{one}").json()
        if told["state"] not in ("waiting", "analysing"):
            return dict(told)
        time.sleep(0.05)
    raise AssertionError(f"it is still {told['state']}")


def test_a_record_is_uploaded_analysed_seen_and_deleted(empty: Session, tmp_path: Path) -> None:
    http = empty.http
    one = submit(http, record(), name="Jane <script>alert(1)</script>")
    assert http.post(f"{API}/recordings/{one}/analyse").json()["state"] in ("waiting", "analysing")
    told = ended(http, one)
    assert told["state"] == "ready", told
    assert told["name"] == "Jane <script>alert(1)</script>"
    seen = http.get(f"{API}/recordings/{one}/signal").json()
    assert [lead["name"] for lead in seen["leads"]] == ["II", "V1"]
    assert seen["beats"] > 30
    report = http.get(f"{API}/recordings/{one}/export/report")
    assert "<script>" not in report.text
    assert "Jane" not in report.headers["content-disposition"].replace("Jane-script-alert", "")
    # What the user called the files is nowhere on the disk but in the store's own table.
    names = [path.name for path in (tmp_path / "store").rglob("*")]
    assert not [name for name in names if "jane" in name.casefold()]
    assert http.delete(f"{API}/recordings/{one}").status_code == 204
    assert http.get(f"{API}/recordings/{one}").status_code == 404
    assert list((tmp_path / "store" / "recordings").iterdir()) == []


def test_what_is_no_recording_fails_in_one_sentence(empty: Session, tmp_path: Path) -> None:
    http = empty.http
    one = submit(http, {"../../<b>x</b>.edf": b"0       " + b"\0" * 5000})
    http.post(f"{API}/recordings/{one}/analyse")
    told = ended(http, one)
    assert told["state"] == "failed"
    assert str(told["message"]).startswith("the file ")
    assert str(tmp_path) not in str(told["message"])
    assert told["name"] == "b>"  # the last part, without the ending
    assert not told["again"]  # it would fail in the same way
    # It can be tried all the same, and another one beside it is analysed.
    assert http.post(f"{API}/recordings/{one}/analyse").status_code == 202
    example = http.post(f"{API}/example").json()["id"]
    assert ended(http, example)["state"] == "ready"
    assert ended(http, one)["state"] == "failed"


def test_a_message_calls_files_as_their_reader_does(empty: Session) -> None:
    files = record()
    one = submit(empty.http, files | {"jane.dat": files["jane.dat"][:1000]})
    empty.http.post(f"{API}/recordings/{one}/analyse")
    told = ended(empty.http, one)
    assert told["name"] == "jane"
    assert str(told["message"]).startswith("jane.dat is cut off")
    assert "jane.hea promises" in str(told["message"])
    assert not told["again"]
    other = submit(empty.http, {"lead.hea": b"hello\n"})
    empty.http.post(f"{API}/recordings/{other}/analyse")
    assert "its first line is 'hello'" in str(ended(empty.http, other)["message"])


def test_a_process_that_dies_harms_nobody(tmp_path: Path) -> None:
    for session in started(tmp_path / "store", "", limits=Limits(analysis_bytes=150 << 20)):
        one = session.http.post(f"{API}/example").json()["id"]
        told = ended(session.http, one)
        assert told["state"] == "failed"
        assert "memory" in str(told["message"]) or "defect" in str(told["message"])
        assert session.http.get(f"{API}/recordings").status_code == 200


def test_an_analysis_is_cancelled_and_taken_up_again(empty: Session) -> None:
    http = empty.http
    running = http.post(f"{API}/example").json()["id"]
    waiting = http.post(f"{API}/example").json()["id"]
    for one in (waiting, running):
        assert http.post(f"{API}/recordings/{one}/cancel").status_code == 202
    assert ended(http, waiting)["state"] == "cancelled"
    assert ended(http, running)["state"] == "cancelled"
    assert ended(http, running)["again"]
    again = http.post(f"{API}/recordings/{running}/cancel")
    assert "nothing to cancel" in again.json()["error"]
    assert http.post(f"{API}/recordings/{waiting}/analyse").status_code == 202
    assert ended(http, waiting)["state"] == "ready"


def test_what_was_not_done_is_done_at_the_next_start(tmp_path: Path) -> None:
    for session in started(tmp_path / "store", ""):
        one = session.http.post(f"{API}/example").json()["id"]
        lost = submit(session.http, {"a.edf": b"x"})  # its analysis was never asked for
    for session in started(tmp_path / "store", ""):
        assert ended(session.http, one)["state"] == "ready"
        assert session.http.get(f"{API}/recordings/{lost}").status_code == 404


def test_files_are_awaited_and_bounded(tmp_path: Path) -> None:
    limits = Limits(file_bytes=1000, recording_bytes=1500, recordings=2)
    for session in started(tmp_path / "store", "", limits=limits):
        http = session.http
        answer = http.post(f"{API}/recordings", json={"files": ["a.hea", "a.dat"]})
        at = f"{API}/recordings/{answer.json()['id']}"
        early = http.post(f"{at}/analyse")
        assert early.status_code == 409
        assert "was not given yet" in early.json()["error"]
        assert http.put(f"{at}/files/0", content=b"x" * 1001).status_code == 413
        assert http.put(f"{at}/files/0", content=b"").status_code == 400
        assert http.put(f"{at}/files/2", content=b"x").status_code == 409
        assert http.put(f"{at}/files/0", content=b"x" * 900).status_code == 200
        over = http.put(f"{at}/files/1", content=b"x" * 900)
        assert "more than 1500 bytes" in over.json()["error"]
        folder = tmp_path / "store" / "recordings" / answer.json()["id"] / "files"
        assert [path.name for path in folder.iterdir()] == ["file0.hea"]  # no rest of what failed
        http.post(f"{API}/recordings", json={"files": ["b"]})
        full = http.post(f"{API}/recordings", json={"files": ["c"]})
        assert "as many as it may" in full.json()["error"]


def test_a_disk_is_never_filled_and_what_never_came_goes(tmp_path: Path) -> None:
    for session in started(tmp_path / "store", "", limits=Limits(free_bytes=1 << 60)):
        answer = session.http.post(f"{API}/recordings", json={"files": ["a"]})
        assert "disk of the store is full" in answer.json()["error"]
    for session in started(tmp_path / "store", "", limits=Limits(upload_s=0.05)):
        first = session.http.post(f"{API}/recordings", json={"files": ["a"]}).json()["id"]
        time.sleep(0.1)
        second = session.http.post(f"{API}/recordings", json={"files": ["b"]}).json()["id"]
        assert [one["id"] for one in session.http.get(f"{API}/recordings").json()] == [second]
        assert (
            session.http.put(f"{API}/recordings/{first}/files/0", content=b"x").status_code == 404
        )


def test_a_folder_is_offered_and_nothing_of_it_is_copied_or_deleted(tmp_path: Path) -> None:
    from ectopy.app.settings import AppSettings

    folder = tmp_path / "holters"
    folder.mkdir()
    for name, content in record().items():
        (folder / name).write_bytes(content)
    settings = AppSettings(folder=folder)
    for session in started(tmp_path / "store", "", settings):
        http = session.http
        assert http.get(f"{API}/folder").json() == [{"number": 0, "name": "jane"}]
        assert http.post(f"{API}/folder/1").status_code == 404
        copied = shutil.copytree(folder, folder / "a")  # two that would be called alike
        shutil.copytree(copied, folder / "b")
        for file in folder.glob("jane.*"):
            file.unlink()
        names = [found["name"] for found in http.get(f"{API}/folder").json()]
        assert names == ["a/jane.hea", "b/jane.hea"]
        shutil.copytree(copied, folder, dirs_exist_ok=True)
        for other in ("a", "b"):
            shutil.rmtree(folder / other)
        one = http.post(f"{API}/folder/0").json()["id"]
        assert ended(http, one)["state"] == "ready"
        assert http.get(f"{API}/recordings/{one}/signal").json()["name"] == "jane"
        http.delete(f"{API}/recordings/{one}")
        assert sorted(path.name for path in folder.iterdir()) == ["jane.dat", "jane.hea"]


def test_a_recording_in_use_is_opened_once_however_few_are_kept(
    prepared: tuple[Path, str], tmp_path: Path
) -> None:
    shutil.copytree(prepared[0], tmp_path / "store")
    store = Store(tmp_path / "store")
    other = store.create("other", "local", "ready", store.recording(prepared[1]).about)
    shutil.copytree(store.place(prepared[1]), store.place(other.id), dirs_exist_ok=True)
    review = Review(store, Limits(opened=1))
    one = review.opened(prepared[1])
    review.opened(other.id)  # drops the first from those that are kept
    assert review.opened(prepared[1]) is one  # two of it would number their edits alike
    review.close()
