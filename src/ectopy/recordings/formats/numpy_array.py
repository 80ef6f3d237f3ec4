"""NumPy arrays: ``.npy`` read piece by piece, and ``.npz`` with the rate and leads inside."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.common import (
    Format,
    Stated,
    check_length,
    lead_names,
    one_line,
)
from ectopy.recordings.recording import Float32, Recording

_NPY: Final = b"\x93NUMPY"
_LARGEST_NPZ: Final = 4 << 30
"""Bytes of an array in an ``.npz``, which must be unpacked into memory as a whole."""
_RATE_KEYS: Final = ("fs_hz", "fs", "sampling_rate", "sample_rate", "sfreq", "frequency", "rate")
_SIGNAL_KEYS: Final = ("signal_mv", "signal", "signals", "ecg", "p_signal", "data", "x", "arr_0")
_LEAD_KEYS: Final = ("leads", "lead_names", "sig_name", "channels", "names")
_UNIT_KEYS: Final = ("units", "unit")
_MOST_LEADS: Final = 256


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
    rate, names, units = None, None, "mV"
    if zipped:
        array, rate, names, units = _read_npz(path)
    else:
        try:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        except Exception as error:
            raise DataFormatError(
                f"{path} is not an array of numbers as NumPy saves it: {one_line(error)}"
            ) from error
    if array.dtype.kind not in "iuf" or array.ndim not in (1, 2) or not array.size:
        raise DataFormatError(
            f"{path} holds an array of {array.dtype} with shape {array.shape}, expected numbers "
            "with shape (samples,), (leads, samples) or (samples, leads)"
        )
    leads_first = np.atleast_2d(array)
    if leads_first.shape[0] > leads_first.shape[1]:
        leads_first = leads_first.T
    n_leads, n_samples = leads_first.shape
    if n_leads > _MOST_LEADS:
        raise DataFormatError(f"{path} holds {n_leads} leads, expected at most {_MOST_LEADS}")
    if names is not None and len(names) != n_leads:
        raise DataFormatError(f"{path} names {len(names)} leads and holds {n_leads}")
    fs_hz = stated.rate(path, rate, notes)
    check_length(path, n_samples, fs_hz)
    if stated.units is None and stated.gain is None and units == "mV":
        notes.append("values were taken as mV; state units or gain if they are not")
    scale = np.float32(stated.scale(units))

    def read(start: int, stop: int) -> Float32:
        part = np.array(leads_first[:, start:stop], dtype=np.float32, order="C")
        part *= scale
        part[~np.isfinite(part)] = np.nan
        return part

    return Recording(
        name=path.stem,
        fs_hz=fs_hz,
        leads=lead_names(names or [None] * n_leads),
        n_samples=n_samples,
        reader=read,
        source=f"NumPy {path.name}",
        notes=tuple(notes),
    )


FORMAT = Format("NumPy", recognises, open_numpy, (".npy", ".npz"))


def _read_npz(path: Path) -> tuple[Any, float | None, list[str] | None, str]:
    """Find the samples, the rate, lead names and units among the arrays of an ``.npz``."""
    try:
        _check_sizes(path)
        with np.load(path, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
    except DataFormatError:
        raise
    except Exception as error:
        raise DataFormatError(
            f"{path} is not a set of arrays as NumPy saves it: {one_line(error)}"
        ) from error
    low = {key.casefold(): array for key, array in arrays.items()}
    rate = next((low[key] for key in _RATE_KEYS if key in low), None)
    if rate is not None and (rate.size != 1 or rate.dtype.kind not in "iuf"):
        raise DataFormatError(f"{path} holds a sampling rate of shape {rate.shape}, expected one")
    found = [low[key] for key in _SIGNAL_KEYS if key in low and low[key].size > 1]
    found += [a for a in low.values() if a.dtype.kind in "iuf" and a.size > 1 and a.ndim in (1, 2)]
    if not found:
        raise DataFormatError(
            f"{path} holds {', '.join(arrays) or 'nothing'}, expected the samples as 'signal'"
        )
    names = next((low[key] for key in _LEAD_KEYS if key in low), None)
    units = next((low[key] for key in _UNIT_KEYS if key in low), None)
    return (
        found[0],
        None if rate is None else float(rate.reshape(-1)[0]),
        None if names is None or names.dtype.kind != "U" else [str(n) for n in names.reshape(-1)],
        "mV" if units is None or units.dtype.kind != "U" else str(units.reshape(-1)[0]),
    )


def _check_sizes(path: Path) -> None:
    """Refuse arrays whose headers promise more than the archive holds, before room is made."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            with archive.open(entry) as stream:
                version = np.lib.format.read_magic(stream)
                if version == (1, 0):
                    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
                else:
                    shape, _, dtype = np.lib.format.read_array_header_2_0(stream)
            promised = int(np.prod([int(n) for n in shape], dtype=object)) * dtype.itemsize
            if promised > entry.file_size or entry.file_size > _LARGEST_NPZ:
                raise DataFormatError(
                    f"{path} promises {promised} bytes in {entry.filename} and holds "
                    f"{entry.file_size}, expected at most {_LARGEST_NPZ}; save long recordings as "
                    ".npy"
                )
