"""What goes in and out over REST."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ectopy.classes import AAMI
from ectopy.review.edits import Kind
from ectopy.review.queue import Kind as ItemKind
from ectopy.review.signing import Status
from ectopy.review.store import State

Letter = Literal["N", "S", "V", "F", "Q"]
Sample = Annotated[int, Field(ge=0, le=1 << 53)]
Samples = Annotated[list[Sample], Field(min_length=1, max_length=500_000)]
Text = Annotated[str, Field(max_length=300)]
assert Letter.__args__ == AAMI  # type: ignore[attr-defined]


class Given(BaseModel):
    """A body: nothing unknown is let in."""

    model_config = ConfigDict(extra="forbid")


# Recordings


class Submission(Given):
    """A recording to be analysed; its files are sent after it."""

    name: Text = Field("", description="what it is called; by default as its first file")
    files: list[Text] = Field(
        min_length=1,
        max_length=64,
        description="what its files are called; several of one WFDB record. Names are text only",
        examples=[["100.hea", "100.dat"]],
    )
    fs_hz: float | None = Field(None, gt=0, description="rate, where the file does not say")
    units: Literal["nV", "uV", "mV", "V"] | None = None
    gain: float | None = Field(None, description="stored numbers per mV, for raw numbers")
    lead: Text | None = Field(None, description="leading lead; by default the best one")
    weights: Literal["default", "ds1"] = "default"
    setting: Literal["past", "whole"] | None = None
    settings: dict[str, float | int | bool] = Field(
        default_factory=dict, description="settings of the analysis that differ, by name"
    )


class FileOut(BaseModel):
    """A file of a recording."""

    number: int
    name: str
    bytes: int | None = Field(description="null until it is received")
    sha256: str | None


class Standing(BaseModel):
    """Whether a recording is a draft, reviewed or signed."""

    status: Status
    by: str
    at: str
    sha256: str = Field(description="of a signed recording: what was signed; else empty")


class RecordingOut(BaseModel):
    """A recording."""

    id: str
    name: str
    created: str
    created_by: str
    state: State = Field(description="of its analysis")
    done: float = Field(description="how much of the analysis is done, 0 to 1")
    message: str = Field(description="why it failed")
    files: list[FileOut]


class Lead(BaseModel):
    """A lead."""

    number: int
    name: str
    used: bool
    leading: bool
    amplitude_mv: float | None


class Signal(BaseModel):
    """What is known of a recording that is ready."""

    id: str
    name: str
    fs_hz: float
    n_samples: int
    duration_s: float
    start: str | None = Field(description="when it began; null where the file does not say")
    simulated: bool
    leads: list[Lead]
    beats: int
    revision: int = Field(description="number of the last edit; 0 before the first")
    standing: Standing


class FolderFile(BaseModel):
    """A recording of the folder that the server was started with."""

    number: int
    name: str


# Labels


class Beat(BaseModel):
    """A beat as it is labelled now."""

    sample: int
    time_s: float
    label: Letter
    uncertain: bool
    stated: bool = Field(description="whether a reader stated or confirmed the class")
    rr_s: float | None
    probability: float = Field(description="of the class")
    cluster: int


class Page(BaseModel):
    """Part of a list."""

    revision: int
    total: int
    next: int | None = Field(description="pass it as `after` for what follows; null at the end")


class Beats(Page):
    """Some beats, in order of time."""

    beats: list[Beat]


class EventOut(BaseModel):
    """A single, couplet, run, bigeminy, trigeminy or pause."""

    kind: str
    of: str
    start_s: float
    duration_s: float
    first: int = Field(description="sample of its first beat")
    last: int
    beats: int
    uncertain: int
    certain: bool
    rate_bpm: float | None


class EventsOut(Page):
    """Some events, in order of time."""

    events: list[EventOut]


class Span(BaseModel):
    """A stretch of one rhythm."""

    kind: str
    start_s: float
    stop_s: float


class RhythmOut(BaseModel):
    """The course of rhythms."""

    revision: int
    told: bool = Field(description="false where the analysis does not tell rhythms")
    spans: list[Span]


class ItemOut(BaseModel):
    """One thing to look at."""

    key: str
    kind: ItemKind
    title: str
    start_s: float
    stop_s: float
    beats: list[int] = Field(description="samples of the beats that accepting it confirms")
    certain: bool
    done: bool


class QueueOut(Page):
    """What a reader must not miss, in order."""

    done: int
    kinds: dict[ItemKind, int] = Field(description="items of each kind, in the order of the queue")
    items: list[ItemOut]


class ClusterOut(BaseModel):
    """Beats of a class that look alike."""

    of: Letter
    cluster: int
    name: str
    number: int = Field(description="1 for the largest of its class, 0 for beats like no others")
    count: int
    uncertain: int
    stated: int
    share_percent: float
    rr_s: float | None
    early_percent: float | None
    first_s: float


class ClustersOut(BaseModel):
    """All of them, class by class."""

    revision: int
    clusters: list[ClusterOut]


class ClusterSeen(BaseModel):
    """What a cluster looks like."""

    revision: int
    cluster: ClusterOut
    leads: list[str]
    rate_hz: float
    before_s: float = Field(description="of what is shown, before the R peak")
    median_mv: list[list[float | None]]
    members_mv: list[list[list[float | None]]] = Field(description="of up to 20 members, by lead")


class Members(Page):
    """Beats of a cluster, in order of time."""

    samples: list[int]


class Asked(BaseModel):
    """Beats whose answer would help most."""

    revision: int
    samples: list[int]


# Edits


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
    cluster: int = Field(ge=0, le=1 << 30)


class RelabelCluster(Given):
    """Call all beats of a cluster otherwise."""

    kind: Literal["cluster"]
    of: Letter
    cluster: int = Field(ge=0, le=1 << 30)
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


class EditIn(Given):
    """An edit."""

    edit: Wanted
    key: Annotated[str, Field(min_length=8, max_length=64)] | None = Field(
        None, description="a name of your own; sent again with it, an edit is not made twice"
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

    number: int | None = Field(None, ge=1, description="by default your own last one")


class StateIn(Given):
    """Where the recording is to stand."""

    status: Status


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


class SessionIn(Given):
    """A reader's token."""

    token: Annotated[str, Field(max_length=200)]


class SessionOut(BaseModel):
    """Who asks."""

    reader: str | None = Field(description="null where a token is needed and none was given")
    token_needed: bool
    version: str
