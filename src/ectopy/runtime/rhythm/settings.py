"""What counts as which rhythm, told from beat times (`RhythmSettings`) or labelled beats."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ectopy.schemas import plain


class RhythmSettings(BaseModel):
    """Definitions for a rhythm that is told from beat times alone.

    Examples
    --------
    >>> from ectopy.runtime.rhythm.settings import RhythmSettings
    >>> RhythmSettings().af_shortest_s
    30.0
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, json_schema_extra=plain
    )

    af_shortest_s: float = Field(
        30.0,
        ge=0,
        description="seconds from which fibrillation is an episode; in a shorter recording it has "
        "to fill all of it",
    )
    af_fewest_beats: int = Field(
        30, ge=3, description="beats without a gap below which nothing is said of fibrillation"
    )
    rhythm_gap_s: float = Field(
        5.0,
        gt=0.5,
        description="seconds; beats further apart are not neighbours, no rhythm between them",
    )


class CourseSettings(RhythmSettings):
    """Definitions for a rhythm that is told from labelled beats.

    Examples
    --------
    >>> from ectopy.runtime.rhythm.settings import CourseSettings
    >>> CourseSettings().tachycardia_bpm
    100.0
    """

    run_beats: int = Field(
        3, ge=3, description="consecutive ectopic beats from which they are a run"
    )
    tachycardia_bpm: float = Field(
        100.0,
        gt=0,
        description="mean rate from which a run is called tachycardia; a slower ventricular run is "
        "an idioventricular rhythm",
    )
    pattern_cycles: int = Field(
        3, ge=2, description="repetitions from which there is bigeminy or trigeminy"
    )
    slow_below_bpm: float = Field(
        50.0, gt=0, description="mean rate below which a sinus-like rhythm is bradycardia"
    )
    fast_above_bpm: float = Field(
        100.0, gt=0, description="mean rate above which a sinus-like rhythm is tachycardia"
    )
    rate_shortest_s: float = Field(
        30.0, ge=0, description="seconds from which bradycardia or tachycardia is told"
    )
