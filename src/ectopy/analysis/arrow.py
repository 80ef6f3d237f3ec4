"""Columns of Arrow tables, made from NumPy arrays and lists without `pyarrow.array`.

That function imports pandas wherever pandas is installed, which takes longer than to write the
tables of a half-hour recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa


def numbers(values: npt.NDArray[Any], missing: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Make a column of an array of numbers or truth values; what is ``missing`` is empty."""
    import pyarrow as pa

    valid = None
    if missing is not None and missing.any():
        valid = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    if values.dtype == bool:
        packed = pa.py_buffer(np.packbits(values, bitorder="little"))
        return pa.Array.from_buffers(pa.bool_(), len(values), [valid, packed])
    held = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [valid, held])


def words(values: Sequence[str | None]) -> pa.Array:
    """Make a column of texts; None is empty."""
    import pyarrow as pa

    raw = [b"" if value is None else value.encode() for value in values]
    ends = np.cumsum([0, *map(len, raw)], dtype=np.int32)
    valid = None
    if any(value is None for value in values):
        known = np.array([value is not None for value in values])
        valid = pa.py_buffer(np.packbits(known, bitorder="little"))
    buffers = [valid, pa.py_buffer(ends), pa.py_buffer(b"".join(raw))]
    return pa.Array.from_buffers(pa.string(), len(raw), buffers)


def coded(codes: npt.NDArray[Any], names: Sequence[str]) -> pa.DictionaryArray:
    """Make a column of a few texts, given as positions among them."""
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(numbers(codes.astype(np.int8)), words(names))


def listed(values: Sequence[Any], kind: type) -> pa.Array:
    """Make a column of a list of ``int``, ``float``, ``bool`` or ``str``; None is empty."""
    if kind is str:
        return words(values)
    missing = np.array([value is None for value in values], dtype=bool)
    dtype = {int: np.int64, float: np.float64, bool: np.bool_}[kind]
    filled = [kind() if value is None else value for value in values]
    return numbers(np.array(filled, dtype=dtype), missing)


def table(columns: dict[str, pa.Array]) -> pa.Table:
    """Put columns together."""
    import pyarrow as pa

    return pa.Table.from_arrays(list(columns.values()), names=list(columns))
