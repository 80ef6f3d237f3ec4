"""What every trainer is given, tells and gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ectopy.models import registry
from ectopy.models.inputs import n_leads
from ectopy.training.recipe import Recipe

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """One model to train: its name, its recipe, and the only beats it may see.

    Attributes
    ----------
    X, y : ndarray, shapes (n_beats, n_samples) or (n_beats, n_samples, n_leads), and (n_beats,)
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
    features, features_validation : mapping of str to ndarray, shapes (n_beats, n_values)
        What is known of the beats of either part beside their signal; a model takes what its
        inputs ask for by name.

    Examples
    --------
    >>> from ectopy.training import Recipe, Task
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> task = Task(data.X, data.y, len(data.classes), "cnn1d", Recipe(epochs=1), seed=0)
    >>> task.build().output_shape
    (None, 5)
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
    features: Mapping[str, Float32] = field(default_factory=dict)
    features_validation: Mapping[str, Float32] = field(default_factory=dict)

    def build(self, **changes: Any) -> Any:
        """Build the untrained model for beats of this shape; ``changes`` replace its options."""
        return registry.build(
            self.model,
            self.X.shape[1],
            self.n_classes,
            seed=self.seed,
            n_leads=n_leads(self.X),
            features={name: values.shape[1] for name, values in self.features.items()},
            **{**self.options, **changes},
        )


@dataclass(frozen=True)
class Trained:
    """A trained model and how it got there.

    Attributes
    ----------
    model : keras.Model
        Beats (n, n_samples, n_leads), and the features it asks for, to class probabilities
        (n, n_classes).
    history : list of dict
        One row an epoch: ``epoch`` (from 1), ``loss``, ``accuracy``, ``val_loss``,
        ``val_accuracy``, ``val_macro_f1`` (None without a validation part), ``learning_rate``,
        ``seconds``.
    balanced_counts : list of int
        Beats of each class in an epoch.

    Examples
    --------
    >>> from ectopy.models import build
    >>> from ectopy.training import Trained
    >>> epochs = [{"epoch": 1, "seconds": 1.5}, {"epoch": 2, "seconds": 1.25}]
    >>> Trained(build("cnn1d", 140, 2, seed=0), epochs, [30, 30]).seconds
    2.75
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
