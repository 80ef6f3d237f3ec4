"""SE-ResNet: residual convolutions that see the whole beat, for 187-sample MIT-BIH beats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def build(
    n_samples: int,
    n_classes: int,
    *,
    stem: int = 32,
    channels: Sequence[int] = (32, 64, 64, 128, 128),
    strides: Sequence[int] = (1, 2, 1, 2, 1),
    kernel: int = 5,
    reduction: int = 8,
    dropout: float = 0.2,
) -> Any:
    """Build a residual network with squeeze-and-excitation, small enough for two cores.

    Unlike `ectopy.models.cnn1d`, whose units see 23 samples (0.2 s) before averaging, its last
    units see the whole beat: the distance from R to T, to the next R and to the padding.

    Parameters
    ----------
    n_samples, n_classes : int
        Samples in a beat, and classes.
    stem : int
        Channels of the first convolution, which halves the length.
    channels, strides : sequence of int
        Output channels and step along time of each residual block.
    kernel : int
        Kernel size in the blocks.
    reduction : int
        How many times narrower the squeeze is than the block.
    dropout : float
        Share of pooled features dropped in training.

    Returns
    -------
    keras.Model
        Input (n_beats, n_samples, 1), output class probabilities (n_beats, n_classes).

    References
    ----------
    He et al. 2016 (pre-activation residual blocks); Hu et al. 2018 (squeeze-and-excitation).
    """
    import keras
    from keras import layers

    signal = keras.Input((n_samples, 1), name="beat")
    x = layers.Conv1D(stem, 9, strides=2, padding="same", use_bias=False, name="stem")(signal)
    for number, (width, stride) in enumerate(zip(channels, strides, strict=True), start=1):
        x = _block(x, width, stride, kernel, reduction, f"block_{number}")
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.ReLU(name="features")(x)
    # The mean tells how much of a shape there is, the maximum whether it is there at all.
    mean = layers.GlobalAveragePooling1D(name="mean")(x)
    peak = layers.GlobalMaxPooling1D(name="peak")(x)
    x = layers.Concatenate(name="pooled")([mean, peak])
    x = layers.Dropout(dropout, name="dropout")(x)
    output = layers.Dense(n_classes, activation="softmax", name="classes")(x)
    return keras.Model(signal, output, name="resnet_se")


def _block(x: Any, width: int, stride: int, kernel: int, reduction: int, name: str) -> Any:
    """Add two convolutions, rescaled by their own gate, to what came in."""
    from keras import layers

    y = layers.BatchNormalization(name=f"{name}_norm_1")(x)
    y = layers.ReLU(name=f"{name}_relu_1")(y)
    shortcut = x
    if stride > 1 or x.shape[-1] != width:
        if stride > 1:
            shortcut = layers.AveragePooling1D(stride, padding="same", name=f"{name}_pool")(y)
        shortcut = layers.Conv1D(width, 1, use_bias=False, name=f"{name}_shortcut")(shortcut)
    y = layers.Conv1D(
        width, kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_conv_1"
    )(y)
    y = layers.BatchNormalization(name=f"{name}_norm_2")(y)
    y = layers.ReLU(name=f"{name}_relu_2")(y)
    y = layers.Conv1D(width, kernel, padding="same", use_bias=False, name=f"{name}_conv_2")(y)
    gate = layers.GlobalAveragePooling1D(name=f"{name}_squeeze")(y)
    gate = layers.Dense(width // reduction, activation="relu", name=f"{name}_gate_1")(gate)
    gate = layers.Dense(width, activation="sigmoid", name=f"{name}_gate_2")(gate)
    y = layers.Multiply(name=f"{name}_scale")([y, gate])
    return layers.Add(name=f"{name}_sum")([shortcut, y])
