"""Runs of beats without a gap."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def segments(times_s: Float64, gap_s: float) -> list[tuple[int, int]]:
    """Cut beat times where two are further apart than ``gap_s`` seconds.

    Returns
    -------
    list of (int, int)
        First beat of each run, and the one after its last.
    """
    if not len(times_s):
        return []
    cuts = np.flatnonzero(np.diff(times_s) > gap_s) + 1
    return list(zip([0, *cuts.tolist()], [*cuts.tolist(), len(times_s)], strict=True))
