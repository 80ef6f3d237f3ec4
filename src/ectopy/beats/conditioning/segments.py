"""Stretches of a lead around many places at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]


def segments(lead: Float32, starts: Int64, length: int) -> Float32:
    """Copy ``length`` samples from each start; beyond its ends the lead holds its level.

    Parameters
    ----------
    lead : ndarray of float32, shape (n_samples,)
        At least one sample.
    starts : ndarray of int64, shape (n,)
        Sample indices, which may lie outside the lead.
    length : int
        Samples.

    Returns
    -------
    ndarray of float32, shape (n, length)
    """
    inside = np.clip(starts, 0, max(len(lead) - length, 0))
    if len(lead) < length:
        rows = np.empty((len(starts), length), np.float32)
        over = np.arange(len(starts))
    else:
        # Rows of a sliding view are copied whole, much faster than sample by sample.
        rows = sliding_window_view(lead, length)[inside]
        over = np.flatnonzero(starts != inside)
    if len(over):
        rows[over] = lead[np.clip(starts[over, None] + np.arange(length), 0, len(lead) - 1)]
    return rows
