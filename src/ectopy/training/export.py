"""From a trained Keras model to an ONNX file that gives the same probabilities."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.errors import ModelError
from ectopy.files import atomic_path

TOLERANCE = 1e-5
"""Largest difference of a probability between Keras and ONNX Runtime; 1e-6 is usual."""


def to_onnx(model: Any, path: str | os.PathLike[str], sample: npt.NDArray[np.float32]) -> float:
    """Write ``model`` to ``path`` and assert that ONNX Runtime agrees with Keras.

    Parameters
    ----------
    model : keras.Model
        Beats (n, n_samples, 1) to probabilities (n, n_classes).
    path : path
        File to write, ending in ``.onnx``; it appears only if the two agree.
    sample : ndarray of float32, shape (n_beats, n_samples)
        Beats to compare on; real ones, because that is what the file will see.

    Returns
    -------
    float
        Largest difference of a probability.

    Raises
    ------
    ModelError
        If the difference exceeds `TOLERANCE`.
    """
    import keras
    import onnxruntime

    X = np.ascontiguousarray(sample, dtype=np.float32)[..., None]
    expected = keras.ops.convert_to_numpy(
        model(X, training=False)
    )  # export also needs a model called once
    with atomic_path(path) as temporary:
        with quietly():
            model.export(str(temporary), format="onnx", verbose=False)
        session = onnxruntime.InferenceSession(temporary, providers=["CPUExecutionProvider"])
        (given,) = session.run(None, {session.get_inputs()[0].name: X})
        difference = float(np.abs(given - expected).max(initial=0.0))
        if not difference <= TOLERANCE:
            raise ModelError(
                f"{Path(path).name}: ONNX Runtime and Keras differ by {difference:.2g} on "
                f"{len(X)} beats, expected at most {TOLERANCE:g}; the model was not exported"
            )
    return difference


@contextlib.contextmanager
def quietly() -> Any:
    """Keep the exporter's chatter to itself; its errors still come through."""
    previous = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(previous)
