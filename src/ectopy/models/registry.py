"""The networks by name: one line a model."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable
from typing import Any, Final

from ectopy.errors import ConfigError
from ectopy.models import aligned_cnn, beat_kernels, cnn1d, cnn_gru_se

MODELS: Final[dict[str, Callable[..., Any]]] = {
    "aligned-cnn": aligned_cnn.build,
    "beat-kernels": beat_kernels.build,
    "cnn-gru-se": cnn_gru_se.build,
    "cnn1d": cnn1d.build,
}


def options(name: str) -> dict[str, Any]:
    """Give the options a model takes beside its input and output sizes, with their defaults."""
    parameters = inspect.signature(_builder(name)).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


def build(name: str, n_samples: int, n_classes: int, *, seed: int, **settings: Any) -> Any:
    """Build a model whose initial weights and dropout masks follow from ``seed`` alone.

    Parameters
    ----------
    name : str
        A key of ``MODELS``.
    n_samples, n_classes : int
        Samples in a beat, and number of classes.
    seed : int
        Same seed, same model; the state of no other random generator is left changed.
    **settings
        The model's own options (see `options`).

    Returns
    -------
    keras.Model
        Uncompiled functional model, (n_beats, n_samples, 1) to (n_beats, n_classes).

    Raises
    ------
    ConfigError
        If the name or an option is unknown, or the beat is too short for the model.
    """
    builder = _builder(name)
    known = options(name)
    for key in settings:
        if key not in known:
            raise ConfigError(
                f"model {name!r} has no option {key!r}; its options are {', '.join(known)}"
            )
    # Keras seeds every initialiser and dropout layer that has no seed of its own from Python's
    # generator; borrowing it keeps the model files as plain as the papers' tables.
    state = random.getstate()
    random.seed(seed)
    try:
        return builder(n_samples, n_classes, **settings)
    except ValueError as error:
        raise ConfigError(
            f"model {name!r} cannot be built for {n_samples} samples and {n_classes} classes "
            f"with {settings}: {error}"
        ) from error
    finally:
        random.setstate(state)


def _builder(name: str) -> Callable[..., Any]:
    if name not in MODELS:
        raise ConfigError(f"there is no model {name!r}; the models are {', '.join(MODELS)}")
    return MODELS[name]
