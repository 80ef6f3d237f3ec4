"""Grad-CAM for one-dimensional convolutions."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.explain import network
from ectopy.explain.network import Beats, Float32
from ectopy.models.inputs import signal_place


def gradcam(
    model: Any,
    X: Beats,
    class_index: int | npt.ArrayLike | None = None,
    layer: str | None = None,
    *,
    scale: bool = True,
) -> Float32:
    """Map which part of each beat raised the model's score for a class.

    The channels of a convolution are weighted with the mean gradient of the class's score, taken
    before the softmax, summed, cut at zero, and stretched over the beat.

    Parameters
    ----------
    model : keras.Model
        Any model with a one-dimensional convolution, also one that holds other models.
    X : array of shape (n_beats, n_samples) or (n_beats, n_samples, n_leads)
        Beats as the model takes them; a list of arrays for a model with several inputs.
    class_index : int or array of shape (n_beats,), optional
        Class to explain; None explains the predicted class of each beat.
    layer : str, optional
        Name of the convolution. By default the last one that has at least twelve steps over the
        beat, so that the map can tell one wave from another; of a model that holds several
        models, the sum of the maps of each one's.
    scale : bool
        Divide each map by its maximum. A map without any positive part stays zero.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_samples)
        Not negative; with ``scale`` at most 1.

    Raises
    ------
    ModelError
        If the model has no such convolution, or takes beats of another shape.

    References
    ----------
    R. R. Selvaraju et al., Grad-CAM, ICCV 2017, doi:10.1109/ICCV.2017.74.

    Examples
    --------
    >>> from ectopy.explain import gradcam
    >>> from ectopy.models import build
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> model = build("cnn1d", 140, 5, seed=0, filters=(4, 4, 4))
    >>> maps = gradcam(model, data.X[:3], class_index=2)
    >>> maps.shape, float(maps.max()) <= 1
    ((3, 140), True)
    """
    import tensorflow as tf

    explained = network.chosen_convolutions(model, layer).values()
    arrays = network.inputs(model, X)
    n, n_samples = arrays[signal_place(model)].shape[:2]
    maps = np.zeros((n, n_samples), dtype=np.float32)
    wanted = None if class_index is None else np.broadcast_to(class_index, len(maps))
    with ExitStack() as stack:
        score = stack.enter_context(network.scorer(model))
        seen = [stack.enter_context(network.tapped(item)) for item in explained]
        for rows, tensors in network.batches(arrays):
            for calls in seen:
                calls.clear()
            with tf.GradientTape() as tape:
                tape.watch(tensors)  # frozen weights would otherwise leave nothing to follow
                scores = score(tensors)
                mine = network.targets(None if wanted is None else wanted[rows], scores.numpy())
                chosen = tf.gather(scores, mine, batch_dims=1)
            features = [calls[0][1] for calls in seen]
            gradients = tape.gradient(chosen, features, unconnected_gradients="zero")
            for feature, gradient in zip(features, gradients, strict=True):
                weights = tf.reduce_mean(gradient, axis=1, keepdims=True)
                steps = tf.nn.relu(tf.reduce_sum(weights * feature, axis=-1)).numpy()
                maps[rows] += stretch(steps, n_samples)
    return scaled(maps) if scale else maps


def stretch(steps: Float32, n_samples: int) -> Float32:
    """Interpolate maps (n_beats, n_steps) to (n_beats, n_samples), step centres to their samples.

    A step stands for an equal share of the beat; its value belongs to the middle of that share.
    Before the first and after the last middle the value is held.
    """
    n_steps = steps.shape[1]
    place = (np.arange(n_samples) + 0.5) * n_steps / n_samples - 0.5
    place = np.clip(place, 0, n_steps - 1)
    left = np.minimum(place.astype(np.int64), max(n_steps - 2, 0))
    share = (place - left).astype(np.float32)
    right = np.minimum(left + 1, n_steps - 1)
    mixed: Float32 = steps[:, left] * (1 - share) + steps[:, right] * share
    return mixed


def scaled(maps: Float32) -> Float32:
    """Divide each map by its largest absolute value; leave a map of zeros as it is."""
    top = np.abs(maps).max(axis=1, keepdims=True)
    result: Float32 = np.divide(maps, top, out=np.zeros_like(maps), where=top > 0)
    return result
