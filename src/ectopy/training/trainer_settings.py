"""`TrainerSettings`: what the settings of a trainer of its own have in common."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ectopy.errors import ConfigError
from ectopy.training.task import Task


class TrainerSettings(BaseModel):
    """Settings of a trainer. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    votes: tuple[float, ...] | None = Field(
        None, description="factor on each class's probability, so that rare classes are found"
    )

    @classmethod
    def of(cls, task: Task) -> Self:
        """Read the settings of a task.

        Raises
        ------
        ConfigError
            If a key is unknown or a value cannot be used; the message names it.
        """
        try:
            settings = cls.model_validate(task.settings)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise ConfigError(f"trainer_options: key {key!r}: {first['msg'].lower()}") from error
        votes = settings.votes
        if votes and (len(votes) != task.n_classes or min(votes) <= 0):
            raise ConfigError(
                f"trainer_options: votes are {votes}; "
                f"expected {task.n_classes} positive numbers, one a class"
            )
        return settings
