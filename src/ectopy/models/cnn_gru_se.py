"""CNN-GRU-SE: convolutions, squeeze-and-excitation and a GRU, for the 140 samples of ECG5000."""

from __future__ import annotations

from typing import Any


def build(
    n_samples: int,
    n_classes: int,
    *,
    n_leads: int = 1,
    dropout: float = 0.5,
    activation: str = "relu",
) -> Any:
    """Build the network of Table 1 layer by layer; with (140, 5) it is Table 1 exactly.

    Parameters
    ----------
    n_samples : int
        Samples in a beat; the paper has 140.
    n_classes : int
        Classes; the paper has 5.
    n_leads : int
        Leads of a beat; the paper has 1.
    dropout : float
        Share of units dropped before each of the last two dense layers; the paper does not
        give it.
    activation : str
        Non-linearity after each convolution and in the dense layers; the paper does not give it.

    Returns
    -------
    keras.Model
        Input (n_beats, n_samples, n_leads), output class probabilities (n_beats, n_classes);
        743,109 parameters for (140, 5).

    Notes
    -----
    Kernel sizes and strides are not in the paper: they are the ones that give its parameter
    counts and shapes. The padding of the first pooling is ours (pool 2, stride 3 and pool 3 with
    ``same`` padding both give 16).
    """
    import keras
    from keras import layers

    signal = keras.Input((n_samples, n_leads), name="beat")

    # Stem: a kernel of 50 samples spans a QRS complex and the T wave's onset.
    x = layers.Conv1D(128, 50, strides=3, padding="same", activation=activation, name="conv1d")(
        signal
    )
    x = layers.BatchNormalization(name="batch_normalization")(x)
    x = layers.MaxPooling1D(3, padding="same", name="max_pooling1d")(x)
    x = layers.Conv1D(32, 7, padding="same", activation=activation, name="conv1d_1")(x)
    x = layers.BatchNormalization(name="batch_normalization_1")(x)
    x = layers.MaxPooling1D(2, padding="same", name="max_pooling1d_1")(x)
    x = _squeeze_excite(x, reduced=4, names=("global_average_pooling1d", "dense", "dense_1"))

    # Body: three convolutions, then a residual sum of the features and their rescaled copy.
    x = layers.Conv1D(32, 10, padding="same", activation=activation, name="conv1d_2")(x)
    x = layers.Conv1D(128, 5, strides=2, padding="same", activation=activation, name="conv1d_3")(x)
    x = layers.MaxPooling1D(2, padding="same", name="max_pooling1d_2")(x)
    x = layers.Conv1D(512, 5, padding="same", activation=activation, name="conv1d_4")(x)
    scaled = _squeeze_excite(
        x, reduced=32, names=("global_average_pooling1d_1", "dense_2", "dense_3"), suffix="_1"
    )
    x = layers.Add(name="add")([x, scaled])

    # Head.
    x = layers.GRU(128, name="gru")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Dense(512, activation=activation, name="dense_4")(x)
    x = layers.Dropout(dropout, name="dropout_1")(x)
    output = layers.Dense(n_classes, activation="softmax", name="dense_5")(x)
    return keras.Model(signal, output, name="cnn_gru_se")


def _squeeze_excite(x: Any, *, reduced: int, names: tuple[str, str, str], suffix: str = "") -> Any:
    """Rescale each channel by a gate in (0, 1) computed from its mean (Hu et al. 2018), no bias."""
    from keras import layers

    channels = x.shape[-1]
    pool, squeeze, excite = names
    gate = layers.GlobalAveragePooling1D(name=pool)(x)
    gate = layers.Dense(reduced, activation="relu", use_bias=False, name=squeeze)(gate)
    gate = layers.Dense(channels, activation="sigmoid", use_bias=False, name=excite)(gate)
    # Multiply repeats the gate, (n_beats, channels), along time.
    return layers.Multiply(name=f"multiply{suffix}")([x, gate])
