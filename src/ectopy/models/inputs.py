"""What a network takes: one signal, and the features it asks for by the names of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError, ModelError

Float32 = npt.NDArray[np.float32]
Features = Mapping[str, Float32]
"""Numbers known of each beat beside its signal: name to array (n_beats, n_values)."""

NO_FEATURES: Features = {}


def signal_place(model: Any) -> int:
    """Give the position of the signal among a model's inputs: the one (n, n_samples, n_leads).

    Raises
    ------
    ModelError
        If there is none, or more than one.
    """
    places = [i for i, tensor in enumerate(model.inputs) if len(tensor.shape) == 3]
    if len(places) != 1:
        raise ModelError(
            f"model {model.name!r} has {len(places)} inputs of the shape (n_beats, n_samples, "
            "n_leads), expected one, the signal; features have the shape (n_beats, n_values)"
        )
    return places[0]


def feature_names(model: Any) -> tuple[str, ...]:
    """Give the names of the features that a model asks for, in the order of its inputs."""
    place = signal_place(model)
    return tuple(str(x.name) for i, x in enumerate(model.inputs) if i != place)


def asked(model: Any, features: Features) -> dict[str, Float32]:
    """Choose the features that a model asks for, in the order of its inputs.

    Raises
    ------
    ConfigError
        If one is not there, or has another number of values.
    """
    place, chosen = signal_place(model), {}
    for number, tensor in enumerate(model.inputs):
        if number == place:
            continue
        if tensor.name not in features:
            raise ConfigError(
                f"model {model.name!r} asks for the feature {tensor.name!r}, and the beats have "
                f"{', '.join(features) or 'none'}; give it, or choose another model"
            )
        found = features[tensor.name]
        if found.shape[1:] != tuple(tensor.shape[1:]):
            raise ConfigError(
                f"model {model.name!r} takes {tensor.shape[1]} values of the feature "
                f"{tensor.name!r}, the beats have {found.shape[1:]}"
            )
        chosen[str(tensor.name)] = found
    return chosen


def with_leads(X: Float32) -> Float32:
    """Give beats the axis of leads, (n_beats, n_samples, n_leads), where it is missing."""
    return X[..., None] if X.ndim == 2 else X


def n_leads(X: Float32) -> int:
    """Count the leads of beats (n_beats, n_samples) or (n_beats, n_samples, n_leads)."""
    return 1 if X.ndim == 2 else int(X.shape[2])


def arrange(model: Any, X: Float32, features: Features = NO_FEATURES) -> tuple[Float32, ...]:
    """Give a model's input arrays in their order.

    Parameters
    ----------
    model : keras.Model
        One signal input, and any number of feature inputs.
    X : ndarray of float32, shape (n_beats, n_samples) or (n_beats, n_samples, n_leads)
        Beats.
    features : mapping of str to ndarray, shapes (n_beats, n_values)
        At least those that the model asks for; others are left aside.

    Returns
    -------
    tuple of ndarray

    Raises
    ------
    ConfigError
        If a feature is missing.
    """
    given = list(asked(model, features).values())
    given.insert(signal_place(model), with_leads(X))
    return tuple(given)


def call_with(arrays: tuple[Any, ...]) -> Any:
    """Give arrays as Keras takes them: one as it is, several as a tuple."""
    return arrays[0] if len(arrays) == 1 else arrays
