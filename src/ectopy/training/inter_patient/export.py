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

SPARSE = 10
"""Entries to each one that is not zero, from which a matrix is stored without its zeros."""

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
        _without_zeros(temporary)
    difference = float(np.abs(network(folder, stem).logits(sample) - expected).max(initial=0.0))
    if not difference <= TOLERANCE:
        raise ModelError(
            f"{stem}: ONNX Runtime and Keras differ by {difference:.2g} on {len(expected)} beats, "
            f"expected at most {TOLERANCE:g}; do not ship this file"
        )
    return difference


def _without_zeros(path: Path) -> None:
    """Store matrices that are mostly zeros as their other entries: random units see few measures.

    ONNX Runtime makes them whole again when it loads them, so labelling is as fast.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(path)
    for dense in list(model.graph.initializer):
        matrix = numpy_helper.to_array(dense)
        places = np.argwhere(matrix)
        if matrix.ndim != 2 or len(places) * SPARSE > matrix.size:
            continue
        values = matrix[tuple(places.T)]
        model.graph.sparse_initializer.append(
            helper.make_sparse_tensor(
                helper.make_tensor(dense.name, TensorProto.FLOAT, values.shape, values),
                helper.make_tensor(
                    f"{dense.name}_places", TensorProto.INT64, places.shape, places.ravel()
                ),
                list(matrix.shape),
            )
        )
        model.graph.initializer.remove(dense)
    onnx.save(model, path)
