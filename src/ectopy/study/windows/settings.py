"""`WindowStudy`: a study of windows of single beats, as its TOML file has it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from ectopy.study.settings import ProtocolName, Strict, StudyConfig
from ectopy.training.recipe import Recipe

if TYPE_CHECKING:
    from ectopy.study.job import Job


class DataConfig(Strict):
    """Which beats."""

    name: str = Field(description="a data set of `ectopy data list`")
    options: dict[str, Any] = Field(
        default_factory=dict, description="settings of that data set, such as escape = 'S'"
    )


class ModelConfig(Strict):
    """Which network."""

    name: str = Field(description="a model of the registry")
    options: dict[str, Any] = Field(default_factory=dict, description="settings of that model")


class WindowStudy(StudyConfig):
    """Data, model, recipe and protocol: a model of the registry on windows of single beats.

    Examples
    --------
    >>> from ectopy.study.windows import WindowStudy
    >>> study = WindowStudy(
    ...     name="mine", protocol="pooled", data={"name": "simulated-140"}, model={"name": "cnn1d"}
    ... )
    >>> study.recipe.epochs
    20
    """

    kind: Literal["windows"] = "windows"
    also: tuple[ProtocolName, ...] = Field(
        (), description="protocols whose figures are measured and printed beside"
    )
    also_seeds: int | None = Field(
        None, ge=1, description="the same for the protocols beside; by default as many"
    )
    split_seed: int | None = Field(
        None, ge=0, description="seed of the split, one for all; by default each seed splits anew"
    )
    test: float = Field(0.2, gt=0, lt=1, description="share of beats to test on, where drawn")
    validation: float = Field(
        0.2, ge=0, lt=1, description="share of the rest to validate on, never of the test part"
    )
    folds: int = Field(5, ge=2, description="folds of the protocols that have some")
    trainer: str = Field("gradient", description="a trainer of the registry")
    trainer_options: dict[str, Any] = Field(
        default_factory=dict, description="settings of a trainer that has its own"
    )
    explain: bool = Field(False, description="write explanations and their checks")
    data: DataConfig
    model: ModelConfig
    recipe: Recipe = Field(default_factory=Recipe)
    also_recipe: dict[str, Any] = Field(
        default_factory=dict,
        description="keys of the recipe that differ for the protocols printed beside",
    )

    def recipe_of(self, protocol: str) -> Recipe:
        """Give the recipe a protocol is run with."""
        if protocol == self.protocol:
            return self.recipe
        return Recipe.model_validate(self.recipe.model_dump() | self.also_recipe)

    def seeds_of(self, protocol: str) -> range:
        """Give the seeds a protocol is run with."""
        return range(self.seeds if protocol == self.protocol else self.also_seeds or self.seeds)

    def quickened(self) -> Self:
        """Make it a look: few beats, three epochs and small batches, one seed."""
        recipe = self.recipe.model_copy(
            update={
                "epochs": min(self.recipe.epochs, 3),
                "settle_norm": True,
                "batch_size": min(self.recipe.batch_size, 32),
                "samples_per_epoch": None,
                "copies": 1,
                "soft_targets": 0.0,  # ten small trainings before the first epoch
                "refit": False,
            }
        )
        changes = {"quick": True, "seeds": 1, "folds": 2, "also": (), "published": ()}
        return self.model_copy(update={**changes, "recipe": recipe})

    def prepare(self, data_dir: Path | None) -> Job:
        """Load the beats and split them."""
        from ectopy.study.windows.job import WindowJob

        return WindowJob(self, data_dir)

    @model_validator(mode="after")
    def _beside(self) -> Self:
        if self.protocol in self.also:
            raise ValueError(f"also names {self.protocol!r}, which is the protocol itself")
        for key in self.also_recipe:
            if key not in Recipe.model_fields:
                known = ", ".join(Recipe.model_fields)
                raise ValueError(f"unknown key 'also_recipe.{key}'; the keys there are {known}")
        for protocol in self.also:
            self.recipe_of(protocol)
        return self
