"""Two further maps that need no convolution: integrated gradients and occlusion."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.explain import network
from ectopy.explain.network import Beats, Float32
from ectopy.models.inputs import signal_place

_STEPS: Final = 32  # midpoints on the way; doubling them moves the sum by less than a percent


def integrated_gradients(
    model: Any,
    X: Beats,
    class_index: int | npt.ArrayLike | None = None,
    *,
    baseline: npt.ArrayLike = 0.0,
    steps: int = _STEPS,
) -> Float32:
    """Share out the difference in a class's score between a beat and a baseline over its samples.

    Parameters
    ----------
    model : keras.Model
        Any differentiable model with one input of a signal. Features beside it are kept as they
        are: what they say is not shared out.
    X : array of shape (n_beats, n_samples) or (n_beats, n_samples, n_leads)
        Beats as the model takes them; a list of arrays for a model with several inputs.
    class_index : int or array of shape (n_beats,), optional
        Class to explain; None explains the predicted class of each beat.
    baseline : array that broadcasts to (n_beats, n_samples)
        The beat that means nothing, by default a flat line at zero.
    steps : int
        Gradients averaged between the two.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_samples)
        Signed, summed over leads; a beat's map sums to its score (before the softmax) less that of
        the baseline, up to the error of the ``steps``.

    Raises
    ------
    ModelError
        If the model takes beats of another shape.

    References
    ----------
    M. Sundararajan, A. Taly, Q. Yan, Axiomatic attribution for deep networks, ICML 2017.

    Examples
    --------
    >>> from ectopy.explain import integrated_gradients
    >>> from ectopy.models import build
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> model = build("cnn1d", 140, 5, seed=0, filters=(4, 4, 4))
    >>> integrated_gradients(model, data.X[:3]).shape
    (3, 140)
    """
    import tensorflow as tf

    if steps < 1:
        raise ConfigError(f"steps is {steps}, expected at least 1")
    arrays, place = network.inputs(model, X), signal_place(model)
    beats = arrays[place]
    n, n_samples = beats.shape[:2]
    start = np.broadcast_to(np.asarray(baseline, dtype=np.float32), (n, n_samples))
    start = np.broadcast_to(start[..., None], beats.shape)
    with network.scorer(model) as score:
        parts = [score(tensors).numpy() for _, tensors in network.batches(arrays)]
        mine = network.targets(class_index, np.concatenate(parts))
        total = np.zeros_like(beats)
        for share in (np.arange(steps, dtype=np.float32) + 0.5) / steps:
            between = start + share * (beats - start)
            changed = network.with_signal(arrays, place, between)
            for rows, tensors in network.batches(changed):
                with tf.GradientTape() as tape:
                    tape.watch(tensors[place])
                    chosen = tf.gather(score(tensors), mine[rows], batch_dims=1)
                total[rows] += tape.gradient(chosen, tensors[place]).numpy()
    shares: Float32 = ((beats - start) * total / np.float32(steps)).sum(axis=2)
    return shares


def occlusion(
    model: Any,
    X: Beats,
    class_index: int | npt.ArrayLike | None = None,
    *,
    width: int | None = None,
    stride: int | None = None,
) -> Float32:
    """Measure how far a class's score falls when a window of the beat is bridged by a line.

    Parameters
    ----------
    model : keras.Model
        Any model with one input of a signal; features beside it are kept as they are.
    X : array of shape (n_beats, n_samples) or (n_beats, n_samples, n_leads)
        Beats as the model takes them; a list of arrays for a model with several inputs.
    class_index : int or array of shape (n_beats,), optional
        Class to explain; None explains the predicted class of each beat.
    width : int, optional
        Samples hidden at once, by default a twelfth of the beat (about a QRS complex).
    stride : int, optional
        Samples between windows, by default a third of ``width``.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_samples)
        Fall of the score (before the softmax), the mean over the windows that hid the sample;
        negative where hiding raised it.

    Raises
    ------
    ModelError
        If the model takes beats of another shape.
    ConfigError
        If the window does not fit into the beat.

    Examples
    --------
    >>> from ectopy.explain import occlusion
    >>> from ectopy.models import build
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> model = build("cnn1d", 140, 5, seed=0, filters=(4, 4, 4))
    >>> occlusion(model, data.X[:3], width=14).shape
    (3, 140)
    """
    arrays, place = network.inputs(model, X), signal_place(model)
    beats = arrays[place]
    n, n_samples = beats.shape[:2]
    width = max(n_samples // 12, 1) if width is None else width
    stride = max(width // 3, 1) if stride is None else stride
    if not 1 <= width <= n_samples or stride < 1:
        raise ConfigError(f"a window of {width} samples every {stride} does not fit {n_samples}")
    starts = sorted({*range(0, n_samples - width + 1, stride), n_samples - width})
    falls, hidden = np.zeros((n, n_samples), np.float32), np.zeros(n_samples, np.float32)
    with network.scorer(model) as score:

        def scores(values: Float32) -> Float32:
            changed = network.with_signal(arrays, place, values)
            parts = [score(tensors).numpy() for _, tensors in network.batches(changed)]
            return np.concatenate(parts)

        whole = scores(beats)
        mine = network.targets(class_index, whole)
        row = np.arange(n)
        for begin in starts:
            end = begin + width
            covered = beats.copy()
            left, right = beats[:, max(begin - 1, 0)], beats[:, min(end, n_samples - 1)]
            ramp = np.linspace(0, 1, width + 2, dtype=np.float32)[1:-1].reshape(1, width, 1)
            covered[:, begin:end] = left[:, None] * (1 - ramp) + right[:, None] * ramp
            falls[:, begin:end] += (whole[row, mine] - scores(covered)[row, mine])[:, None]
            hidden[begin:end] += 1
    return falls / hidden
