"""What every trainer is given, tells and gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ectopy.training.recipe import Recipe

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """One model to train: its name, its recipe, and the only beats it may see.

    Attributes
    ----------
    X, y : ndarray, shapes (n_beats, n_samples) and (n_beats,)
        Training part.
    n_classes : int
        Classes there are.
    model : str
        Name in `ectopy.models.registry`.
    recipe : Recipe
        Training settings.
    seed : int
        Everything random follows from it.
    options : dict
        Options of the model.
    settings : dict
        Settings of the trainer, where it has more than the recipe's.
    X_validation, y_validation : ndarray, optional
        Validation part, or None for a model that is trained without looking.
    """

    X: Float32
    y: Int64
    n_classes: int
    model: str
    recipe: Recipe
    seed: int
    options: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    X_validation: Float32 | None = None
    y_validation: Int64 | None = None


@dataclass(frozen=True)
class Trained:
    """A trained model and how it got there.

    Attributes
    ----------
    model : keras.Model
        Beats (n, n_samples, 1) to class probabilities (n, n_classes).
    history : list of dict
        One row an epoch: ``epoch`` (from 1), ``loss``, ``accuracy``, ``val_loss``,
        ``val_accuracy``, ``val_macro_f1`` (None without a validation part), ``learning_rate``,
        ``seconds``.
    balanced_counts : list of int
        Beats of each class in an epoch.
    """

    model: Any
    history: list[dict[str, Any]]
    balanced_counts: list[int]

    @property
    def seconds(self) -> float:
        """Time the epochs took, validation included."""
        return float(sum(row["seconds"] for row in self.history))


class Observer(Protocol):
    """Told how training goes, for a progress bar."""

    def beats(self, done: int, total: int) -> None:
        """Take note of the beats trained on so far in this epoch."""

    def epoch(self, row: dict[str, Any], epochs: int) -> None:
        """Take note of a finished epoch, a row of the history."""

    def say(self, text: str) -> None:
        """Take note of what is going on, in a few words."""


class Silent:
    """An observer that says nothing."""

    def beats(self, done: int, total: int) -> None:
        """Say nothing."""

    def epoch(self, row: dict[str, Any], epochs: int) -> None:
        """Say nothing."""

    def say(self, text: str) -> None:
        """Say nothing."""


Trainer = Callable[..., Trained]
"""``trainer(task, *, checkpoint: Path | None, observer: Observer) -> Trained``."""
