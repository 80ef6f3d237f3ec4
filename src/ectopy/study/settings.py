"""`StudyConfig`: what every kind of study has in its TOML file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ectopy.datasets.protocols import PROTOCOLS
from ectopy.report.schema import Published

if TYPE_CHECKING:
    from ectopy.study.job import Job


class Strict(BaseModel):
    """Base of all tables of a study file: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _known(name: str) -> str:
    if name not in PROTOCOLS:
        raise ValueError(f"expected one of {', '.join(PROTOCOLS)}")
    return name


ProtocolName = Annotated[str, AfterValidator(_known)]
"""A name of `ectopy.datasets.protocols.PROTOCOLS`."""


class StudyConfig(Strict, ABC):
    """A study of any kind: its name, how it is judged, how often it is run.

    Examples
    --------
    >>> from ectopy.study import load
    >>> print(load("ecg5000-cnn-gru").to_toml().splitlines()[0])
    kind = "windows"
    """

    kind: str = Field(description="what is studied")
    name: str = Field(description="name of the study; run folders begin with it")
    title: str = Field("", description="what it is, in a few words")
    protocol: ProtocolName = Field(description="how training and test are kept apart")
    seeds: int = Field(5, ge=1, description="how many times it is run, with seeds 0, 1, 2 ...")
    quick: bool = Field(False, description="a look: few beats, small models, no figure to quote")
    caveats: tuple[str, ...] = Field(
        (), description="what a reader of its figures must be told, a sentence each"
    )
    published: tuple[Published, ...] = Field((), description="figures from the literature")

    @property
    def trains(self) -> bool:
        """Whether anything is trained, which takes Keras."""
        return True

    def to_toml(self) -> str:
        """Write every setting out, defaults too, as TOML."""
        import tomli_w

        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))

    def absolute(self) -> Self:
        """Give the same study for another folder to run it from: paths in it are whole."""
        return self

    @abstractmethod
    def quickened(self) -> Self:
        """Make it a look: one seed, little of everything, nothing published beside it."""

    @abstractmethod
    def prepare(self, data_dir: Path | None) -> Job:
        """Read the data and plan the trainings.

        Raises
        ------
        EctopyError
            If the data is not there, or does not suit the settings.
        """
