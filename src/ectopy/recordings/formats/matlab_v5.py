"""MATLAB files of version 5 (also called 6 and 7), packed or not, after MathWorks' description.

SciPy reads them too, but is not on the way from a file to labels (it is 100 MB, and unpacks what it
is given without a bound); the tests compare with it.
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.matlab_values import MOST_DEEP, MOST_VALUES, Value

_HEADER_BYTES: Final = 128
_ENDIAN_AT: Final = 126
_TYPES: Final = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
    16: "u1", 17: "u2", 18: "u4",
}  # fmt: skip
"""Stored types; the last three are text in UTF-8, UTF-16 and UTF-32."""
_MATRIX, _PACKED, _UTF8 = 14, 15, 16
_CELL, _STRUCT, _OBJECT, _CHAR = 1, 2, 3, 4
_NO_ARRAYS: Final = (16, 17)  # functions, and objects that MATLAB alone can read
_CLASSES: Final = {
    6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8",
}  # fmt: skip
_COMPLEX: Final = 8  # in the flags of an array
_MOST_AXES: Final = 8


@dataclass
class _Reader:
    """Reads the elements of one file."""

    path: Path
    order: str  # < or >
    most: int  # bytes to unpack to
    left: int = MOST_VALUES
    unpacked: int = 0

    def element(self, raw: memoryview, at: int) -> tuple[int, memoryview, int]:
        """Give type and bytes of the element at a place, and where the next one begins."""
        if at + 8 > len(raw):
            raise self.damaged("is cut off")
        kind, size = struct.unpack_from(f"{self.order}II", raw, at)
        if kind >> 16:  # short ones have both in four bytes
            kind, size, begin = kind & 0xFFFF, kind >> 16, at + 4
            end = at + 8
        else:
            begin = at + 8
            end = begin + size + (0 if kind == _PACKED else -size % 8)
        if begin + size > len(raw):
            raise self.damaged(f"is cut off within an element of {size} bytes")
        return kind, raw[begin : begin + size], end

    def numbers(self, raw: memoryview, at: int) -> tuple[np.ndarray[Any, Any], int, int]:
        """Give the numbers of an element, its type, and where the next one begins."""
        kind, body, end = self.element(raw, at)
        if kind not in _TYPES:
            raise self.damaged(f"has type {kind} where numbers should be")
        dtype = np.dtype(self.order + _TYPES[kind])
        if len(body) % dtype.itemsize:
            raise self.damaged(f"has {len(body)} bytes of {dtype.itemsize}-byte numbers")
        return np.frombuffer(body, dtype=dtype), kind, end

    def matrix(self, raw: memoryview, depth: int = 0) -> tuple[str, Value | None]:
        """Give name and value of an array; None for what is neither number, text nor others."""
        self.left -= 1
        if self.left < 0 or depth > MOST_DEEP:
            raise DataFormatError(
                f"{self.path} has more than {MOST_VALUES} values, or structs nested more than "
                f"{MOST_DEEP} deep; save the samples and the rate alone"
            )
        if not len(raw):
            return "", None
        flags, _, at = self.numbers(raw, 0)
        if not len(flags):
            raise self.damaged("has an array without a class")
        kind, is_complex = int(flags[0]) & 0xFF, bool(int(flags[0]) >> 8 & _COMPLEX)
        if kind in _NO_ARRAYS:
            return "", None
        dims, _, at = self.numbers(raw, at)
        _, name, at = self.element(raw, at)
        called = bytes(name).decode("utf-8", errors="replace")
        if not 2 <= len(dims) <= _MOST_AXES or min(dims) < 0:
            raise self.damaged(f"has an array {called!r} without a size")
        shape = tuple(int(n) for n in dims)
        if kind in (_STRUCT, _OBJECT):
            return called, self._struct(raw, at, shape, kind, depth)
        if kind == _CELL:
            cells = []
            for _ in range(self._count(shape)):
                value, at = self._nested(raw, at, depth)
                cells.append(value)
            return called, [cell for cell in cells if cell is not None]
        if kind == _CHAR:
            return called, self._chars(raw, at, shape)
        if kind not in _CLASSES or is_complex:
            return called, None
        numbers, _, _ = self.numbers(raw, at)
        if len(numbers) != math.prod(shape):
            raise self.damaged(f"has {len(numbers)} numbers in {called!r} of shape {shape}")
        return called, numbers.reshape(shape, order="F")

    def _count(self, shape: tuple[int, ...]) -> int:
        n = math.prod(shape)
        if n > MOST_VALUES:
            raise DataFormatError(
                f"{self.path} has {n} cells or structs in one array, expected at most {MOST_VALUES}"
            )
        return n

    def _nested(self, raw: memoryview, at: int, depth: int) -> tuple[Value | None, int]:
        kind, body, end = self.element(raw, at)
        if kind != _MATRIX:
            raise self.damaged(f"has type {kind} where an array should be")
        return self.matrix(body, depth + 1)[1], end

    def _struct(
        self, raw: memoryview, at: int, shape: tuple[int, ...], kind: int, depth: int
    ) -> Value:
        if kind == _OBJECT:
            _, _, at = self.element(raw, at)  # the name of its class
        sizes, _, at = self.numbers(raw, at)
        _, block, at = self.element(raw, at)
        size = int(sizes[0]) if len(sizes) else 0
        if size < 1:
            raise self.damaged("has a struct whose fields have no names")
        names = [
            bytes(block[i : i + size]).split(b"\0")[0].decode("utf-8", errors="replace")
            for i in range(0, len(block) - size + 1, size)
        ]
        structs: list[dict[str, Value]] = []
        for _ in range(self._count(shape)):
            fields: dict[str, Value] = {}
            for name in names:
                value, at = self._nested(raw, at, depth)
                if value is not None:
                    fields[name] = value
            structs.append(fields)
        return structs[0] if len(structs) == 1 else structs

    def _chars(self, raw: memoryview, at: int, shape: tuple[int, ...]) -> Value:
        codes, kind, _ = self.numbers(raw, at)
        if kind == _UTF8:
            letters = list(codes.tobytes().decode("utf-8", errors="replace"))
        else:
            letters = [chr(c) if 0 <= c < 0xD800 else "\ufffd" for c in codes.tolist()]
        if len(letters) != math.prod(shape) or len(shape) != 2:
            return "".join(letters)
        table = np.array(letters, dtype="U1").reshape(shape, order="F")
        rows = ["".join(row) for row in table]
        return rows[0] if len(rows) == 1 else rows

    def unpack(self, body: memoryview) -> memoryview:
        """Unpack an element, up to what may be in memory."""
        unpacker = zlib.decompressobj()
        most = self.most - self.unpacked
        try:
            raw = unpacker.decompress(body, most + 1)
        except zlib.error:
            raise self.damaged("does not unpack") from None
        if len(raw) > most:
            raise DataFormatError(
                f"{self.path} unpacks to more than {self.most} bytes, expected less; it is "
                "damaged, or should be saved as WFDB or EDF"
            )
        self.unpacked += len(raw)
        if not unpacker.eof:
            raise self.damaged("is cut off: a packed variable does not unpack to its end")
        return memoryview(raw)

    def damaged(self, what: str) -> DataFormatError:
        return DataFormatError(f"{self.path} {what}, expected a MATLAB file; save it again")


def is_version5(head: bytes) -> bool:
    """Tell such a file by its version and byte order."""
    return head[124:128] in (b"\x00\x01IM", b"\x01\x00MI")


def read_version5(path: Path) -> dict[str, Value]:
    """Read the variables of a file.

    Raises
    ------
    DataFormatError
        If it is damaged, or would take more memory than is given to files read as a whole.
    """
    size = path.stat().st_size
    if size > budget.MOST_UNPACKED:
        raise DataFormatError(
            f"{path} has {size} bytes, which are read as a whole, expected at most "
            f"{budget.MOST_UNPACKED}; save it as WFDB or EDF"
        )
    raw = memoryview(path.read_bytes())
    order = "<" if bytes(raw[_ENDIAN_AT : _ENDIAN_AT + 2]) == b"IM" else ">"
    reader = _Reader(path, order, budget.most_unpacked(path))
    variables: dict[str, Value] = {}
    at = _HEADER_BYTES
    while at < len(raw):
        kind, body, at = reader.element(raw, at)
        if kind == _PACKED:
            kind, body, _ = reader.element(reader.unpack(body), 0)
        if kind != _MATRIX:
            raise reader.damaged(f"has type {kind} where a variable should be")
        name, value = reader.matrix(body)
        if value is not None and name:
            variables[name] = value
    return variables
