"""Beats in a row, and beats in a repeating pattern: first and last place of each group."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bool = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]


def rows(own: Bool, joined: Bool) -> tuple[Int64, Int64]:
    """Find the rows of beats that follow each other.

    Parameters
    ----------
    own : ndarray of bool, shape (n_beats,)
        Which beats count.
    joined : ndarray of bool, shape (n_beats,)
        Whether a beat is the neighbour of the one before it; lost signal parts them.

    Returns
    -------
    first, last : ndarray of int64, shape (n_rows,)
    """
    goes_on = own[1:] & own[:-1] & joined[1:]
    first = np.flatnonzero(own & ~np.append(False, goes_on)[: len(own)])
    last = np.flatnonzero(own & ~np.append(goes_on, False)[: len(own)])
    return first, last


def patterns(
    own: Bool, between: Bool, joined: Bool, cycle: int, fewest: int
) -> tuple[Int64, Int64]:
    """Find where every second (or third) beat counts, and those between are of another kind.

    Parameters
    ----------
    own, between : ndarray of bool, shape (n_beats,)
        The beats that come again, and those that may stand between them.
    joined : ndarray of bool, shape (n_beats,)
        As for `rows`.
    cycle : int
        Beats from one to the next.
    fewest : int
        Repetitions from which it is a pattern.

    Returns
    -------
    first, last : ndarray of int64, shape (n_patterns,)
        From the first beat that counts to the last one between.
    """
    none = np.zeros(0, dtype=np.int64)
    if len(own) < cycle:
        return none, none
    unit = own.copy()  # one beat that counts, and cycle - 1 of the others after it
    for step in range(1, cycle):
        unit &= np.append(between[step:] & joined[step:], np.zeros(step, dtype=bool))
    starts = np.flatnonzero(unit)
    if not len(starts):
        return none, none
    breaks = np.flatnonzero(np.diff(starts) != cycle)
    first, last = starts[np.append(0, breaks + 1)], starts[np.append(breaks, len(starts) - 1)]
    long = (last - first) // cycle + 1 >= fewest
    return first[long], last[long] + cycle - 1
