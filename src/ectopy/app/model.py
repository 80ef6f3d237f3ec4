"""What goes in and out over REST."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ectopy.analysis.settings import Settings
from ectopy.classes import AAMI
from ectopy.review.queue import Kind as ItemKind
from ectopy.review.signing import Status
from ectopy.review.store import State


def _whole(value: Any) -> Any:
    """Give 5 for 5.0, which is the same number in JSON, in a list, too; else what it was given."""
    if isinstance(value, list):
        return [_whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


Letter = Literal["N", "S", "V", "F", "Q"]
# What bounds a number stands before what looks at it first, or the description lacks it.
_Counted = Annotated[int, Field(ge=0, le=1 << 53)]
Sample = Annotated[_Counted, BeforeValidator(_whole)]
Revision = Sample
EditNumber = Annotated[int, Field(ge=1, le=1 << 53), BeforeValidator(_whole)]
ClusterNumber = Annotated[int, Field(ge=0, le=1 << 30), BeforeValidator(_whole)]
Samples = Annotated[
    list[_Counted], Field(min_length=1, max_length=500_000), BeforeValidator(_whole)
]
Text = Annotated[str, Field(max_length=300)]
assert Letter.__args__ == AAMI  # type: ignore[attr-defined]


class Given(BaseModel):
    """A body: nothing unknown is let in, and no text for a number."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)


# Recordings


class Submission(Given):
    """A recording to be analysed; its files are sent after it."""

    name: Text = Field(
        "", description="what it is called; by default as its file, without the ending"
    )
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
    settings: Settings = Field(
        default_factory=Settings, description="settings of the analysis, those that differ"
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
    again: bool = Field(description="whether to analyse it again may help")
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


class ArchiveLine(BaseModel):
    """A recording of the archive that the server was started with."""

    id: str
    name: str
    address: str
    start: str = Field(description="when it was begun; empty where that is not known")
    duration_s: float
    beats: int
    simulated: bool
    why: str = Field(description="why it is to be reviewed; empty where nothing asks for that")
    opened: str | None = Field(description="id under which it is among the recordings already")


class ArchiveOut(BaseModel):
    """Some recordings of the archive that the server was started with."""

    there: bool = Field(description="whether it was started with one")
    note: str = Field(description="what to know before one is opened; empty if nothing")
    recordings: int = Field(description="that are found, in all")
    after: int
    lines: list[ArchiveLine]


# Labels


class Beat(BaseModel):
    """A beat as it is labelled now."""

    sample: int
    time_s: float
    label: Letter
    uncertain: bool
    stated: bool = Field(description="whether a reader stated or confirmed the class")
    rr_s: float | None
    probability: float | None = Field(
        description="of the class, by the model; null where the class follows from what readers "
        "stated of other beats"
    )
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

    kind: str = Field(description="short name, as in the list of kinds")
    start_s: float
    stop_s: float
    probability: float | None = Field(description="null where nothing is decided")


class RhythmKind(BaseModel):
    """A rhythm that can be told."""

    kind: str
    title: str
    seconds: float


class RhythmOut(BaseModel):
    """Which rhythm there is when, from the beginning to the end without a gap."""

    revision: int
    kinds: list[RhythmKind]
    spans: list[Span]
    artefacts: list[tuple[int, int]] = Field(
        description="stretches that readers left out: first sample, and the one after the last"
    )


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


class SessionIn(Given):
    """A reader's token."""

    token: Annotated[str, Field(max_length=200)]


class SessionOut(BaseModel):
    """Who asks."""

    reader: str | None = Field(description="null where a token is needed and none was given")
    token_needed: bool
    version: str
