"""From trained trees to the ONNX files and manifests that `ectopy.runtime.rhythm` reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ModelError
from ectopy.files import atomic_path, atomic_write
from ectopy.runtime.rhythm import fibrillation, strip_model
from ectopy.runtime.rhythm.fibrillation import FibrillationModel
from ectopy.runtime.rhythm.strip_model import StripModel

TOLERANCE: Final = 1e-4
"""Largest difference of scores between scikit-learn and ONNX Runtime."""


def export(
    model: Any, folder: Path, manifest: dict[str, Any], sample: npt.NDArray[np.float32]
) -> float:
    """Write trees and manifest, once ONNX Runtime agrees with scikit-learn.

    Parameters
    ----------
    model : sklearn.ensemble.HistGradientBoostingClassifier
        Of two classes.
    folder : Path
        Made if it is not there.
    manifest : dict
        ``name``, ``bias``, ``limit``, ``change_cost``, and whatever else should be told.
    sample : ndarray of float32, shape (n, n_measures)
        Places to compare on.

    Returns
    -------
    float
        Largest difference of log-odds between the two.

    Raises
    ------
    ModelError
        If they differ by more than `TOLERANCE`.
    """
    _write([model], folder, fibrillation.TREES, fibrillation.MANIFEST, manifest, sample.shape[1])
    told = FibrillationModel.load(folder).logits(sample)
    return _compared(told, model.decision_function(sample), folder / fibrillation.TREES)


def export_strips(
    models: Sequence[Any], folder: Path, manifest: dict[str, Any], sample: npt.NDArray[np.float32]
) -> float:
    """Write the trees of strips and their manifest, as `export` does.

    Several models of the same classes become one, whose scores are the mean of theirs.
    """
    _write(models, folder, strip_model.TREES, strip_model.MANIFEST, manifest, sample.shape[1])
    told = StripModel.load(folder).logits(sample)
    expected = np.mean([model.decision_function(sample) for model in models], axis=0)
    return _compared(told, expected, folder / strip_model.TREES)


def _write(
    models: Sequence[Any],
    folder: Path,
    trees: str,
    manifest_name: str,
    manifest: dict[str, Any],
    n_measures: int,
) -> None:
    import onnx

    folder.mkdir(parents=True, exist_ok=True)
    with atomic_path(folder / trees) as temporary:
        onnx.save(_graph(models, n_measures), temporary)
    atomic_write(folder / manifest_name, json.dumps(manifest, indent=1) + "\n")


def _compared(told: npt.ArrayLike, expected: npt.ArrayLike, path: Path) -> float:
    difference = float(np.abs(np.asarray(told) - np.asarray(expected)).max())
    if not difference <= TOLERANCE:
        raise ModelError(
            f"{path}: ONNX Runtime and scikit-learn differ by {difference:.2g}, expected "
            f"at most {TOLERANCE:g}; do not ship this file"
        )
    return difference


def _graph(models: Sequence[Any], n_measures: int) -> Any:
    """Give the trees of one model, or the mean of several, as an ONNX model."""
    import onnx
    from onnx import TensorProto, helper

    told = [stage for model in models for stage in model._predictors]
    n_outputs = len(told[0])
    trees = [one.nodes for stage in told for one in stage]
    output = np.repeat(
        np.tile(np.arange(n_outputs), len(told)), [int(one["is_leaf"].sum()) for one in trees]
    )
    base = np.mean([np.ravel(model._baseline_prediction) for model in models], axis=0)
    nodes = np.concatenate(trees)
    tree = np.repeat(np.arange(len(trees)), [len(one) for one in trees])
    number = np.concatenate([np.arange(len(one)) for one in trees])
    leaf = nodes["is_leaf"].astype(bool)
    # x <= t for a float32 x is x <= the largest float32 that is not above t.
    limit = nodes["num_threshold"].astype(np.float32)
    above = limit.astype(np.float64) > nodes["num_threshold"]
    limit[above] = np.nextafter(limit[above], np.float32(-np.inf))
    ensemble = helper.make_node(
        "TreeEnsembleRegressor",
        ["measures"],
        ["logit"],
        domain="ai.onnx.ml",
        n_targets=n_outputs,
        base_values=base.tolist(),
        nodes_treeids=tree.tolist(),
        nodes_nodeids=number.tolist(),
        nodes_featureids=np.where(leaf, 0, nodes["feature_idx"]).tolist(),
        nodes_values=np.where(leaf, 0, limit).astype(float).tolist(),
        nodes_modes=np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        nodes_truenodeids=np.where(leaf, 0, nodes["left"]).tolist(),
        nodes_falsenodeids=np.where(leaf, 0, nodes["right"]).tolist(),
        target_treeids=tree[leaf].tolist(),
        target_nodeids=number[leaf].tolist(),
        target_ids=output.tolist(),
        target_weights=(nodes["value"][leaf] / len(models)).astype(float).tolist(),
    )
    graph = helper.make_graph(
        [ensemble],
        "rhythm",
        [helper.make_tensor_value_info("measures", TensorProto.FLOAT, [None, n_measures])],
        [helper.make_tensor_value_info("logit", TensorProto.FLOAT, [None, n_outputs])],
    )
    made = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("ai.onnx.ml", 1), helper.make_opsetid("", 17)],
        ir_version=8,
    )
    onnx.checker.check_model(made)
    return made
