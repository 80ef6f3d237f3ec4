"""Pair reference beats with detected ones, by the rules of EC57 as PhysioNet's ``bxb`` has them.

Both series are walked in time. The earlier of the two beats at hand is paired with the other one if
that is within the match window and nothing better comes: the other beat must be nearer to it than
to the next beat of its own series, or that next beat must have a nearer partner of its own, the
other beat's successor. If not, the earlier beat stays alone and the walk goes on. (``bxb`` has the
second condition since November 2002; without it, beats of fast rhythms are lost on both sides.)

The walk needs no loop. Only neighbours in the merged order of both series can ever be paired: a
beat of the same series between two others would be the better partner, and could have none nearer.
So each pair of neighbours either may be paired or not, whatever happened before, and where a chain
of such pairs shares beats the walk takes the first, the third, the fifth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]

WINDOW_S: Final = 0.15  # EC57's match window

_NEVER: Final = np.int64(2**61)  # later than any sample, and its differences fit an int64


@dataclass(frozen=True)
class Pairs:
    """Which reference beat is which test beat; all are positions in the arrays given to `pair`.

    Attributes
    ----------
    reference, test : ndarray of int64, shape (n_pairs,)
        Paired beats, in time order.
    missed : ndarray of int64, shape (n_missed,)
        Reference beats without a test beat.
    extra : ndarray of int64, shape (n_extra,)
        Test beats without a reference beat.

    Examples
    --------
    >>> from ectopy.evaluation.ec57 import pair
    >>> pair([100, 400], [102], window=50).missed
    array([1])
    """

    reference: Int64
    test: Int64
    missed: Int64
    extra: Int64


def pair(
    reference: npt.ArrayLike,
    test: npt.ArrayLike,
    window: int,
    *,
    start: int = 0,
    stop: int | None = None,
) -> Pairs:
    """Pair two series of beats.

    Parameters
    ----------
    reference, test : array_like of int
        Sample index of each beat, ascending.
    window : int
        Largest distance of a pair, in samples.
    start, stop : int
        First and last sample that is compared; by default all. At a start after sample 0, a
        reference beat just after it may be paired with a test beat just before it, and a test beat
        just after it may belong to a reference beat before it: such a beat is not counted as extra.
        ``bxb`` takes sample 0 for such a beat of either series: a test beat there is not counted
        without a reference beat at sample 0, and neither is a reference beat within the window of
        sample 0 if the comparison starts between the two.

    Returns
    -------
    Pairs

    Examples
    --------
    >>> from ectopy.evaluation.ec57 import pair
    >>> pairs = pair([100, 400, 700], [102, 640, 701], window=50)
    >>> pairs.test, pairs.missed, pairs.extra
    (array([0, 2]), array([1]), array([1]))
    """
    ref = np.asarray(reference, dtype=np.int64)
    tst = np.asarray(test, dtype=np.int64)
    i, j = int(np.searchsorted(ref, start)), int(np.searchsorted(tst, start))
    first, here, after = _at(ref, i), _at(tst, j), _at(tst, j + 1)
    head = np.zeros((0, 2), dtype=np.int64)
    if start > 0:
        before = _at(tst, j - 1) if j else 0
        if first - before <= window and first - before < abs(first - here):
            head = np.array([[i, j - 1]] if j else head, dtype=np.int64)
            i += 1
        elif here - start <= window and abs(first - after) < abs(first - here):
            j += 1
    elif here == 0 and first > 0:
        j += 1

    times = np.concatenate([ref[i:], tst[j:]])
    position = np.concatenate([np.arange(i, len(ref)), np.arange(j, len(tst))])
    is_test = np.arange(len(times)) >= len(ref) - i
    following = np.concatenate([_next(ref[i:]), _next(tst[j:])])
    order = np.lexsort((is_test, times))  # stable; the reference beat first where times are equal
    times, position = times[order], position[order]
    is_test, following = is_test[order], following[order]

    distance = np.diff(times)
    may = (is_test[1:] != is_test[:-1]) & (distance <= window)
    to_next = following[:-1] - times[1:]  # from the later beat to the earlier one's successor
    may &= (distance < to_next) | (np.abs(following[1:] - following[:-1]) < to_next)
    counted = np.ones(len(times), bool) if stop is None else times <= stop
    may &= counted[:-1]
    link = np.arange(len(may))
    before_chain = np.maximum.accumulate(np.where(may, -1, link)) if len(may) else link
    paired = np.flatnonzero(may & ((link - before_chain) % 2 == 1))

    alone = counted.copy()
    alone[paired] = alone[paired + 1] = False
    # Of two neighbours one is the reference beat; which comes first does not matter.
    reference_first = ~is_test[paired]
    one, other = position[paired], position[paired + 1]
    return Pairs(
        reference=np.concatenate([head[:, 0], np.where(reference_first, one, other)]),
        test=np.concatenate([head[:, 1], np.where(reference_first, other, one)]),
        missed=position[alone & ~is_test],
        extra=position[alone & is_test],
    )


def _at(series: Int64, index: int) -> int:
    return int(series[index]) if 0 <= index < len(series) else int(_NEVER)


def _next(series: Int64) -> Int64:
    """Time of the next beat of the series, for each of them."""
    return np.append(series[1:], _NEVER)[: len(series)].astype(np.int64)
