"""The guard before every request: who may ask, from where, how much, and how long it may take."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ectopy.app.access import asked_by, known
from ectopy.app.faults import Refused, answer, defect
from ectopy.app.settings import AppSettings

HEADER: Final = "x-ectopy"
"""Every request that changes something carries it: a form of another site cannot."""
HEADERS: Final = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
"""On every answer."""
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
API: Final = "/api/"
SIGN_IN: Final = "/api/v1/session"
MOST_REQUESTS: Final = 200
"""Requests that are worked on at a time; more are told to come again."""
_STRANGER_BYTES, _STRANGER_S = 4096, 10.0
"""Of the body of somebody without a token: it can be no more than a try to sign in."""


class Guard:
    """Wraps an application.

    Parameters
    ----------
    app : ASGIApp
        What is guarded.
    settings : AppSettings
        What is let in.
    file_bytes : int
        Most bytes of an uploaded file.
    """

    def __init__(self, app: ASGIApp, settings: AppSettings, file_bytes: int) -> None:
        self._app, self._settings, self._file_bytes = app, settings, file_bytes
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        api = scope["path"].startswith(API)
        began = False
        late: list[Refused] = []

        async def sending(message: Message) -> None:
            nonlocal began
            if late and not began:
                return  # whatever the application makes of a body that was cut
            if message["type"] == "http.response.start":
                began = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if api and "cache-control" not in headers:
                    headers["cache-control"] = "no-store"
            await send(message)

        self._running += 1
        try:
            headers = Headers(scope=scope)
            if self._running > MOST_REQUESTS:
                raise Refused(503, "the server is busy with many requests; ask again in a while")
            self._check(scope, headers)
            most, seconds = self._bounds(scope)
            length = headers.get("content-length", "0")
            if length.isdecimal() and int(length) > most:
                raise Refused(413, f"the request has {length} bytes, expected at most {most}")
            await self._app(scope, self._counted(receive, most, seconds, late), sending)
        except Refused as error:
            late[:] = [error]
        except ClientDisconnect:
            return  # whoever asked went away
        except Exception as error:
            response = defect(error)
            if not began:  # else the server cuts the connection: what was sent is not whole
                await response(scope, receive, sending)
        finally:
            self._running -= 1
        if late and not began:
            refusal = late.pop()
            closing = {"connection": "close"}
            await answer(refusal.status, str(refusal), closing)(scope, receive, sending)

    def _check(self, scope: Scope, headers: Headers) -> None:
        """Refuse what another site sends, or what is meant for another server."""
        host = headers.get("host", "")
        if not self._settings.answers_to(host):
            raise Refused(
                421, "this server is not called by that name; use its number, or start it with it"
            )
        site = headers.get("sec-fetch-site", "none")
        if scope["path"].startswith(API) and site not in ("same-origin", "none"):
            raise Refused(403, "the request came from another site")
        if scope["method"] in _SAFE:
            return
        origin = headers.get("origin")
        if origin is not None and origin.casefold() != f"{scope['scheme']}://{host}".casefold():
            raise Refused(403, "the request came from another site")
        if HEADER not in headers:
            raise Refused(403, "the request changes something and lacks the header X-Ectopy")
        if scope["path"].startswith(API) and scope["path"] != SIGN_IN:
            known(Request(scope))  # before its body is read

    def _bounds(self, scope: Scope) -> tuple[int, float]:
        if asked_by(Request(scope)) is None:
            return _STRANGER_BYTES, min(_STRANGER_S, self._settings.json_s)
        if scope["method"] == "PUT" and "/files/" in scope["path"]:
            return self._file_bytes, self._settings.file_s
        return self._settings.json_bytes, self._settings.json_s

    def _counted(self, receive: Receive, most: int, seconds: float, late: list[Refused]) -> Receive:
        """Count what arrives, and wait neither long for it nor for too much of it."""
        read, end, done = 0, time.monotonic() + seconds, False

        async def counted() -> Message:
            nonlocal read, done
            if done:  # from then on this waits for the client to go away
                return await receive()
            quiet = min(self._settings.quiet_s, end - time.monotonic())
            try:
                message = await asyncio.wait_for(receive(), max(quiet, 0.001))
            except TimeoutError:
                late.append(Refused(408, "the request took too long to arrive; send it again"))
                raise late[0] from None
            read += len(message.get("body", b""))
            if read > most:
                late.append(Refused(413, f"the request has more than {most} bytes"))
                raise late[0]
            done = message["type"] == "http.disconnect" or not message.get("more_body", False)
            return message

        return counted
