"""What goes wrong, as a status and one sentence, without traceback or path of the server."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from ectopy.errors import (
    DataNotFoundError,
    EctopyError,
    MissingExtraError,
    UnknownPatientError,
)
from ectopy.review.store import told

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
}
EVERYWHERE: Final = (400, 401, 403, 404, 405, 408, 413, 421, 422)


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
    return 422 if isinstance(error, UnknownPatientError) else 400


def answer(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Give the answer to a request that failed."""
    return JSONResponse({"error": sentence}, status_code=status, headers=dict(headers or {}))


def install(app: FastAPI, hidden: str) -> None:
    """Answer every error in one sentence.

    Parameters
    ----------
    app : FastAPI
        The application.
    hidden : str
        Path of the store, which is left out of every sentence.
    """

    @app.exception_handler(EctopyError)
    async def ours(_: Request, error: EctopyError) -> JSONResponse:
        sentence = str(error).replace(hidden, "the store")
        if isinstance(error, MissingExtraError):
            log.warning("an extra is missing: %s", sentence)
        return answer(status_of(error), sentence)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return answer(422, told(f"{where}: {first['msg']}", 400))

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        words = {404: "there is nothing at this address", 405: "this address has no such method"}
        sentence = words.get(error.status_code, str(error.detail))
        return answer(error.status_code, sentence, error.headers)

    @app.exception_handler(Exception)
    async def defect(_: Request, error: Exception) -> JSONResponse:
        # Where, but not what it says: that may quote a recording.
        places = traceback.extract_tb(error.__traceback__)[-4:]
        at = " < ".join(
            f"{p.name} ({p.filename.rsplit('/', 1)[-1]}:{p.lineno})" for p in places[::-1]
        )
        log.error("%s in %s", type(error).__name__, at)
        return answer(500, f"ectopy met a defect ({type(error).__name__}); please report it")
