"""Beat kernels: similarity to known beats, seen as they are and through random convolutions."""

from __future__ import annotations

from typing import Any, Final

from ectopy.models.resampling import SHORTEST, stretched_flag

BLOCKS: Final = ("beat", "convolutions")
"""The two ways beats are compared; layers of a block begin with its name."""

DILATIONS: Final = (1, 2, 4, 8, 16)
"""Kernels of 9 samples then span 9 to 129 of the 140: from a QRS complex to a whole beat."""

_KERNEL: Final = 9


def dilations(n_samples: int) -> tuple[int, ...]:
    """Give the dilations whose kernels a beat has room for."""
    return tuple(d for d in DILATIONS if (_KERNEL - 1) * d < n_samples)


def blocks(n_samples: int) -> tuple[str, ...]:
    """Give the blocks of a model for beats of this length: very short ones are not convolved."""
    return BLOCKS if dilations(n_samples) else BLOCKS[:1]


def build(
    n_samples: int,
    n_classes: int,
    *,
    centres: int = 500,
    convolutions: int = 200,
    stretched: bool = True,
) -> Any:
    """Build the classifier; its fixed parts and its weights are set by the ``kernels`` trainer.

    Parameters
    ----------
    n_samples : int
        Samples in a beat; below 130 the longest kernels have no room and are left out.
    n_classes : int
        Number of classes.
    centres : int
        Known beats that each beat is compared with.
    convolutions : int
        Random convolutions of each of five dilations; each gives two features, its maximum and
        the share of time it is positive (ROCKET, Dempster et al. 2020).
    stretched : bool
        Whether beats also differ when one of them was stretched to its length and the other was
        not (see `ectopy.models.resampling`); no beat of 61 samples or fewer is looked at so.

    Returns
    -------
    keras.Model
        Input (n_beats, n_samples, 1), output class probabilities (n_beats, n_classes).

    Notes
    -----
    Each block computes exp(-|v - c|^2) for its features v of a beat and c of each centre; class
    scores are linear in these similarities, and the two blocks' scores are averaged.
    """
    import keras
    from keras import layers

    signal = keras.Input((n_samples, 1), name="signal")
    beat = layers.Reshape((n_samples,), name="beat")(signal)
    found = dilations(n_samples)
    features = {
        "beat": [beat],
        "convolutions": [f for d in found for f in _convolve(signal, d, convolutions)],
    }
    flag = [stretched_flag(beat, n_samples)] if stretched and n_samples > SHORTEST + 1 else []
    scores = [
        _similarity(name, features[name] + flag, centres, n_classes) for name in blocks(n_samples)
    ]
    mean = layers.Average(name="scores")(scores) if len(scores) > 1 else scores[0]
    output = layers.Softmax(name="probabilities")(mean)
    return keras.Model(signal, output, name="beat_kernels")


def _convolve(signal: Any, dilation: int, convolutions: int) -> list[Any]:
    from keras import layers

    name = f"convolution_{dilation}"
    x = layers.Conv1D(convolutions, _KERNEL, dilation_rate=dilation, trainable=False, name=name)(
        signal
    )
    # A steep slope cut at 0 and 1 is 1 where the convolution is positive, and 0 elsewhere.
    positive = layers.Rescaling(50.0, name=f"{name}_slope")(x)
    positive = layers.ReLU(max_value=1, name=f"{name}_positive")(positive)
    return [
        layers.GlobalMaxPooling1D(name=f"{name}_maximum")(x),
        layers.GlobalAveragePooling1D(name=f"{name}_share")(positive),
    ]


def _similarity(name: str, features: list[Any], centres: int, n_classes: int) -> Any:
    """Compare features with centres; give class scores."""
    from keras import layers

    x = features[0]
    if len(features) > 1:
        x = layers.Concatenate(name=f"{name}_features")(features)
    # Batch normalisation that never trains: a fixed shift and scale of each feature.
    x = layers.BatchNormalization(epsilon=0, trainable=False, name=f"{name}_scaled")(x)
    # -|v - c|^2 = 2 v.c - |c|^2 - |v|^2; the first two are a dense layer.
    near = layers.Dense(centres, trainable=False, name=f"{name}_centres")(x)
    length = layers.Dot(axes=1, name=f"{name}_length")([x, x])
    near = layers.Subtract(name=f"{name}_distance")([near, length])
    near = layers.Activation("exponential", name=f"{name}_similarity")(near)
    return layers.Dense(n_classes, name=f"{name}_scores")(near)
