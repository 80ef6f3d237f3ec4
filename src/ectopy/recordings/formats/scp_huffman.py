"""Huffman tables of SCP-ECG (section 2), and what is packed with them, without a loop over bits."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.scp_sections import Sections

Ints = npt.NDArray[np.int64]

_DEFAULT: Final = 19999
"""In place of a number of tables: the one of the standard."""
_MOST_TABLES: Final = 64
_MOST_STATES: Final = 1 << 24
"""Tables times bits of a lead; a lead of ten seconds has some 20,000 bits."""
_LONGEST: Final = 32  # bits of a prefix, and of what follows it
_COUNT: Final = struct.Struct("<H")
_CODE: Final = struct.Struct("<BBBhI")  # bits of the prefix, of all, data or switch, value, prefix
_WINDOW: Final = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True, eq=False)
class Table:
    """One table: a row for each prefix, in the order of the prefixes at the top of 32 bits.

    Attributes
    ----------
    prefixes : ndarray of uint32
        Each moved up to begin at the highest bit.
    lengths, extra : ndarray of int
        Bits of the prefix, and of a signed number after it.
    values : ndarray of int
        What it stands for, or is added to that number; for a switch the table, from 0 on.
    switches : ndarray of bool
        Whether another table holds from here on.
    """

    prefixes: npt.NDArray[np.uint32]
    lengths: Ints
    extra: Ints
    values: Ints
    switches: npt.NDArray[np.bool_]


def _table(rows: list[tuple[int, int, int, int, bool]]) -> Table:
    """Make a table of rows: prefix (first bit highest), its bits, further bits, value, switch."""
    rows = sorted(rows, key=lambda row: row[0] << (_LONGEST - row[1]))
    columns: list[npt.NDArray[Any]] = [np.array(column) for column in zip(*rows, strict=True)]
    prefixes, lengths, extra, values, switches = columns
    aligned = (prefixes.astype(np.uint64) << (_LONGEST - lengths).astype(np.uint64)).astype("u4")
    return Table(aligned, lengths, extra, values, switches.astype(bool))


@cache
def default_table() -> Table:
    """Give the table of the standard: -8 to 8 by so many ones, else 8 or 16 bits as they are."""
    rows = [(0b0, 1, 0, 0, False)]
    for size in range(1, 9):
        ones = (1 << size) - 1
        rows += [(ones << 2 | sign, size + 2, 0, size * (1 - 2 * sign), False) for sign in (0, 1)]
    rows += [(0b1111111110, 10, 8, 0, False), (0b1111111111, 10, 16, 0, False)]
    return _table(rows)


def read_tables(sections: Sections) -> tuple[Table, ...]:
    """Read section 2; no table where there is none, for numbers that are not packed.

    Raises
    ------
    DataFormatError
        If a table is cut off or cannot be one.
    """
    if 2 not in sections.bodies:
        return ()
    (count,) = sections.unpack(2, _COUNT, 0)
    if count == _DEFAULT:
        return (default_table(),)
    if not 1 <= count <= _MOST_TABLES:
        raise DataFormatError(
            f"{sections.path} promises {count} Huffman tables, expected 1 to {_MOST_TABLES}, or "
            f"{_DEFAULT} for that of the standard"
        )
    tables, at = [], _COUNT.size
    for _ in range(count):
        (n_codes,) = sections.unpack(2, _COUNT, at)
        at += _COUNT.size
        rows = []
        for _ in range(n_codes):
            length, whole, data, value, stored = sections.unpack(2, _CODE, at)
            at += _CODE.size
            extra = whole - length
            switch = data != 1
            if (
                not 1 <= length <= _LONGEST
                or not 0 <= extra <= _LONGEST
                or (switch and not 1 <= value <= count)
            ):
                raise DataFormatError(
                    f"{sections.path} has a Huffman code of {length} and {extra} bits for {value}, "
                    f"expected up to {_LONGEST}, and a table of 1 to {count} to go on with"
                )
            # The first bit sent is stored lowest.
            prefix = int(f"{stored & ((1 << length) - 1):0{length}b}"[::-1], 2)
            rows.append((prefix, length, 0 if switch else extra, value - switch, switch))
        if not rows:
            raise DataFormatError(f"{sections.path} has a Huffman table without a code")
        tables.append(_table(rows))
    return tuple(tables)


def unpack(path: Path, data: bytes, tables: tuple[Table, ...], most: int) -> Ints:
    """Unpack up to ``most`` numbers; fewer where the data end before.

    From each bit (with each table) it is known where the next code would begin. Following these
    steps by doubling, first one, then two, then four at once, finds all codes of a lead without
    looking at one after the other.

    Raises
    ------
    DataFormatError
        At bits that are no code of the table.
    """
    n_bits = 8 * len(data)
    if len(tables) * (n_bits + 1) > _MOST_STATES:
        raise DataFormatError(
            f"{path} has {len(data)} bytes of a lead with {len(tables)} Huffman tables, too much "
            "to work through; it is damaged"
        )
    windows = _windows(data)
    end, wrong = len(tables) * (n_bits + 1), len(tables) * (n_bits + 1) + 1
    steps = np.full(wrong + 1, wrong, dtype=np.int32)
    steps[end] = end
    rows = np.empty((len(tables), n_bits + 1), dtype=np.int32)
    places = np.arange(n_bits + 1)
    for t, table in enumerate(tables):
        row = np.searchsorted(table.prefixes, windows, side="right") - 1
        lengths = table.lengths[row]
        shift = (_LONGEST - lengths).astype(np.uint64)
        found = (row >= 0) & (windows >> shift == table.prefixes[row].astype(np.uint64) >> shift)
        after = places + lengths + table.extra[row]
        onto = np.where(table.switches[row], table.values[row], t) * (n_bits + 1) + after
        step = np.where(found, onto, wrong)
        # What is left of the last byte fills it and may be no code.
        step[(places > n_bits - 8) & ~found | (after > n_bits) | (places == n_bits)] = end
        steps[t * (n_bits + 1) : (t + 1) * (n_bits + 1)] = step
        rows[t] = row
    path_of = np.zeros(1, dtype=np.int64)
    while len(path_of) <= n_bits and path_of[-1] < end:
        path_of = np.concatenate([path_of, steps[path_of]])
        if len(path_of) > most and not any(table.switches.any() for table in tables):
            break
        steps = steps[steps]
    return _numbers(path, path_of, wrong, tables, rows, windows, most)


def _numbers(
    path: Path,
    states: Ints,
    wrong: int,
    tables: tuple[Table, ...],
    rows: npt.NDArray[np.int32],
    windows: npt.NDArray[np.uint64],
    most: int,
) -> Ints:
    """Give what the codes on the way stand for."""
    n_places = rows.shape[1]
    last = wrong - 1
    codes = states[states < last]
    t, place = codes // n_places, codes % n_places
    row = rows[t, place]
    lengths, extra, values, switches = (
        _gather([getattr(table, name) for table in tables], t, row)
        for name in ("lengths", "extra", "values", "switches")
    )
    # The last code may be a part of one.
    whole = place + lengths + extra <= n_places - 1
    kept = (switches == 0) & whole
    n = int(kept.sum())
    if n < most and (states == wrong).any():
        raise DataFormatError(
            f"{path} is damaged: after {n} samples of a lead there is no code of its Huffman table"
        )
    place, lengths, extra, values = place[kept], lengths[kept], extra[kept], values[kept]
    place, lengths, extra, values = place[:most], lengths[:most], extra[:most], values[:most]
    beyond = np.minimum(place + lengths, n_places - 1)
    bits = (windows[beyond] >> (_LONGEST - extra).astype(np.uint64)).astype(np.int64)
    sign = np.left_shift(1, np.maximum(extra - 1, 0))
    signed = np.where(bits >= sign, bits - 2 * sign, bits)
    return np.asarray(values + np.where(extra > 0, signed, 0), dtype=np.int64)


def _gather(columns: list[npt.NDArray[Any]], t: Ints, row: npt.NDArray[np.int32]) -> Ints:
    starts = np.cumsum([0, *(len(column) for column in columns)])
    return np.asarray(np.concatenate(columns)[starts[t] + row], dtype=np.int64)


def _windows(data: bytes) -> npt.NDArray[np.uint64]:
    """Give the 32 bits from each bit on, and from behind the last; zeros follow the end."""
    raw = np.frombuffer(data + bytes(8), dtype=np.uint8).astype(np.uint64)
    n = len(data) + 1
    whole = np.zeros(n, dtype=np.uint64)
    for i in range(5):
        byte = raw[i : i + n] if i + n <= len(raw) else np.pad(raw[i:], (0, i + n - len(raw)))
        whole = whole << np.uint64(8) | byte
    shifts = np.arange(8, 0, -1, dtype=np.uint64)
    windows = (whole[:, None] >> shifts & _WINDOW).reshape(-1)
    return np.asarray(windows[: 8 * len(data) + 1])
