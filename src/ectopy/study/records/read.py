"""Annotated records: signal and reference of one, and the form that the model is trained on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import NOT_A_BEAT, to_classes
from ectopy.beats.conditioning.canonical import canonical, positions
from ectopy.recordings.annotated import open_annotated
from ectopy.recordings.annotations import Annotations
from ectopy.training.inter_patient.training_record import TrainingRecord

Float32 = npt.NDArray[np.float32]

FIBRILLATION: Final = ("(AFIB", "(AFL")  # notes of rhythm: atrial fibrillation, atrial flutter


@dataclass(frozen=True)
class Annotated:
    """One record with its reference annotations.

    Attributes
    ----------
    name : str
        Record name.
    signal_mv : ndarray of float32, shape (n_leads, n_samples)
        Samples.
    fs_hz : float
        Sampling rate.
    reference : Annotations
        As the database gives them.
    """

    name: str
    signal_mv: Float32
    fs_hz: float
    reference: Annotations

    def beats(self, escape: str = "N") -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Give samples and classes of the annotated beats."""
        classes = to_classes(self.reference.symbols, escape)
        return self.reference.samples[self.beat], classes[self.beat]

    @property
    def beat(self) -> npt.NDArray[np.bool_]:
        """Which of the annotations are beats."""
        return np.asarray(to_classes(self.reference.symbols) != NOT_A_BEAT)

    def training(self) -> TrainingRecord:
        """Bring the record to the form that the model is trained on."""
        samples, y = self.beats()
        return TrainingRecord(
            self.name,
            canonical(self.signal_mv, self.fs_hz),
            positions(samples, self.fs_hz),
            y,
            self.fibrillation(samples),
        )

    def fibrillation(self, samples: npt.NDArray[np.int64]) -> Float32:
        """Tell where the annotated rhythm is fibrillation: 1 or 0, NaN where none is annotated."""
        notes = np.flatnonzero(np.char.startswith(self.reference.aux, "("))
        said = np.isin(self.reference.aux[notes], FIBRILLATION).astype(np.float32)
        last = np.searchsorted(self.reference.samples[notes], samples, side="right")
        return np.concatenate([np.full(1, np.nan, np.float32), said])[last]


def read(folder: Path, name: str) -> Annotated:
    """Read one record.

    Raises
    ------
    DataNotFoundError
        If a file of it is missing.
    DataFormatError
        If it cannot be read.
    """
    record = open_annotated(folder / name)
    return Annotated(name, record.recording.read(), record.fs_hz, record.reference)
