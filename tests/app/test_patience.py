"""However slowly the other side sends or reads, a connection has an end, and keeps nobody out."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from browser_site import served

from ectopy.app.create import create_app
from ectopy.app.guard import HEADERS
from ectopy.app.patience import Patience
from ectopy.app.settings import AppSettings
from ectopy.review import readers
from ectopy.review.service import Review
from ectopy.review.store import Store

LONGEST_S = 20.0
"""More than any wait of the hurried server, on a busy computer."""


class Hurried(Patience):
    head_s, still_s, rest_s, most = 0.4, 0.5, 0.3, 20


class Desk:
    """A server that hurries, and sockets to it."""

    def __init__(self, address: str, token: str, recording: str) -> None:
        self.address, self.token, self.recording = address, token, recording
        self.open = ExitStack()

    def connect(self) -> socket.socket:
        host, _, port = self.address.removeprefix("http://").partition(":")
        made = socket.create_connection((host, int(port)), timeout=LONGEST_S)
        return self.open.enter_context(made)

    def head(self, method: str, path: str, *more: str, token: bool = True) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "X-Ectopy: test", *more]
        lines += [f"Authorization: Bearer {self.token}"] if token else []
        return "\r\n".join([*lines, "", ""]).encode()

    def well(self) -> bool:
        """Whether somebody else is answered."""
        answer = httpx.get(f"{self.address}/api/v1/session", timeout=LONGEST_S)
        return answer.status_code == 200


@pytest.fixture
def desk(prepared: tuple[Path, str], tmp_path: Path) -> Iterator[Desk]:
    folder, recording = prepared
    shutil.copytree(folder, tmp_path / "store")
    store = Store(tmp_path / "store")
    token = readers.add(store, "anna")
    settings = AppSettings(quiet_s=0.4, json_s=0.8, file_s=0.8)
    with served(create_app(Review(store), settings), Hurried) as address:
        desk = Desk(address, token, recording)
        with desk.open:
            yield desk


def ended(connection: socket.socket, drip: bytes = b"") -> tuple[float, bytes]:
    """Give the seconds until the server ends a connection, and what it said, dripping into it."""
    begin, said = time.monotonic(), b""
    connection.settimeout(0.05)
    while time.monotonic() - begin < LONGEST_S:
        try:
            if drip:
                connection.sendall(drip)
            piece = connection.recv(65536)
            said += piece
            if not piece:
                return time.monotonic() - begin, said
        except TimeoutError:
            continue
        except OSError:  # it was cut
            return time.monotonic() - begin, said
    raise AssertionError(f"it is still open after {LONGEST_S} s: {said[:200]!r}")


@pytest.mark.parametrize("drip", [b"", b"a"], ids=["silent", "a byte at a time"])
def test_headers_have_an_end(desk: Desk, drip: bytes) -> None:
    never = desk.connect()
    begun = desk.connect()
    begun.sendall(b"GET /api/v1/session HTTP/1.1\r\nX-Slow: ")
    kept = desk.connect()
    kept.sendall(desk.head("GET", "/api/v1/session"))
    assert kept.recv(65536).startswith(b"HTTP/1.1 200")
    kept.sendall(b"GET /")
    for connection in (never, begun, kept):
        _, said = ended(connection, drip)
        assert b"HTTP/1.1 200" not in said
    assert desk.well()


def test_a_body_has_an_end_and_of_a_stranger_nothing_is_read(desk: Desk) -> None:
    at = f"/api/v1/recordings/{desk.recording}"
    length = "Content-Length: 100000"
    slow = desk.connect()
    slow.sendall(desk.head("POST", f"{at}/edits", length, "Content-Type: application/json"))
    _, said = ended(slow, b" ")
    assert said.startswith(b"HTTP/1.1 408")
    assert b"took too long" in said
    for method, path in (("POST", f"{at}/edits"), ("PUT", f"{at}/files/0")):
        stranger = desk.connect()
        stranger.sendall(desk.head(method, path, length, token=False))
        _, said = ended(stranger, b" ")
        assert said.startswith(b"HTTP/1.1 401"), said
    signing_in = desk.connect()
    signing_in.sendall(desk.head("POST", "/api/v1/session", length, token=False))
    assert ended(signing_in)[1].startswith(b"HTTP/1.1 413")
    # Answered before it was read, on a connection that could be kept: the rest is not awaited.
    early = desk.connect()
    early.sendall(desk.head("GET", "/api/v1/session", length))
    _, said = ended(early, b" ")
    assert said.startswith(b"HTTP/1.1 200")
    assert desk.well()


def test_who_does_not_read_is_left(desk: Desk) -> None:
    reader = desk.connect()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    window = f"/api/v1/recordings/{desk.recording}/window?start=0&stop=108000&columns=100000"
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        try:
            reader.settimeout(0.05)
            reader.sendall(desk.head("GET", window))
        except TimeoutError:
            continue
        except OSError:
            break
    else:
        raise AssertionError("who read nothing was waited for")
    assert desk.well()


def test_whoever_reads_slowly_but_reads_gets_all_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hurried, "still_s", 1.0)
    path = f"/api/v1/recordings/{desk.recording}/window?start=0&stop=108000&columns=100000"
    reader, n = desk.connect(), 60  # more than the system buffers for a connection
    reader.sendall(desk.head("GET", path) * (n - 1) + desk.head("GET", path, "Connection: close"))
    read = 0
    while piece := reader.recv(1 << 18):
        read += len(piece)
        time.sleep(0.03)
    assert read > n * 2 * 108_000


def test_hundreds_that_are_held_open_keep_nobody_out(desk: Desk) -> None:
    kept = [desk.connect() for _ in range(Hurried.most)]
    for connection in kept:
        connection.sendall(desk.head("GET", "/api/v1/session"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    for _ in range(200):
        desk.connect()
    begin = time.monotonic()
    assert desk.well()
    assert time.monotonic() - begin < LONGEST_S
    ended(kept[0])  # the oldest made room, long before a connection is closed for being idle


def test_what_is_no_http_is_told_so(desk: Desk) -> None:
    for junk in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
                 b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000,
                 b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n"
                 b"Content-Length: 2\r\n\r\n"):  # fmt: skip
        connection = desk.connect()
        connection.sendall(junk)
        head, _, body = ended(connection)[1].partition(b"\r\n\r\n")
        if head:  # where more was sent than was read, the answer may be lost with the connection
            assert head.startswith(b"HTTP/1.1 400")
            assert (
                b"content-security-policy: " + HEADERS["content-security-policy"].encode() in head
            )
            assert list(json.loads(body)) == ["error"]
    assert desk.well()


def test_more_requests_than_can_be_worked_on_are_told_to_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ectopy.app.guard.MOST_REQUESTS", 2)
    path = f"/api/v1/recordings/{desk.recording}/edits"
    for _ in range(2):
        desk.connect().sendall(
            desk.head("POST", path, "Content-Length: 10", "Content-Type: application/json")
        )
    deadline = time.monotonic() + LONGEST_S
    statuses = set()
    while time.monotonic() < deadline and statuses < {200, 503}:
        answer = httpx.get(f"{desk.address}/api/v1/session", timeout=LONGEST_S)
        statuses.add(answer.status_code)
        if answer.status_code == 503:
            assert "ask again" in answer.json()["error"]
    assert statuses >= {200, 503}
