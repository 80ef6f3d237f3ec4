"""Augmentation, balancing, the fit loop and export."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "TRAINERS",
    "Augmentation",
    "HeartbeatClassifier",
    "Recipe",
    "Task",
    "Trained",
    "as_rows",
    "attach",
    "contract_of",
    "load_keras",
    "to_onnx",
    "trainer",
]

if TYPE_CHECKING:
    from ectopy.training.contracts import attach, contract_of, load_keras
    from ectopy.training.estimator import HeartbeatClassifier, as_rows
    from ectopy.training.export import to_onnx
    from ectopy.training.recipe import Augmentation, Recipe
    from ectopy.training.task import Task, Trained
    from ectopy.training.trainers import TRAINERS, trainer
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Augmentation": "ectopy.training.recipe",
            "HeartbeatClassifier": "ectopy.training.estimator",
            "Recipe": "ectopy.training.recipe",
            "TRAINERS": "ectopy.training.trainers",
            "Task": "ectopy.training.task",
            "Trained": "ectopy.training.task",
            "as_rows": "ectopy.training.estimator",
            "attach": "ectopy.training.contracts",
            "contract_of": "ectopy.training.contracts",
            "load_keras": "ectopy.training.contracts",
            "to_onnx": "ectopy.training.export",
            "trainer": "ectopy.training.trainers",
        },
    )
