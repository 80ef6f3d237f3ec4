"""`RhythmSettings`: what counts as an episode of fibrillation, and what cannot be decided."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RhythmSettings(BaseModel):
    """Definitions that a reader may change.

    Examples
    --------
    >>> from ectopy.runtime.rhythm.settings import RhythmSettings
    >>> RhythmSettings().shortest_s
    30.0
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    shortest_s: float = Field(
        30.0, ge=0, allow_inf_nan=False, description="seconds; what is shorter is no episode of AF"
    )
    gap_s: float = Field(
        5.0,
        gt=0.5,
        allow_inf_nan=False,
        description="seconds; beats further apart are not neighbours, between them nothing is told",
    )
    fewest_beats: int = Field(
        30, ge=3, description="beats without a gap, below which nothing is decided"
    )
