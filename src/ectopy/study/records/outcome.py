"""What a unit of a study of records keeps: EC57 rows, and what was said of each beat."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from ectopy.files import atomic_path
from ectopy.report.schema import Ec57Row, Told, parse
from ectopy.runtime.bundle import Setting
from ectopy.study.job import OUTCOME
from ectopy.study.predictions import Predictions
from ectopy.study.records.score import Labels


class Part(NamedTuple):
    """Records that were labelled in one setting, by their set."""

    records: str
    setting: Setting


class RecordTold(Told):
    """``outcome.json`` of a unit."""

    rows: tuple[Ec57Row, ...]
    parts: tuple[Part, ...]
    counts: dict[str, dict[str, int]]
    train_s: float
    evaluate_s: float


class Named(Protocol):
    """A record."""

    @property
    def name(self) -> str:
        """Its name."""


def read_told(folder: Path) -> RecordTold:
    """Read what a finished unit says."""
    path = folder / OUTCOME
    return parse(RecordTold, path.read_text(encoding="utf-8"), path)


def write_part(
    folder: Path,
    part: Part,
    records: Sequence[Named],
    y: Sequence[npt.NDArray[np.int64]],
    labels: Sequence[Labels],
) -> None:
    """Keep the classes and probabilities of the beats of some records."""
    with atomic_path(_path(folder, part)) as path, path.open("wb") as file:
        np.savez(
            file,
            group=np.repeat([record.name for record in records], [len(own) for own in y]),
            y_true=np.concatenate(list(y)),
            p=np.concatenate([said.probabilities for said in labels]),
        )


def read_part(folder: Path, part: Part, seed: int) -> Predictions:
    """Read them again."""
    with np.load(_path(folder, part)) as file:
        beat = np.arange(len(file["y_true"]))
        return Predictions(seed=seed, beat=beat, **{name: file[name] for name in file.files})


def _path(folder: Path, part: Part) -> Path:
    return folder / f"{part.records.replace(' ', '-')}-{part.setting}.npz"
