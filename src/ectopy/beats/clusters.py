"""Beats that look alike, put together: the templates of a recording.

The work grows as the number of beats: leaders are found among a few hundred, all beats go to the
nearest leader, and what is unlike all of them is looked at again, so that a rare form is found too.
No chance is involved.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.features.outlines import LEADS, NUMBERS

Float32 = npt.NDArray[np.float32]
Int8 = npt.NDArray[np.int8]
Int16 = npt.NDArray[np.int16]
Int64 = npt.NDArray[np.int64]

MOST: Final = 12
"""Templates of a class; what is left is in none."""
FEWEST: Final = 2
"""Beats of a template: one by itself is like no other."""
ALIKE: Final = 0.9
"""Correlation from which a beat is of a leader's form: noise and breathing stay above it."""
SAME: Final = 0.9
"""Correlation of means from which two leaders are of one template."""

_SAMPLE: Final = 512  # beats among which leaders are looked for at once
_ROUNDS: Final = 5  # of looking at what is left
_LEADERS: Final = 40  # in all
_SHIFTS: Final = 3  # outline steps (16 ms) by which one form may be marked differently
_CHUNK: Final = 8192  # beats at a time: the arrays stay in the processor's cache


def cluster(outlines: Int8) -> Int16:
    """Group the beats of one class by what they look like.

    Parameters
    ----------
    outlines : ndarray of int8, shape (n_beats, LEADS * NUMBERS)
        From `ectopy.beats.features.outlines.outline`, in time order.

    Returns
    -------
    ndarray of int16, shape (n_beats,)
        1 for the largest template, 2 for the next and so on, at most `MOST`; 0 for a beat that is
        in none.

    Examples
    --------
    >>> from ectopy.beats import cluster
    >>> up, down = np.sin(np.linspace(0, 3, 48)), np.cos(np.linspace(0, 9, 48))
    >>> cluster(np.int8(99 * np.stack([up, down, up, up, down]))).tolist()
    [1, 2, 1, 1, 2]
    """
    n = len(outlines)
    best = np.full(n, -1, dtype=np.int64)
    leaders = np.zeros((0, LEADS * NUMBERS), np.float32)
    with one_thread:
        for _ in range(_ROUNDS):
            left = np.flatnonzero(best < 0)
            if len(left) < FEWEST or len(leaders) >= _LEADERS:
                break
            some = left[np.linspace(0, len(left) - 1, min(_SAMPLE, len(left))).astype(np.int64)]
            new = _leaders(_unit(outlines[some]), _LEADERS - len(leaders))
            if not len(new):
                break
            for start in range(0, len(left), _CHUNK):
                here = left[start : start + _CHUNK]
                like = _likeness(_unit(outlines[here]), new)
                nearest = like.argmax(axis=1)
                found = like[np.arange(len(here)), nearest] >= ALIKE
                best[here[found]] = nearest[found] + len(leaders)
            leaders = np.concatenate([leaders, new])
        template = _together(leaders, np.bincount(best[best >= 0], minlength=len(leaders)))
    number = np.where(best >= 0, template[best] if len(template) else -1, -1)
    found, first, counts = np.unique(number, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))  # of two as large, the earlier one first
    kept = order[(found[order] >= 0) & (counts[order] >= FEWEST)][:MOST]
    names = np.zeros(len(template) + 1, dtype=np.int16)  # the last one for -1
    names[found[kept]] = np.arange(1, len(kept) + 1)
    return names[number]


def _unit(outlines: Int8) -> Float32:
    """Scale to unit length; an empty one stays empty."""
    rows = outlines.astype(np.float32)
    size = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    rows /= np.maximum(size, 1)[:, None]
    return rows


def _by_lead(rows: Float32) -> Float32:
    """Give the energy of each lead, shape (n, LEADS)."""
    parts = rows.reshape(len(rows), LEADS, NUMBERS)
    return np.asarray(np.einsum("ijk,ijk->ij", parts, parts))


def _likeness(rows: Float32, leaders: Float32) -> Float32:
    """Correlate unit outlines with leaders, each over the leads that it has."""
    there = (_by_lead(rows) > 0).astype(np.float32)
    size = np.sqrt(there @ _by_lead(leaders).T)
    return np.asarray(rows @ leaders.T / np.maximum(size, 1e-6))


def _leaders(rows: Float32, most: int) -> Float32:
    """Find the forms that most of some beats have, one after the other."""
    near = _likeness(rows, rows) >= ALIKE
    free = np.ones(len(rows), dtype=bool)
    found: list[Float32] = []
    while len(found) < most:
        counts = near @ free.astype(np.float32) * free
        first = int(counts.argmax())
        if counts[first] < FEWEST:
            break
        members = near[first] & free
        found.append(rows[members].mean(axis=0))
        free &= ~members
    if not found:
        return np.zeros((0, rows.shape[1]), np.float32)
    leaders = np.stack(found)
    for _ in range(2):
        like = _likeness(rows, leaders)
        nearest, sure = like.argmax(axis=1), like.max(axis=1) >= ALIKE
        for number in range(len(leaders)):
            members = sure & (nearest == number)
            if members.any():
                leaders[number] = rows[members].mean(axis=0)
    return _scaled(leaders)


def _scaled(rows: Float32) -> Float32:
    size = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return np.asarray(rows / np.maximum(size, 1e-6)[:, None])


def _together(leaders: Float32, counts: Int64) -> Int64:
    """Tell for each leader its template: leaders of one form, or of one form marked elsewhere."""
    template = np.zeros(len(leaders), dtype=np.int64)
    means: list[Float32] = []
    weights: list[float] = []
    for number in np.argsort(-counts, kind="stable").tolist():
        leader, weight = leaders[number], float(counts[number])
        if means:
            like = _scaled(_shifted(leader)) @ _scaled(np.stack(means)).T
            shift, nearest = np.unravel_index(int(like.argmax()), like.shape)
            if like[shift, nearest] >= SAME:
                template[number] = nearest
                if shift == _SHIFTS:  # not shifted at all
                    total = weights[nearest] + weight
                    means[nearest] = (means[nearest] * weights[nearest] + leader * weight) / max(
                        total, 1
                    )
                    weights[nearest] = total
                continue
        template[number] = len(means)
        means.append(leader)
        weights.append(weight)
    return template


def _shifted(leader: Float32) -> Float32:
    """Shift an outline by up to `_SHIFTS` steps either way; its ends are held."""
    parts = leader.reshape(LEADS, NUMBERS)
    places = np.arange(NUMBERS) + np.arange(-_SHIFTS, _SHIFTS + 1)[:, None]
    moved = parts[:, np.clip(places, 0, NUMBERS - 1)]
    return np.asarray(moved.transpose(1, 0, 2).reshape(len(places), -1))
