"""What the RR intervals say about a beat: absolute, and relative to the patient's recent past.

In a record where most beats are ectopic the median interval is the ectopic one, so every interval
is set against means and upper quantiles over several horizons at once; in atrial fibrillation a
short interval is not prematurity, so measures of irregularity stand beside them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from ectopy.beats.conditioning.lead_votes import BREAK_S

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

RR_LIMITS_S: Final = (0.15, 3.0)
"""Intervals are clipped here: shorter is a double detection, longer a pause or a gap."""

UNKNOWN_S: Final = 0.8
"""What stands for the interval where no two beats tell one."""

MEAN_BEATS: Final = (8, 24, 64)
QUANTILE_BEATS: Final = (16, 48)
LONG_BEATS: Final = 192
LONG_S: Final = 180.0
"""The longest horizon, in beats and in seconds: enough to outlast a run of tachycardia."""

N_PAST: Final = 45  # columns that need no later beat but the next two
PREMATURE: Final = (5, 6)  # columns: the interval against the next and against the one before

TWO_SIDED_BEATS: Final = (40, 200)
MARKS: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of a whole recording's intervals."""
ALIKE: Final = 0.06  # log ratio within which two intervals count as the same
ALIKE_BEATS: Final = 32

LATER_S: Final = 9.0
"""A beat further ahead than this is none that a beat is set against: a stream has not seen it."""

_CHUNK: Final = 1024  # beats at a time: the longest windows stay in the processor's cache


def windows(times_s: Float64, beats: int, seconds: float, two_sided: bool) -> tuple[Int64, Int64]:
    """First and one-past-last beat of each beat's window: so many beats back, so many seconds."""
    n = len(times_s)
    own = np.arange(n)
    first = np.maximum(own + 1 - beats, np.searchsorted(times_s, times_s - seconds))
    if not two_sided:
        return first, own + 1
    last = np.minimum(own + beats, np.searchsorted(times_s, times_s + seconds, side="right"))
    return first, np.clip(last, own + 1, n)


def window_mean(values: Float64, weights: Float64, first: Int64, last: Int64) -> Float64:
    """Weighted mean of each window; values (n,) or (n, d)."""
    wide = values.reshape(len(values), -1) * weights[:, None]
    total = np.zeros((len(wide) + 1, wide.shape[1]))
    np.cumsum(wide, axis=0, out=total[1:])
    weight = np.concatenate([[0.0], np.cumsum(weights)])
    mean = (total[last] - total[first]) / (weight[last] - weight[first] + 1e-6)[:, None]
    return np.asarray(mean.reshape(len(first), *values.shape[1:]))


def marks(times_s: Float64, lost: Bool | None = None) -> Float64:
    """Give the quantiles of a whole recording's log intervals that `rhythm` sets beats against."""
    return np.asarray(np.quantile(np.log(intervals(times_s, lost)), MARKS))


def rhythm(times_s: Float64, whole: Float64 | None = None, lost: Bool | None = None) -> Float32:
    """Compute the interval features of every beat.

    Parameters
    ----------
    times_s : ndarray of float64, shape (n_beats,)
        R peaks in seconds, ascending.
    whole : ndarray of float64, optional
        `marks` of the whole recording: adds what only it can tell (later beats, and these), in
        columns after all others.
    lost : ndarray of bool, shape (n_beats,), optional
        As for `intervals`.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_features)
        Logarithms of intervals and of their ratios. Looks ahead two beats, with ``whole`` the
        largest of `TWO_SIDED_BEATS`.
    """
    n = len(times_s)
    rr = intervals(times_s, lost)
    log = np.log(rr)
    later, later2 = (log[following(times_s, by, lost)] for by in (1, 2))
    earlier, earlier2 = (_shift(log, by) for by in (-1, -2))
    columns = [
        log, later, later2, earlier, earlier2,
        log - later, log - earlier, earlier - later, log - earlier2,
    ]  # fmt: skip
    own = np.arange(n)
    for beats in MEAN_BEATS:
        mean = np.log(window_mean(rr, np.ones(n), np.maximum(own + 1 - beats, 0), own + 1))
        columns += [log - mean, later - mean]
        if beats == MEAN_BEATS[1]:
            columns += [later2 - mean, earlier - mean]
    for beats in QUANTILE_BEATS:
        low, middle, high, top = _quantiles(log, beats, (0.25, 0.5, 0.8, 0.95))
        columns += [log - low, log - middle, log - high, later - high, high - low]
        columns.append(np.logaddexp(log, later) - np.log(2) - high)  # full compensatory pause
        columns += [top - high, middle] if beats == QUANTILE_BEATS[-1] else []
    low, middle, high, top = _quantiles(
        log, LONG_BEATS, (0.25, 0.5, 0.8, 0.95), since=np.searchsorted(times_s, times_s - LONG_S)
    )
    columns += [
        log - low,
        log - middle,
        log - high,
        log - top,
        later - high,
        top - high,
        high - low,
    ]
    change = np.abs(log - earlier)
    for beats in (12, 48):
        columns += _quantiles(change, beats, (0.5, 0.8))
        columns.append(window_mean(change, np.ones(n), np.maximum(own + 1 - beats, 0), own + 1))
    alike = np.abs(_past(log, ALIKE_BEATS).T - log.astype(np.float32)) < ALIKE
    columns.append(alike.sum(axis=0, dtype=np.float32) / np.minimum(own + 1, ALIKE_BEATS))
    if whole is not None:
        columns += _whole(log, later, change, whole)
    return np.stack(columns, dtype=np.float32, casting="same_kind").T


def intervals(times_s: Float64, lost: Bool | None = None) -> Float64:
    """RR interval that ends at each beat, in s, clipped; the first beat takes the second's.

    Where signal was ``lost`` since the beat before, shape (n_beats,), the interval is not known:
    such a beat takes the next one that is, as the first does.
    """
    n = len(times_s)
    if n < 2:
        return np.full(n, UNKNOWN_S)
    rr = np.diff(times_s)
    rr = np.concatenate([rr[:1], rr])
    if lost is not None and lost[1:].any():
        known = 1 + np.flatnonzero(~lost[1:])
        if not len(known):
            return np.full(n, UNKNOWN_S)
        rr = rr[known[np.minimum(np.searchsorted(known, np.arange(n)), len(known) - 1)]]
    return np.asarray(np.clip(rr, *RR_LIMITS_S))


def following(times_s: Float64, by: int, lost: Bool | None = None) -> Int64:
    """Give the beat so many after each, or the last before signal is lost or nothing comes.

    Parameters
    ----------
    times_s : ndarray of float64, shape (n_beats,)
        R peaks in seconds, ascending.
    by : int
        Beats ahead.
    lost : ndarray of bool, shape (n_beats,), optional
        Where signal was lost since the beat before.

    Returns
    -------
    ndarray of int64, shape (n_beats,)
        Indices: at most `LATER_S` ahead, and none across lost signal.
    """
    n = len(times_s)
    seen = np.searchsorted(times_s, times_s + LATER_S, side="right") - 1
    last: Int64 = np.minimum(np.arange(n) + by, seen)
    if lost is not None and lost[1:].any():
        ends = np.append(np.flatnonzero(lost[1:]), n - 1)  # of what was recorded in one
        last = np.minimum(last, ends[np.searchsorted(ends, np.arange(n))])
    return last


def sinus_weight(times_s: Float64, lost: Bool | None = None) -> Float64:
    """How surely a beat is not premature, from its interval alone: 0.05 to 1.

    Against the mean of 32 beats, which stays above the ectopic interval even in a record where
    most beats are ectopic; behind `BREAK_S` without a beat none counts.
    """
    rr = intervals(times_s, lost)
    own = np.arange(len(rr))
    anew = np.maximum.accumulate(np.where(np.diff(times_s, prepend=times_s[:1]) >= BREAK_S, own, 0))
    mean = window_mean(rr, np.ones(len(rr)), np.maximum(own - 31, anew), own + 1)
    return np.asarray(0.05 + 0.95 / (1 + np.exp(-(rr / mean - 0.92) / 0.03)))


def _whole(log: Float64, later: Float64, change: Float64, whole: Float64) -> list[Float64]:
    columns: list[Float64] = []
    for beats in TWO_SIDED_BEATS:
        bottom, low, middle, high, top = _quantiles(
            log, beats, (0.1, 0.25, 0.5, 0.8, 0.95), ahead=beats
        )
        columns += [log - bottom, log - low, log - middle, log - high, log - top]
        columns += [later - high, high - low]
        columns += _quantiles(change, beats, (0.5, 0.8), ahead=beats)
    columns += [log - mark for mark in whole]
    columns.append(np.full(len(log), whole[3] - whole[1]))
    return columns


def _shift(values: Float64, by: int) -> Float64:
    """Value of the beat ``by`` places later; the first or last one repeats."""
    own = np.clip(np.arange(len(values)) + by, 0, len(values) - 1)
    return values[own]


def _past(values: Float64, beats: int, ahead: int = 0) -> Float32:
    """Each beat's last ``beats`` values (itself included) and ``ahead`` next, else infinity."""
    before = np.full(beats - 1, np.inf, np.float32)
    after = np.full(ahead, np.inf, np.float32)
    padded = np.concatenate([before, values.astype(np.float32), after])
    return sliding_window_view(padded, beats + ahead)


def _quantiles(
    values: Float64,
    beats: int,
    shares: tuple[float, ...],
    *,
    ahead: int = 0,
    since: Int64 | None = None,
) -> list[Float64]:
    """Quantiles of each beat's window, by linear interpolation.

    Parameters
    ----------
    values : ndarray of float64, shape (n_beats,)
        One value of each beat.
    beats, ahead : int
        Length of the window: so many beats back, this one included, and so many ahead.
    shares : tuple of float
        Which quantiles.
    since : ndarray of int64, shape (n_beats,), optional
        First beat of each window, where that is later than ``beats`` back.
    """
    n = len(values)
    own = np.arange(n)
    furthest = own + 1 - beats
    first = earliest = np.maximum(furthest, 0)
    if since is not None:
        first = np.maximum(earliest, since)
    count = np.minimum(own + 1 + ahead, n) - first
    skip = np.where(first > earliest, first - furthest, 0)
    past = _past(values, beats, ahead)
    places = [(count - 1) * share for share in shares]
    found = [np.empty(n) for _ in shares]
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        rows = past[part].copy()
        early = rows[:, : skip[part].max()]  # few columns: seldom does a window begin late
        early[np.arange(early.shape[1]) < skip[part, None]] = np.inf
        rows.sort(axis=1)
        ordered, row = rows.ravel(), rows.shape[1] * np.arange(len(rows))
        for quantile, place in zip(found, places, strict=True):
            low = place[part].astype(np.int64)
            over = place[part] - low
            high = np.minimum(low + 1, count[part] - 1)
            quantile[part] = ordered[row + low] * (1 - over) + ordered[row + high] * over
    return found
