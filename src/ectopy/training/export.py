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
from ectopy.models.inputs import NO_FEATURES, Features, arrange, call_with
from ectopy.runtime.contract import ModelContract
from ectopy.training.contracts import attach

TOLERANCE = 1e-5
"""Largest difference of a probability between Keras and ONNX Runtime; 1e-6 is usual."""


def to_onnx(
    model: Any,
    path: str | os.PathLike[str],
    sample: npt.NDArray[np.float32],
    features: Features = NO_FEATURES,
    contract: ModelContract | None = None,
) -> float:
    """Write ``model`` to ``path`` and assert that ONNX Runtime agrees with Keras.

    Parameters
    ----------
    model : keras.Model
        Beats (n, n_samples, n_leads), and features, to probabilities (n, n_classes).
    path : path
        File to write, ending in ``.onnx``; it appears only if the two agree.
    sample : ndarray of float32, shape (n_beats, n_samples) or (n_beats, n_samples, n_leads)
        Beats to compare on; real ones, because that is what the file will see.
    features : mapping of str to ndarray, shapes (n_beats, n_values)
        Their features, for a model that asks for some.
    contract : ModelContract, optional
        What the file shall say of itself.

    Returns
    -------
    float
        Largest difference of a probability.

    Raises
    ------
    ModelError
        If the difference exceeds `TOLERANCE`.

    Examples
    --------
    >>> from ectopy.models import build
    >>> from ectopy.training import to_onnx
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> model = build("cnn1d", 140, 5, seed=0, filters=(4, 4, 4))
    >>> to_onnx(model, "mine.onnx", data.X[:10]) < 1e-5
    True
    """
    import keras
    import onnxruntime

    X = np.ascontiguousarray(sample, dtype=np.float32)
    arrays = arrange(model, X, features)
    expected = keras.ops.convert_to_numpy(
        model(call_with(arrays), training=False)
    )  # export also needs a model called once
    with atomic_path(path) as temporary:
        with quietly():
            model.export(str(temporary), format="onnx", verbose=False)
        session = onnxruntime.InferenceSession(temporary, providers=["CPUExecutionProvider"])
        names = [tensor.name for tensor in model.inputs]
        (given,) = session.run(None, dict(zip(names, arrays, strict=True)))
        difference = float(np.abs(given - expected).max(initial=0.0))
        if not difference <= TOLERANCE:
            raise ModelError(
                f"{Path(path).name}: ONNX Runtime and Keras differ by {difference:.2g} on "
                f"{len(X)} beats, expected at most {TOLERANCE:g}; the model was not exported"
            )
        if contract is not None:
            attach(contract, temporary)
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
