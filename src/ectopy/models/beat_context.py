"""The inter-patient beat model: many small random features, one trained layer.

Each hidden unit looks at four measures of a beat, drawn once; only the layer above is trained, by
weighted ridge regression. The guess behind it: units that see so little cannot learn what one
patient looks like. On left-out patients it passed the few networks trained by gradients that were
tried (docs/results/interpatient.md), and it trains in seconds. Built from Keras layers and
``keras.ops``, so it saves, loads and exports to ONNX as any Keras model does.

References
----------
Rahimi and Recht, Weighted sums of random kitchen sinks, NeurIPS 2008.
Huang, Zhu and Siew, Extreme learning machine, Neurocomputing 70 (2006) 489-501.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]

LIMIT: Final = 4.0  # standard deviations; an outlier must not carry the decision
SCALE: Final = 5.0  # scores lie between -1 and 1; as logits they are spread this much


def build(
    n_features: int,
    n_classes: int,
    *,
    mean: npt.ArrayLike,
    deviation: npt.ArrayLike,
    hidden: int = 1200,
    seen: int = 4,
    seed: int = 0,
) -> Any:
    """Build the model with its random units; `set_output` gives it what was trained.

    Parameters
    ----------
    n_features, n_classes : int
        Sizes of input and output.
    mean, deviation : array_like, shape (n_features,)
        Of the training beats, to standardise by.
    hidden : int
        Random units.
    seen : int
        Features that each of them sees.
    seed : int
        Of the draw.

    Returns
    -------
    keras.Model
        (n_beats, n_features) to logits (n_beats, n_classes).
    """
    import keras
    from keras import layers, ops

    # Not layers.Normalization: its constants would become inputs of the ONNX file.
    scale = 1 / np.asarray(deviation, dtype=np.float64)
    offset = -np.asarray(mean, dtype=np.float64) * scale
    features = keras.Input((n_features,), name="features")
    plain = layers.Rescaling(scale.tolist(), offset.tolist())(features)
    plain = ops.clip(plain, -LIMIT, LIMIT)
    random = layers.Dense(hidden, activation="relu", trainable=False, name="random")
    both = layers.Concatenate(name="hidden")([plain, random(plain)])
    model = keras.Model(
        features, layers.Dense(n_classes, name="classes")(both), name="beat_context"
    )
    random.set_weights(draw(n_features, hidden, seen, seed))
    return model


def draw(n_features: int, hidden: int, seen: int, seed: int) -> list[Float32]:
    """Draw weights and biases of the random units."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((n_features, hidden), np.float32)
    for unit in range(hidden):
        chosen = rng.choice(n_features, seen, replace=False)
        weights[chosen, unit] = rng.standard_normal(seen) / np.sqrt(seen)
    return [weights, rng.uniform(-1, 1, hidden).astype(np.float32)]


def hidden_of(model: Any, units: slice = slice(None)) -> Any:
    """Give the part below the trained layer, to train that layer on: features and some units."""
    import keras
    from keras import layers

    random = model.get_layer("random")
    weights, biases = random.get_weights()
    some = layers.Dense(len(biases[units]), activation="relu", trainable=False)
    both = layers.Concatenate()([random.input, some(random.input)])
    some.set_weights([weights[:, units], biases[units]])
    return keras.Model(model.input, both)


def set_output(model: Any, weights: Float32) -> None:
    """Set the trained layer: (hidden + n_features + 1, n_classes), the last row its bias."""
    scaled = SCALE * np.asarray(weights, dtype=np.float32)
    model.get_layer("classes").set_weights([scaled[:-1], scaled[-1]])
