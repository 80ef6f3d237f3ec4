"""What is compared of a recording's beats, so that an answer speaks for those like it.

Nothing is measured anew: how a beat looks, when it comes, and what the model says of it (which
holds what it saw of P wave and widths) tell beats apart within one recording as well as the
hundreds of measures do that the model reads (docs/results/corrections.md).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features.rr_intervals import RR_LIMITS_S, UNKNOWN_S

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int8 = npt.NDArray[np.int8]

SHAPES: Final = 8
"""Principal components of the recording's outlines."""
USUAL_BEATS: Final = 32
"""Intervals whose mean says how early or late a beat is."""
FARTHEST: Final = 6.0
"""Standard deviations beyond which an interval is no farther off."""
LEAST_LOG: Final = -8.0
"""Log probability below which a class is out of the question, whatever it is."""
CLASSES: Final = 3
"""Classes whose log probabilities are compared: N, S and V."""
SHAPE: Final = 1.0
RHYTHM: Final = 1.0
WORD: Final = 0.5
"""Weights of outlines, of intervals, and of what the model says."""


def describe(outlines: Int8, times_s: Float64, log_probabilities: Float64) -> Float32:
    """Give places of a recording's beats, near to each other where beats are alike.

    Parameters
    ----------
    outlines : ndarray of int8, shape (n_beats, n)
        From `ectopy.beats.features.outlines.outline`.
    times_s : ndarray of float64, shape (n_beats,)
        R peaks in s, ascending.
    log_probabilities : ndarray of float64, shape (n_beats, 5)
        What the model says.

    Returns
    -------
    ndarray of float32, shape (n_beats, SHAPES + 5 + CLASSES)
        Scaled so that the mean square of their distance from the middle is 1.

    Examples
    --------
    >>> from ectopy.runtime.corrections import describe
    >>> result = ectopy.analyze(ectopy.simulate(60, rng=np.random.default_rng(0))[0])
    >>> beats = result.beats
    >>> word = np.log(beats.probabilities.astype(float))
    >>> describe(beats.outlines, beats.samples / 250, word).shape == (len(beats), 16)
    True
    """
    if not len(outlines):
        return np.zeros((0, SHAPES + 5 + CLASSES), np.float32)
    places = [
        SHAPE * _unit(_shapes(outlines)),
        RHYTHM * _unit(_scaled(_intervals(times_s))),
        WORD * _unit(np.clip(log_probabilities[:, :CLASSES], LEAST_LOG, 0)),
    ]
    return _unit(np.concatenate(places, axis=1, dtype=np.float32))


def _shapes(outlines: Int8) -> Float32:
    """Give the principal components of outlines of unit length."""
    rows = outlines.astype(np.float32)
    rows /= np.maximum(np.sqrt(np.einsum("ij,ij->i", rows, rows)), 1)[:, None]
    rows -= rows.mean(axis=0)
    axes = np.linalg.eigh((rows.T @ rows).astype(np.float64))[1][:, ::-1]
    return np.asarray(rows @ axes[:, :SHAPES].astype(np.float32))


def _intervals(times_s: Float64) -> Float64:
    """Give log intervals around each beat against the usual one there, and that, (n_beats, 5)."""
    if len(times_s) < 2:
        return np.zeros((len(times_s), 5))
    own = np.log(np.clip(np.diff(times_s, prepend=times_s[0] - UNKNOWN_S), *RR_LIMITS_S))
    after, before = np.append(own[1:], np.log(UNKNOWN_S)), np.append(np.log(UNKNOWN_S), own[:-1])
    total = np.append(0.0, np.cumsum(own))
    here = np.arange(len(own))
    first, last = np.maximum(here - USUAL_BEATS // 2, 0), here + USUAL_BEATS // 2 + 1
    last = np.minimum(last, len(own))
    usual = (total[last] - total[first]) / (last - first)
    return np.stack([own - usual, after - usual, before - usual, own - after, usual], axis=1)


def _scaled(columns: Float64) -> Float64:
    """Scale each column to unit deviation, and bring in what lies far off."""
    off = (columns - columns.mean(axis=0)) / (columns.std(axis=0) + 1e-3)
    return np.asarray(np.clip(off, -FARTHEST, FARTHEST))


def _unit(places: npt.NDArray[np.floating]) -> Float32:
    """Move places around 0 and scale them to unit size in the mean."""
    moved = (places - places.mean(axis=0)).astype(np.float32)
    size = np.sqrt(np.einsum("ij,ij->", moved, moved, dtype=np.float64) / max(len(moved), 1))
    return np.asarray(moved / np.float32(max(size, 1e-6)))
