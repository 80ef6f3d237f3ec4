"""The pages: templates that hold no data, and scripts that ask the REST routes for it."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Path
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ectopy import __version__

STATIC: Final = FilePath(__file__).parent / "static"
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_templates = Environment(
    loader=PackageLoader("ectopy.app"),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)
_FRESH: Final = {"cache-control": "no-cache"}  # kept, but asked about: a new version shows at once


class Assets(StaticFiles):
    """Scripts, styles and pictures, which are asked about each time and seldom sent again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give a file."""
        response = await super().get_response(path, scope)
        response.headers.update(_FRESH)
        return response


def install(app: FastAPI) -> None:
    """Give the application its pages."""
    app.include_router(router)
    app.mount("/static", Assets(directory=STATIC), name="static")


def _page(name: str, **values: str) -> HTMLResponse:
    text = _templates.get_template(f"{name}.html.j2").render(version=__version__, **values)
    return HTMLResponse(text, headers=_FRESH)


@router.get("/")
def recordings() -> HTMLResponse:
    """Show the list of recordings, and take new ones."""
    return _page("recordings")


@router.get("/review/{recording}")
def review(recording: Annotated[str, Path(pattern="^[0-9a-f]{16}$")]) -> HTMLResponse:
    """Show a recording; the script asks for it, so that who has no token sees none of it."""
    return _page("review", recording=recording)


@router.get("/keys")
def keys() -> HTMLResponse:
    """Show the keys."""
    return _page("keys")
