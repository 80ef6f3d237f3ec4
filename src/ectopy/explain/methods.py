"""The kinds of maps by name, all in the form that figures and checks take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from ectopy.errors import ConfigError
from ectopy.explain.attribution import integrated_gradients, occlusion
from ectopy.explain.checks import MapFunction
from ectopy.explain.gradcam import gradcam, scaled
from ectopy.explain.network import Beats, Float32, Int64


def _gradcam(model: Any, X: Beats, classes: Int64, layer: str | None) -> Float32:
    return gradcam(model, X, classes, layer)


def _integrated_gradients(model: Any, X: Beats, classes: Int64, layer: str | None) -> Float32:
    return scaled(np.maximum(integrated_gradients(model, X, classes), 0))


def _occlusion(model: Any, X: Beats, classes: Int64, layer: str | None) -> Float32:
    return scaled(np.maximum(occlusion(model, X, classes), 0))


METHODS: Final[dict[str, Callable[[Any, Beats, Int64, str | None], Float32]]] = {
    "gradcam": _gradcam,
    "integrated-gradients": _integrated_gradients,
    "occlusion": _occlusion,
}


def map_function(method: str = "gradcam", layer: str | None = None) -> MapFunction:
    """Give a function from model, beats and classes to maps of what spoke for each class.

    Parameters
    ----------
    method : str
        A key of `METHODS`.
    layer : str, optional
        Convolution for Grad-CAM.

    Returns
    -------
    callable
        ``f(model, X, class_index)`` gives maps (n_beats, n_samples) from 0 to 1; what spoke
        against the class is left out.

    Raises
    ------
    ConfigError
        If there is no such method, or a layer is given to one that has no use for it.
    """
    if method not in METHODS:
        raise ConfigError(f"there is no method {method!r}; the methods are {', '.join(METHODS)}")
    if layer is not None and method != "gradcam":
        raise ConfigError(
            f"layer {layer!r} was given, but {method} looks at no layer; leave it out"
        )
    return lambda model, X, classes: METHODS[method](model, X, classes, layer)
