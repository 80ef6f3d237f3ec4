"""Explain the beats of a file with a saved model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ectopy.errors import ModelError
from ectopy.explain import network
from ectopy.explain.methods import map_function
from ectopy.explain.network import Float32, Int64
from ectopy.explain.source import class_position, open_model, read_beats
from ectopy.models.inputs import feature_names, signal_place


@dataclass(frozen=True)
class Explained:
    """Beats and their maps.

    Attributes
    ----------
    X, maps : ndarray of float32, shape (n_beats, n_samples)
        Beats, and what spoke for the explained class, from 0 to 1.
    p : ndarray of float32, shape (n_beats, n_classes)
        Class probabilities.
    explained : ndarray of int64, shape (n_beats,)
        The class that each map is for.
    y_true : ndarray of int64, shape (n_beats,), optional
        Classes, where the file has them.
    classes : tuple of str
        Class names.
    method, layer : str
        How the maps were made; no layer where the method looks at none.
    model, source : str
        Names of the model and of the file of beats.
    fs_hz : float, optional
        Rate of the beats, where the model's run tells.
    simulated : bool
        True if the model was trained on simulated beats.
    quick : bool
        True if the model is of a quick look.
    """

    X: Float32
    maps: Float32
    p: Float32
    explained: Int64
    y_true: Int64 | None
    classes: tuple[str, ...]
    method: str
    layer: str
    model: str
    source: str
    fs_hz: float | None = None
    simulated: bool = False
    quick: bool = False


def explain_file(
    model: str | Path,
    beats: str | Path,
    *,
    explained: str | None = None,
    layer: str | None = None,
    method: str = "gradcam",
) -> Explained:
    """Explain the beats of a CSV file with a saved model.

    Parameters
    ----------
    model : path
        A ``.keras`` file or a run folder.
    beats : path
        See `ectopy.explain.source.read_beats`.
    explained : str, optional
        Class to explain by name or position; None explains each beat's predicted class.
    layer : str, optional
        Convolution for Grad-CAM.
    method : str
        A key of `ectopy.explain.methods.METHODS`.

    Returns
    -------
    Explained

    Raises
    ------
    EctopyError
        If a file, a class, a layer or a method cannot be used; nothing is written.
    """
    draw = map_function(method, layer)  # a wrong name is told before the model is loaded
    saved = open_model(model)
    _, n_samples, n_leads = saved.model.inputs[signal_place(saved.model)].shape
    features = feature_names(saved.model)
    if n_leads != 1 or features:
        raise ModelError(
            f"{Path(model).name} takes {n_leads} lead(s) and the features "
            f"({', '.join(features) or 'none'}), and a table of beats holds one lead and no "
            "feature; set explain = true in the study instead"
        )
    X, y = read_beats(beats, n_samples, len(saved.classes))
    used = ""
    if method == "gradcam":
        used = ", ".join(network.chosen_convolutions(saved.model, layer))
    p = network.predictor(saved.model)(X)
    if explained is None:
        wanted = p.argmax(axis=1).astype(np.int64)
    else:
        wanted = np.full(len(X), class_position(saved.classes, explained), dtype=np.int64)
    return Explained(
        X, draw(saved.model, X, wanted), p, wanted, y, saved.classes, method, used,
        Path(model).name, Path(beats).name, saved.fs_hz, saved.simulated,
        saved.quick,
    )  # fmt: skip
