"""Deletion and insertion curves: whether the samples that a map marks matter to the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.explain.network import Float32

FRACTIONS: Final = np.linspace(0, 1, 13)  # a twelfth of a beat is about a QRS complex


def kept_samples(maps: Float32, fraction: float, *, delete: bool) -> npt.NDArray[np.bool_]:
    """Give which samples are left when a share of the beat is deleted, or inserted, map first."""
    n_samples = maps.shape[1]
    top = round(fraction * n_samples)
    marked = np.zeros(maps.shape, dtype=bool)
    order = np.argsort(-maps, axis=1, kind="stable")[:, :top]
    np.put_along_axis(marked, order, True, axis=1)
    return ~marked if delete else marked


def bridge(X: Float32, kept: npt.NDArray[np.bool_]) -> Float32:
    """Replace the samples that are not kept by straight lines between those that are.

    A hole filled with zeros would be a step that no heart makes, and the model would answer the
    step. Before the first and after the last kept sample its value is held; a beat without any
    becomes a flat line at its mean. Several leads, (n_beats, n_samples, n_leads), go together.
    """
    n_samples = X.shape[1]
    place = np.arange(n_samples)
    before = np.maximum.accumulate(np.where(kept, place, -1), axis=1)
    after = np.minimum.accumulate(np.where(kept, place, n_samples)[:, ::-1], axis=1)[:, ::-1]
    left = np.where(before < 0, after, before)
    right = np.where(after == n_samples, before, after)
    none = ~kept.any(axis=1)
    left, right = (np.clip(side, 0, n_samples - 1) for side in (left, right))
    share = (place - left) / np.maximum(right - left, 1)
    if X.ndim == 3:
        kept, left, right, share = (
            kept[..., None], left[..., None], right[..., None], share[..., None]
        )  # fmt: skip
    a, b = np.take_along_axis(X, left, axis=1), np.take_along_axis(X, right, axis=1)
    filled = np.where(kept, X, a + (b - a) * share).astype(np.float32)
    filled[none] = X[none].mean(axis=1, keepdims=True)
    return filled


def curves(
    predict: Callable[[Any], Float32],
    X: Float32,
    maps: Float32,
    y: npt.NDArray[np.int64],
    *,
    delete: bool,
    fractions: npt.NDArray[np.float64] = FRACTIONS,
) -> npt.NDArray[np.float64]:
    """Probability of class ``y`` of each beat at each fraction deleted or inserted.

    Parameters
    ----------
    predict : callable
        From signals of the shape of ``X``, all of them several times over, to probabilities
        (n, n_classes).
    X, maps : ndarray, shapes (n_beats, n_samples[, n_leads]) and (n_beats, n_samples)
        Signals, and their maps; the highest samples go (or come) first.
    y : ndarray of int, shape (n_beats,)
        The class that the maps explain.
    delete : bool
        True deletes from the whole beat, False inserts into an empty one.
    fractions : ndarray, shape (n_fractions,)
        Shares of the beat, from 0 to 1.

    Returns
    -------
    ndarray, shape (n_beats, n_fractions)

    References
    ----------
    V. Petsiuk, A. Das, K. Saenko, RISE, BMVC 2018.
    """
    beats = np.concatenate([bridge(X, kept_samples(maps, f, delete=delete)) for f in fractions])
    p = predict(beats).reshape(len(fractions), len(X), -1)
    return p[:, np.arange(len(X)), y].T.astype(np.float64)


def rolled(maps: Float32, rng: np.random.Generator) -> Float32:
    """Roll each map to a random place: as smooth and as sparse as before, but somewhere else."""
    n_samples = maps.shape[1]
    shift = rng.integers(1, n_samples, size=(len(maps), 1))
    moved: Float32 = np.take_along_axis(maps, (np.arange(n_samples) + shift) % n_samples, axis=1)
    return moved
