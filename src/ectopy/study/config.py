"""`StudyConfig`: a study as TOML, checked; and the packaged studies by name."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ectopy.errors import ConfigError
from ectopy.training.recipe import Recipe

Protocol = Literal[
    "official",
    "training-folds",
    "pooled",
    "intra-patient",
    "patient-wise",
    "inter-patient",
    "inter-patient-strict",
]

_PACKAGED = Path(__file__).parent / "studies"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DataConfig(_Strict):
    """Which beats."""

    name: str = Field(description="a data set of `ectopy data list`")
    options: dict[str, Any] = Field(
        default_factory=dict, description="settings of that data set, such as escape = 'S'"
    )


class ModelConfig(_Strict):
    """Which network."""

    name: str = Field(description="a model of the registry")
    options: dict[str, Any] = Field(default_factory=dict, description="settings of that model")


class Published(_Strict):
    """A figure from the literature, printed beside ours."""

    label: str = Field(description="who published it")
    metric: Literal["accuracy", "macro_f1"] = Field(description="which figure")
    value: float = Field(ge=0, le=1, description="as a share, not per cent")
    protocol: str = Field(description="the split it was measured on, as far as it is known")
    source: str = Field("", description="where it stands")


class StudyConfig(_Strict):
    """A study: data, model, recipe and protocol. Unknown keys are errors."""

    name: str = Field(description="name of the study; run folders begin with it")
    title: str = Field("", description="what it is, in a few words")
    protocol: Protocol = Field(description="how beats are split")
    also: tuple[Protocol, ...] = Field(
        (), description="protocols whose figures are measured and printed beside"
    )
    seeds: int = Field(5, ge=1, description="how many times it is run, with seeds 0, 1, 2 ...")
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
    folds: int = Field(
        5, ge=2, description="folds of the patient-wise and training-folds protocols"
    )
    trainer: str = Field("gradient", description="a trainer of the registry")
    trainer_options: dict[str, Any] = Field(
        default_factory=dict, description="settings of a trainer that has its own"
    )
    explain: bool = Field(False, description="write explanations and their checks")
    quick: bool = Field(False, description="a look: few beats, few epochs, no figure to quote")
    data: DataConfig
    model: ModelConfig
    recipe: Recipe = Field(default_factory=Recipe)
    also_recipe: dict[str, Any] = Field(
        default_factory=dict,
        description="keys of the recipe that differ for the protocols printed beside",
    )
    caveats: tuple[str, ...] = Field(
        (), description="what a reader of its figures must be told, a sentence each"
    )
    published: tuple[Published, ...] = Field((), description="figures from the literature")

    def to_toml(self) -> str:
        """Write every setting out, defaults too, as TOML."""
        import tomli_w

        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))

    def recipe_of(self, protocol: str) -> Recipe:
        """Give the recipe a protocol is run with."""
        if protocol == self.protocol:
            return self.recipe
        return Recipe.model_validate(self.recipe.model_dump() | self.also_recipe)

    @model_validator(mode="after")
    def _beside(self) -> StudyConfig:
        if self.protocol in self.also:
            raise ValueError(f"also names {self.protocol!r}, which is the protocol itself")
        for key in self.also_recipe:
            if key not in Recipe.model_fields:
                known = ", ".join(Recipe.model_fields)
                raise ValueError(f"unknown key 'also_recipe.{key}'; the keys there are {known}")
        for protocol in self.also:
            self.recipe_of(protocol)
        return self

    def seeds_of(self, protocol: str) -> range:
        """Give the seeds a protocol is run with."""
        return range(self.seeds if protocol == self.protocol else self.also_seeds or self.seeds)


def packaged() -> dict[str, str]:
    """Give the packaged studies: name to title."""
    return {path.stem: load(path.stem).title for path in sorted(_PACKAGED.glob("*.toml"))}


def load(
    study: str, *, quick: bool = False, data_set: str | None = None, **changes: Any
) -> StudyConfig:
    """Read a packaged study by name, or a TOML file by path.

    Parameters
    ----------
    study : str
        A name of `packaged`, or a path that ends in ``.toml``.
    quick : bool
        Make it a look: one seed, three epochs, few beats, small batches, no figure beside that
        it could be taken for, be it of another protocol or published.
    data_set : str, optional
        Another data set, with its default options.
    **changes
        Top-level keys to replace.

    Returns
    -------
    StudyConfig

    Raises
    ------
    ConfigError
        If there is no such study, it is not TOML, or a key is unknown or has a value that
        cannot be used; the message names the key.
    """
    path = Path(study)
    if path.suffix != ".toml":
        path = _PACKAGED / f"{study}.toml"
        if not path.is_file():
            names = ", ".join(p.stem for p in sorted(_PACKAGED.glob("*.toml")))
            raise ConfigError(
                f"there is no study {study!r}; the packaged ones are {names}, "
                "or give the path of a .toml file"
            )
    elif not path.is_file():
        raise ConfigError(f"there is no study file {study}; check the path")
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{study} is not TOML: {error}") from error
    found.setdefault("name", path.stem)
    if "protocol" in changes:
        changes.setdefault("also", ())  # who asks for one protocol gets that one
    if data_set is not None:
        changes["data"] = {"name": data_set}
    config = validate({**found, **changes}, study)
    return _quick(config) if quick else config


def validate(settings: dict[str, Any], origin: str) -> StudyConfig:
    """Check settings; ``origin`` is named in the error, which is a `ConfigError`."""
    try:
        return StudyConfig.model_validate(settings)
    except ValidationError as error:
        raise ConfigError(f"study {origin}: {_sentence(error)}") from error


def _quick(config: StudyConfig) -> StudyConfig:
    recipe = config.recipe.model_copy(
        update={
            "epochs": min(config.recipe.epochs, 3),
            "settle_norm": True,
            "batch_size": min(config.recipe.batch_size, 32),
            "samples_per_epoch": None,
            "copies": 1,
            "soft_targets": 0.0,  # ten small trainings before the first epoch
            "refit": False,
        }
    )
    changes = {"quick": True, "seeds": 1, "folds": 2, "also": (), "published": ()}
    return config.model_copy(update={**changes, "recipe": recipe})


def _sentence(error: ValidationError) -> str:
    """Say what is wrong with the first key that is."""
    first = error.errors()[0]
    where = [str(part) for part in first["loc"]]
    key = ".".join(where)
    if first["type"] == "extra_forbidden":
        known = ", ".join(_owner(where[:-1]).model_fields)
        return f"unknown key {key!r}; the keys there are {known}"
    if first["type"] == "missing":
        return f"key {key!r} is missing"
    what = first["msg"].removeprefix("Value error, ")
    if not key or isinstance(first["input"], dict):
        return f"{key + ': ' if key else ''}{what}"
    return f"key {key!r} is {first['input']!r}: {what[0].lower()}{what[1:]}"


def _owner(where: list[str]) -> type[BaseModel]:
    """Find the table that a key belongs to."""
    owner: type[BaseModel] = StudyConfig
    for part in where:
        if part == "published":
            owner = Published
        elif part in owner.model_fields:
            inner = owner.model_fields[part].annotation
            assert isinstance(inner, type)
            owner = inner
    return owner
