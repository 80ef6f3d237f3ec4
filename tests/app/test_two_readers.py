"""Two named readers of one recording, from the tokens that the server prints to their export."""

from __future__ import annotations

import io
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from cli_server import Running, running

from ectopy.recordings.annotations import read_annotations


class Reader:
    """Somebody with a token, who signed in on the pages or sends it along as programs do."""

    def __init__(self, server: Running, name: str, opened: ExitStack, *, cookie: bool) -> None:
        at = f"{server.address}/api/v1"
        self.http = httpx.Client(base_url=at, headers={"X-Ectopy": "test"}, timeout=60)
        opened.enter_context(self.http)
        token = server.tokens[name]
        if cookie:
            assert self.http.post("/session", json={"token": token}).json()["reader"] == name
        else:
            self.http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, **query: Any) -> Any:
        answer = self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def edit(self, one: str, status: int = 201, **body: Any) -> Any:
        answer = self.http.post(f"{one}/edits", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()


def relabel(sample: int, to: str) -> dict[str, Any]:
    return {"kind": "relabel", "samples": [sample], "to": to}


def label(reader: Reader, one: str, sample: int) -> str:
    return str(reader.get(f"{one}/beats", after=sample - 1, limit=1)["beats"][0]["label"])


def test_two_readers_correct_disagree_sign_and_one_leaves(
    prepared: tuple[Path, str], tmp_path: Path
) -> None:
    folder, recording = prepared
    store = tmp_path / "store"
    shutil.copytree(folder, store)
    one = f"/recordings/{recording}"
    names = ("--reader", "anna", "--reader", "Dr. Ben Ö")
    with running(store, *names, readers=2) as server, ExitStack() as opened:
        anna = Reader(server, "anna", opened, cookie=True)
        ben = Reader(server, "Dr. Ben Ö", opened, cookie=False)
        assert httpx.get(f"{server.address}/api/v1{one}/beats").status_code == 401
        first, second, third = (
            beat["sample"]
            for beat in anna.get(f"{one}/beats", label="V", uncertain=False, limit=3)["beats"]
        )

        # Both look at the same labels, and correct the same beat: the later one is told so.
        seen = anna.get(f"{one}/signal")["revision"]
        done = anna.edit(one, edit=relabel(first, "N"), revision=seen)
        assert done["edit"]["author"] == "anna"
        told = ben.edit(one, 409, edit=relabel(first, "S"), revision=seen)["error"]
        assert f"anna changed the beat at sample {first} (edit 1)" in told
        assert label(ben, one, first) == "N"
        # Another beat is nobody's business; and who has seen it may well disagree.
        ben.edit(one, edit=relabel(second, "F"), revision=seen)
        ben.edit(one, edit=relabel(first, "S"), revision=2)
        # Neither is lost: without ben's, anna's stands again.
        assert label(anna, one, first) == "S"
        assert ben.http.post(f"{one}/undo", json={}).json()["edit"]["target"] == 3
        assert label(anna, one, first) == "N"
        # What was taken back since was changed, too.
        told = anna.edit(one, 409, edit=relabel(first, "Q"), revision=3)["error"]
        assert "Dr. Ben Ö changed" in told
        assert ben.http.post(f"{one}/redo", json={}).status_code == 201

        # The same name for two edits, by two readers and by one.
        named = {"edit": relabel(third, "Q"), "key": "edit-0001"}
        number = anna.edit(one, **named)["edit"]["number"]
        assert anna.edit(one, **named)["edit"]["number"] == number
        assert ben.edit(one, **named)["edit"]["author"] == "Dr. Ben Ö"
        told = anna.edit(one, 409, edit=relabel(second, "N"), key="edit-0001")["error"]
        assert f"the key was that of edit {number}" in told
        assert label(anna, one, second) == "F"

        agreed = anna.get(f"{one}/agreement", a="anna", b="Dr. Ben Ö")
        assert [(row["sample"], row["a"], row["b"]) for row in agreed["differences"]] == [
            (first, "N", "S"), (second, "V", "F"),
        ]  # fmt: skip
        assert agreed["report"]["gross"]["VEB"]["se"] < 1

        revision = anna.get(f"{one}/signal")["revision"]
        sign = {"status": "signed", "revision": revision}
        state = anna.http.put(f"{one}/state", json=sign).json()
        assert state["standing"]["by"] == "anna"
        assert ben.get(f"{one}/state")["signature_holds"] is True
        assert ben.http.put(f"{one}/state", json=sign).status_code == 409
        reopened = ben.edit(one, edit=relabel(second, "V"))
        assert reopened["standing"]["status"] == "draft"
        log = anna.get(f"{one}/edits")["edits"]
        assert [row["author"] for row in log[-3:]] == ["anna", "Dr. Ben Ö", "Dr. Ben Ö"]
        assert log[-2]["note"] == {"state": "draft", "reopened": True}
        (tmp_path / "a.ect").write_bytes(anna.http.get(f"{one}/export/wfdb").content)
        report = anna.http.get(f"{one}/export/report").text
        assert "labels corrected by Dr. Ben Ö, anna" in report

    marks = read_annotations(tmp_path / "a", "ect")
    at = dict(zip(marks.samples.tolist(), marks.symbols.tolist(), strict=True))
    assert [at[sample] for sample in (first, second, third)] == ["S", "V", "Q"]
    # The token is said once, to whoever started the server, and kept nowhere.
    assert len(server.lines) == 4, server.lines
    for name, token in server.tokens.items():
        assert f"{name}: {server.address}/#token={token}" in server.lines
        for path in store.rglob("*"):
            assert not path.is_file() or token.encode() not in path.read_bytes()

    with running(store, "--remove-reader", "Dr. Ben Ö") as again, ExitStack() as opened:
        again.tokens = server.tokens
        anna = Reader(again, "anna", opened, cookie=True)  # her token holds
        for headers in (ben.http.headers, {"Cookie": f"ectopy={server.tokens['Dr. Ben Ö']}"}):
            gone = httpx.get(f"{again.address}/api/v1{one}/beats", headers=dict(headers))
            assert gone.status_code == 401
        kept = {"X-Ectopy": "test"}
        back = {"token": server.tokens["Dr. Ben Ö"]}
        signing_in = httpx.post(f"{again.address}/api/v1/session", json=back, headers=kept)
        assert signing_in.status_code == 401
        # What he corrected stays his.
        assert anna.get(f"{one}/edits")["edits"] == log
        assert anna.get(f"{one}/agreement", a="anna", b="Dr. Ben Ö")["n_differences"] == 1
    assert again.lines[1:] == ["only this computer can reach it, and every reader needs a token"]


def test_whoever_is_no_reader_cannot_be_removed_and_nothing_is_changed(
    tmp_path: Path,
) -> None:
    from ectopy.app.serve import serve
    from ectopy.app.settings import AppSettings
    from ectopy.errors import ConfigError
    from ectopy.review import readers
    from ectopy.review.store import Store

    store = Store(tmp_path / "store")
    token = readers.add(store, "anna")
    store.close()
    beyond, here = AppSettings(host="0.0.0.0"), AppSettings()
    said = io.StringIO()
    for settings, new, former, expected in (
        (here, ["anna"], ["carl"], "has no reader 'carl', its readers are anna"),
        (beyond, [], ["anna"], "can be reached by others"),
        (here, ["a\nb"], ["anna"], "cannot be called"),
        (here, ["model"], [], "cannot be called"),
        (AppSettings(host="nowhere.invalid"), ["anna"], [], "no address of this computer"),
        (AppSettings(host="203.0.113.7"), ["anna"], [], "cannot be listened on"),
    ):
        with pytest.raises(ConfigError, match=expected):
            serve(settings, 0, tmp_path / "store", new, former, say=said.write)
    assert said.getvalue() == ""
    store = Store(tmp_path / "store")
    assert readers.Readers(store).of(token) == "anna"
    store.close()
