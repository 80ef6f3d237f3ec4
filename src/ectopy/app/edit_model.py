"""Edits, proposals and states, as they go in and out over REST."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ectopy.app.model import (
    ClusterNumber,
    EditNumber,
    Given,
    Letter,
    Revision,
    Sample,
    Samples,
    Standing,
    Text,
)
from ectopy.review.edits import Kind
from ectopy.review.signing import Status


class Relabel(Given):
    """Call beats otherwise, or confirm what they are called."""

    kind: Literal["relabel"]
    samples: Samples
    to: Letter


class Delete(Given):
    """Take away what is no beat."""

    kind: Literal["delete"]
    samples: Samples


class Insert(Given):
    """Set a beat that was missed."""

    kind: Literal["insert"]
    sample: Sample
    to: Letter
    snap: bool = Field(True, description="whether to set it on the peak nearby")


class Artefact(Given):
    """Leave out a stretch, its beats and its time."""

    kind: Literal["artefact"]
    start: Sample
    stop: Sample = Field(description="the sample after the last")


class ClusterRef(Given):
    """A cluster: its number within a class."""

    of: Letter
    cluster: ClusterNumber


class RelabelCluster(Given):
    """Call all beats of a cluster otherwise."""

    kind: Literal["cluster"]
    of: Letter
    cluster: ClusterNumber
    to: Letter


class Move(Given):
    """Move beats into a cluster, whose class they take."""

    kind: Literal["move"]
    samples: Samples
    into: ClusterRef


class Merge(Given):
    """Move all beats of clusters into another one, whose class they take."""

    kind: Literal["merge"]
    clusters: list[ClusterRef] = Field(min_length=1, max_length=100)
    into: ClusterRef


class Split(Given):
    """Make a cluster of its own of some beats of one class."""

    kind: Literal["split"]
    samples: Samples


class Accept(Given):
    """Agree with an item of the queue."""

    kind: Literal["accept"]
    item: Text


Wanted = Annotated[
    Relabel | Delete | Insert | Artefact | RelabelCluster | Move | Merge | Split | Accept,
    Field(discriminator="kind"),
]


Key = Annotated[
    str | None,
    Field(
        min_length=8,
        max_length=64,
        description="a name of your own for it; sent again with it, it is not made twice",
    ),
]


class EditIn(Given):
    """An edit."""

    edit: Wanted
    key: Key = None
    revision: Revision | None = Field(
        None,
        description="number of the last edit that was seen; refused (409) where another reader "
        "changed one of its beats since. By default the last word counts",
    )


class EditOut(BaseModel):
    """A row of the log."""

    number: int
    author: str
    at: str
    kind: Kind
    target: int | None = Field(description="of an undo or redo: the row that it takes back")
    counts: bool = Field(description="false where it was undone")
    beats: int
    before: dict[str, int] = Field(description="beats by what they were; - for none")
    after: dict[str, int] = Field(description="beats by what they became; = for the same")
    first: int | None = Field(description="sample of its first beat")
    last: int | None
    note: dict[str, object]
    digest: str


class EditDone(BaseModel):
    """An edit that is kept."""

    edit: EditOut
    revision: int
    standing: Standing
    classes: dict[Letter, int] = Field(description="beats by class, as they stand")
    beats: int


class EditsOut(BaseModel):
    """Some rows of the log, in order."""

    revision: int
    edits: list[EditOut]
    next: int | None


class EditBeats(BaseModel):
    """What an edit did, beat by beat."""

    number: int
    samples: list[int]
    before: str = Field(description="a letter a beat; lower case where uncertain, - for none")
    after: str = Field(description="likewise; = where the class stayed")


class Chosen(Given):
    """Which edit."""

    number: EditNumber | None = Field(None, description="by default your own last one")
    key: Key = None


class StateIn(Given):
    """Where the recording is to stand."""

    status: Status
    revision: Revision | None = Field(
        None,
        description="number of the last edit that was seen; refused (409) where others came after",
    )


class StateOut(BaseModel):
    """Where the recording stands."""

    standing: Standing
    revision: int
    signature_holds: bool | None = Field(
        description="whether what was signed is what is kept; null where nothing is signed"
    )


class ProposalOut(BaseModel):
    """What would change if the rest were relabelled in the light of what was stated."""

    number: int
    author: str
    at: str
    state: Literal["open", "accepted", "refused"]
    counts: dict[str, int] = Field(description="beats by change, as in N>S")
    beats: int
    samples: list[int] = Field(description="the first 10,000 of them")
    before: str
    after: str
