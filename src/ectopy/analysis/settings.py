"""What the analysis of a recording counts as what: every threshold, with its default and reason."""

from __future__ import annotations

from typing import Final, Self

from pydantic import Field, model_validator

from ectopy.beats.conditioning.quality_limits import QualityLimits
from ectopy.beats.detection.ventricular_fibrillation import VentricularFibrillation
from ectopy.runtime.rhythm.settings import CourseSettings

BELOW: Final = (
    ("shortest_rr_s", "longest_rr_s"),
    ("nn_shortest_s", "nn_longest_s"),
    ("pause_s", "longest_rr_s"),
    ("nn_shortest_s", "longest_rr_s"),
    ("shortest_rr_s", "nn_longest_s"),
    ("slow_below_bpm", "fast_above_bpm"),
)
"""Settings of which the first has to be below the second, or there is nothing left between."""


class Settings(CourseSettings, QualityLimits, VentricularFibrillation):
    """Thresholds of the analysis, the one place for their defaults.

    Every output repeats the values it was made with.

    Examples
    --------
    >>> settings = ectopy.Settings(pause_s=2.5, tachycardia_bpm=120)
    >>> settings.pause_s, settings.run_beats
    (2.5, 3)
    """

    # Intervals
    shortest_rr_s: float = Field(
        0.24, gt=0, description="shorter RR intervals (above 250 a minute) are not used for rates"
    )
    longest_rr_s: float = Field(
        6.0, gt=0, description="longer RR intervals are taken for lost signal, not for a rate"
    )
    pause_s: float = Field(
        2.0, gt=0, description="RR intervals from which there is a pause, in seconds"
    )
    rate_window_beats: int = Field(
        8, ge=1, description="RR intervals averaged for the lowest and highest heart rate"
    )

    # RR variability: normal beats before and after, Task Force 1996
    nn_change: float = Field(
        0.2, gt=0, description="largest change from one NN interval to the next, as a fraction"
    )
    nn_shortest_s: float = Field(0.3, gt=0, description="shortest NN interval used, in seconds")
    nn_longest_s: float = Field(2.0, gt=0, description="longest NN interval used, in seconds")
    night_begins_h: float = Field(
        23.0, ge=0, lt=24, description="hour of the day from which it is night, for day and night"
    )
    night_ends_h: float = Field(
        7.0, ge=0, lt=24, description="hour of the day at which the night ends"
    )

    # Report
    anonymous: bool = Field(
        False, description="leave out of all outputs who the recording is of, by its file"
    )
    strip_s: float = Field(
        7.0,
        ge=2,
        le=60,
        description="length of a strip, in seconds; up to 7 print to scale on A4 and Letter",
    )
    strips: int = Field(24, ge=0, description="most strips in the report")
    listed: int = Field(
        12, ge=0, description="most rows of each list of runs, pauses and couplets in the report"
    )

    @model_validator(mode="after")
    def _leave_something(self) -> Self:
        for low, high in BELOW:
            least, most = getattr(self, low), getattr(self, high)
            if least >= most:
                raise ValueError(
                    f"{low} is {least:g}, expected less than {high}, which is {most:g}"
                )
        if self.night_begins_h == self.night_ends_h:
            raise ValueError(
                f"night_begins_h and night_ends_h are both {self.night_ends_h:g}, expected two "
                "hours of the day"
            )
        return self
