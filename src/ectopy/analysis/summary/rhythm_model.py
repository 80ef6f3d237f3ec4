"""The part of a summary that tells the rhythm."""

from __future__ import annotations

from pydantic import Field

from ectopy.analysis.summary.part import Part


class Span(Part):
    """A stretch of time."""

    time_s: float = Field(description="when it begins")
    duration_s: float


class RhythmTime(Part):
    """How much there is of one kind of rhythm."""

    key: str
    title: str
    seconds: float
    percent: float | None = Field(
        description="share of the time in which the rhythm is decided; null for the time in which "
        "it is not"
    )
    episodes: int
    longest: Span
    first_s: float = Field(description="when it is first there")
    rate_bpm: float | None = Field(description="mean within it, of RR intervals in good signal")


class Fibrillation(Part):
    """Burden of atrial fibrillation; an episode goes on through ventricular runs within it."""

    seconds: float
    percent: float | None = Field(
        description="of the decided time; null where nothing is decided, all of it is "
        "paced, or there are too few beats"
    )
    episodes: int
    longest: Span | None
    first_s: float | None
    rate_inside: float | None = Field(
        description="mean beats a minute, of RR intervals in good signal"
    )
    rate_outside: float | None


class Rhythm(Part):
    """Which rhythms there were, and for how long."""

    decided_s: float
    not_decided_s: float
    kinds: list[RhythmTime] = Field(description="those that were found, the longest first")
    fibrillation: Fibrillation
    cannot_show: list[str] = Field(description="what this recording is too short or poor to tell")
    told_by: dict[str, str] = Field(description="SHA-256 of each model that told it, by its file")
