"""What a reader's answers add to the model's log probabilities, in the beats like those answered.

A residual with a Gaussian-process prior over the beats of one recording (Rasmussen and Williams
2006, chapter 3): a constant of each class, which a few answers move for all beats, and a part that
is alike where beats are. Its most probable value is found by majorising the likelihood by a
parabola (Böhning 1992): every step is the same small linear map, and none can overshoot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.classes import AAMI
from ectopy.runtime.networks import log_softmax

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

MOST: Final = 200
"""Answers that the residual is carried by; of more, some of each kind stand for the others."""
STEPS: Final = 200
SETTLED: Final = 1e-3  # of a log probability, at which no more steps are taken
_CURVED: Final = 0.5  # the likelihood of one answer is nowhere more curved
_CHUNK: Final = 8192  # beats at a time: the arrays stay in the processor's cache


@dataclass(frozen=True)
class Prior:
    """How far answers are believed; chosen on left-out records, see docs/results/corrections.md.

    Attributes
    ----------
    reach : float
        Distance at which beats are no longer much alike, in places of unit size.
    local, everywhere : float
        Variance of what is added to the log probability of a class in beats that are alike, and
        in all.
    trust : float
        What the model's log probabilities are multiplied by where they are weighed with answers.
    slip : float
        Share of answers that are taken to be wrong.
    surprise : float
        Probability below which the model was sure that a beat is not what a reader says.
    alone : float
        What such an answer counts until another one like it says the same: readers slip too.

    Examples
    --------
    >>> from ectopy.runtime.corrections import Prior
    >>> Prior(reach=0.5).everywhere
    2.0
    """

    reach: float = 0.7
    local: float = 6.0
    everywhere: float = 2.0
    trust: float = 0.65
    slip: float = 0.03
    surprise: float = 0.05
    alone: float = 0.1


PRIOR: Final = Prior()


def surprising(
    log_probabilities: Float64, places: Float32, rows: Int64, classes: Int64, prior: Prior = PRIOR
) -> npt.NDArray[np.bool_]:
    """Tell which answers contradict the model where it was sure, and stand alone in it.

    Parameters are those of `corrected`; the shape is (n_answers,). Of more than `MOST` none does.

    Examples
    --------
    >>> from ectopy.runtime.corrections import surprising
    >>> sure = np.log([[0.97, 0.01, 0.01, 0.005, 0.005]] * 3)
    >>> surprising(sure, np.zeros((3, 16), np.float32), np.array([0]), np.array([2])).tolist()
    [True]
    """
    if len(rows) > MOST:
        return np.zeros(len(rows), dtype=bool)
    against = np.flatnonzero(log_probabilities[rows, classes] < np.log(prior.surprise))
    found = np.zeros(len(rows), dtype=bool)
    near = _alike(places[rows[against]], places[rows], prior) - prior.everywhere
    backed = (near > prior.local / 2) & (classes[against, None] == classes)
    found[against] = backed.sum(axis=1) < 2  # itself is one
    return found


def corrected(
    log_probabilities: Float64,
    places: Float32,
    rows: Int64,
    classes: Int64,
    prior: Prior = PRIOR,
) -> Float64:
    """Adapt log probabilities of a recording's beats to the classes of some of them.

    Parameters
    ----------
    log_probabilities : ndarray of float64, shape (n_beats, 5)
        What the model says.
    places : ndarray of float32, shape (n_beats, n)
        From `ectopy.runtime.corrections.places.describe`.
    rows, classes : ndarray of int64, shape (n_answers,)
        Beats whose class is known, each once, and that.
    prior : Prior
        How far they are believed.

    Returns
    -------
    ndarray of float64, shape (n_beats, 5)
        Log probabilities; those of the answered beats too are what is expected of them.

    Examples
    --------
    >>> from ectopy.runtime.corrections import corrected
    >>> doubtful = np.log([[0.5, 0.4, 0.05, 0.03, 0.02]] * 3)
    >>> places = np.zeros((3, 16), np.float32)
    >>> corrected(doubtful, places, np.array([0]), np.array([1])).argmax(axis=1).tolist()
    [1, 1, 1]
    """
    if not len(rows):
        return log_probabilities
    if len(rows) > MOST:
        some = _some(places[rows], classes)
        rows, classes = rows[some], classes[some]
    with one_thread:
        near = places[rows]
        alike = _alike(near, near, prior).astype(np.float64)
        step = np.linalg.inv(np.eye(len(rows)) + _CURVED * alike)
        weight = np.where(
            surprising(log_probabilities, places, rows, classes, prior), prior.alone, 1.0
        )
        told = np.full((len(rows), len(AAMI)), prior.slip / len(AAMI))
        told[np.arange(len(rows)), classes] += 1 - prior.slip
        own = prior.trust * log_probabilities[rows]
        added, carried = np.zeros_like(own), np.zeros_like(own)
        for _ in range(STEPS):
            off = told - np.exp(log_softmax(own + added))
            carried = step @ (_CURVED * added + weight[:, None] * off)
            new = alike @ carried
            moved, added = float(np.abs(new - added).max()), new
            if moved < SETTLED:
                break
        found = np.empty_like(log_probabilities)
        weights = carried.astype(np.float32)
        for start in range(0, len(places), _CHUNK):
            here = slice(start, start + _CHUNK)
            more = _alike(places[here], near, prior) @ weights
            # By the model's own measure again: far from all answers it is as sure as it was.
            found[here] = log_softmax(log_probabilities[here] + more / prior.trust)
    return found


def _alike(one: Float32, other: Float32, prior: Prior) -> Float32:
    """Give the prior covariance of beats with others, by their places."""
    squares = (np.einsum("ij,ij->i", part, part) for part in (one, other))
    mine, yours = squares
    apart = one @ (-2 * other.T)
    apart += mine[:, None]
    apart += yours
    np.maximum(apart, 0, out=apart)
    apart *= np.float32(-0.5 / prior.reach**2)
    np.exp(apart, out=apart)
    apart *= np.float32(prior.local)
    apart += np.float32(prior.everywhere)
    return apart


def _some(places: Float32, classes: Int64) -> Int64:
    """Choose `MOST` of the answers, as many of each class where there are, spread over places."""
    found: list[Int64] = []
    kinds, counts = np.unique(classes, return_counts=True)
    left = MOST
    for done, number in enumerate(np.argsort(counts, kind="stable").tolist()):
        own = np.flatnonzero(classes == kinds[number])
        most = min(len(own), left // (len(kinds) - done))
        order = np.argsort(places[own] @ _axis(places[own]), kind="stable")
        found.append(own[order[np.linspace(0, len(own) - 1, most).astype(np.int64)]])
        left -= most
    return np.sort(np.concatenate(found))


def _axis(places: Float32) -> Float32:
    """Give the direction in which places differ most."""
    off = (places - places.mean(axis=0)).astype(np.float64)
    return np.asarray(np.linalg.eigh(off.T @ off)[1][:, -1], dtype=np.float32)
