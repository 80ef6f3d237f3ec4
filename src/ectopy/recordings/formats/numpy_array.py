"""NumPy arrays: ``.npy`` read piece by piece, and ``.npz`` with the rate and leads inside."""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import Format, Stated, lead_names, one_line
from ectopy.recordings.recording import Float32, Recording

_NPY: Final = b"\x93NUMPY"
_RATE_KEYS: Final = ("fs_hz", "fs", "sampling_rate", "sample_rate", "sfreq", "frequency", "rate")
_SIGNAL_KEYS: Final = ("signal_mv", "signal", "signals", "ecg", "p_signal", "data", "x", "arr_0")
_LEAD_KEYS: Final = ("leads", "lead_names", "sig_name", "channels", "names")
_UNIT_KEYS: Final = ("units", "unit")
_MOST_WORDS: Final = 1 << 16
"""Bytes of an array of rates, names or units."""
_MOST_ARRAYS: Final = 1000
"""Arrays in an ``.npz``, each of whose headers is read."""


def recognises(path: Path, head: bytes) -> bool:
    """Tell by the magic number of ``.npy``, or by a zip whose entries are such arrays."""
    if head.startswith(_NPY):
        return True
    return head.startswith(b"PK\x03\x04") and (b".npy" in head or path.suffix.lower() == ".npz")


def open_numpy(path: Path, stated: Stated) -> Recording:
    """Open an array of samples: (n,), (n_leads, n) or (n, n_leads), the longer axis being time."""
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"PK"
    notes: list[str] = []
    found = _find_in_npz(path) if zipped else _Found(_map(path))
    array = found.array
    if array.dtype.kind not in "iuf" or len(array.shape) not in (1, 2) or 0 in array.shape:
        raise DataFormatError(
            f"{path} holds an array of {array.dtype} with shape {array.shape}, expected numbers "
            "with shape (samples,), (leads, samples) or (samples, leads)"
        )
    n_leads = min(array.shape) if len(array.shape) == 2 else 1
    n_samples = max(array.shape)
    fs_hz = stated.rate(path, found.fs_hz, notes)
    budget.check(path, fs_hz, n_leads, n_samples)
    if found.names is not None and len(found.names) != n_leads:
        raise DataFormatError(f"{path} names {len(found.names)} leads and holds {n_leads}")
    if stated.units is None and stated.gain is None and found.units == "mV":
        notes.append("values were taken as mV; state units or gain if they are not")
    scale = stated.scale(found.units)
    reader: Samples | _Mapped
    if isinstance(array, _Stored):
        reader = Samples(_leads_first(_unpack(path, array)), scale)
    else:
        reader = _Mapped(path, scale)
    return Recording(
        name=path.stem,
        fs_hz=fs_hz,
        leads=lead_names(found.names or [None] * n_leads),
        n_samples=n_samples,
        reader=reader,
        source=f"NumPy {path.name}",
        notes=tuple(notes),
    )


def _leads_first(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    rows = np.atleast_2d(array)
    return rows.T if rows.shape[0] > rows.shape[1] else rows


@dataclass(frozen=True, eq=False)
class Samples:
    """Reads samples (n_leads, n) in memory, which ``scale`` brings to mV."""

    samples: npt.NDArray[Any]
    scale: float

    def __eq__(self, other: object) -> bool:
        """Tell whether the same samples are read; a missing one is like another."""
        return (
            isinstance(other, Samples)
            and self.scale == other.scale
            and np.array_equal(self.samples, other.samples, equal_nan=True)
        )

    def __hash__(self) -> int:
        """Give what equal samples have in common."""
        return hash((self.samples.shape, self.scale))

    def __call__(self, start: int, stop: int) -> Float32:
        """Give samples of every lead in mV."""
        with np.errstate(over="ignore"):  # what is too large for a float32 is no voltage
            part = np.array(self.samples[:, start:stop], dtype=np.float32, order="C")
            part *= np.float32(self.scale)
        part[~np.isfinite(part)] = np.nan
        return part


@dataclass(frozen=True)
class _Mapped:
    """Reads samples of an ``.npy`` file."""

    path: Path
    scale: float

    def __call__(self, start: int, stop: int) -> Float32:
        return Samples(_leads_first(_map(self.path)), self.scale)(start, stop)


FORMAT = Format("NumPy", recognises, open_numpy, (".npy", ".npz"))


@dataclass(frozen=True)
class _Stored:
    """An array in an archive, as its header describes it."""

    key: str
    entry: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    n_bytes: int

    @property
    def is_signal(self) -> bool:
        return self.dtype.kind in "iuf" and len(self.shape) in (1, 2) and max(self.shape) > 1


@dataclass(frozen=True)
class _Found:
    """The samples, unpacked or not, and what stands beside them."""

    array: npt.NDArray[Any] | _Stored
    fs_hz: float | None = None
    names: list[str] | None = None
    units: str = "mV"


def _map(path: Path) -> npt.NDArray[Any]:
    try:
        array: npt.NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:
        raise DataFormatError(
            f"{path} is not an array of numbers as NumPy saves it: {one_line(error)}"
        ) from error
    return array


def _find_in_npz(path: Path) -> _Found:
    """Find samples, rate, lead names and units among the arrays of an ``.npz``.

    Only the small ones are unpacked; of the others, the headers are enough to choose.
    """
    stored = {array.key.casefold(): array for array in _headers(path)}
    signals = [stored[key] for key in _SIGNAL_KEYS if key in stored and stored[key].is_signal]
    signals += [array for array in stored.values() if array.is_signal]
    if not signals:
        some = ", ".join([f"{a.key} ({a.dtype}, shape {a.shape})" for a in stored.values()][:8])
        raise DataFormatError(
            f"{path} holds {some or 'nothing'}, expected the samples, numbers, as 'signal'"
        )
    words = {}
    for what, keys in (("rate", _RATE_KEYS), ("names", _LEAD_KEYS), ("units", _UNIT_KEYS)):
        array = next((stored[key] for key in keys if key in stored), None)
        if array is not None and array is not signals[0] and array.n_bytes <= _MOST_WORDS:
            words[what] = _unpack(path, array)
    rate, names, units = words.get("rate"), words.get("names"), words.get("units")
    if rate is not None and (rate.size != 1 or rate.dtype.kind not in "iuf"):
        raise DataFormatError(f"{path} holds a sampling rate of shape {rate.shape}, expected one")
    return _Found(
        signals[0],
        None if rate is None else float(rate.reshape(-1)[0]),
        None if names is None or names.dtype.kind != "U" else [str(n) for n in names.reshape(-1)],
        "mV"
        if units is None or units.dtype.kind != "U" or not units.size
        else str(units.reshape(-1)[0]),
    )


def _headers(path: Path) -> list[_Stored]:
    """Read the header of each array; refuse what promises more than the archive or memory holds."""
    found = []
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
            if len(entries) > _MOST_ARRAYS:
                raise DataFormatError(
                    f"{path} holds {len(entries)} arrays, expected at most {_MOST_ARRAYS}"
                )
            for entry in entries:
                with archive.open(entry) as stream:
                    version = np.lib.format.read_magic(stream)
                    if version == (1, 0):
                        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
                    else:
                        shape, _, dtype = np.lib.format.read_array_header_2_0(stream)
                promised = math.prod(int(n) for n in shape) * dtype.itemsize
                if promised > entry.file_size or entry.file_size > budget.MOST_UNPACKED:
                    raise DataFormatError(
                        f"{path} promises {promised} bytes in {entry.filename} and holds "
                        f"{entry.file_size}, expected at most {budget.MOST_UNPACKED}; save long "
                        "recordings as .npy"
                    )
                key = entry.filename.removesuffix(".npy")
                found.append(_Stored(key, entry.filename, shape, dtype, entry.file_size))
    except DataFormatError:
        raise
    except Exception as error:
        raise DataFormatError(
            f"{path} is not a set of arrays as NumPy saves it: {one_line(error)}"
        ) from error
    return found


def _unpack(path: Path, stored: _Stored) -> npt.NDArray[Any]:
    """Unpack one array; objects are never unpickled."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(stored.entry) as stream:
            array: npt.NDArray[Any] = np.lib.format.read_array(stream, allow_pickle=False)
    except Exception as error:
        raise DataFormatError(f"{path} is damaged in {stored.entry}: {one_line(error)}") from error
    return array
