"""Long intervals that are not quiet: in them beats were not marked, so they are no pauses.

In ventricular flutter and fibrillation, and in noise of a beat's shape, hardly any beat is marked,
and the signal may be called good all the same. Between two beats of a pause there is a quiet line.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Intervals
from ectopy.beats.conditioning.quality import FLAT, GOOD, Quality
from ectopy.recordings.clock import Clock

RESTLESS: Final = (0.1, 0.15)
"""Of the beats' size: from which what is between beats is no quiet line, in a quiet recording and
in a noisy one. The quietest second of long intervals reaches 0.02 in 201 and in 207 after the
flutter; where beats were missed mostly 0.12 to 0.39: in the flutter of 207, in cudb, in the noise
of 105."""

LOUDER: Final = 2.0
"""Times what is between beats in a quiet part of the recording: one that is noisy throughout has
pauses too."""
QUIET_SHARE: Final = 0.1  # of the seconds in good signal, for flutter may fill most of a recording

NOT_MARKED: Final = "no beat is marked for a while"
"""How the warning begins, by which a page over all recordings knows it."""


def restless(quality: Quality, leads: list[int]) -> npt.NDArray[np.bool_]:
    """Tell which seconds are quiet in none of the leads that are there.

    Parameters
    ----------
    quality : Quality
        Of the whole recording.
    leads : list of int
        Those that beats are found on.

    Returns
    -------
    ndarray of bool, shape (n_seconds,)
        False too where no lead is there.
    """
    states = quality.states[leads]
    there = states < FLAT
    quiet = np.zeros(states.shape[1], dtype=bool)
    for row, lead in enumerate(leads):
        good = states[row] == GOOD
        if not good.any():
            continue
        size = float(np.median(quality.amplitude_mv[lead, good]))
        usual = float(np.quantile(quality.noise_mv[lead, good], QUIET_SHARE))
        limit = min(max(LOUDER * usual, RESTLESS[0] * size), RESTLESS[1] * size)
        quiet |= there[row] & (quality.noise_mv[lead] < limit)
    return ~quiet & there.any(axis=0)


def unmarked(
    samples: npt.NDArray[np.int64],
    restless: npt.NDArray[np.bool_],
    second: int,
    shortest: float,
) -> npt.NDArray[np.int64]:
    """Find the beats before which beats were not marked.

    Parameters
    ----------
    samples : ndarray of int64, shape (n_beats,)
        R peaks, ascending.
    restless : ndarray of bool, shape (n_seconds,)
        From `restless`.
    second : int
        Samples in a grid second.
    shortest : float
        Samples of an interval that is long enough to be looked at.

    Returns
    -------
    ndarray of int64
        Their indices: of intervals whose whole seconds are for the most part not quiet.
    """
    if len(samples) < 2:
        return np.zeros(0, dtype=np.int64)
    first = np.minimum(-(-samples[:-1] // second), len(restless))
    last = np.clip(samples[1:] // second, first, len(restless))
    before = np.r_[0, np.cumsum(restless)]
    mostly = 2 * (before[last] - before[first]) > last - first
    return np.flatnonzero(mostly & (np.diff(samples) >= shortest)) + 1


def across_fibrillation(
    times_s: npt.NDArray[np.float64], vf_spans_s: npt.ArrayLike
) -> npt.NDArray[np.bool_]:
    """Find the beats before which there is ventricular fibrillation: what is marked is no beat.

    Parameters
    ----------
    times_s : ndarray of float64, shape (n_beats,)
        R peaks in seconds, ascending.
    vf_spans_s : array_like of float, shape (n, 2)
        Onset and end of ventricular fibrillation or flutter in seconds, in order and apart.

    Returns
    -------
    ndarray of bool, shape (n_beats,)
        True where some of it lies between the beat before and this one.
    """
    onsets, ends = np.reshape(np.asarray(vf_spans_s, dtype=np.float64), (-1, 2)).T
    before = np.concatenate([times_s[:1], times_s[:-1]])
    return np.asarray(np.searchsorted(onsets, times_s) > np.searchsorted(ends, before))


def not_marked(intervals: Intervals, unmarked: npt.NDArray[np.int64], clock: Clock) -> list[str]:
    """Say where, for a reader has to look there."""
    if not len(unmarked):
        return []
    first = clock.text(float(intervals.times_s[unmarked[0] - 1]))
    more = f" and {len(unmarked) - 1:,} more like it" if len(unmarked) > 1 else ""
    return [
        f"{NOT_MARKED} after {first}{more}, though the signal is not quiet: "
        "flutter, fibrillation or noise? It is told neither as a pause nor as a rate"
    ]
