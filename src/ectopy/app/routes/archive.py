"""The archive that the server was started with: list its recordings, open one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from ectopy.app.access import Reader, RecordingId, Service
from ectopy.app.archived import Archived
from ectopy.app.model import ArchiveLine, ArchiveOut, RecordingOut
from ectopy.app.routes.recordings import out
from ectopy.errors import DataNotFoundError

router = APIRouter(tags=["archive"])


def _archived(request: Request) -> Archived | None:
    found: Archived | None = request.app.state.archived
    return found


@router.get("/archive", summary="List the archive that the server was started with")
def archive(
    request: Request,
    _: Reader,
    find: Annotated[str, Query(max_length=100, description="text of name or address")] = "",
    after: Annotated[int, Query(ge=0, le=1 << 40, description="recordings to leave out")] = 0,
    count: Annotated[int, Query(ge=1, le=200, description="most recordings")] = 50,
) -> ArchiveOut:
    """Give its recordings, those that have to be reviewed first at the top."""
    archived = _archived(request)
    if archived is None:
        return ArchiveOut(there=False, note="", recordings=0, after=0, lines=[])
    total, lines = archived.listing.lines(find, after, count)
    opened = archived.opened(lines)
    return ArchiveOut(
        there=True,
        note=archived.listing.note,
        recordings=total,
        after=after,
        lines=[ArchiveLine(**vars(line), opened=opened.get(line.id)) for line in lines],
    )


@router.post("/archive/{recording}", status_code=202, summary="Open a recording of the archive")
def open_of_archive(
    recording: RecordingId, request: Request, review: Service, reader: Reader
) -> RecordingOut:
    """Analyse it as the archive was; one that was opened before is given as it stands."""
    archived = _archived(request)
    if archived is None:
        raise DataNotFoundError("the server was started without an archive")
    return out(archived.open(recording, reader))
