"""A local web server that misbehaves in every way we have met."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

PAGE = b"<!doctype html><html><body>Nothing here</body></html>"


class Server(ThreadingHTTPServer):
    """Serves ``files``; ``cuts`` says after how many bytes an answer breaks off, in turn."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.cuts: list[int] = []
        self.ranges = True
        self.lies_about_ranges = False
        self.html_for_missing = False
        self.asked: list[tuple[str, str | None]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet about connections that we break on purpose."""


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        name, span = self.path.lstrip("/"), self.headers.get("Range")
        self.server.asked.append((name, span))
        body = self.server.files.get(name)
        if body is None:
            if self.server.html_for_missing:
                self._send(200, PAGE, {"Content-Type": "text/html"})
            else:
                self._send(404, PAGE, {"Content-Type": "text/html"})
            return
        begin = 0
        if span and self.server.ranges:
            begin = int(re.fullmatch(r"bytes=(\d+)-", span)[1])  # type: ignore[index]
            if begin >= len(body):
                self._send(416, b"", {"Content-Range": f"bytes */{len(body)}"})
                return
            shown = 0 if self.server.lies_about_ranges else begin
            self._send(
                206, body[begin:], {"Content-Range": f"bytes {shown}-{len(body) - 1}/{len(body)}"}
            )
        else:
            self._send(200, body, {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.server.cuts and status in (200, 206):
            body = body[: self.server.cuts.pop(0)]
            self.close_connection = True
        self.wfile.write(body)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()
