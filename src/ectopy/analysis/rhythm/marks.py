"""The course of rhythms as WFDB annotations: each rhythm mark stands until the next."""

from __future__ import annotations

import numpy as np

from ectopy.recordings.annotations import Annotations
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import RHYTHMS, VF


def rhythm_marks(course: RhythmCourse, fs_hz: float) -> Annotations:
    """Give a mark (``+``, with ``(AFIB`` and the like in ``aux``) for each span.

    Ventricular fibrillation or flutter stands between ``[`` and ``]`` besides, which is where
    ``epicmp`` and other WFDB programs look for it.

    Parameters
    ----------
    course : RhythmCourse
        From the first sample on, which has the first mark.
    fs_hz : float
        Sampling rate of the annotations.
    """
    onsets, vf = np.rint(course.onset_s * fs_hz).astype(np.int64), course.of(VF)
    begins, ends = np.rint(vf.T * fs_hz).astype(np.int64)
    samples = np.concatenate([ends, onsets, begins])
    symbols = np.repeat(["]", "+", "["], [len(ends), len(onsets), len(begins)])
    texts = np.array([kind.mark for kind in RHYTHMS])[course.kind]
    aux = np.concatenate([np.full(len(ends), ""), texts, np.full(len(begins), "")])
    order = np.argsort(samples, kind="stable")
    return Annotations(samples[order], symbols[order], fs_hz, aux[order])
