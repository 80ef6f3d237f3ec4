"""How much of some spans lies between times."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import AF, NONE

Float64 = npt.NDArray[np.float64]


def seconds_within(spans: Float64, edges_s: Float64) -> Float64:
    """Give the seconds of spans that lie between each time and the next.

    Parameters
    ----------
    spans : ndarray of float64, shape (n_spans, 2)
        Onset and end of each in seconds, in order and apart.
    edges_s : ndarray of float64, shape (n + 1,)
        Ascending times.

    Returns
    -------
    ndarray of float64, shape (n,)

    Examples
    --------
    >>> from ectopy.analysis.rhythm.within import seconds_within
    >>> seconds_within(np.array([[10.0, 70.0], [90.0, 95.0]]), np.array([0.0, 60.0, 120.0]))
    array([50., 15.])
    """
    if not len(spans):
        return np.zeros(len(edges_s) - 1)
    total = np.cumsum(spans[:, 1] - spans[:, 0])
    before = np.stack([total - (spans[:, 1] - spans[:, 0]), total], axis=1)
    return np.diff(np.interp(edges_s, spans.ravel(), before.ravel()))


def fibrillation_percent(course: RhythmCourse, edges_s: Float64) -> Float64:
    """Give atrial fibrillation between each time and the next, as a share of what is decided.

    Parameters
    ----------
    course : RhythmCourse
        Of a recording.
    edges_s : ndarray of float64, shape (n + 1,)
        Ascending times.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where nothing is decided.
    """
    known = course.kind != NONE
    decided = seconds_within(np.stack([course.onset_s, course.end_s], axis=1)[known], edges_s)
    there = seconds_within(course.episodes(AF), edges_s)
    share = np.full(len(decided), np.nan)
    np.divide(100 * there, decided, out=share, where=decided > 1e-6)
    return np.asarray(np.minimum(share, 100))
