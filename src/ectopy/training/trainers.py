"""The ways to train by name: one line a trainer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ectopy.errors import ConfigError
from ectopy.training.ensemble import fit_ensemble
from ectopy.training.fit import fit
from ectopy.training.kernel_machine.trainer import fit_kernels
from ectopy.training.task import Observer, Task, Trained, Trainer


def _ensemble(
    task: Task, *, checkpoint: Path | None = None, observer: Observer | None = None
) -> Trained:
    return fit_ensemble(task, trainer, checkpoint=checkpoint, observer=observer)


TRAINERS: Final[dict[str, Trainer]] = {
    "gradient": fit,
    "kernels": fit_kernels,
    "ensemble": _ensemble,
}


def trainer(name: str) -> Trainer:
    """Give a trainer by its name.

    Raises
    ------
    ConfigError
        If there is none of that name.

    Examples
    --------
    >>> from ectopy.training import trainer
    >>> trainer("kernels").__name__
    'fit_kernels'
    """
    if name not in TRAINERS:
        raise ConfigError(f"there is no trainer {name!r}; the trainers are {', '.join(TRAINERS)}")
    return TRAINERS[name]
