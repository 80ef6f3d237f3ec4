"""When the sinus node's next beat was due, and how surely: prematurity as a reader judges it.

`ectopy.beats.features.rr_intervals` sets an interval against all that went before. Here the past is
sifted first: intervals that were early, the pauses after them and outliers hardly count, so what
is left predicts the next sinus beat; and an early beat is set against how far the sinus rhythm
itself wanders, so that the same 15 % is much in a steady rhythm and nothing in an irregular one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features.rr_intervals import (
    following,
    intervals,
    sinus_weight,
    window_mean,
)

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

FIRST_GUESS_BEATS: Final = 16
DUE_BEATS: Final = (4, 12, 40)
"""Over which the sifted intervals are averaged; the middle one is what is called due below."""

WANDER_BEATS: Final = (16, 64)
SHARE_BEATS: Final = (8, 32, 128)
COUPLED_BEATS: Final = 64
PAST_S: Final = 90.0
"""No average over what is derived from the due interval looks further back than this."""

EARLY: Final = (0.12, 0.03)  # log ratio to the due interval where a beat is half early; its slope
OUTLIER: Final = 0.10  # log ratio at which an interval counts 1/e
LONGEST_RUN: Final = 20  # early beats in a row that are told apart
LIMIT: Final = 10.0  # of prematurity in units of the wander
STEP: Final = 0.06  # log ratio of neighbouring intervals that is a step

N_SINUS: Final = 42
PREMATURE: Final = (4, 20, 31)
"""Columns: the interval against the due one, in units of the wander, and how surely early."""
GATED: Final = (0, *PREMATURE, 5, 8, 23)
"""Columns that mean nothing in atrial fibrillation."""


def sinus(times_s: Float64, lost: Bool | None = None) -> Float32:
    """Compute what the sifted past says about every beat.

    Parameters
    ----------
    times_s : ndarray of float64, shape (n_beats,)
        R peaks in seconds, ascending.
    lost : ndarray of bool, shape (n_beats,), optional
        Where signal was lost since the beat before (`rr_intervals.intervals`).

    Returns
    -------
    ndarray of float32, shape (n_beats, N_SINUS)
        Log ratios of intervals to the due interval, the same in units of the sinus rhythm's wander,
        shares and runs of early beats, their usual coupling, irregularity. Looks ahead two beats.
    """
    n = len(times_s)
    if not n:
        return np.zeros((0, N_SINUS), np.float32)
    own = np.arange(n)
    log = np.log(intervals(times_s, lost))
    later, later2 = (log[following(times_s, by, lost)] for by in (1, 2))
    recent = np.searchsorted(times_s, times_s - PAST_S)

    def past(values: Float64, weights: Float64, beats: int, otherwise: Float64 | float) -> Float64:
        """Mean of the beats before this one."""
        since = np.minimum(np.maximum(own - beats, recent), own)
        mean = window_mean(values, weights, since, own)
        return np.where(own > since, mean, otherwise)

    kept = sinus_weight(times_s, lost)
    kept = kept * np.concatenate([[1.0], kept[:-1]])  # nor the pause after an early beat
    off = log - past(log, kept + 1e-3, FIRST_GUESS_BEATS, log)
    kept = np.exp(-((off / OUTLIER) ** 2)) * (kept + 0.1) + 0.01
    columns: list[Float64] = []
    dues = [past(log, kept, beats, log) for beats in DUE_BEATS]
    for due in dues:
        columns += [log - due, later - due, later2 - due]
        columns.append(np.logaddexp(log, later) - np.log(2) - due)
    due = dues[1]
    columns.append(dues[0] - dues[2])
    columns += [_shift(log, -back) - due for back in range(1, 7)]
    off = log - due
    for beats in WANDER_BEATS:
        wander = past(np.abs(off), kept, beats, 0.05)
        columns.append(np.log(wander + 0.01))
        for interval in (off, later - due):
            columns.append(np.clip(interval / (wander + 0.015), -LIMIT, LIMIT) / 3)
    early = 1 / (1 + np.exp((off + EARLY[0]) / EARLY[1]))
    columns += [past(early, np.ones(n), beats, 0.0) for beats in SHARE_BEATS]
    on_time = np.maximum.accumulate(np.where(early < 0.5, own, -1))
    columns.append(np.log1p(np.minimum(own - on_time, LONGEST_RUN)))
    columns += [_shift(early, -1), _shift(early, -2), early]
    some = np.minimum(1, 20 * past(early, np.ones(n), COUPLED_BEATS, 0.0))
    columns += [(log - past(log, early + 1e-4, COUPLED_BEATS, log)) * some, some]
    return np.stack([*columns, *_irregular(log, off, kept, past)], axis=1).astype(np.float32)


def _irregular(
    log: Float64, off: Float64, kept: Float64, past: Callable[..., Float64]
) -> list[Float64]:
    """Measure turning points, steps, and how far the sinus beats and all beats spread."""
    step = log - _shift(log, -1)
    turning = (_shift(step, -1) * step < 0).astype(np.float64)
    large = (np.abs(step) > STEP).astype(np.float64)
    one = np.ones(len(log))
    both = kept * np.concatenate([[1.0], kept[:-1]])
    columns: list[Float64] = []
    for beats in WANDER_BEATS:
        columns += [past(turning, one, beats, 0.0), past(large, one, beats, 0.0)]
        columns.append(np.log(past(np.abs(step), both, beats, 0.0) + 0.01))
        columns.append(np.log(np.sqrt(past(off**2, one, beats, 0.0)) + 0.01))
    return columns


def _shift(values: Float64, by: int) -> Float64:
    """Value of the beat ``by`` places later; the first or last one repeats."""
    return values[np.clip(np.arange(len(values)) + by, 0, len(values) - 1)]
