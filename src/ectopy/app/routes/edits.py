"""Edits: corrections, undo and redo, proposals, draft, reviewed and signed."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, Path, Query

from ectopy.app.access import Open, Reader, Service
from ectopy.app.edit_model import (
    Chosen,
    EditBeats,
    EditDone,
    EditIn,
    EditOut,
    EditsOut,
    ProposalOut,
    StateIn,
    StateOut,
)
from ectopy.app.model import Asked, Standing
from ectopy.app.wanted import change_for
from ectopy.classes import AAMI
from ectopy.errors import DataNotFoundError
from ectopy.review import changes, learning, signing
from ectopy.review.edits import Edit, counting, key_of
from ectopy.review.learning import Proposal
from ectopy.review.opened import Made, Opened

router = APIRouter(tags=["edits"])

EditNumber = Annotated[int, Path(ge=1, le=1 << 53, description="of the edit")]
Proposed = Annotated[int, Path(ge=1, le=1 << 53, description="of the proposal")]
_SENT = 10_000


@router.post("/recordings/{recording}/edits", status_code=201, summary="Correct something")
def edit(given: EditIn, opened: Open, reader: Reader) -> EditDone:
    """Make an edit; it is on the disk when this answers."""
    key = _key(given, reader, "edit")
    made = opened.edit(reader, change_for(given.edit, opened), key, given.revision)
    return _done(opened, made)


@router.get("/recordings/{recording}/edits", summary="The log of edits")
def edits(
    opened: Open,
    after: Annotated[int, Query(ge=0, le=1 << 53, description="number of an edit")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> EditsOut:
    """Give its rows in order, those after a number."""
    log = opened.log
    counts = counting(log).tolist()
    page = list(zip(log, counts, strict=True))[after : after + limit]
    return EditsOut(
        revision=len(log),
        edits=[_out(edit, does) for edit, does in page],
        next=after + limit if after + limit < len(log) else None,
    )


@router.get("/recordings/{recording}/edits/{number}", summary="What an edit did, beat by beat")
def edit_beats(opened: Open, number: EditNumber) -> EditBeats:
    """Give each of its beats, from what to what."""
    log = opened.log
    if number > len(log):
        raise DataNotFoundError(f"there is no edit {number}")
    beats = log[number - 1].beats
    return EditBeats(
        number=number,
        samples=beats["sample"].tolist(),
        before=beats["before"].tobytes().decode(),
        after=beats["after"].tobytes().decode(),
    )


@router.post("/recordings/{recording}/undo", status_code=201, summary="Take back an edit")
def undo(given: Chosen, opened: Open, reader: Reader) -> EditDone:
    """Take back your own last edit, or any chosen one; what came after it stays."""
    made = opened.edit(
        reader, lambda _, log: changes.undo(log, reader, given.number), _key(given, reader, "undo")
    )
    return _done(opened, made)


@router.post("/recordings/{recording}/redo", status_code=201, summary="Have an edit count again")
def redo(given: Chosen, opened: Open, reader: Reader) -> EditDone:
    """Redo what you undid last, or any chosen edit that is undone."""
    made = opened.edit(
        reader, lambda _, log: changes.redo(log, reader, given.number), _key(given, reader, "redo")
    )
    return _done(opened, made)


@router.get("/recordings/{recording}/state", summary="Draft, reviewed or signed?")
def state(opened: Open) -> StateOut:
    """Tell where it stands, and whether what was signed is what is kept."""
    return _state(opened)


@router.put("/recordings/{recording}/state", summary="Call it reviewed, sign it, reopen it")
def set_state(given: StateIn, opened: Open, reader: Reader) -> StateOut:
    """Change where it stands. A later edit of a signed recording reopens it."""
    opened.edit(
        reader,
        lambda labels, log: signing.to_state(
            given.status, opened.base, opened.original_sha256, labels, log, given.revision
        ),
    )
    return _state(opened)


@router.get("/recordings/{recording}/ask", summary="Beats whose answer would help most")
def ask(opened: Open, k: Annotated[int, Query(ge=1, le=100)] = 5) -> Asked:
    """Give beats to answer for before the rest is relabelled."""
    current = opened.current
    samples = learning.ask(opened.base, current.labels, k)
    return Asked(revision=current.revision, samples=samples)


@router.post(
    "/recordings/{recording}/proposals", status_code=201, summary="Relabel the rest: propose"
)
def propose(opened: Open, reader: Reader, review: Service) -> ProposalOut:
    """Work out what else would change in the light of what was stated; nothing is changed yet."""
    beats = learning.differences(opened.base, opened.current.labels)
    return _proposal(learning.propose(review.store, opened.id, reader, beats))


@router.get("/recordings/{recording}/proposals/{number}", summary="A proposal")
def proposal(opened: Open, review: Service, number: Proposed, _: Reader) -> ProposalOut:
    """Give the differences that it would make."""
    return _proposal(_one(review, opened, number))


@router.post(
    "/recordings/{recording}/proposals/{number}/accept", status_code=201, summary="Accept it"
)
def accept(opened: Open, reader: Reader, review: Service, number: Proposed) -> EditDone:
    """Make one edit of a proposal; what was stated meanwhile stays."""
    one = _one(review, opened, number)
    made = opened.edit(reader, lambda labels, _: learning.accept(labels, one))
    learning.settle(review.store, opened.id, one, "accepted")
    return _done(opened, made)


@router.post("/recordings/{recording}/proposals/{number}/refuse", summary="Refuse it")
def refuse(opened: Open, _: Reader, review: Service, number: Proposed) -> ProposalOut:
    """Leave the labels as they are."""
    one = _one(review, opened, number)
    return _proposal(learning.settle(review.store, opened.id, one, "refused"))


def _one(review: Service, opened: Opened, number: int) -> Proposal:
    return learning.proposal_of(review.store, opened.id, number)


def _key(given: EditIn | Chosen, reader: str, way: str) -> str | None:
    if given.key is None:
        return None
    wanted = given.model_dump_json(exclude={"key", "revision"})
    return key_of(reader, given.key, f"{way} {wanted}")


def _done(opened: Opened, made: Made) -> EditDone:
    labels = made.current.labels
    counts = np.bincount(labels.classes[labels.there], minlength=len(AAMI)).tolist()
    return EditDone(
        edit=_out(made.edit, True),
        revision=made.current.revision,
        standing=Standing(**vars(opened.standing)),
        classes=dict(zip(AAMI, counts, strict=True)),
        beats=sum(counts),
    )


def _out(edit: Edit, counts: bool) -> EditOut:
    beats = edit.beats
    return EditOut(
        number=edit.number,
        author=edit.author,
        at=edit.at,
        kind=edit.kind,
        target=edit.target,
        counts=counts,
        beats=len(beats),
        before=_letters(beats["before"]),
        after=_letters(beats["after"]),
        first=int(beats["sample"].min()) if len(beats) else None,
        last=int(beats["sample"].max()) if len(beats) else None,
        note=edit.note,
        digest=edit.digest,
    )


def _letters(letters: npt.NDArray[Any]) -> dict[str, int]:
    found, counts = np.unique(letters, return_counts=True)
    return {a.decode(): n for a, n in zip(found.tolist(), counts.tolist(), strict=True)}


def _state(opened: Opened) -> StateOut:
    return StateOut(
        standing=Standing(**vars(opened.standing)),
        revision=opened.current.revision,
        signature_holds=opened.signature_holds,
    )


def _proposal(one: Proposal) -> ProposalOut:
    sent = one.beats[:_SENT]
    return ProposalOut(
        number=one.number,
        author=one.author,
        at=one.at,
        state=one.state,
        counts=one.counts,
        beats=len(one.beats),
        samples=sent["sample"].tolist(),
        before=sent["before"].tobytes().decode(),
        after=sent["after"].tobytes().decode(),
    )
