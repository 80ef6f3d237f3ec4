"""The course of rhythms of a recording, from its beats and their labels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Intervals
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.known_beats import KnownBeats
from ectopy.runtime.rhythm.settings import CourseSettings
from ectopy.runtime.rhythm.tell import tell


def course_of(
    intervals: Intervals,
    duration_s: float,
    settings: CourseSettings,
    vf_spans_s: npt.ArrayLike | None = None,
) -> RhythmCourse:
    """Tell the rhythm from the beginning of a recording to its end.

    Parameters
    ----------
    intervals : Intervals
        Its beats.
    duration_s : float
        Its length in seconds.
    settings : CourseSettings
        Definitions.
    vf_spans_s : array_like of float, shape (n, 2), optional
        Onset and end of ventricular fibrillation or flutter in seconds.
    """
    return tell(known(intervals), duration_s, settings, vf_spans_s=vf_spans_s)


def known(intervals: Intervals) -> KnownBeats:
    """Give beats as the rules of a rhythm ask for them."""
    beats = intervals.beats
    return KnownBeats(
        intervals.times_s,
        beats.probabilities,
        beats.classes,
        beats.uncertain,
        ~np.isnan(intervals.rr_s),
        intervals.clear,
        beats.pacing,
    )
