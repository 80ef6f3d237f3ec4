"""Safe by default: who may ask, from where, and how much."""

from __future__ import annotations

import logging
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from app_session import API, Session, started
from browser_site import served

from ectopy.app.create import create_app
from ectopy.app.settings import AppSettings
from ectopy.errors import ConfigError
from ectopy.review import readers
from ectopy.review.service import Review
from ectopy.review.store import Store


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8360", 200),
        ("localhost", 200),
        ("[::1]:8360", 200),
        ("192.168.1.5", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example:8360", 421),
        ("localhost.evil.example", 421),
        ("", 421),
        ("a:b:c", 421),
    ],
)
def test_the_server_answers_to_its_own_names_alone(
    reading: Session, host: str, status: int
) -> None:
    answer = reading.http.get(f"{API}/recordings", headers={"Host": host})
    assert answer.status_code == status
    if status != 200:
        assert set(answer.json()) == {"error"}


def test_a_name_can_be_given(reading: Session) -> None:
    assert AppSettings(names=("ward.example",)).answers_to("Ward.example:8360")
    assert AppSettings(host="localhost").loopback
    assert AppSettings(host="::1").loopback
    assert not AppSettings(host="0.0.0.0").loopback
    assert not AppSettings(host="ward.example").loopback


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://127.0.0.1"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"X-Ectopy": None},
    ],
)
@pytest.mark.parametrize("way", ["post", "put", "delete"])
def test_another_site_can_change_nothing(
    session: Session, headers: dict[str, str | None], way: str
) -> None:
    where, body = {
        "post": (f"{session.at}/undo", {}),
        "put": (f"{session.at}/state", {"status": "signed"}),
        "delete": (session.at, None),
    }[way]
    client = session.http
    if headers.get("X-Ectopy", "") is None:
        client._http.headers.pop("X-Ectopy")
        headers = {}
    answer = client.request(way.upper(), where, json=body, headers=headers)
    assert answer.status_code == 403
    assert set(answer.json()) == {"error"}
    assert session.review.store.log(session.recording) == []
    assert session.review.store.recording(session.recording).state == "ready"


def test_the_page_itself_may_change_things(session: Session) -> None:
    headers = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    answer = session.http.put(f"{session.at}/state", json={"status": "reviewed"}, headers=headers)
    assert answer.status_code == 200


def test_another_site_reads_nothing_either(reading: Session) -> None:
    answer = reading.http.get(f"{API}/recordings", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "where", ["/api/v1/recordings", "/api/v1/nothing", "/nothing", "/api/v1/openapi.json"]
)
def test_every_answer_has_the_policy(reading: Session, where: str) -> None:
    for headers in ({}, {"Host": "evil.example"}):
        head = reading.http.get(where, headers=headers).headers
        policy = "default-src 'self'; frame-ancestors 'none'"
        assert head["content-security-policy"] == policy
        assert head["x-content-type-options"] == "nosniff"
        assert head["referrer-policy"] == "no-referrer"
    assert where.startswith("/api") == (head.get("cache-control") == "no-store")


def test_a_body_that_is_too_large_is_refused(session: Session) -> None:
    big = b'{"edit": "' + b"x" * (17 << 20) + b'"}'
    answer = session.http.post(f"{session.at}/edits", content=big)
    assert answer.status_code == 413

    async def pieces() -> Any:
        for _ in range(17 * 16):
            yield b" " * (1 << 16)

    # No length is told beforehand: what arrives is counted.
    answer = session.http.post(
        f"{session.at}/edits", content=pieces(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


@pytest.fixture
def hurried(prepared: tuple[Path, str], tmp_path: Path) -> Iterator[Session]:
    shutil.copytree(prepared[0], tmp_path / "store")
    settings = AppSettings(quiet_s=0.2, json_s=0.6)
    yield from started(tmp_path / "store", prepared[1], settings)


@pytest.mark.parametrize("pause_s", [30.0, 0.1])
def test_a_body_that_dribbles_is_refused(hurried: Session, pause_s: float) -> None:
    async def dribble() -> Any:
        while True:
            yield b" "
            await anyio.sleep(pause_s)

    # The transport of the tests reads on what the application asks for, so this ends by itself.
    answer = hurried.http.post(
        f"{hurried.at}/edits", content=dribble(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 408
    assert "too long" in answer.json()["error"]


@pytest.fixture
def guarded(prepared: tuple[Path, str], tmp_path: Path) -> Iterator[tuple[Session, str, str]]:
    """Serve with two readers."""
    shutil.copytree(prepared[0], tmp_path / "store")
    store = Store(tmp_path / "store")
    tokens = [readers.add(store, name) for name in ("anna", "ben")]
    store.close()
    for session in started(tmp_path / "store", prepared[1]):
        yield session, *tokens


def test_where_there_are_readers_each_needs_a_token(guarded: tuple[Session, str, str]) -> None:
    session, anna, ben = guarded
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Cookie": "ectopy=nonsense"}):
        answer = session.http.get(f"{session.at}/beats", headers=headers)
        assert answer.status_code == 401
        assert "token" in answer.json()["error"]
    for name, token in (("anna", anna), ("ben", ben)):
        for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"ectopy={token}"}):
            assert session.http.get(f"{session.at}/signal", headers=headers).status_code == 200
            who = session.http.get(f"{API}/session", headers=headers).json()
            assert who["reader"] == name


def test_a_token_becomes_a_cookie_that_no_script_reads(guarded: tuple[Session, str, str]) -> None:
    session, anna, _ = guarded
    assert session.http.get(f"{API}/session").json()["token_needed"] is True
    assert session.http.post(f"{API}/session", json={"token": "none"}).status_code == 401
    answer = session.http.post(f"{API}/session", json={"token": anna})
    assert answer.json()["reader"] == "anna"
    cookie = answer.headers["set-cookie"].casefold()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert session.http.get(f"{session.at}/signal").status_code == 200  # the client kept it
    session.http.delete(f"{API}/session")
    assert session.http.get(f"{session.at}/signal").status_code == 401


def test_every_edit_carries_its_reader_and_two_are_compared(
    guarded: tuple[Session, str, str],
) -> None:
    session, anna, ben = guarded
    as_anna, as_ben = ({"Authorization": f"Bearer {token}"} for token in (anna, ben))
    beats = session.http.get(
        f"{session.at}/beats", params={"label": "V", "limit": 2}, headers=as_anna
    ).json()["beats"]
    for headers, beat in ((as_anna, beats[0]), (as_ben, beats[1])):
        edit = {"kind": "relabel", "samples": [beat["sample"]], "to": "N"}
        done = session.http.post(f"{session.at}/edits", json={"edit": edit}, headers=headers)
        assert done.status_code == 201
    log = session.http.get(f"{session.at}/edits", headers=as_anna).json()["edits"]
    assert [row["author"] for row in log] == ["anna", "ben"]
    told = session.http.get(
        f"{session.at}/agreement", params={"a": "anna", "b": "ben"}, headers=as_anna
    ).json()
    assert [(row["sample"], row["a"], row["b"]) for row in told["differences"]] == [
        (beats[0]["sample"], "N", "V"), (beats[1]["sample"], "V", "N"),
    ]  # fmt: skip
    assert told["report"]["gross"]["VEB"]["se"] < 1
    unknown = session.http.get(
        f"{session.at}/agreement", params={"a": "anna", "b": "carl"}, headers=as_anna
    )
    assert "corrected nothing" in unknown.json()["error"]


def test_no_token_is_kept_and_a_reader_can_be_let_out(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    token = readers.add(store, "anna")
    new = readers.add(store, "anna")
    known = readers.Readers(store)
    assert known.of(token) is None
    assert known.of(new) == "anna"
    store.close()
    content = b"".join(path.read_bytes() for path in (tmp_path / "store").glob("review.sqlite*"))
    assert new.encode() not in content
    store = Store(tmp_path / "store")
    readers.remove(store, "anna")
    assert readers.Readers(store).of(new) is None
    for name in ("", "  ", "a\nb", "a\u202eb", "x" * 61, readers.LOCAL):
        with pytest.raises(ConfigError, match="cannot be called"):
            readers.add(store, name)
    store.close()


def test_no_server_listens_beyond_loopback_without_readers(tmp_path: Path) -> None:
    from ectopy.app.serve import serve

    with pytest.raises(ConfigError, match="can be reached by others"):
        serve(AppSettings(host="0.0.0.0"), 8360, tmp_path / "store")
    Store(tmp_path / "store").close()  # it let go of it


def test_a_defect_is_told_without_what_it_says(
    prepared: tuple[Path, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(prepared[0], tmp_path / "store")
    for session in started(tmp_path / "store", prepared[1]):

        def broken(_: str) -> None:
            raise RuntimeError("Jane Doe, born 1950")

        session.review.opened = broken  # type: ignore[method-assign,assignment]
        answer = session.http.get(f"{session.at}/signal")
        assert answer.status_code == 500
        assert answer.json() == {"error": "ectopy met a defect (RuntimeError); please report it"}
        assert "Jane" not in caplog.text
        assert "RuntimeError in broken" in caplog.text


@pytest.mark.parametrize("error", [RuntimeError("Jane Doe"), OSError("Jane Doe")])
def test_nor_does_the_server_say_it_on_its_own(
    prepared: tuple[Path, str], tmp_path: Path, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    shutil.copytree(prepared[0], tmp_path / "store")
    review = Review(Store(tmp_path / "store"))

    def broken(_: str) -> None:
        raise error

    review.opened = broken  # type: ignore[method-assign,assignment]
    with served(create_app(review)) as address:
        logging.getLogger("uvicorn.error").addHandler(caplog.handler)
        answer = httpx.get(f"{address}{API}/recordings/{prepared[1]}/signal")
        # Who goes away in the middle of a body is no defect either.
        host, _, port = address.removeprefix("http://").partition(":")
        one = review.submit("sent", "local", ["a.edf"], {}, {}, {}).id
        with socket.create_connection((host, int(port))) as gone:
            head = f"PUT {API}/recordings/{one}/files/0 HTTP/1.1\r\nHost: {host}\r\nX-Ectopy: a\r\n"
            gone.sendall(f"{head}Content-Length: 9\r\n\r\nx".encode())
    logging.getLogger("uvicorn.error").removeHandler(caplog.handler)
    assert answer.status_code == 500
    assert list(answer.json()) == ["error"]
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert "Jane" not in answer.text + caplog.text
    assert [record.name for record in caplog.records] == ["ectopy.app"], caplog.text
    assert not list(tmp_path.rglob("incoming-*"))


def test_the_documentation_names_every_status(reading: Session) -> None:
    told = reading.http.get(f"{API}/openapi.json").json()
    for path, ways in told["paths"].items():
        for way, about in ways.items():
            assert {"400", "401", "403", "404", "409", "413", "421", "422", "503", "507"} <= set(
                about["responses"]
            ), f"{way} {path}"
            assert about["summary"]
