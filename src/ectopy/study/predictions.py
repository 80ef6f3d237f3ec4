"""``predictions.parquet`` of a run folder: what was said of each test beat, seed by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.files import atomic_path


@dataclass(frozen=True)
class Predictions:
    """Test beats of one training.

    Attributes
    ----------
    seed : int
        Its seed.
    beat : ndarray of int64, shape (n_beats,)
        Which beats, so that two runs can be compared.
    group : ndarray of str, shape (n_beats,)
        Record of each, empty where it is not known.
    y_true : ndarray of int64, shape (n_beats,)
        Classes.
    p : ndarray of float32, shape (n_beats, n_classes)
        Probabilities.
    """

    seed: int
    beat: npt.NDArray[np.int64]
    group: npt.NDArray[np.str_]
    y_true: npt.NDArray[np.int64]
    p: npt.NDArray[np.float32]


def write_predictions(folder: Path, classes: Sequence[str], parts: Sequence[Predictions]) -> None:
    """Write the file into a run folder."""
    import pyarrow
    import pyarrow.parquet

    def whole(columns: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
        return np.concatenate(columns)

    p = whole([part.p for part in parts])
    columns = {
        "seed": whole([np.full(len(part.beat), part.seed, dtype=np.int32) for part in parts]),
        "beat": whole([part.beat for part in parts]),
        "group": whole([part.group for part in parts]),
        "y_true": whole([part.y_true for part in parts]).astype(np.int8),
        "y_pred": p.argmax(axis=1).astype(np.int8),
        **{f"p_{name}": column for name, column in zip(classes, p.T, strict=True)},
    }
    with atomic_path(folder / "predictions.parquet") as temporary:
        pyarrow.parquet.write_table(pyarrow.table(columns), temporary, compression="zstd")
