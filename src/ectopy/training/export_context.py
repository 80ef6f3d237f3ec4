"""From a trained beat model to the two ONNX files that `ectopy.runtime.networks` reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ectopy.beats.context import BeatInputs
from ectopy.errors import ModelError
from ectopy.files import atomic_path
from ectopy.runtime.networks import network
from ectopy.training.beat_context import Trained, predict
from ectopy.training.export import TOLERANCE, quietly


def export(trained: Trained, folder: Path, stem: str, sample: BeatInputs) -> float:
    """Write ``STEM-encoder.onnx`` and ``STEM-sequence.onnx``, once they agree with Keras.

    Parameters
    ----------
    trained : Trained
        The two halves.
    folder : Path
        Where to write.
    stem : str
        First part of the file names.
    sample : BeatInputs
        Beats of a record to compare on.

    Returns
    -------
    float
        Largest difference of a probability between Keras and ONNX Runtime.

    Raises
    ------
    ModelError
        If they differ by more than `ectopy.training.export.TOLERANCE`.
    """
    expected = _softmax(predict(trained, sample))
    for part in ("encoder", "sequence"):
        with atomic_path(folder / f"{stem}-{part}.onnx") as temporary, quietly():
            getattr(trained, part).export(str(temporary), format="onnx", verbose=False)
    given = _softmax(network(folder, stem).logits(sample))
    difference = float(np.abs(given - expected).max(initial=0.0))
    if not difference <= TOLERANCE:
        raise ModelError(
            f"{stem}: ONNX Runtime and Keras differ by {difference:.2g} on {len(expected)} beats, "
            f"expected at most {TOLERANCE:g}; do not ship these files"
        )
    return difference


def _softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
