"""Write a recording as a WFDB record: a header, and all samples in one file of 16-bit numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.files import atomic_path, atomic_write
from ectopy.recordings.recording import Recording
from ectopy.recordings.wfdb.encodings import missing_mark

Float64 = npt.NDArray[np.float64]

_GAINS: Final = np.array([m * 10.0**e for e in range(4, -5, -1) for m in (5, 2, 1)])
"""Numbers per mV, the finest first. From 1000 on they are multiples of the 200 and 1000 that most
recorders have, so that the numbers those stored come back."""
_LARGEST: Final = 32767
_FORMAT: Final = "16"
_AT_ONCE: Final = 1 << 20  # samples of each lead
_LONGEST: Final = 40  # letters of a name


def record_name(name: str) -> str:
    """Give a name that a WFDB record may have, of a recording's name, which may be any text.

    Examples
    --------
    >>> from ectopy.recordings.wfdb.write import record_name
    >>> record_name("Holter 3 (new)")
    'Holter-3-new'
    """
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:_LONGEST] or "recording"


def write_record(folder: Path, recording: Recording, name: str) -> tuple[Path, Path]:
    """Write ``NAME.hea`` and ``NAME.dat``, each whole or not at all.

    Each lead has the finest round gain that its voltages leave room for in 16 bits, about their
    middle: 5000 numbers per mV, steps of 0.2 µV, where they span up to 13 mV. What is missing is
    marked as WFDB marks it.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    recording : Recording
        Read twice, in pieces.
    name : str
        Of the record, as `record_name` gives it.

    Returns
    -------
    Path, Path
        Header and signal file.
    """
    header, signal = folder / f"{name}.hea", folder / f"{name}.dat"
    gain, baseline = _scales(recording)
    sums = np.zeros(len(recording.leads), dtype=np.int64)
    first: npt.NDArray[np.int64] | None = None
    with atomic_path(signal) as path, path.open("wb") as file:
        for values in _pieces(recording):
            scaled = np.rint(values.astype(np.float64) * gain[:, None]) + baseline[:, None]
            there = np.isfinite(scaled)
            scaled[~there] = missing_mark(_FORMAT)
            stored = scaled.astype("<i2")
            first = stored[:, 0].astype(np.int64) if first is None else first
            sums += stored.sum(axis=1, dtype=np.int64)
            file.write(stored.T.tobytes())
    initial = np.zeros_like(sums) if first is None else first
    about = f"{name} {len(recording.leads)} {recording.fs_hz:.12g} {recording.n_samples}"
    if recording.start:
        about += f" {recording.start:%H:%M:%S} {recording.start:%d/%m/%Y}"
    rows = zip(recording.leads, gain, baseline, initial, _checksums(sums), strict=True)
    lines = [
        f"{signal.name} {_FORMAT} {g:g}({b:.0f})/mV 16 0 {i} {s} 0 {' '.join(lead.split())}"
        for lead, g, b, i, s in rows
    ]
    said = ["# SIMULATED"] if recording.simulated else []
    atomic_write(header, "\n".join([about, *lines, *said]) + "\n")
    return header, signal


def _pieces(recording: Recording) -> Iterator[npt.NDArray[np.float32]]:
    for begin in range(0, recording.n_samples, _AT_ONCE):
        yield recording.read(begin, begin + _AT_ONCE)


def _scales(recording: Recording) -> tuple[Float64, Float64]:
    """Give numbers per mV, and the number that stands for 0 mV, of each lead."""
    low, high = np.full((2, len(recording.leads)), np.inf) * [[1], [-1]]
    for values in _pieces(recording):
        there = np.isfinite(values)
        low = np.minimum(low, values.min(axis=1, where=there, initial=np.inf))
        high = np.maximum(high, values.max(axis=1, where=there, initial=-np.inf))
    low, high = np.where(low > high, 0.0, (low, high))  # a lead without a sample
    # A lead about 0 mV keeps its zero; one with an electrode's offset is taken about its middle.
    middle = np.where(np.maximum(-low, high) > high - low, np.rint((low + high) / 2), 0.0)
    reach = np.maximum(high - middle, middle - low)
    fits = reach[:, None] * _GAINS < _LARGEST
    gain = np.where(fits.any(axis=1), _GAINS[fits.argmax(axis=1)], _LARGEST / (reach + 1))
    return gain, np.rint(-middle * gain) + 0.0  # never -0


def _checksums(sums: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Give sums as the signed 16 bits that a header has them in."""
    return (sums + 32768) % 65536 - 32768
