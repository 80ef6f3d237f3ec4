"""Stretches in which many beats are faint to the detector: noise that looks like beats."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

AROUND: Final = 5  # beats before and after
REACH_S: Final = 10  # seconds from a beat, beyond which others do not count
CLEAR: Final = 0.8
"""Strength of a clear beat, which is about 1; chosen, as `MOST` was, on six records of svdb under
recorded noise. Of 31,000 certain beats of 21 records of MIT-BIH's DS1 and svdb, 45 are in doubt by
it."""
MOST: Final = 0.3
"""Share of the beats around that may be less than clear."""


def faint_stretches(
    strength: npt.NDArray[np.float32], samples: npt.NDArray[np.int64], second: int
) -> npt.NDArray[np.bool_]:
    """Tell around which beats too many are faint for any of them to be relied on.

    Where noise of a beat's shape wins, it does not look like noise: what it makes are marks, some
    of them strong.

    Parameters
    ----------
    strength : ndarray of float32, shape (n_beats,)
        How sure the detector is of each, about 1 for a clear one.
    samples : ndarray of int64, shape (n_beats,)
        R peaks, ascending.
    second : int
        Samples in a second.

    Returns
    -------
    ndarray of bool, shape (n_beats,)

    Examples
    --------
    >>> import numpy as np
    >>> from ectopy.beats.detection.faint import faint_stretches
    >>> strength = np.array([1, 1, 0.5, 1, 1, 1, 1, 1, 1, 1], np.float32)
    >>> faint_stretches(strength, 200 * np.arange(10), 250).any()
    np.False_
    """
    before, here = np.r_[0, np.cumsum(strength < CLEAR)], np.arange(len(strength))
    first = np.searchsorted(samples, samples - REACH_S * second)
    last = np.searchsorted(samples, samples + REACH_S * second, side="right")
    first, last = np.maximum(first, here - AROUND), np.minimum(last, here + AROUND + 1)
    return np.asarray(before[last] - before[first] > MOST * (last - first))
