"""The course of rhythms of a recording, from its beats and their labels."""

from __future__ import annotations

import numpy as np

from ectopy.analysis.events import Intervals
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.episodes import rhythm_of
from ectopy.runtime.rhythm.kinds import AF, NONE, OTHER
from ectopy.runtime.rhythm.settings import CourseSettings


def course_of(intervals: Intervals, duration_s: float, settings: CourseSettings) -> RhythmCourse:
    """Tell the rhythm from the beginning of a recording to its end.

    Parameters
    ----------
    intervals : Intervals
        Its beats.
    duration_s : float
        Its length in seconds.
    settings : CourseSettings
        Definitions.
    """
    times = intervals.times_s
    if len(times) < settings.af_fewest_beats:
        return RhythmCourse.nothing(duration_s)
    found = rhythm_of(times, settings=settings)
    seconds = np.arange(int(np.ceil(duration_s))) + 0.5
    at = np.clip(np.searchsorted(times, seconds), 0, len(times) - 1)
    onset = found.onset_s.copy()
    onset[0] = 0.0
    end = np.append(onset[1:], duration_s)
    kind = np.array([OTHER, AF, NONE])[found.kind]
    af = found.probability[at].astype(np.float32)
    of_span = np.searchsorted(onset, seconds, side="right") - 1
    total = np.bincount(of_span, minlength=len(onset))
    mean = np.bincount(of_span, np.nan_to_num(af), minlength=len(onset)) / np.maximum(total, 1)
    probability = np.where(kind == AF, mean, 1 - mean)
    probability[kind == NONE] = np.nan
    return RhythmCourse(onset, end, kind, probability.astype(np.float32), af)
