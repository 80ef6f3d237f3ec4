"""The course of rhythms as WFDB rhythm annotations: each mark stands until the next."""

from __future__ import annotations

import numpy as np

from ectopy.recordings.annotations import Annotations
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import RHYTHMS


def rhythm_marks(course: RhythmCourse, fs_hz: float) -> Annotations:
    """Give a mark (``+``, with ``(AFIB`` and the like in ``aux``) for each span.

    Parameters
    ----------
    course : RhythmCourse
        From the first sample on, which has the first mark.
    fs_hz : float
        Sampling rate of the annotations.
    """
    samples = np.rint(course.onset_s * fs_hz).astype(np.int64)
    texts = np.array([kind.mark for kind in RHYTHMS])[course.kind]
    return Annotations(samples, np.full(len(samples), "+"), fs_hz, texts)
