"""Beats as the kernel machine compares them: as they are, and through random convolutions."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.models.beat_kernels import dilations
from ectopy.training.kernel_machine.regression import squared_distances

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

SHARPNESS: Final = {"beat": 1.0, "convolutions": 0.5}
"""How fast similarity falls in a block, per median squared distance; cross-validated on ECG5000."""

_BLOCK = 256  # beats convolved at a time: 140 MB


def draw_convolutions(model: Any, rng: np.random.Generator) -> None:
    """Draw kernels and biases as ROCKET does: normal less their mean, and uniform in -1 to 1."""
    for dilation in dilations(model.input_shape[1]):
        layer = model.get_layer(f"convolution_{dilation}")
        kernel, bias = layer.get_weights()
        drawn = rng.standard_normal(kernel.shape)
        layer.set_weights([drawn - drawn.mean(axis=0), rng.uniform(-1, 1, bias.shape)])


def scale_block(
    model: Any, block: str, X: Float32, sharpness: float, stretched: float = 0.0
) -> Float64:
    """Scale a block of a `beat-kernels` model so that similarity is exp(-distance^2).

    Parameters
    ----------
    model : keras.Model
        Its scale of this block is set.
    block : str
        A name of `ectopy.models.beat_kernels.BLOCKS`.
    X : ndarray of float32, shape (n_beats, n_samples)
        Beats to take the scale from.
    sharpness : float
        Squared distance that the median pair of beats shall have.
    stretched : float
        Squared distance between a stretched beat and another, where the model has that flag.

    Returns
    -------
    ndarray, shape (n_beats, n_features)
        The scaled beats.
    """
    import keras

    layer = model.get_layer(f"{block}_scaled")
    features = keras.Model(model.input, layer.input)
    blocks = [X[i : i + _BLOCK, :, None] for i in range(0, len(X), _BLOCK)]
    raw = np.concatenate([keras.ops.convert_to_numpy(features(b, training=False)) for b in blocks])
    raw = raw.astype(np.float64)
    n_flags = raw.shape[1] - _n_features(model, block)
    mean, deviation = np.zeros(raw.shape[1]), np.ones(raw.shape[1])
    if block == "convolutions":  # features of unlike units: each centred and of variance 1
        mean, deviation = raw.mean(axis=0), raw.std(axis=0)
    used = deviation > 1e-6  # a feature that never changes tells nothing
    used[raw.shape[1] - n_flags :] = False
    deviation = np.where(used, deviation, 1)
    V = ((raw - mean) / deviation)[:, used]
    typical = np.median(squared_distances(V, V)) or 1.0  # 0 where most beats are the same one
    gain = np.where(used, np.sqrt(sharpness / typical), 0)
    if n_flags:
        gain[-n_flags:] = np.sqrt(stretched)
    layer.set_weights([gain, np.zeros_like(gain), mean, deviation**2])
    return np.asarray((raw - mean) / deviation * gain)


def _n_features(model: Any, block: str) -> int:
    """Count a block's features, flags not among them."""
    if block == "beat":
        return int(model.input_shape[1])
    return sum(
        2 * model.get_layer(f"convolution_{d}").filters for d in dilations(model.input_shape[1])
    )
