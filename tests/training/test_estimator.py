"""`HeartbeatClassifier` keeps scikit-learn's contract, with a network and with a kernel machine."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras")
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from ectopy.datasets import load
from ectopy.errors import ConfigError
from ectopy.training.estimator import NOT_OFFERED, HeartbeatClassifier, as_rows
from ectopy.training.recipe import Recipe

KERNELS = HeartbeatClassifier("beat-kernels", trainer="kernels", random_state=0)
NETWORK = HeartbeatClassifier(
    "cnn1d",
    options={"filters": (16,), "kernels": (3,), "hidden": 16, "dropout": 0.0},
    epochs=12,
    batch_size=16,
    learning_rate=0.02,
    settle_norm=True,
    random_state=0,
)

SHORT = {
    "check_classifiers_train",
    "check_estimators_pickle",
    "check_fit_idempotent",
    "check_methods_subset_invariance",
    "check_estimators_overwrite_params",
}
"""Checks of the network that run each time: its training takes a second, and all take minutes."""


@parametrize_with_checks([KERNELS])
def test_the_kernel_machine_is_an_estimator(estimator: Any, check: Callable[..., None]) -> None:
    check(estimator)


def _name(check: Any) -> str:
    return str(getattr(check, "func", check).__name__)


@pytest.mark.slow
@parametrize_with_checks([NETWORK])
def test_the_network_is_an_estimator(estimator: Any, check: Callable[..., None]) -> None:
    check(estimator)
