"""From trained trees to the ONNX file and the manifest that `ectopy.runtime.rhythm` reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ModelError
from ectopy.files import atomic_path, atomic_write
from ectopy.runtime.rhythm.fibrillation import MANIFEST, TREES, FibrillationModel

TOLERANCE: Final = 1e-4
"""Largest difference of log-odds between scikit-learn and ONNX Runtime."""


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
    import onnx

    folder.mkdir(parents=True, exist_ok=True)
    with atomic_path(folder / TREES) as temporary:
        onnx.save(_graph(model, sample.shape[1]), temporary)
    atomic_write(folder / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    expected = model.decision_function(sample)
    difference = float(np.abs(FibrillationModel.load(folder).logits(sample) - expected).max())
    if not difference <= TOLERANCE:
        raise ModelError(
            f"{folder / TREES}: ONNX Runtime and scikit-learn differ by {difference:.2g}, expected "
            f"at most {TOLERANCE:g}; do not ship this file"
        )
    return difference


def _graph(model: Any, n_measures: int) -> Any:
    """Give the trees as an ONNX model."""
    import onnx
    from onnx import TensorProto, helper

    trees = [stage[0].nodes for stage in model._predictors]
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
        n_targets=1,
        base_values=[float(np.ravel(model._baseline_prediction)[0])],
        nodes_treeids=tree.tolist(),
        nodes_nodeids=number.tolist(),
        nodes_featureids=np.where(leaf, 0, nodes["feature_idx"]).tolist(),
        nodes_values=np.where(leaf, 0, limit).astype(float).tolist(),
        nodes_modes=np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        nodes_truenodeids=np.where(leaf, 0, nodes["left"]).tolist(),
        nodes_falsenodeids=np.where(leaf, 0, nodes["right"]).tolist(),
        target_treeids=tree[leaf].tolist(),
        target_nodeids=number[leaf].tolist(),
        target_ids=[0] * int(leaf.sum()),
        target_weights=nodes["value"][leaf].astype(float).tolist(),
    )
    graph = helper.make_graph(
        [ensemble],
        "fibrillation",
        [helper.make_tensor_value_info("measures", TensorProto.FLOAT, [None, n_measures])],
        [helper.make_tensor_value_info("logit", TensorProto.FLOAT, [None, 1])],
    )
    made = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("ai.onnx.ml", 1), helper.make_opsetid("", 17)],
        ir_version=8,
    )
    onnx.checker.check_model(made)
    return made
