"""Who asks: a token is exchanged for a cookie, so that no page keeps it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from ectopy import __version__
from ectopy.app.access import COOKIE, Service, asked_by, demanded
from ectopy.app.faults import Refused
from ectopy.app.model import SessionIn, SessionOut

router = APIRouter(tags=["session"])


@router.get("/session", summary="Who am I?")
async def who(request: Request) -> SessionOut:
    """Tell the reader whose cookie or token it is."""
    return SessionOut(reader=asked_by(request), token_needed=demanded(request), version=__version__)


@router.post("/session", summary="Sign in")
async def sign_in(
    given: SessionIn, request: Request, response: Response, review: Service
) -> SessionOut:
    """Exchange a reader's token for a cookie."""
    name = review.readers.of(given.token)
    if name is None:
        raise Refused(401, "no reader has this token; open the address that the server printed")
    response.set_cookie(
        COOKIE,
        given.token,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        max_age=30 * 86400,
    )
    return SessionOut(reader=name, token_needed=demanded(request), version=__version__)


@router.delete("/session", status_code=204, summary="Sign out")
async def sign_out(response: Response) -> None:
    """Forget the cookie."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
