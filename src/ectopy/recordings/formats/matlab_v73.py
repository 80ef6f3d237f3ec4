"""MATLAB files of version 7.3, which are HDF5, through `h5py` (extra ``formats``)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.matlab_values import MOST_DEEP, MOST_VALUES, Value

_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_AFTER_TEXT: Final = 512


def is_version73(head: bytes) -> bool:
    """Tell such a file by the HDF5 file that begins after MATLAB's text."""
    return head[_AFTER_TEXT : _AFTER_TEXT + len(_HDF5)] == _HDF5


def read_version73(path: Path) -> dict[str, Value]:
    """Read the variables of a file.

    Raises
    ------
    DataFormatError
        If `h5py` is not installed, the file is damaged, or it would take too much memory.
    """
    if importlib.util.find_spec("h5py") is None:
        raise DataFormatError(
            f"{path} is a MATLAB file of version 7.3, which needs h5py: pip install "
            "'ectopy[formats]', or save it with -v7"
        )
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return _Reader(path, file).group(file, 0)
    except DataFormatError:
        raise
    except Exception as error:  # h5py raises many kinds on damaged files
        raise DataFormatError(
            f"{path} is cut off or damaged: it is no whole MATLAB file of version 7.3; save it "
            "again"
        ) from error


class _Reader:
    """Reads the groups and data sets of one file, up to what may be in memory."""

    def __init__(self, path: Path, file: Any) -> None:
        self._path, self._file = path, file
        self._left, self._bytes = MOST_VALUES, 0
        self._most = budget.most_unpacked(path)

    def group(self, group: Any, depth: int) -> dict[str, Value]:
        if depth > MOST_DEEP:
            raise DataFormatError(
                f"{self._path} has structs nested more than {MOST_DEEP} deep; save the samples "
                "and the rate alone"
            )
        found: dict[str, Value] = {}
        for name in group:
            if name.startswith("#"):  # what MATLAB refers to, and keeps for itself
                continue
            value = self._value(group.get(name), depth)
            if value is not None:
                found[name] = value
        return found

    def _value(self, item: Any, depth: int) -> Value | None:
        import h5py

        self._left -= 1
        if self._left < 0:
            raise DataFormatError(
                f"{self._path} has more than {MOST_VALUES} values; save the samples and the rate "
                "alone"
            )
        if isinstance(item, h5py.Group):
            return self.group(item, depth + 1)
        if not isinstance(item, h5py.Dataset) or item.shape is None:
            return None
        if "MATLAB_empty" in item.attrs:
            return None
        kind = item.attrs.get("MATLAB_class", b"")
        kind = kind.decode() if isinstance(kind, bytes) else str(kind)
        if item.dtype == h5py.ref_dtype:
            if item.size > MOST_VALUES or depth > MOST_DEEP:
                return None
            refs = np.ravel(item[()])
            cells = [self._value(self._file[ref], depth + 1) for ref in refs if ref]
            return [cell for cell in cells if cell is not None]
        if item.dtype.kind not in "iufb":
            return None
        self._bytes += item.size * item.dtype.itemsize
        if self._bytes > self._most:
            raise DataFormatError(
                f"{self._path} unpacks to more than {self._most} bytes, expected less; it is "
                "damaged, or should be saved as WFDB or EDF"
            )
        numbers = np.asarray(item[()])
        if kind == "char":
            rows = np.atleast_2d(numbers.T)  # stored column by column
            lines = ["".join(map(chr, row.tolist())) for row in rows]
            return lines[0] if len(lines) == 1 else lines
        return numbers
