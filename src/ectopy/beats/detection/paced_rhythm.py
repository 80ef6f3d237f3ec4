"""Where a rhythm is paced, from which beats have a pacing spike.

A single spike may be an artefact; many are a pacemaker. Records without one show a spike before one
beat in a hundred at most, paced ones before every second beat and more, but for stretches where the
spikes drown or the heart beats by itself. So a rhythm is paced wherever enough beats around have
spikes, and then all of its beats are: one without a spike may be the patient's own, or a paced one
whose spike is not seen.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]

NOT_PACED: Final = 0
SUSPECTED: Final = 1
PACED: Final = 2
PACING: Final = ("none", "suspected", "paced")
"""What may be known of a beat's rhythm, in the order of `NOT_PACED`, `SUSPECTED`, `PACED`."""

AROUND_BEATS: Final = 128
FEWEST: Final = 5
ENOUGH: Final = 10
SHARE: Final = 0.4
"""Beats with a spike among `AROUND_BEATS` that make them paced: `ENOUGH`; where there are fewer
beats, `SHARE` of them, but at least `FEWEST`. MIT-BIH's paced records have 11 at their poorest, its
DS1 one at most; ten-second strips of ludb have 55 % or more, or 10 % at most."""
NEAR_BEATS: Final = 8
NEAR_FEWEST: Final = 2
"""Half of the nearest `NEAR_BEATS`, and at least so many, make pacing suspected."""


def paced(spiked: Bool, *, whole: bool = False) -> UInt8:
    """Tell at which beats the rhythm is a paced one.

    Parameters
    ----------
    spiked : ndarray of bool, shape (n_beats,)
        Which beats have a pacing spike, from `ectopy.beats.detection.spikes`.
    whole : bool
        Whether later beats are looked at as well, as many as earlier ones.

    Returns
    -------
    ndarray of uint8, shape (n_beats,)
        `NOT_PACED`, `SUSPECTED` or `PACED`.

    Examples
    --------
    >>> from ectopy.beats.detection import paced
    >>> paced(np.array([True] * 7 + [False]))
    array([0, 1, 1, 1, 2, 2, 2, 2], dtype=uint8)
    """
    found, there = _around(spiked, AROUND_BEATS, whole=whole)
    needed = np.clip(SHARE * there, FEWEST, ENOUGH)
    near, near_there = _around(spiked, NEAR_BEATS, whole=whole)
    suspected = near >= np.maximum(near_there / 2, NEAR_FEWEST)
    states = np.where(suspected, np.uint8(SUSPECTED), np.uint8(NOT_PACED))
    states[found >= needed] = PACED
    return states


def _around(spiked: Bool, beats: int, *, whole: bool) -> tuple[Int64, Int64]:
    """Count the spikes, and the beats, of the last so many, or of half before and half after."""
    n = len(spiked)
    before = np.concatenate([[0], np.cumsum(spiked, dtype=np.int64)])
    last = np.minimum(np.arange(n) + (beats // 2 if whole else 0) + 1, n)
    first = np.maximum(np.arange(n) + 1 - (beats // 2 if whole else beats), 0)
    return before[last] - before[first], last - first
