"""Recorded noise: the three records of the MIT-BIH Noise Stress Test Database without a heart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.datasets.download import fetch_database
from ectopy.datasets.locate import Database, locate
from ectopy.datasets.wfdb.database import physionet
from ectopy.recordings.open import open_recording

NOISES: Final = {"ma": "muscle", "bw": "baseline", "em": "electrode motion"}
"""Records, with what is in them."""
_SUFFIXES: Final = (".hea", ".dat")
_ADDRESSES: Final = physionet("nstdb/1.0.0")

NSTDB_NOISE: Final = Database(
    folder="nstdb-noise",
    title="The noise of the MIT-BIH Noise Stress Test Database",
    licence="ODC-By 1.0",
    embedded="simulated-187",
    holds=lambda folder: all((folder / f"{name}.hea").is_file() for name in NOISES),
    files=lambda folder: [folder / f"{name}{end}" for name in NOISES for end in _SUFFIXES],
    fetch=lambda folder: fetch_database(_ADDRESSES, _SUFFIXES, folder),
)


@dataclass(frozen=True)
class RecordedNoise:
    """One kind of noise.

    Attributes
    ----------
    kind : str
        Muscle, baseline or electrode motion.
    signal : ndarray of float32, shape (2, n)
        Half an hour of it.
    fs_hz : float
        Sampling rate.
    """

    kind: str
    signal: npt.NDArray[np.float32]
    fs_hz: float


def recorded_noise(data_dir: Path | None = None) -> list[RecordedNoise]:
    """Read the three kinds of noise.

    Raises
    ------
    DataNotFoundError
        If they are nowhere and cannot be downloaded.
    """
    folder = locate(NSTDB_NOISE, data_dir)
    found = []
    for name, kind in NOISES.items():
        recording = open_recording(folder / f"{name}.hea")
        found.append(RecordedNoise(kind, recording.read(), recording.fs_hz))
    return found
