"""Spans that last: what is shorter goes to its neighbours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


def first_of_each(kind: Int64) -> npt.NDArray[np.bool_]:
    """Tell where another kind begins."""
    return np.append(True, kind[1:] != kind[:-1])[: len(kind)]


def steady(kind: Int64, times_s: Float64, end_s: float, shortest_s: float) -> Int64:
    """Give spans shorter than ``shortest_s`` the kind of the longer of their neighbours.

    Parameters
    ----------
    kind : ndarray of int64, shape (n,)
        What holds from each of some times on.
    times_s : ndarray of float64, shape (n,)
        Ascending.
    end_s : float
        Until when the last one holds.
    shortest_s : float
        Of a span that stays, unless it is alone.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    kind = kind.copy()
    while True:  # each round gives the shortest away at least; a few settle a day
        first = np.flatnonzero(first_of_each(kind))
        length = np.diff(np.append(times_s[first], end_s))
        if len(first) < 2 or not (length < shortest_s).any():
            return kind
        around = np.pad(length, 1)
        # Only what is shorter than both neighbours gives way, so that neighbours do not swap.
        smallest = (length < shortest_s) & (length <= _beside(around))
        before = around[:-2] >= around[2:]
        taken = np.where(before, np.arange(len(first)) - 1, np.arange(len(first)) + 1)
        smallest &= ~np.append(False, smallest[:-1])  # of two alike, the first
        own = kind[first]
        own[smallest] = own[np.clip(taken[smallest], 0, len(first) - 1)]
        kind = np.repeat(own, np.diff(np.append(first, len(kind))))


def _beside(around: Float64) -> Float64:
    """Give the shorter of the two neighbours of each span; at the ends there is but one."""
    before, after = around[:-2].copy(), around[2:].copy()
    before[0], after[-1] = np.inf, np.inf
    return np.minimum(before, after)
