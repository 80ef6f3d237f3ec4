"""The most likely course of a rhythm that is either there or not (Viterbi, two states)."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def most_likely(evidence: npt.ArrayLike, change_cost: float) -> npt.NDArray[np.bool_]:
    """Choose the course with the largest sum of evidence where it is there, less its changes.

    Parameters
    ----------
    evidence : array_like of float, shape (n,)
        Above 0 where the rhythm looks as if it were there, below where not.
    change_cost : float
        What each change costs, in units of evidence.

    Returns
    -------
    ndarray of bool, shape (n,)
        Whether it is there. Exact: no other course has a larger sum.
    """
    values = np.asarray(evidence, dtype=np.float64)
    if not len(values):
        return np.zeros(0, dtype=bool)
    c = float(change_cost)
    # By how much "there" is ahead of "not there" at each place, given all places up to it: the
    # other state can be had for the cost of a change, so no lead is worth more than that.
    lead = np.fromiter(
        accumulate(values.tolist(), lambda ahead, new: new + min(max(ahead, -c), c)),
        dtype=np.float64,
        count=len(values),
    )
    # Back from the end: a lead above the cost settles a place, one below leaves it to the next.
    settled = np.abs(lead) > c
    settled[-1] = True
    at = np.where(settled, np.arange(len(values)), len(values) - 1)
    following = np.minimum.accumulate(at[::-1])[::-1]
    return np.asarray(lead[following] > 0)
