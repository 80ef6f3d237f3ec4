"""From a trained beat model to the ONNX file that `ectopy.runtime.networks` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.errors import ModelError
from ectopy.files import atomic_path
from ectopy.runtime.networks import network
from ectopy.training.export import quietly

TOLERANCE = 1e-4
"""Largest difference of a logit between Keras and ONNX Runtime."""


def export(model: Any, folder: Path, stem: str, sample: npt.NDArray[np.float32]) -> float:
    """Write ``STEM.onnx``, once it agrees with Keras.

    Parameters
    ----------
    model : keras.Model
        Features to logits.
    folder : Path
        Where to write.
    stem : str
        File name without its ending.
    sample : ndarray of float32, shape (n_beats, n_features)
        Beats to compare on.

    Returns
    -------
    float
        Largest difference of a logit between Keras and ONNX Runtime.

    Raises
    ------
    ModelError
        If they differ by more than `TOLERANCE`.
    """
    expected = np.asarray(model(sample, training=False))
    with atomic_path(folder / f"{stem}.onnx") as temporary, quietly():
        model.export(str(temporary), format="onnx", verbose=False)
    difference = float(np.abs(network(folder, stem).logits(sample) - expected).max(initial=0.0))
    if not difference <= TOLERANCE:
        raise ModelError(
            f"{stem}: ONNX Runtime and Keras differ by {difference:.2g} on {len(expected)} beats, "
            f"expected at most {TOLERANCE:g}; do not ship this file"
        )
    return difference
