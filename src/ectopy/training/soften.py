"""Soft targets: what the other training beats say about each label."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ectopy.training.likeness import likeness, logistic, squared_distances

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

_STRENGTH = (
    30.0  # of the likeness model: cross-validated in ECG5000's training part, and flat there
)
_CENTRES = 500
_FOLDS = 10


def soften(X: Float32, y: Int64, n_classes: int, share: float, rng: np.random.Generator) -> Float32:
    """Mix each beat's label with the class probabilities that the other beats give it.

    A wrong label among like beats of another class is learnt by heart by a large network, and
    costs it the beats around. The probabilities come from likeness to the beats of the other
    folds, so no beat has a say in its own.

    Parameters
    ----------
    X : ndarray of float32, shape (n_beats, n_samples)
        Training beats.
    y : ndarray of int64, shape (n_beats,)
        Their labels.
    n_classes : int
        Classes there are.
    share : float
        Share of a target that the other beats decide, 0 to 1.
    rng : numpy.random.Generator
        Deals beats to folds.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_classes)
        Targets; each row sums to 1.
    """
    labels = np.eye(n_classes)[y]
    if share == 0 or len(np.unique(y)) < 2:
        return labels.astype(np.float32)
    V = X.astype(np.float64)
    some = V[rng.permutation(len(V))[:_CENTRES]]
    V /= np.sqrt(np.median(squared_distances(some, some)))
    order = rng.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]  # dealt class by class
    fold = np.empty(len(y), dtype=np.int64)
    fold[order] = np.arange(len(y)) % _FOLDS
    told = np.empty((len(y), n_classes))
    for number in range(_FOLDS):
        mine, others = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        centres = V[rng.permutation(others)[:_CENTRES]]
        weights, biases = logistic(V[others], centres, y[others], n_classes, _STRENGTH)
        scores = likeness(V[mine], centres) @ weights + biases
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        told[mine] = p / p.sum(axis=1, keepdims=True)
    return ((1 - share) * labels + share * told).astype(np.float32)
