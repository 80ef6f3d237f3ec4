"""The application: the guard, the REST routes, the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from ectopy import __version__
from ectopy.app import faults, pages
from ectopy.app.guard import Guard
from ectopy.app.routes.every import ROUTERS
from ectopy.app.settings import AppSettings
from ectopy.review.service import Review

if TYPE_CHECKING:
    from ectopy.app.archived import Archived

PREFIX = "/api/v1"
_ABOUT = """
Look, correct, sign: the service behind the pages of `ectopy serve`.

A recording is submitted (`POST /recordings`), its files are sent (`PUT .../files/0`), and it is
analysed (`POST .../analyse`); once its state is `ready` it is seen, corrected and exported. Every
request that changes something carries the header `X-Ectopy` (with any value). What goes wrong is
told in one sentence: `{"error": "..."}`. Not a medical device.
"""


def create_app(
    review: Review, settings: AppSettings | None = None, archived: Archived | None = None
) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    review : Review
        What it serves; it is closed when the server ends.
    settings : AppSettings, optional
        What is let in.
    archived : Archived, optional
        An archive whose recordings are offered.

    Examples
    --------
    >>> from ectopy.app import create_app
    >>> from ectopy.review import Store
    >>> from ectopy.review.service import Review
    >>> review = Review(Store("store"))
    >>> create_app(review).openapi()["paths"]["/api/v1/recordings"].keys()
    dict_keys(['get', 'post'])
    >>> review.close()
    """
    settings = settings or AppSettings()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if archived is not None:
            archived.listing.close()
        review.close()

    app = FastAPI(
        title="ectopy",
        version=__version__,
        description=_ABOUT,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # their pages load scripts of another host
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        responses=faults.documented(*faults.EVERYWHERE),
    )
    app.state.review, app.state.settings, app.state.archived = review, settings, archived
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    pages.install(app)
    faults.install(app, review.store)
    app.add_middleware(Guard, settings=settings, file_bytes=review.limits.file_bytes)
    return app
