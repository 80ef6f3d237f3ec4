"""The ways to train by name: one line a trainer."""

from __future__ import annotations

from typing import Final

from ectopy.errors import ConfigError
from ectopy.training.ensemble import fit_ensemble
from ectopy.training.fit import fit
from ectopy.training.kernels import fit_kernels
from ectopy.training.task import Trainer

TRAINERS: Final[dict[str, Trainer]] = {
    "gradient": fit,
    "kernels": fit_kernels,
    "ensemble": fit_ensemble,
}


def trainer(name: str) -> Trainer:
    """Give a trainer by its name.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    if name not in TRAINERS:
        raise ConfigError(f"there is no trainer {name!r}; the trainers are {', '.join(TRAINERS)}")
    return TRAINERS[name]
