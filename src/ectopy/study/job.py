"""`Job`: a study of any kind as the runner sees it, in units that are done once and kept."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ectopy.report.schema import Metrics
from ectopy.training.task import Observer

OUTCOME: Final = "outcome.json"
"""The last file that a unit writes: it marks the unit as done."""


@dataclass(frozen=True)
class Unit:
    """A training of a study, by what tells it from the others.

    Attributes
    ----------
    protocol : str
        How training and test are kept apart.
    seed : int
        Its seed.
    fold, folds : int
        Its fold, and how many there are: 0 of 1 where it has none.
    """

    protocol: str
    seed: int
    fold: int = 0
    folds: int = 1

    @property
    def name(self) -> str:
        """Folder name."""
        return f"{self.protocol}-seed{self.seed}-fold{self.fold}"


class Job(ABC):
    """A study made ready: its data is read, its units are planned.

    Attributes
    ----------
    units : sequence of Unit
        Every training, in order; those of the study's own protocol first.
    """

    units: Sequence[Unit]

    @abstractmethod
    def fingerprint(self) -> str:
        """Tell the data that the study is on from any other."""

    @abstractmethod
    def run(self, unit: Unit, folder: Path, observer: Observer) -> None:
        """Train and test one unit, going on from what an interrupted run left in ``folder``.

        Everything that `results` needs is kept there; `OUTCOME` is written last.
        """

    @abstractmethod
    def results(
        self, folders: Mapping[Unit, Path], out: Path, timing: Mapping[str, float]
    ) -> Metrics:
        """Put the outcomes of all units together.

        Parameters
        ----------
        folders : mapping of Unit to Path
            Where each unit kept what it found, in the order of `units`.
        out : Path
            The run folder; models and tables are written there, ``metrics.json`` is not.
        timing : mapping of str to float
            Seconds so far, for the metrics.
        """
