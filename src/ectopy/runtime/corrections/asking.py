"""Which beats a reader is asked about: those whose answers speak for most that is doubtful."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

Why = Literal["surprising answer", "doubtful group", "certain group", "least certain"]
"""``surprising answer``: the beat most like one whose answer contradicts a sure label and counts
little as long as it stands alone. ``doubtful group``: the most doubtful beat of a group with much
doubt in all. ``certain group``: the middle of one that looks certain and is unlike all that was
answered, for some records look certain and are wrong. ``least certain``: of all beats."""

NONE: Final = np.zeros(0, dtype=np.int64)
BY_GROUP: Final = 20
"""Answers up to which groups are asked about; from then on the least certain beats."""
CHECK_EVERY: Final = 10
"""The last of so many questions is about a group that looks certain."""


class Asked(NamedTuple):
    """A beat to ask about.

    Attributes
    ----------
    row : int
        Which.
    why : str
        One of `Why`.

    Examples
    --------
    >>> from ectopy.runtime.corrections import Asked
    >>> Asked(3, "least certain").row
    3
    """

    row: int
    why: Why


def choose(
    log_probabilities: Float64,
    places: Float32,
    group: Int64,
    answered: Int64,
    k: int,
    reach: float,
    alone: Int64 = NONE,
) -> list[Asked]:
    """Choose beats to ask a reader about, in the order in which they help.

    Parameters
    ----------
    log_probabilities : ndarray of float64, shape (n_beats, 5)
        As they are with the answers so far.
    places : ndarray of float32, shape (n_beats, n)
        From `ectopy.runtime.corrections.places.describe`.
    group : ndarray of int64, shape (n_beats,)
        From `ectopy.runtime.corrections.grouping.groups`.
    answered : ndarray of int64, shape (n_answers,)
        Beats whose class is known.
    k : int
        How many to choose; there are fewer where the recording has no more.
    reach : float
        Distance at which beats are no longer much alike.
    alone : ndarray of int64
        Those of the answered beats whose answers are surprising.

    Examples
    --------
    >>> from ectopy.runtime.corrections import choose
    >>> doubtful = np.log([[0.9, 0.1], [0.6, 0.4]])
    >>> none = np.zeros(0, dtype=np.int64)
    >>> choose(doubtful, np.zeros((2, 16), np.float32), np.zeros(2, int), none, 1, 0.7)
    [Asked(row=1, why='doubtful group')]
    """
    doubt = 1 - np.exp(log_probabilities.max(axis=1))
    free = np.ones(len(doubt), dtype=bool)
    free[answered] = False
    doubt[~free] = 0
    n_groups = int(group.max(initial=-1)) + 1
    doubtful = iter(np.argsort(-np.bincount(group, doubt, n_groups), kind="stable").tolist())
    least = iter(np.argsort(-doubt, kind="stable").tolist())
    chosen: list[Asked] = []

    def take(row: int, why: Why) -> None:
        chosen.append(Asked(row, why))
        free[row] = False

    for row in alone.tolist():
        inside = np.flatnonzero(group == group[row])
        if len(chosen) < k and np.count_nonzero(~free[inside]) == 1 and free[inside].any():
            inside = inside[free[inside]]
            apart = ((places[inside] - places[row]) ** 2).sum(axis=1)
            take(int(inside[apart.argmin()]), "surprising answer")
    while len(chosen) < k and free.any():
        number = len(answered) + len(chosen)
        if (number + 1) % CHECK_EVERY == 0:
            seen = np.append(answered, [one.row for one in chosen]).astype(np.int64)
            unlike = _unlike(places, group, seen, reach)
            if unlike is not None:
                take(unlike, "certain group")
                continue
        own = next(doubtful, None) if number < BY_GROUP else None
        if own is None:
            take(next(row for row in least if free[row]), "least certain")
            continue
        inside = np.flatnonzero((group == own) & free)
        if len(inside):
            take(int(inside[doubt[inside].argmax()]), "doubtful group")
    return chosen


def _unlike(places: Float32, group: Int64, seen: Int64, reach: float) -> int | None:
    """Give the middle of a large group of which no beat was seen, far from all that were."""
    counts = np.bincount(group)
    order = np.argsort(group, kind="stable")
    starts = np.cumsum(counts) - counts
    there = np.flatnonzero(counts)
    middles = np.add.reduceat(places[order], starts[there], axis=0) / counts[there, None]
    new = ~np.isin(there, group[seen])
    if not new.any():
        return None
    known = places[seen]
    apart = np.einsum("ij,ij->i", known, known) - 2 * (middles @ known.T)
    apart = np.maximum(apart.min(axis=1) + np.einsum("ij,ij->i", middles, middles), 0)
    worth = np.sqrt(counts[there]) * (1 - np.exp(-0.5 * apart / reach**2)) * new
    best = int(worth.argmax())
    own = order[starts[there[best]] :][: counts[there[best]]]
    return int(own[((places[own] - middles[best]) ** 2).sum(axis=1).argmin()])
