"""How irregular RR intervals are: measures of windows around a beat, for telling fibrillation.

Windows of three lengths stand around a place in the sequence and to both sides of it, so that the
edge of an episode can be told. The measures know an irregular heart from a regular one that early
beats interrupt: quantiles beside spread, steps over one to four beats (bigeminy repeats after two,
trigeminy after three), turning points, and how many different pairs of successive steps there are
(after Sarkar, Ritscher and Mehra, IEEE Trans Biomed Eng 55:1219, 2008).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

STRIDE: Final = 5
"""Intervals from one place that is described to the next."""


class Scale(NamedTuple):
    """Windows of one length: intervals in each, from one to the next, and where they stand."""

    length: int
    stride: int  # a multiple of STRIDE; places between share a window
    lags: tuple[int, ...]  # in intervals, of the window's middle from the place described


SCALES: Final = (
    Scale(20, STRIDE, (-20, -10, 0, 10, 20)),
    Scale(60, 2 * STRIDE, (-30, 0, 30)),
    Scale(180, 6 * STRIDE, (0,)),
)

_U_QUANTILES: Final = (0.05, 0.25, 0.75, 0.95)
_STEP_QUANTILES: Final = (0.25, 0.5, 0.75, 0.9)
_CELL: Final = 0.04  # of the usual interval: 30 ms at 80 a minute, above what rounding makes
_CELLS: Final = 12  # a step beyond that many cells, up or down, is like one of that many
_LAGS: Final = (1, 2, 3, 4)
_SHARES: Final = (0.2, 0.35, 0.5)
_PAIR_SHARES: Final = (0.25, 0.5)
N_MEASURES: Final = (
    2 + len(_U_QUANTILES) + len(_STEP_QUANTILES) + 3 + 2 * len(_LAGS) + 4
    + len(_SHARES) + len(_PAIR_SHARES)
)  # fmt: skip
N_FEATURES: Final = N_MEASURES * sum(len(scale.lags) for scale in SCALES)


def places(n_intervals: int) -> npt.NDArray[np.int64]:
    """Give the intervals that `describe` describes: every `STRIDE`-th, from the third."""
    return np.arange(STRIDE // 2, max(n_intervals, STRIDE // 2 + 1), STRIDE, dtype=np.int64)


def describe(rr_s: npt.ArrayLike) -> Float32:
    """Describe the surroundings of every `STRIDE`-th interval.

    Parameters
    ----------
    rr_s : array_like of float, shape (n_intervals,)
        RR intervals without a gap, in seconds, above 0. Before the first and after the last the
        sequence is taken to go on as its mirror image.

    Returns
    -------
    ndarray of float32, shape (n_places, N_FEATURES)
        In the order of `places`; none without intervals.
    """
    rr = np.asarray(rr_s, dtype=np.float32)
    if not len(rr):
        return np.zeros((0, N_FEATURES), np.float32)
    at = places(len(rr))
    margin = max(scale.length // 2 + max(scale.lags) for scale in SCALES) + SCALES[-1].stride
    padded = np.pad(rr, margin, mode="symmetric")
    columns = []
    for scale in SCALES:
        reach = max(scale.lags)
        first = at[0] - reach + margin - scale.length // 2
        last = at[-1] + reach + margin - scale.length // 2 + scale.stride
        windows = np.lib.stride_tricks.sliding_window_view(padded, scale.length)
        measured = _measures(windows[first : last + 1 : scale.stride])
        for lag in scale.lags:
            # The nearest window at or before where it should stand, half a stride on.
            from_first = at - at[0] + lag + reach
            columns.append(measured[(from_first + scale.stride // 2) // scale.stride])
    return np.concatenate(columns, axis=1)


def describe_at(rr_s: npt.ArrayLike, at: Int64, first: Int64, last: Int64) -> Float32:
    """Describe the surroundings of any intervals, each as far as its surroundings are known.

    Parameters
    ----------
    rr_s : array_like of float, shape (n_intervals,)
        RR intervals in seconds, above 0.
    at : ndarray of int64, shape (n,)
        The intervals that are described.
    first, last : ndarray of int64, shape (n,)
        First interval that counts for each, and one past the last; at least one counts. Beyond
        them the sequence is taken to go on as its mirror image.

    Returns
    -------
    ndarray of float32, shape (n, N_FEATURES)
        As `describe` gives them, but for windows that it shares among neighbouring places.
    """
    rr = np.asarray(rr_s, dtype=np.float32)
    columns = []
    n = (last - first)[:, None]
    for scale in SCALES:
        for lag in scale.lags:
            begin = (at + lag - scale.length // 2 - first)[:, None]
            place = (begin + np.arange(scale.length)) % (2 * n)
            columns.append(_measures(rr[first[:, None] + np.minimum(place, 2 * n - 1 - place)]))
    return np.concatenate(columns, axis=1)


def _measures(x: Float32) -> Float32:
    """Measure windows, shape (n, length) to (n, N_MEASURES)."""
    length = x.shape[1]
    ordered = np.sort(x, axis=1)
    median = ordered[:, length // 2, None]
    u = x / median
    told = [np.log(median[:, 0]), u.std(axis=1)]
    sorted_u = ordered / median
    told += [sorted_u[:, int(q * (length - 1))] for q in _U_QUANTILES]
    step = np.diff(u, axis=1)
    size = np.abs(step)
    sorted_step = np.sort(size, axis=1)
    told += [sorted_step[:, int(q * (length - 2))] for q in _STEP_QUANTILES]
    told.append((step[:, 1:] * step[:, :-1] < 0).mean(axis=1))  # turning points
    told.append((np.abs(u - 1) < 0.05).mean(axis=1))
    told.append((size < _CELL).mean(axis=1))
    bounded = np.clip(u, 0.4, 2.0)  # one pause, or two beats missed, is not the whole of a window
    bounded = bounded - bounded.mean(axis=1, keepdims=True)
    power = np.einsum("ij,ij->i", bounded, bounded) + np.float32(1e-6)
    for lag in _LAGS:
        told.append(np.einsum("ij,ij->i", bounded[:, lag:], bounded[:, :-lag]) / power)
        apart = np.abs(u[:, lag:] - u[:, :-lag]) if lag > 1 else size
        told.append((apart < 2 * _CELL).mean(axis=1))
    # Early and then late, as after most ectopic beats; and a step as large as the one before.
    early = step[:, :-1] < -3 * _CELL
    late = step[:, 1:] > 3 * _CELL
    told.append((early & late).mean(axis=1))
    told.append((early & late & (u[:, 2:] > 1 + _CELL)).mean(axis=1))
    cells = np.clip(np.rint(step / _CELL), -_CELLS, _CELLS).astype(np.int16)
    pairs = np.sort(cells[:, 1:] * (2 * _CELLS + 1) + cells[:, :-1], axis=1)
    told.append(1 - (np.diff(pairs, axis=1) == 0).mean(axis=1))
    spacing = np.sort(np.diff(sorted_u[:, length // 10 : length - length // 10], axis=1), axis=1)
    told.append(spacing[:, spacing.shape[1] // 2])
    # However many beats are early, those between them are alike; and so is an early beat's interval
    # together with the pause after it.
    told += [_tightest(sorted_u, share) for share in _SHARES]
    pair_sums = np.sort(u[:, 1:] + u[:, :-1], axis=1)
    told += [_tightest(pair_sums, share) for share in _PAIR_SHARES]
    return np.stack(told, axis=1).astype(np.float32)


def _tightest(ordered: Float32, share: float) -> Float32:
    """Give the relative width of the narrowest range that holds a share of ascending values."""
    n = max(int(share * ordered.shape[1]), 1)
    low = ordered[:, :-n]
    return np.asarray(((ordered[:, n:] - low) / low).min(axis=1))
