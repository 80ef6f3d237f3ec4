"""What leaves: exports, and how far two readers agree."""

from __future__ import annotations

import tempfile
from enum import StrEnum
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask
from starlette.types import Receive, Scope, Send

from ectopy.app.access import Open
from ectopy.review.agreement import agreement
from ectopy.review.exports import FORMATS, TRAINING, export
from ectopy.review.store import PASSING

router = APIRouter(tags=["outputs"])


class Whole(FileResponse):
    """A file that is made for one request, so that no later one can ask for another part of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of it, whatever part was asked for."""
        headers = [one for one in scope["headers"] if one[0] not in (b"range", b"if-range")]
        self.headers["accept-ranges"] = "none"
        await super().__call__({**scope, "headers": headers}, receive, send)


What = StrEnum("What", {name.replace("-", "_"): name for name in (*FORMATS, TRAINING)})  # type: ignore[misc]


@router.get(
    "/recordings/{recording}/export/{what}",
    summary="Export the labels as they stand",
    response_class=Whole,
    responses={
        200: {
            "description": "a file; the report and the full disclosure are single HTML documents",
            "content": {kind: {} for kind in sorted({kind for _, kind in FORMATS.values()})}
            | {"application/zip": {}},
        }
    },
)
def exported(
    opened: Open,
    what: Annotated[What, Path(description="which")],
    patient: Annotated[
        str,
        Query(
            max_length=120,
            description="for `training`, needed where the file does not say whose it is: any word, "
            "the same for all recordings of one person; only a pseudonym made of it is written",
            examples=["P-17"],
        ),
    ] = "",
) -> Whole:
    """Give WFDB annotations, tables, summary, report, or a record to train on, as a file.

    `training` is a zip for the `corrected` records of a study: beats that a reader stated or that
    are certain teach, all others are `Q` with subtype 1. Before a reader stated a beat there is
    none (400), nor where nothing says whose it is (422).
    """
    folder = tempfile.TemporaryDirectory(prefix=PASSING, dir=opened.folder)
    try:
        path, media_type = export(opened.current, str(what), FilePath(folder.name), patient=patient)
    except BaseException:
        folder.cleanup()
        raise
    return Whole(
        path,
        media_type=media_type,
        filename=path.name,
        background=BackgroundTask(folder.cleanup),
    )


@router.get("/recordings/{recording}/agreement", summary="How far two readers agree")
def agreed(
    opened: Open,
    a: Annotated[str, Query(max_length=60, description="a reader, or model; the reference")],
    b: Annotated[str, Query(max_length=60, description="a reader, or model")],
    certain: Annotated[bool, Query(description="leave out what either is uncertain of")] = False,
) -> dict[str, Any]:
    """Compare what each made of the model's labels alone, by the rules of EC57."""
    return agreement(opened, a, b, certain=certain)
