"""1D-CNN: three convolution blocks and global average pooling, for 187-sample MIT-BIH beats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def build(
    n_samples: int,
    n_classes: int,
    *,
    n_leads: int = 1,
    filters: Sequence[int] = (64, 128, 256),
    kernels: Sequence[int] = (5, 3, 3),
    hidden: int = 128,
    dropout: float = 0.3,
) -> Any:
    """Build the network of the published ``ecg_cnn_classifier.py``: 187 samples, 5 classes.

    Parameters
    ----------
    n_samples : int
        Samples in a beat.
    n_classes : int
        Classes.
    n_leads : int
        Leads of a beat; the published network takes one.
    filters, kernels : sequence of int
        Channels and kernel size of each convolution block; between blocks the length is halved.
    hidden : int
        Units of the dense layer.
    dropout : float
        Share of its units dropped in training.

    Returns
    -------
    keras.Model
        Input (n_beats, n_samples, n_leads), output class probabilities (n_beats, n_classes).

    Notes
    -----
    The published code applies the ReLU inside the convolution, before batch normalisation; its
    README draws them the other way round. We follow the code.
    """
    import keras
    from keras import layers

    signal = keras.Input((n_samples, n_leads), name="beat")
    x = signal
    for block, (channels, kernel) in enumerate(zip(filters, kernels, strict=True), start=1):
        if block > 1:
            x = layers.MaxPooling1D(2, name=f"pool_{block - 1}")(x)
        x = layers.Conv1D(
            channels, kernel, padding="same", activation="relu", name=f"conv_{block}"
        )(x)
        x = layers.BatchNormalization(name=f"norm_{block}")(x)
    x = layers.GlobalAveragePooling1D(name="mean")(x)
    x = layers.Dense(hidden, activation="relu", name="hidden")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    output = layers.Dense(n_classes, activation="softmax", name="classes")(x)
    return keras.Model(signal, output, name="cnn1d")
