"""AlignedCNN: convolutions over a beat whose head knows where in the beat it looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def build(
    n_samples: int,
    n_classes: int,
    *,
    n_leads: int = 1,
    stem: int = 48,
    channels: Sequence[int] = (64, 96, 128, 128),
    kernel: int = 5,
    places: int = 48,
    hidden: int = 128,
    dropout: float = 0.4,
) -> Any:
    """Build a network for beats that all begin at the same point of the cycle.

    The published 1D-CNN averages its features over the beat and so forgets where each was seen.
    But beats cut at R are aligned: when the T wave comes, where the next P wave lies and where the
    padding begins (the RR interval) tell a premature beat from a normal one. Here a dense layer
    reads a few features at each place, beside their mean and maximum over the beat.

    Parameters
    ----------
    n_samples, n_classes : int
        Samples in a beat, and classes.
    n_leads : int
        Leads of a beat.
    stem : int
        Channels of the first convolution, which halves the length.
    channels : sequence of int
        Channels of the blocks after it. Each block but the last halves the length; a block that
        keeps the number of channels adds its input to its output.
    kernel : int
        Kernel size in the blocks.
    places : int
        Features that are read place by place.
    hidden : int
        Units of the dense layer.
    dropout : float
        Share of features dropped before the dense layer; half of it after.

    Returns
    -------
    keras.Model
        Input (n_beats, n_samples, n_leads), output class probabilities (n_beats, n_classes).
    """
    import keras
    from keras import layers

    signal = keras.Input((n_samples, n_leads), name="beat")
    x = layers.Conv1D(stem, 9, strides=2, padding="same", activation="relu", name="stem")(signal)
    x = layers.BatchNormalization(name="stem_norm")(x)
    for block, width in enumerate(channels, start=1):
        y = layers.Conv1D(width, kernel, padding="same", activation="relu", name=f"conv_{block}")(x)
        y = layers.BatchNormalization(name=f"norm_{block}")(y)
        if width == x.shape[-1]:
            y = layers.Add(name=f"sum_{block}")([x, y])
        x = y
        if block < len(channels):
            x = layers.MaxPooling1D(2, padding="same", name=f"pool_{block}")(x)
    # The same units at each place; the last convolution stays the one that all features come from.
    placed = layers.Dense(places, activation="relu", name="places")(x)
    x = layers.Concatenate(name="features")(
        [
            layers.Flatten(name="where")(placed),
            layers.GlobalAveragePooling1D(name="mean")(x),
            layers.GlobalMaxPooling1D(name="peak")(x),
        ]
    )
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Dense(hidden, activation="relu", name="hidden")(x)
    x = layers.Dropout(dropout / 2, name="dropout_2")(x)
    output = layers.Dense(n_classes, activation="softmax", name="classes")(x)
    return keras.Model(signal, output, name="aligned_cnn")
