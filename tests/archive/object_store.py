"""A local object store for tests (moto), and a proxy before it that does what networks do."""

from __future__ import annotations

import http.client
import logging
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_MAX_ATTEMPTS": "1",  # botocore waits for up to a second; s3fs tries again by itself
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""The environment of a user of the store, without the endpoint."""


@dataclass
class Fault:
    """What happens to the next requests of a method whose path holds some text.

    ``busy``, ``conflict`` and ``denied`` answer 503, 409 and 403 and do nothing. ``reset`` breaks
    the connection before, ``lost`` after the store did what was asked; ``twice`` has it done twice
    and gives the second answer; ``late`` breaks the connection, and has it done in a moment.
    ``cut`` gives half of the answer, ``slow`` gives it bit by bit. ``unconditional`` takes the
    condition away.
    """

    kind: str
    method: str = "PUT"
    path: str = ""
    times: int = 1


@dataclass
class ObjectStore:
    """The store, and what its proxy was asked and told to do."""

    endpoint: str
    behind: tuple[str, int]
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    late: list[threading.Thread] = field(default_factory=list)
    one_at_a_time: threading.Lock = field(default_factory=threading.Lock)
    """moto looks and then writes; a real store does both at once."""

    def settle(self) -> None:
        """Wait for what is late, and be without fault from now on."""
        for thread in self.late:
            thread.join()
        for some in (self.late, self.faults, self.asked):
            some.clear()

    def methods(self, name: str) -> list[str]:
        """Give the methods of the requests for what ends in a name."""
        return [method for method, path, _ in self.asked if path.endswith(name)]

    def make_bucket(self, name: str) -> str:
        """Make a bucket by asking the store itself."""
        status, _, _ = self.forward("PUT", f"/{name}", {"Host": "127.0.0.1"}, b"")
        assert status == 200
        return name

    def fault(self, method: str, path: str) -> str:
        """Give the fault that a request meets."""
        with self.one_at_a_time:
            for fault in self.faults:
                if fault.times and fault.method == method and fault.path in path:
                    fault.times -= 1
                    return fault.kind
        return ""

    def forward(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Have the store do it."""
        with self.one_at_a_time:
            behind = http.client.HTTPConnection(*self.behind, timeout=10)
            try:
                behind.request(method, path, body=body, headers=headers)
                answer = behind.getresponse()
                return answer.status, answer.getheaders(), answer.read()
            finally:
                behind.close()


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """Start a store and its proxy, on ports of 127.0.0.1 that nobody uses."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    store = ObjectStore("", moto.get_host_and_port())
    proxy = _Proxy(("127.0.0.1", 0), type("Handler", (_Handler,), {"store": store}))
    store.endpoint = f"http://127.0.0.1:{proxy.server_address[1]}"
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield store
    finally:
        store.settle()
        proxy.shutdown()
        proxy.server_close()
        thread.join()
        moto.stop()


def _refusal(status: int, code: str) -> tuple[int, list[tuple[str, str]], bytes]:
    text = f"<Error><Code>{code}</Code><Message>told so by a test</Message></Error>"
    return status, [("Content-Type", "application/xml")], text.encode()


_REFUSED = {
    "busy": _refusal(503, "SlowDown"),
    "conflict": _refusal(409, "ConditionalRequestConflict"),
    "denied": _refusal(403, "AccessDenied"),
}


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: Any) -> None:
        """Say nothing: connections are broken on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: ObjectStore

    def log_message(self, *_: Any) -> None:
        pass

    def _work(self) -> None:
        store, method, path = self.store, self.command, self.path
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = dict(self.headers.items())
        store.asked.append((method, path, headers))
        kind = store.fault(method, path)
        if kind in _REFUSED:
            self._answer(*_REFUSED[kind], "")
            return
        if kind == "reset":
            self._break()
            return
        if kind == "unconditional":
            headers.pop("If-None-Match", None)
        if kind == "late":
            thread = threading.Thread(target=self._later, args=(method, path, headers, body))
            store.late.append(thread)
            thread.start()
            self._break()
            return
        answer = store.forward(method, path, headers, body)
        if kind == "twice":
            answer = store.forward(method, path, headers, body)
        if kind == "lost":
            self._break()
            return
        self._answer(*answer, kind)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _work  # noqa: N815, names of http.server

    def _later(self, *asked: Any) -> None:
        time.sleep(0.4)
        self.store.forward(*asked)

    def _break(self) -> None:
        """Break the connection, with a reset instead of an orderly end."""
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes, kind: str) -> None:
        own = {"content-length", "transfer-encoding", "connection", "date", "server"}
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in own:
                self.send_header(name, value)
        length = {name.lower(): value for name, value in headers}.get("content-length")
        self.send_header(
            "Content-Length", length if self.command == "HEAD" and length else str(len(body))
        )
        self.end_headers()
        if self.command == "HEAD":
            return
        if kind == "cut":
            self.wfile.write(body[: len(body) // 2])
            self._break()
        elif kind == "slow":
            step = len(body) // 4 + 1
            for i in range(0, len(body), step):
                self.wfile.write(body[i : i + step])
                self.wfile.flush()
                time.sleep(0.03)
        else:
            self.wfile.write(body)
