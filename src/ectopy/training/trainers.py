"""The ways to train by name: one line a trainer."""

from __future__ import annotations

from typing import Final

from ectopy.errors import ConfigError
from ectopy.training.fit import fit
from ectopy.training.task import Trainer

TRAINERS: Final[dict[str, Trainer]] = {
    "gradient": fit,
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
