"""Records of the inter-patient study: MIT-BIH by DS1 and DS2, and the 39 `svdb` records."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import NOT_A_BEAT, to_classes
from ectopy.beats.conditioning.canonical import canonical, positions
from ectopy.datasets.locate import find
from ectopy.datasets.wfdb.databases import MITDB
from ectopy.recordings.annotated import open_annotated
from ectopy.recordings.annotations import Annotations
from ectopy.training.inter_patient.training_record import TrainingRecord

Float32 = npt.NDArray[np.float32]

FIBRILLATION: Final = ("(AFIB", "(AFL")  # notes of rhythm: atrial fibrillation, atrial flutter

# MIT-BIH Supraventricular Arrhythmia Database: the records that development had at hand.
SVDB: Final = (
    "800", "802", "804", "806", "808", "810", "812", "821", "823", "825", "827", "829", "841",
    "843", "845", "847", "849", "851", "853", "855", "857", "859", "861", "863", "865", "867",
    "869", "871", "873", "875", "877", "879", "881", "883", "885", "887", "889", "891", "893",
)  # fmt: skip


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
        beat = classes != NOT_A_BEAT
        return self.reference.samples[beat], classes[beat]

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


def folders(data_dir: str | os.PathLike[str] | None) -> tuple[Path, Path | None]:
    """Find MIT-BIH, and `svdb` beside it (None where it is not there)."""
    from ectopy.datasets.locate import locate

    mitbih = find(MITDB.files, data_dir) or locate(MITDB.files, data_dir)
    beside = mitbih.parent / "svdb"
    return mitbih, beside if (beside / "800.hea").is_file() else None


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


def read_all(folder: Path, names: Sequence[str]) -> Iterator[Annotated]:
    """Read records one by one."""
    return (read(folder, name) for name in names)
