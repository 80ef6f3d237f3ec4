"""What goes wrong, as a status and one sentence, without traceback or path of the server."""

from __future__ import annotations

import logging
import os
import sqlite3
import traceback
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from ectopy.errors import (
    ConflictError,
    DataNotFoundError,
    EctopyError,
    MissingExtraError,
    UnknownPatientError,
)
from ectopy.files import disk_full
from ectopy.review.store import Store, told

log = logging.getLogger("ectopy.app")


class Fault(BaseModel):
    """What went wrong."""

    error: str = Field(description="one sentence: what was found, what was expected, what to do")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Say in the OpenAPI description which statuses a route may answer with."""
    return {status: {"model": Fault, "description": _MEANING[status]} for status in statuses}


_MEANING: Final[Mapping[int, str]] = {
    400: "it cannot be done: the sentence says why",
    401: "no reader has this token",
    403: "the request came from another site, or lacks the header X-Ectopy",
    404: "there is no such thing here",
    405: "no such method here",
    408: "the request took too long to arrive",
    409: "it cannot be done as things stand",
    413: "it is larger than it may be",
    421: "the server is not called by this name",
    422: "the request is not as described",
    503: "the server is busy with as many requests as it may; ask again",
    507: "the disk of the store is full, and nothing of the request was kept",
}
EVERYWHERE: Final = (400, 401, 403, 404, 405, 408, 409, 413, 421, 422, 503, 507)
_DISK: Final = (
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
)
FULL: Final = "the disk of the store is full and nothing was kept; make room, then send it again"


class Refused(EctopyError):  # noqa: N818, nothing went wrong here
    """A request is refused, with a status of its own."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def status_of(error: EctopyError) -> int:
    """Give the status of an error."""
    if isinstance(error, Refused):
        return error.status
    if isinstance(error, DataNotFoundError):
        return 404
    if isinstance(error, ConflictError):
        return 409
    return 422 if isinstance(error, UnknownPatientError) else 400


def answer(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Give the answer to a request that failed."""
    return JSONResponse({"error": sentence}, status_code=status, headers=dict(headers or {}))


def _of_the_disk(error: Exception) -> tuple[int, str] | None:
    """Tell what is wrong with the disk, where it is not ectopy that is wrong."""
    if isinstance(error, OSError):
        full, reason = disk_full(error), error.strerror
    else:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        full, reason = code == sqlite3.SQLITE_FULL, str(error) if code in _DISK else None
    if full:
        return 507, FULL
    if reason is None:
        return None
    return 500, f"what the store keeps cannot be used ({reason}); look at its folder and its disk"


def defect(error: Exception) -> JSONResponse:
    """Log where a defect is, but not what it says: that may quote a recording."""
    places = traceback.extract_tb(error.__traceback__)[-4:]
    at = " < ".join(f"{p.name} ({p.filename.rsplit('/', 1)[-1]}:{p.lineno})" for p in places[::-1])
    log.error("%s in %s", type(error).__name__, at)
    return answer(500, f"ectopy met a defect ({type(error).__name__}); please report it")


def install(app: FastAPI, store: Store) -> None:
    """Answer every error in one sentence.

    Parameters
    ----------
    app : FastAPI
        The application.
    store : Store
        Its path is left out of every sentence.
    """
    hidden = os.fspath(store.folder)

    @app.exception_handler(EctopyError)
    async def ours(_: Request, error: EctopyError) -> JSONResponse:
        if isinstance(error.__cause__, OSError) and disk_full(error.__cause__):
            log.error("%s", FULL)
            return answer(507, FULL)
        sentence = str(error).replace(hidden, "the store")
        if isinstance(error, MissingExtraError):
            log.warning("an extra is missing: %s", sentence)
        return answer(status_of(error), sentence)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        # What is as described, and still cannot be: settings that contradict each other, say.
        status = 400 if first["type"] == "value_error" else 422
        return answer(status, told(f"{where}: {said}", 400))

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        words = {404: "there is nothing at this address", 405: "this address has no such method"}
        sentence = words.get(error.status_code, str(error.detail))
        return answer(error.status_code, sentence, error.headers)

    @app.exception_handler(OSError)
    @app.exception_handler(sqlite3.Error)
    async def disk(request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, FileNotFoundError) and (one := request.path_params.get("recording")):
            try:
                store.recording(one)
            except DataNotFoundError as gone:  # deleted while it was worked on
                return answer(404, str(gone))
        known = _of_the_disk(error)
        if known is None:
            return defect(error)
        log.error("%s", known[1])
        return answer(*known)
