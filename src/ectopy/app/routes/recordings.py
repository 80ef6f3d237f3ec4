"""Recordings: submit, list, progress, cancel, delete."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections import Counter
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from ectopy.analysis.inputs import find_recordings
from ectopy.app.access import Open, Reader, RecordingId, Service, settings_of
from ectopy.app.faults import Refused
from ectopy.app.model import FileOut, FolderFile, Lead, RecordingOut, Signal, Standing, Submission
from ectopy.errors import DataNotFoundError
from ectopy.review.opened import Opened
from ectopy.review.service import Review
from ectopy.review.store import Row, told
from ectopy.review.uploads import called

router = APIRouter(tags=["recordings"])


def out(row: Row) -> RecordingOut:
    """Give a recording as it is told."""
    files = [FileOut(number=i, **file) for i, file in enumerate(row.about.get("files", []))]
    return RecordingOut(
        id=row.id,
        name=row.name,
        created=row.created,
        created_by=row.created_by,
        state=row.state,
        done=row.done,
        message=row.message,
        again=row.again,
        files=files,
    )


@router.get("/recordings", summary="List all recordings, the newest first")
def listed(review: Service, _: Reader) -> list[RecordingOut]:
    """Tell state and progress of each."""
    return [out(row) for row in review.store.recordings()]


@router.post("/recordings", status_code=201, summary="Submit a recording")
def submit(given: Submission, review: Service, reader: Reader) -> RecordingOut:
    """Announce a recording; then send each of its files, and have it analysed."""
    row = review.submit(
        given.name,
        reader,
        given.files,
        {"fs_hz": given.fs_hz, "units": given.units, "gain": given.gain},
        {"lead": given.lead, "weights": given.weights, "setting": given.setting},
        given.settings.model_dump(mode="json", exclude_unset=True),
    )
    return out(row)


_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.put(
    "/recordings/{recording}/files/{number}",
    summary="Send a file of a submitted recording",
    openapi_extra=_BODY,
)
async def send_file(
    recording: RecordingId,
    number: Annotated[int, Path(ge=0, le=1000, description="its place in `files`")],
    request: Request,
    review: Service,
    _: Reader,
) -> RecordingOut:
    """Send its bytes as they are; they go straight to the disk."""
    length = request.headers.get("content-length", "")
    size = int(length) if length.isdecimal() else 0
    folder = await run_in_threadpool(review.place_for, recording, number, size)
    return out(await _received(review, recording, number, folder, request))


async def _received(
    review: Review, recording: str, number: int, folder: FilePath, request: Request
) -> Row:
    """Write the body aside, counted and hashed, and take it in when it is whole."""
    found, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, prefix="incoming-", delete=False) as file:
        path = FilePath(file.name)
        try:
            async for chunk in request.stream():
                size += len(chunk)
                found.update(chunk)
                await asyncio.to_thread(file.write, chunk)
            if not size:
                raise Refused(400, "the file is empty; send its bytes")
            file.flush()
            return await run_in_threadpool(
                review.take, recording, number, path, size, found.hexdigest()
            )
        finally:
            path.unlink(missing_ok=True)


@router.post("/recordings/{recording}/analyse", status_code=202, summary="Analyse a recording")
def analyse(recording: RecordingId, review: Service, _: Reader) -> RecordingOut:
    """Begin when there is room; again, if it failed or was cancelled."""
    return out(review.analyse(recording))


@router.post("/example", status_code=202, summary="Open the packaged example")
def example(review: Service, reader: Reader) -> RecordingOut:
    """Analyse five annotated minutes of a real recording."""
    return out(review.example(reader))


@router.get("/folder", summary="List the folder that the server was started with")
def folder(request: Request, review: Service, _: Reader) -> list[FolderFile]:
    """Name the recordings in it, which are opened by their number."""
    return [FolderFile(number=i, name=name) for i, (name, _) in enumerate(_in_folder(request))]


@router.post("/folder/{number}", status_code=202, summary="Open a recording of the folder")
def open_of_folder(
    number: Annotated[int, Path(ge=0, le=1_000_000)],
    request: Request,
    review: Service,
    reader: Reader,
) -> RecordingOut:
    """Analyse it where it is; nothing is copied, and deleting it leaves the file."""
    files = _in_folder(request)
    if number >= len(files):
        raise DataNotFoundError(f"the folder has no recording {number}; list it again")
    name, path = files[number]
    return out(review.refer(path, name, reader))


def _in_folder(request: Request) -> list[tuple[str, FilePath]]:
    """Give what each is called, as an upload would be (in full where two are), and it."""
    place = settings_of(request).folder
    if place is None:
        return []
    try:
        files = find_recordings([place], namesakes=True).files
    except DataNotFoundError:  # it holds none, or is gone
        return []
    names = [called([path.name]) for path in files]
    often = Counter(names)
    return [
        (told(name if often[name] == 1 else str(path.relative_to(place))), path)
        for name, path in zip(names, files, strict=True)
    ]


@router.get("/recordings/{recording}", summary="Tell state and progress of a recording")
def status(recording: RecordingId, review: Service, _: Reader) -> RecordingOut:
    """Ask again while it is analysed."""
    return out(review.store.recording(recording))


@router.post("/recordings/{recording}/cancel", status_code=202, summary="Cancel the analysis")
def cancel(recording: RecordingId, review: Service, _: Reader) -> RecordingOut:
    """Stop it; it can be analysed again."""
    return out(review.cancel(recording))


@router.delete("/recordings/{recording}", status_code=204, summary="Delete a recording")
def delete(recording: RecordingId, review: Service, _: Reader) -> Response:
    """Delete its files, labels, edits and all that was made of it."""
    review.delete(recording)
    return Response(status_code=204)


@router.get("/recordings/{recording}/signal", summary="Tell leads, rate and length")
def signal(opened: Open) -> Signal:
    """Tell what there is to see, and where the review stands."""
    return _signal(opened)


def _signal(opened: Opened) -> Signal:
    base, current = opened.base, opened.current
    leads = [
        Lead(
            number=i,
            name=lead.name,
            used=lead.used,
            leading=lead.leading,
            amplitude_mv=lead.amplitude_mv,
        )
        for i, lead in enumerate(base.summary.leads)
    ]
    return Signal(
        id=opened.id,
        name=opened.recording.name,
        fs_hz=base.fs_hz,
        n_samples=base.n_samples,
        duration_s=base.duration_s,
        start=base.start.isoformat() if base.start else None,
        simulated=opened.recording.simulated,
        leads=leads,
        beats=int(current.labels.there.sum()),
        revision=current.revision,
        standing=Standing(**vars(opened.standing)),
    )
