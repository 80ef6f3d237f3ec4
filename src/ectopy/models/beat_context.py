"""The inter-patient beat model: a small encoder for each lead, then convolutions over beats.

Built from Keras layers and ``keras.ops`` only, so that both halves export to ONNX as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

STRIDES: Final = (3, 2, 2)
KERNELS: Final = (9, 5, 5)
FEATURE_LIMIT: Final = 4.0  # standard deviations; an outlier must not carry the decision
MOMENTUM: Final = 0.95  # of batch normalisation: an epoch is only some 60 steps long


def scaled(x: Any, mean: npt.ArrayLike, deviation: npt.ArrayLike) -> Any:
    """Standardise features by constants of the training records, and clip them."""
    from keras import layers, ops

    # Not layers.Normalization: its constants would become inputs of the ONNX file.
    scale = 1 / np.asarray(deviation, dtype=np.float64)
    offset = -np.asarray(mean, dtype=np.float64) * scale
    x = layers.Rescaling(scale.tolist(), offset.tolist())(x)
    return ops.clip(x, -FEATURE_LIMIT, FEATURE_LIMIT)


def encoder(
    length: int,
    mean: npt.ArrayLike,
    deviation: npt.ArrayLike,
    *,
    channels: Sequence[int] = (16, 24, 32),
    width: int = 48,
    feature_width: int = 24,
    dropout: float = 0.2,
) -> Any:
    """Build the encoder of one lead of one beat.

    Parameters
    ----------
    length : int
        Samples of a beat.
    mean, deviation : array_like, shape (n_lead_features,)
        To standardise the lead features by.
    channels : sequence of int
        Channels of the three strided convolutions.
    width : int
        Size of the embedding.
    feature_width : int
        Size of the layer over the lead features.
    dropout : float
        Share dropped before the embedding; half of it between convolutions.

    Returns
    -------
    keras.Model
        Inputs (n, length, 2) and (n, n_lead_features); output (n, width), not negative.
    """
    import keras
    from keras import layers

    beat = keras.Input((length, 2), name="beat")
    features = keras.Input((len(np.asarray(mean)),), name="lead_features")
    x = beat
    for count, kernel, stride in zip(channels, KERNELS, STRIDES, strict=True):
        x = layers.Conv1D(count, kernel, strides=stride, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=MOMENTUM)(x)
        x = layers.Activation("relu")(x)
        x = layers.SpatialDropout1D(dropout / 2)(x)
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    x = layers.Dense(width)(x)
    known = layers.Dense(feature_width, activation="relu")(scaled(features, mean, deviation))
    x = layers.Dense(width)(layers.Concatenate()([x, known]))
    x = layers.BatchNormalization(momentum=MOMENTUM)(x)
    x = layers.Activation("relu")(x)
    return keras.Model([beat, features], x, name="encoder")


def sequence(
    embedding: int,
    mean: npt.ArrayLike,
    deviation: npt.ArrayLike,
    n_classes: int,
    *,
    width: int = 64,
    dilations: Sequence[int] = (1, 2, 4, 8),
    dropout: float = 0.3,
    two_sided: bool = False,
) -> Any:
    """Build the network over the beats of a recording.

    Parameters
    ----------
    embedding : int
        Size of a beat's embedding, mean and maximum over leads together.
    mean, deviation : array_like, shape (n_rhythm_features,)
        To standardise the rhythm features by.
    n_classes : int
        Classes.
    width : int
        Channels.
    dilations : sequence of int
        Dilation of each convolution over past beats (past and later ones if ``two_sided``).
    dropout : float
        Share dropped.
    two_sided : bool
        False: one beat ahead and a bounded past; True: both ways.

    Returns
    -------
    keras.Model
        Inputs (n, n_beats, embedding) and (n, n_beats, n_rhythm_features); output logits
        (n, n_beats, n_classes).
    """
    import keras
    from keras import layers

    beats = keras.Input((None, embedding), name="embedding")
    rhythm = keras.Input((None, len(np.asarray(mean))), name="rhythm")
    told = layers.Dense(width, activation="relu")(scaled(rhythm, mean, deviation))
    told = layers.Dropout(dropout)(told)
    x = layers.Dropout(dropout)(layers.Concatenate()([beats, told]))
    x = _normal_relu(layers.Dense(width)(x))
    near = _normal_relu(layers.Conv1D(width, 3, padding="same")(x))  # sees the next beat
    x = layers.Add()([x, layers.Dropout(dropout)(near)])
    padding = "same" if two_sided else "causal"
    for dilation in dilations:
        past = layers.Conv1D(width, 3, dilation_rate=dilation, padding=padding)(x)
        x = layers.Add()([x, layers.Dropout(dropout)(_normal_relu(past))])
    x = layers.Dropout(dropout)(layers.Concatenate()([x, told, beats]))
    x = layers.Dropout(dropout)(layers.Dense(width, activation="relu")(x))
    return keras.Model([beats, rhythm], layers.Dense(n_classes)(x), name="sequence")


def reach(dilations: Sequence[int] = (1, 2, 4, 8)) -> int:
    """Beats back that the one-sided `sequence` depends on."""
    return 1 + 2 * sum(dilations)


def _normal_relu(x: Any) -> Any:
    from keras import layers

    return layers.Activation("relu")(layers.BatchNormalization(momentum=MOMENTUM)(x))
