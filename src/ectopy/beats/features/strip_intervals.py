"""How irregular the RR intervals of short strips are, each with as many intervals as it has.

The measures are those of `ectopy.beats.features.irregularity`, for 10 to 100 intervals in place of
a fixed number, and some that a short strip lives by: how irregular the most regular part of it is
(early beats leave regular stretches between them, fibrillation none), and steps between intervals
whose beats all have the usual QRS.
"""

from __future__ import annotations

import warnings
from typing import Final

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

_U_QUANTILES: Final = (0.0, 0.05, 0.25, 0.75, 0.95, 1.0)
_STEP_QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
_RANGE_QUANTILES: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_RUN: Final = 5  # intervals in a stretch whose range is told
_CELL: Final = 0.04  # of the usual interval, as in `irregularity`
_CELLS: Final = 12
_LAGS: Final = (2, 3, 4)
_SHARES: Final = (0.2, 0.35, 0.5, 0.7)
_PAIR_SHARES: Final = (0.25, 0.5)
_FEWEST: Final = 3  # intervals below which nothing is measured
N_INTERVALS: Final = (
    2 + len(_U_QUANTILES) + len(_STEP_QUANTILES) + 8 + 2 * len(_LAGS) + len(_SHARES)
    + len(_PAIR_SHARES) + len(_RANGE_QUANTILES) + 3
)  # fmt: skip


def intervals(rr_s: Float64, usual: npt.NDArray[np.bool_]) -> Float32:
    """Measure the intervals of strips.

    Parameters
    ----------
    rr_s : ndarray of float64, shape (n_strips, n)
        RR intervals in turn, in seconds; NaN where there is none, or it is not known.
    usual : ndarray of bool, shape (n_strips, n)
        Where the beats on both sides have the usual QRS.

    Returns
    -------
    ndarray of float32, shape (n_strips, N_INTERVALS)
        Without NaN: what cannot be told of so few intervals is 0.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of rows without any interval
        told = np.stack(_measures(rr_s, usual), axis=1)
    few = np.count_nonzero(np.isfinite(rr_s), axis=1) < _FEWEST
    return np.where(few[:, None], 0, np.nan_to_num(told, posinf=0, neginf=0)).astype(np.float32)


def quantile(ordered: npt.NDArray[np.floating], share: float) -> npt.NDArray[np.floating]:
    """Give a quantile of rows that are sorted, NaN last; between two values, on the line."""
    last = np.maximum(np.count_nonzero(np.isfinite(ordered), axis=-1) - 1, 0)
    at = share * last
    low = np.floor(at).astype(np.int64)
    below = np.take_along_axis(ordered, low[..., None], -1)[..., 0]
    above = np.take_along_axis(ordered, np.minimum(low + 1, last)[..., None], -1)[..., 0]
    return np.asarray(below + (at - low) * (above - below))


def _measures(rr: Float64, usual: npt.NDArray[np.bool_]) -> list[Float64]:
    known = np.isfinite(rr)
    ordered = np.sort(rr, axis=1)
    median = quantile(ordered, 0.5)[:, None]
    u, ordered = rr / median, ordered / median
    told = [np.log(median[:, 0]), np.nanstd(u, axis=1)]
    told += [quantile(ordered, q) for q in _U_QUANTILES]
    step = np.diff(u, axis=1)
    size = np.abs(step)
    of_size = np.sort(size, axis=1)
    told += [quantile(of_size, q) for q in _STEP_QUANTILES]
    told.append(np.sqrt(np.nanmean(size**2, axis=1)))
    told.append(_share(step[:, 1:] * step[:, :-1] < 0, step[:, 1:] * step[:, :-1]))
    told.append(_share(np.abs(u - 1) < 0.05, u))
    told.append(_share(size < _CELL, size))
    bounded = np.clip(u, 0.4, 2.0)
    bounded = bounded - np.nanmean(bounded, axis=1, keepdims=True)
    power = np.nansum(bounded**2, axis=1) + 1e-6
    for lag in (1, *_LAGS):
        told.append(np.nansum(bounded[:, lag:] * bounded[:, :-lag], axis=1) / power)
        if lag > 1:
            apart = np.abs(u[:, lag:] - u[:, :-lag])
            told.append(_share(apart < 2 * _CELL, apart))
    early, late = step[:, :-1] < -3 * _CELL, step[:, 1:] > 3 * _CELL
    both = step[:, :-1] + step[:, 1:]
    told.append(_share(early & late, both))
    told.append(_share(early & late & (u[:, 2:] > 1 + _CELL), both))
    cells = np.clip(np.rint(step / _CELL), -_CELLS, _CELLS)
    pairs = np.sort(cells[:, 1:] * (2 * _CELLS + 1) + cells[:, :-1], axis=1)
    told.append(1 - _share(np.diff(pairs, axis=1) == 0, np.diff(pairs, axis=1)))
    told += [_tightest(ordered, share) for share in _SHARES]
    sums = np.sort(u[:, 1:] + u[:, :-1], axis=1)
    told += [_tightest(sums, share) for share in _PAIR_SHARES]
    if u.shape[1] >= _RUN:
        runs = np.lib.stride_tricks.sliding_window_view(np.log(u), _RUN, axis=1)
        ranges = np.sort(runs.max(axis=2) - runs.min(axis=2), axis=1)
        told += [quantile(ranges, q) for q in _RANGE_QUANTILES]
    else:
        told += [np.zeros(len(u))] * len(_RANGE_QUANTILES)
    of_usual = np.where(usual[:, 1:] & usual[:, :-1], size, np.nan)
    told.append(quantile(np.sort(of_usual, axis=1), 0.5))
    told.append(np.sqrt(np.nanmean(of_usual**2, axis=1)))
    told.append(_share(usual & known, rr))
    return told


def _share(true: npt.NDArray[np.bool_], of: Float64) -> Float64:
    """Give the share of the known values of which something is true."""
    return np.asarray(
        np.count_nonzero(true, axis=1) / np.maximum(np.count_nonzero(np.isfinite(of), axis=1), 1)
    )


def _tightest(ordered: Float64, share: float) -> Float64:
    """Give the relative width of the narrowest range that holds a share of ascending values."""
    n = np.count_nonzero(np.isfinite(ordered), axis=1)
    ahead = np.maximum((share * n).astype(np.int64), 1)[:, None] + np.arange(ordered.shape[1])
    beyond = ahead >= n[:, None]
    high = np.take_along_axis(ordered, np.minimum(ahead, ordered.shape[1] - 1), axis=1)
    width = np.where(beyond, np.inf, (high - ordered) / ordered)
    return np.asarray(np.nanmin(width, axis=1))
