"""Soft targets: what the other training beats say about each label."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.models import registry
from ectopy.models.beat_kernels import blocks
from ectopy.models.inputs import n_leads
from ectopy.training.kernel_machine.random_convolutions import (
    SHARPNESS,
    draw_convolutions,
    scale_block,
)
from ectopy.training.kernel_machine.regression import gaussian_kernel, solve_logistic

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

_STRENGTH = 30.0  # inverse ridge penalty, as in the study ecg5000-best
_CENTRES = 500  # beats compared with, at most: all of ECG5000's training part
_FOLDS = 10


def soft_targets(
    X: Float32, y: Int64, n_classes: int, share: float, rng: np.random.Generator
) -> Float32:
    """Mix each beat's label with the class probabilities that the other beats give it.

    A wrong label among like beats of another class is learnt by heart by a large network, and
    costs it the beats around. The probabilities come from similarity to the beats of the other
    folds (as in the model ``beat-kernels``), so no beat has a say in its own.

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
        Draws convolutions and deals beats to folds.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_classes)
        Targets; each row sums to 1.

    Raises
    ------
    ConfigError
        If the beats have more than one lead.
    """
    labels = np.eye(n_classes)[y]
    if share == 0 or len(np.unique(y)) < 2:
        return labels.astype(np.float32)
    if n_leads(X) != 1:
        raise ConfigError(
            f"soft_targets = {share} compares beats of one lead, these have {n_leads(X)}; "
            "set soft_targets = 0"
        )
    model = registry.build(
        "beat-kernels", X.shape[1], n_classes, seed=0, centres=1, stretched=False
    )
    draw_convolutions(model, rng)
    scaled = [scale_block(model, block, X, SHARPNESS[block]) for block in blocks(X.shape[1])]
    told = sum(_out_of_fold(V, y, n_classes, rng) for V in scaled) / len(scaled)
    return np.asarray((1 - share) * labels + share * told, dtype=np.float32)


def _out_of_fold(V: Float64, y: Int64, n_classes: int, rng: np.random.Generator) -> Float64:
    """Give each beat's class probabilities (n_beats, n_classes) by the beats of other folds."""
    order = rng.permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]  # dealt class by class
    fold = np.empty(len(y), dtype=np.int64)
    fold[order] = np.arange(len(y)) % _FOLDS
    p = np.empty((len(y), n_classes))
    for number in range(_FOLDS):
        mine, others = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        centres = V[rng.permutation(others)[:_CENTRES]]
        weights, biases = solve_logistic(V[others], centres, y[others], n_classes, _STRENGTH)
        scores = gaussian_kernel(V[mine], centres) @ weights + biases
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        p[mine] = e / e.sum(axis=1, keepdims=True)
    return p
