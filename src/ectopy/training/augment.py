"""Augmentation of training beats: time scaling, time shifting and noise, whole batches at once.

The leads of a beat are scaled and shifted together, and get a noise of their own each, at one level
of their own size.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ectopy.training.recipe import Augmentation

Float32 = npt.NDArray[np.float32]

_BLOCK = 2048
"""Beats changed at a time: their positions and weights then stay in the processor's cache."""


def time_scale(
    X: Float32, strength: float, rng: np.random.Generator, *, anchor: float = 0.5
) -> Float32:
    """Speed each beat up or slow it down by a factor of its own.

    Parameters
    ----------
    X : ndarray of float32, shape (n_beats, n_samples[, n_leads])
        Beats; not changed.
    strength : float
        Factors are uniform in 1 - strength to 1 + strength; above 1 is faster.
    rng : numpy.random.Generator
        Source of the factors.
    anchor : float
        The point that stays in place: 0 is the first sample, 1 the last.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_samples[, n_leads])
        Linearly interpolated; samples asked for from beyond an end take the value at that end,
        so no beat leaves its own range of amplitudes.
    """
    factor = 1 + strength * rng.uniform(-1, 1, len(X))
    return _resample(X, factor, anchor * (X.shape[1] - 1) * (1 - factor))


def time_shift(X: Float32, strength: float, rng: np.random.Generator) -> Float32:
    """Move each beat along time by a whole number of samples of its own.

    Parameters
    ----------
    X : ndarray of float32, shape (n_beats, n_samples[, n_leads])
        Beats; not changed.
    strength : float
        Moves are uniform up to this share of the beat's length, either way.
    rng : numpy.random.Generator
        Source of the moves.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_samples[, n_leads])
        Samples that stay in the window keep their exact values; the gap takes the end's value.
    """
    return _resample(X, np.ones(len(X)), _moves(X, strength, rng))


def add_noise(X: Float32, strength: float, rng: np.random.Generator) -> Float32:
    """Add white noise to each beat, of a level of its own.

    Parameters
    ----------
    X : ndarray of float32, shape (n_beats, n_samples[, n_leads])
        Beats; not changed.
    strength : float
        Levels (ratio of standard deviations, noise to beat) are uniform in 0 to ``strength``.
    rng : numpy.random.Generator
        Source of the noise.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_samples[, n_leads])
        A flat beat stays flat.
    """
    level = strength * rng.random(_one_each(X), dtype=np.float32) * X.std(axis=1, keepdims=True)
    noise = rng.standard_normal(X.shape, dtype=np.float32)
    noise *= level
    noise += X
    return noise


def augment(X: Float32, settings: Augmentation, rng: np.random.Generator) -> Float32:
    """Apply the changes that ``settings`` switches on, scaling and shifting in one interpolation.

    Parameters
    ----------
    X : ndarray of float32, shape (n_beats, n_samples[, n_leads])
        Training beats; not changed.
    settings : Augmentation
        Strengths; with none on, ``X`` itself comes back.
    rng : numpy.random.Generator
        Source of every random number.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_samples[, n_leads])
    """
    if not settings.on:
        return X
    result = np.empty_like(X)
    for begin in range(0, len(X), _BLOCK):
        block = X[begin : begin + _BLOCK]
        changed = block
        if settings.scale or settings.shift:
            factor = 1 + settings.scale * rng.uniform(-1, 1, len(block))
            fixed = settings.anchor * (X.shape[1] - 1) * (1 - factor)
            changed = _resample(block, factor, fixed + factor * _moves(block, settings.shift, rng))
        if settings.noise:
            changed = add_noise(changed, settings.noise, rng)
        if settings.share < 1:
            changed = np.where(rng.random(_one_each(block)) < settings.share, changed, block)
        result[begin : begin + _BLOCK] = changed
    return result


def _one_each(X: Float32) -> tuple[int, ...]:
    """Give the shape of one number a beat, as it broadcasts to the beats."""
    return (len(X), *[1] * (X.ndim - 1))


def _moves(X: Float32, strength: float, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    moves: npt.NDArray[np.float64] = np.rint(strength * X.shape[1] * rng.uniform(-1, 1, len(X)))
    return moves


def _resample(
    X: Float32, factor: npt.NDArray[np.float64], offset: npt.NDArray[np.float64]
) -> Float32:
    """Read sample ``factor * i + offset`` of each beat, linearly interpolated, ends held."""
    if X.ndim == 3:
        leads = np.ascontiguousarray(np.moveaxis(X, 2, 0))
        return np.stack([_resample(lead, factor, offset) for lead in leads], axis=-1)
    n_beats, n_samples = X.shape
    steps = np.arange(n_samples, dtype=np.float32)
    position = factor.astype(np.float32)[:, None] * steps + offset.astype(np.float32)[:, None]
    np.clip(position, 0, n_samples - 1, out=position)
    index = position.astype(np.int32)
    position -= index  # the weight of the right neighbour
    first = np.arange(n_beats, dtype=np.int32)[:, None] * n_samples
    index += first
    flat = X.reshape(-1)
    result = flat.take(index)
    index += 1
    np.minimum(index, first + n_samples - 1, out=index)
    right = flat.take(index)
    right -= result
    right *= position
    result += right
    return result
