"""A recording's beats in a few dozen groups, so that a reader is not asked the same twice."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.one_thread import one_thread

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

GROUPS: Final = 60
"""Groups of a recording, at most."""
ROUNDS: Final = 8
SAMPLE: Final = 6000  # beats, evenly spread, that the middles of the groups are found by
_CHUNK: Final = 8192  # beats at a time: the arrays stay in the processor's cache


def groups(places: Float32) -> Int64:
    """Put beats into groups by their places: k-means, from beats evenly spread over time.

    Parameters
    ----------
    places : ndarray of float32, shape (n_beats, n)
        From `ectopy.runtime.corrections.places.describe`.

    Returns
    -------
    ndarray of int64, shape (n_beats,)
        From 0; no chance is involved.

    Examples
    --------
    >>> from ectopy.runtime.corrections import groups
    >>> groups(np.zeros((3, 16), np.float32)).tolist()
    [0, 0, 0]
    """
    if not len(places):
        return np.zeros(0, dtype=np.int64)
    few = _spread(len(places), SAMPLE)
    some = places[few]
    middles = some[_spread(len(some), GROUPS)]
    with one_thread:
        for _ in range(ROUNDS):
            own = _nearest(some, middles)
            counts = np.bincount(own, minlength=len(middles))
            order = np.argsort(own, kind="stable")
            there = counts > 0
            sums = np.add.reduceat(some[order], (np.cumsum(counts) - counts)[there], axis=0)
            middles[there] = sums / counts[there, None]
        return np.concatenate(
            [
                _nearest(places[start : start + _CHUNK], middles)
                for start in range(0, len(places), _CHUNK)
            ]
        )


def _spread(n: int, most: int) -> Int64:
    return np.linspace(0, n - 1, min(n, most)).astype(np.int64)


def _nearest(places: Float32, middles: Float32) -> Int64:
    half = np.einsum("ij,ij->i", middles, middles) / 2
    return np.asarray((places @ middles.T - half).argmax(axis=1))
