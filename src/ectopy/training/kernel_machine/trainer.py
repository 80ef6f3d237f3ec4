"""The `kernels` trainer: multinomial logistic regression on similarity to training beats."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from ectopy.errors import ConfigError
from ectopy.models.beat_kernels import BLOCKS, blocks
from ectopy.training.fit import predict
from ectopy.training.kernel_machine.random_convolutions import (
    SHARPNESS,
    draw_convolutions,
    scale_block,
)
from ectopy.training.kernel_machine.regression import solve_logistic
from ectopy.training.task import Observer, Silent, Task, Trained
from ectopy.training.trainer_settings import TrainerSettings


class KernelSettings(TrainerSettings):
    """Settings of the trainer. Unknown keys are errors.

    Examples
    --------
    >>> from ectopy.training.kernel_machine import KernelSettings
    >>> KernelSettings(strength=10).strength
    10.0
    """

    strength: float = Field(30.0, gt=0, description="inverse of the ridge penalty on the scores")
    sharpness: dict[str, float] = Field(
        default_factory=lambda: dict(SHARPNESS),
        description="of each block: how fast similarity falls, per median squared distance",
    )
    stretched: float = Field(
        0.25, ge=0, description="squared distance between a stretched beat and another"
    )


def fit_kernels(
    task: Task, *, checkpoint: Path | None = None, observer: Observer | None = None
) -> Trained:
    """Train a `beat-kernels` model: no gradient steps, one convex problem a block.

    Parameters
    ----------
    task : Task
        Model, beats, seed and `KernelSettings` (in ``task.settings``). The recipe has no say.
    checkpoint : Path, optional
        Not used: training takes seconds.
    observer : Observer, optional
        Told about the one epoch.

    Returns
    -------
    Trained
        With a history of one row.

    Raises
    ------
    ConfigError
        If the model is another, a setting is unknown, or the beats are of one class only.

    Examples
    --------
    >>> from ectopy.training import Recipe, Task
    >>> from ectopy.training.kernel_machine import fit_kernels
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> task = Task(data.X, data.y, len(data.classes), "beat-kernels", Recipe(), seed=0)
    >>> len(fit_kernels(task).history)
    1
    """
    if task.model != "beat-kernels":
        raise ConfigError(
            f"the kernels trainer trains the model 'beat-kernels', not {task.model!r}; "
            "set trainer = 'gradient' for a network"
        )
    settings = _settings(task)
    present = np.unique(task.y)
    if len(present) < 2:
        raise ConfigError("the training beats are all of one class; give at least two classes")
    begin = time.perf_counter()
    rng = np.random.default_rng([task.seed, 2])  # 2: apart from splits and the gradient trainer
    n_centres = min(len(task.X), int(task.options.get("centres", 500)))
    model = task.build(centres=n_centres)
    draw_convolutions(model, rng)
    centres = np.sort(rng.permutation(len(task.X))[:n_centres])
    log_votes = np.log(settings.votes if settings.votes else np.ones(task.n_classes))
    for block in blocks(task.X.shape[1]):
        V = scale_block(model, block, task.X, settings.sharpness[block], settings.stretched)
        C = V[centres]
        model.get_layer(f"{block}_centres").set_weights([2 * C.T, -(C**2).sum(axis=1)])
        weights, bias = solve_logistic(V, C, task.y, task.n_classes, settings.strength)
        model.get_layer(f"{block}_scores").set_weights([weights, bias + log_votes])

    row: dict[str, Any] = {"epoch": 1} | _measure(model, task.X, task.y, "")
    if task.X_validation is not None and len(task.X_validation) and task.y_validation is not None:
        row |= _measure(model, task.X_validation, task.y_validation, "val_", macro_f1=True)
    else:
        row |= {"val_loss": None, "val_accuracy": None, "val_macro_f1": None}
    row |= {"learning_rate": 0.0, "seconds": time.perf_counter() - begin}
    (observer or Silent()).epoch(row, 1)
    counts = np.bincount(task.y, minlength=task.n_classes).tolist()
    return Trained(model, [row], counts)


def _settings(task: Task) -> KernelSettings:
    settings = KernelSettings.of(task)
    if set(settings.sharpness) != set(BLOCKS) or min(settings.sharpness.values()) <= 0:
        raise ConfigError(
            f"trainer_options: sharpness is {settings.sharpness}; "
            f"expected positive numbers for {' and '.join(BLOCKS)}"
        )
    return settings


def _measure(
    model: Any, X: Any, y: Any, prefix: str, *, macro_f1: bool = False
) -> dict[str, float]:
    from sklearn.metrics import f1_score

    p = predict(model, X)
    predicted = p.argmax(axis=1)
    loss = -np.log(np.maximum(p[np.arange(len(p)), y], 1e-7)).mean()
    told = {f"{prefix}loss": float(loss), f"{prefix}accuracy": float((predicted == y).mean())}
    if macro_f1:
        told[f"{prefix}macro_f1"] = float(f1_score(y, predicted, average="macro", zero_division=0))
    return told
