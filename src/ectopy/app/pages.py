"""The pages: templates that hold no data, and scripts that ask the REST routes for it."""

from __future__ import annotations

import os
import re
from functools import cache, lru_cache
from hashlib import blake2b
from mimetypes import guess_type
from pathlib import Path as FilePath
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Path
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
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
    """Scripts, styles and pictures, which are asked about each time and seldom sent again.

    They are held in memory and given at once: a page asks for fifty of them, and each that went
    through another thread would hold up its strip.
    """

    def __init__(self, folder: FilePath) -> None:
        super().__init__(directory=folder)
        self._files = {
            path.relative_to(folder).as_posix(): path
            for path in folder.rglob("*")
            if path.is_file()
        }

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give a file."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405)
        found = self._files.get(path.replace(os.sep, "/"))
        if found is None:
            raise HTTPException(404)
        body, tag = _held(found, found.stat().st_mtime_ns)
        kind = guess_type(found.name)[0] or "application/octet-stream"
        response = Response(body, media_type=kind, headers={**_FRESH, "etag": tag})
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response


@lru_cache(maxsize=256)
def _held(path: FilePath, _changed: int) -> tuple[bytes, str]:
    """Read a file, again when it has changed; with its tag."""
    body = path.read_bytes()
    return body, f'"{blake2b(body, digest_size=16).hexdigest()}"'


_IMPORT: Final = re.compile(r"""^(?:import|export)\b[^"';]*?\bfrom\s+"(\.[^"]+)";""", re.MULTILINE)


@cache
def modules(*entries: str) -> tuple[str, ...]:
    """Name the scripts that some scripts cannot begin without, those of the first one first.

    A page names them all, so that they are asked for together and not one depth after another.

    Parameters
    ----------
    *entries : str
        The scripts, from `STATIC` on.

    Examples
    --------
    >>> from ectopy.app.pages import modules
    >>> modules("review/early.js")
    ('api.js', 'session.js', 'dom.js')
    """
    found: list[str] = []
    for entry in entries:
        deep = [entry]
        for name in deep:  # which grows
            place = STATIC / name
            for other in _IMPORT.findall(place.read_text(encoding="utf-8")):
                path = (place.parent / other).resolve().relative_to(STATIC.resolve()).as_posix()
                if path not in deep:
                    deep.append(path)
        found += deep[1:]
    return tuple(name for name in dict.fromkeys(found) if name not in entries)


def install(app: FastAPI) -> None:
    """Give the application its pages."""
    app.include_router(router)
    app.mount("/static", Assets(STATIC), name="static")


def _page(name: str, **values: object) -> HTMLResponse:
    text = _templates.get_template(f"{name}.html.j2").render(version=__version__, **values)
    return HTMLResponse(text, headers=_FRESH)


@router.get("/")
def recordings() -> HTMLResponse:
    """Show the list of recordings, and take new ones."""
    return _page("recordings")


@router.get("/review/{recording}")
def review(recording: Annotated[str, Path(pattern="^[0-9a-f]{16}$")]) -> HTMLResponse:
    """Show a recording; the script asks for it, so that who has no token sees none of it."""
    return _page(
        "review", recording=recording, modules=modules("review/early.js", "review/review.js")
    )


@router.get("/keys")
def keys() -> HTMLResponse:
    """Show the keys."""
    return _page("keys")
