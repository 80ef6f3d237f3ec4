"""What routes are given: the review service, who asks, and the recording that is asked about."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from ectopy.app.faults import Refused
from ectopy.app.settings import AppSettings
from ectopy.review import readers
from ectopy.review.opened import Opened
from ectopy.review.service import Review

COOKIE = "ectopy"
_bearer = HTTPBearer(auto_error=False, description="Token of a reader, for programs.")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="The same, for the pages.")


async def review_of(request: Request) -> Review:
    """Give the service."""
    return service_of(request)


def service_of(request: Request) -> Review:
    """Give the service."""
    found: Review = request.app.state.review
    return found


def settings_of(request: Request) -> AppSettings:
    """Give the settings."""
    found: AppSettings = request.app.state.settings
    return found


def demanded(request: Request) -> bool:
    """Tell whether a token is demanded: beyond loopback, or where there are readers."""
    return not settings_of(request).loopback or bool(service_of(request).readers)


def asked_by(request: Request) -> str | None:
    """Give the reader whose token a request has; None where one is needed and it has none."""
    if not demanded(request):
        return readers.LOCAL
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() != "bearer":
        token = request.cookies.get(COOKIE, "")
    return service_of(request).readers.of(token) if token else None


def known(request: Request) -> str:
    """Give the reader who asks.

    Raises
    ------
    Refused
        If a token is needed and the request has none.
    """
    name = asked_by(request)
    if name is None:
        raise Refused(401, "a reader's token is needed; open the address that the server printed")
    return name


# None of these waits for anything: each that did would be one more change of threads.


async def reader(
    request: Request,
    _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    _cookie: Annotated[str | None, Security(_cookie)],
) -> str:
    """Give the name of who asks; the two ways to say it are in the description of the routes."""
    return known(request)


async def opened(
    request: Request,
    _: Annotated[str, Depends(reader)],
    recording: Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="id of the recording")],
) -> Opened:
    """Give a recording that is ready."""
    service = service_of(request)
    found = service.in_use(recording)
    return found if found is not None else await run_in_threadpool(service.opened, recording)


Service = Annotated[Review, Depends(review_of)]
Reader = Annotated[str, Depends(reader)]
Open = Annotated[Opened, Depends(opened)]
RecordingId = Annotated[
    str, Path(pattern="^[0-9a-f]{16}$", description="id of the recording", examples=["0" * 16])
]
