"""The networks by name: one line a model."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Mapping
from typing import Any, Final

from ectopy.errors import ConfigError
from ectopy.models import aligned_cnn, beat_kernels, cnn1d, cnn_gru_se

MODELS: Final[dict[str, Callable[..., Any]]] = {
    "aligned-cnn": aligned_cnn.build,
    "beat-kernels": beat_kernels.build,
    "cnn-gru-se": cnn_gru_se.build,
    "cnn1d": cnn1d.build,
}


SHAPES: Final = ("n_leads", "features")
"""Parameters that say what beats look like: given to a builder that names them, options for none.

``n_leads`` is the number of leads; ``features`` the number of values of each feature by name, of
which a network makes an input (n_beats, n_values) of the same name for each that it wants.
"""


def options(name: str) -> dict[str, Any]:
    """Give the options a model takes beside its input and output sizes, with their defaults."""
    parameters = inspect.signature(_builder(name)).parameters.values()
    return {
        p.name: p.default
        for p in parameters
        if p.kind is inspect.Parameter.KEYWORD_ONLY and p.name not in SHAPES
    }


def check_options(name: str, settings: Mapping[str, Any]) -> None:
    """Check that there is a model of a name, and that it has the options it is given.

    Raises
    ------
    ConfigError
        If the name or an option is unknown; the message names it and those there are.
    """
    known = options(name)
    for key in settings:
        if key not in known:
            raise ConfigError(
                f"model {name!r} has no option {key!r}; its options are {', '.join(known)}"
            )


def build(
    name: str,
    n_samples: int,
    n_classes: int,
    *,
    seed: int,
    n_leads: int = 1,
    features: Mapping[str, int] | None = None,
    **settings: Any,
) -> Any:
    """Build a model whose initial weights and dropout masks follow from ``seed`` alone.

    Parameters
    ----------
    name : str
        A key of ``MODELS``.
    n_samples, n_classes : int
        Samples in a beat, and number of classes.
    seed : int
        Same seed, same model; the state of no other random generator is left changed.
    n_leads : int
        Leads of a beat.
    features : mapping of str to int, optional
        Number of values of each feature that the beats have.
    **settings
        The model's own options (see `options`).

    Returns
    -------
    keras.Model
        Uncompiled functional model, (n_beats, n_samples, n_leads), and (n_beats, n_values) of each
        feature that it asks for, to (n_beats, n_classes).

    Raises
    ------
    ConfigError
        If the name or an option is unknown, the beat is too short for the model, or has more
        leads or fewer features than it needs.

    Examples
    --------
    >>> from ectopy.models import build
    >>> build("cnn1d", 187, 5, seed=0, filters=(4, 4, 4)).output_shape
    (None, 5)
    """
    builder = _builder(name)
    check_options(name, settings)
    given: dict[str, Any] = {"n_leads": n_leads, "features": _Features(name, features or {})}
    shapes = {key: given[key] for key in SHAPES if key in inspect.signature(builder).parameters}
    if n_leads != 1 and "n_leads" not in shapes:
        raise ConfigError(
            f"model {name!r} takes beats of one lead, these have {n_leads}; choose another model"
        )
    # Keras seeds every initialiser and dropout layer that has no seed of its own from Python's
    # generator; borrowing it keeps the model files as plain as the papers' tables.
    state = random.getstate()
    random.seed(seed)
    try:
        return builder(n_samples, n_classes, **shapes, **settings)
    except ValueError as error:
        raise ConfigError(
            f"model {name!r} cannot be built for {n_samples} samples and {n_classes} classes "
            f"with {settings}: {error}"
        ) from error
    finally:
        random.setstate(state)


class _Features(dict[str, int]):
    """Numbers of values by feature, which names the model that asks for one that is not there."""

    def __init__(self, model: str, known: Mapping[str, int]) -> None:
        super().__init__(known)
        self.model = model

    def __missing__(self, name: str) -> int:
        raise ConfigError(
            f"model {self.model!r} asks for the feature {name!r}, and the beats have "
            f"{', '.join(self) or 'none'}; choose another model or other beats"
        )


def _builder(name: str) -> Callable[..., Any]:
    if name not in MODELS:
        raise ConfigError(f"there is no model {name!r}; the models are {', '.join(MODELS)}")
    return MODELS[name]
