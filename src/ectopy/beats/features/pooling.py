"""Measures of several leads, pooled over those that are on, with those of the beats around."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]

RECENT_BEATS: Final = 24
"""Over which each measure's mean and mean square tell what is usual for it."""


def over_leads(measured: Float32, on: Bool, following: Int64) -> Float32:
    """Pool measures (n_leads, k, n_beats) over the leads that are on, and look around each beat.

    Parameters
    ----------
    measured : ndarray of float32, shape (n_leads, k, n_beats)
        Measures.
    on : ndarray of bool, shape (n_leads, n_beats)
        Leads that count.
    following : ndarray of int64, shape (n_beats,)
        The beat after each, from `ectopy.beats.features.rr_intervals.following`.

    Returns
    -------
    ndarray of float32, shape (7 * k, n_beats)
    """
    seen = (on | ~on.any(axis=0))[:, None]
    if seen.all():
        mean, largest, smallest = measured.mean(axis=0), measured.max(axis=0), measured.min(axis=0)
    else:
        mean = np.where(seen, measured, 0).sum(axis=0) / seen.sum(axis=0, dtype=np.float32)
        largest = np.where(seen, measured, -np.inf).max(axis=0)
        smallest = np.where(seen, measured, np.inf).min(axis=0)
    before = np.concatenate([mean[:, :1], mean[:, :-1]], axis=1)
    recent = _recent(np.concatenate([mean, mean**2]))
    return np.concatenate(
        [mean, largest, smallest, before, mean[:, following], recent], dtype=np.float32
    )


def _recent(rows: Float32) -> Float64:
    """Mean of the last `RECENT_BEATS` beats, this one included; shape (k, n_beats) as given."""
    sums = np.cumsum(rows, axis=1, dtype=np.float64)
    sums[:, RECENT_BEATS:] -= sums[:, :-RECENT_BEATS].copy()
    return np.asarray(sums / (np.minimum(np.arange(rows.shape[1]) + 1, RECENT_BEATS) + 1e-6))
