"""Connections are bounded in time and number, however slowly their other side sends or reads."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from ectopy.app.guard import HEADERS

HEAD_S: Final = 10.0
"""Seconds from the first byte of a request, or from the connection, to the end of its headers."""
STILL_S: Final = 30.0
"""Seconds in which a reader of an answer takes `LEAST_BYTES` of it, or is left."""
LEAST_BYTES: Final = 16 << 10
REST_S: Final = 2.0
"""Seconds for the rest of a body that was answered before it was read."""
MOST_CONNECTIONS: Final = 400
"""At a time; of more, the one that has had no request for longest is closed."""


class Patience(H11Protocol):
    """One connection.

    uvicorn itself waits for ever for the headers of a request and for whoever does not read an
    answer; here each wait has an end. Of connections that no request is worked on for, the oldest
    makes room for a new one: hundreds that are held open keep nobody out.
    """

    head_s, still_s, rest_s, most = HEAD_S, STILL_S, REST_S, MOST_CONNECTIONS

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self._idle_since = 0.0
        self._awaited, self._left = "", 0
        self._sending: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None

    @property
    def _working(self) -> bool:
        """Whether a request is worked on."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room for it, and wait for its first request."""
        if len(self.connections) >= self.most:
            idle = [one for one in self.connections if isinstance(one, Patience)]
            idle = [one for one in idle if not one._working and not one.transport.is_closing()]
            if idle:
                min(idle, key=lambda one: one._idle_since).transport.abort()
        super().connection_made(transport)
        self._idle_since = time.monotonic()
        self._wait("head", self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all clocks."""
        self._wait("", 0.0)
        self._watch(False)
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and look what is awaited by now."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of this one."""
        self._idle_since = time.monotonic()
        super().on_response_complete()
        self._look()

    def timeout_keep_alive_handler(self) -> None:
        """Close what has had no request for long."""
        super().timeout_keep_alive_handler()
        self._watch(True)

    def pause_writing(self) -> None:
        """Wait for the reader of an answer, but not for ever."""
        super().pause_writing()
        self._watch(True)

    def resume_writing(self) -> None:
        """Go on: it was read."""
        super().resume_writing()
        if not self.transport.is_closing():
            self._watch(False)

    def send_400_response(self, msg: str) -> None:
        """Say in our form that it was no HTTP."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()  # within another answer
            return
        said = b'{"error": "the request is no valid HTTP; look at how it is sent"}'
        headers = {**HEADERS, "content-type": "application/json", "connection": "close"}
        headers["content-length"] = str(len(said))
        start = h11.Response(status_code=400, headers=list(headers.items()), reason=b"Bad Request")
        for event in (start, h11.Data(data=said), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _look(self) -> None:
        """Have the clock run that belongs to what is awaited."""
        if self.transport.is_closing():
            self._watch(True)
        elif self._working:
            self._wait("", 0.0)
        elif self.conn.their_state is not h11.IDLE:
            self._wait("rest", self.rest_s)
        elif self.timeout_keep_alive_task is None:
            self._wait("head", self.head_s)  # some of the next request is there
        else:
            self._wait("", 0.0)

    def _wait(self, what: str, seconds: float) -> None:
        """Wait for something sent, from when it is first awaited."""
        if what == self._awaited:
            return
        if self._sending is not None:
            self._sending.cancel()
        self._awaited = what
        self._sending = self.loop.call_later(seconds, self.transport.abort) if what else None

    def _watch(self, wanted: bool) -> None:
        """Look from time to time whether what was written is read."""
        if self._reading is not None and not wanted:
            self._reading.cancel()
            self._reading = None
        elif self._reading is None and wanted:
            self._left = self.transport.get_write_buffer_size()
            self._reading = self.loop.call_later(self.still_s, self._check)

    def _check(self) -> None:
        self._reading = None
        if self._left - self.transport.get_write_buffer_size() < LEAST_BYTES:
            self.transport.abort()
        else:
            self._watch(True)
