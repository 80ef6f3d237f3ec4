"""SCP-ECG files with every compression, written bit by bit, apart from how they are read."""

from __future__ import annotations

import binascii
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import recording_files as files

CODES = {"I": 1, "II": 2, "V1": 3, "V2": 4, "V6": 8, "V4R": 12, "III": 61, "aVR": 62, "aVF": 64,
         "II-cal": 32}  # fmt: skip
# Prefix as it is sent, further bits, value (None: in those bits), table to go on with.
Row = tuple[str, int, int | None, int | None]
DEFAULT: list[Row] = [
    ("0", 0, 0, None),
    *(("1" * abs(n) + "0" + "01"[n < 0], 0, n, None) for n in range(-8, 9) if n),
    ("1111111110", 8, None, None),
    ("1111111111", 16, None, None),
]  # fmt: skip
SHORT: list[Row] = [("0", 0, 0, None), ("10", 0, 1, None), ("110", 0, -1, None),
                    ("1110", 16, None, None)]  # fmt: skip
SWITCHING: list[list[Row]] = [
    [*SHORT, ("11110", 0, None, 2)],
    [("00", 12, None, None), ("01", 16, None, None), ("1", 0, None, 1)],
]


@dataclass
class Scp:
    """What to write; samples in units, one row a lead."""

    samples: Sequence[np.ndarray]
    leads: Sequence[str]
    unit_nv: int = 5000
    interval_us: int = 4000
    differences: int = 2
    tables: list[list[Row]] | None = field(default_factory=lambda: [DEFAULT])
    starts: Sequence[int] | None = None  # of the leads, from 1
    beat: Sequence[np.ndarray] | None = None  # reference beat of each lead, in units of its own
    beat_unit_nv: int = 5000
    beat_interval_us: int | None = None
    fiducial: int = 1
    complexes: Sequence[tuple[int, int, int, int]] = ()  # kind, first, QRS, last; from 1
    zones: Sequence[tuple[int, int]] = ()
    subtracted: bool = False
    bimodal: bool = False
    promised: Sequence[int] | None = None  # last samples, where they are not those of `samples`
    tags: dict[int, bytes] = field(default_factory=dict)
    more: dict[int, bytes] = field(default_factory=dict)  # bodies of further sections
    version: int = 20


def packed_bits(values: Sequence[int], tables: list[list[Row]]) -> str:
    """Pack numbers; a table that has no way to say one is left for the other."""
    out, at = [], 0
    for value in values:
        for turn in range(2):
            rows = [r for r in tables[at] if r[3] is None]
            exact = [r for r in rows if r[2] == value]
            wide = [r for r in rows if r[2] is None and -(1 << r[1] - 1) <= value < 1 << r[1] - 1]
            switch = [r for r in tables[at] if r[3] is not None]
            # The second table has long codes alone: it is left again as soon as that helps.
            if switch and turn == 0 and (at == 0) != (abs(value) < 2):
                out.append(switch[0][0])
                at = int(switch[0][3] or 1) - 1
                continue
            prefix, bits, said, _ = (exact or wide)[0]
            out.append(prefix + ("" if said is not None else f"{value & (1 << bits) - 1:0{bits}b}"))
            break
    return "".join(out)


def pack(samples: np.ndarray, differences: int, tables: list[list[Row]] | None) -> bytes:
    values = [int(x) for x in samples]
    for _ in range(min(differences, 1)):
        first = [b - a for a, b in zip([0, *values], values, strict=False)]
        if differences == 2:
            second = [b - a for a, b in pairwise(first)]
            first = [*values[:2], *second[1:]]
        values = [(x + 32768) % 65536 - 32768 for x in first]  # 16-bit numbers, as carts have them
    if tables is None:
        return np.array(values, dtype="<i2").tobytes()
    bits = packed_bits(values, tables)
    bits += "0" * (-len(bits) % 8)
    return int("1" + bits, 2).to_bytes(len(bits) // 8 + 1, "big")[1:] if bits else b""


def section(number: int, body: bytes, version: int = 20) -> bytes:
    body += bytes(len(body) % 2)
    head = struct.pack(
        "<HIBB6s", number, 16 + len(body), version, version, b"SCPECG" * (not number)
    )
    return struct.pack("<H", binascii.crc_hqx(head + body, 0xFFFF)) + head + body


def samples_section(
    unit_nv: int, interval_us: int, differences: int, flag: int, leads: Sequence[bytes]
) -> bytes:
    head = struct.pack("<HHBB", unit_nv, interval_us, differences, flag)
    return head + b"".join(struct.pack("<H", len(x)) for x in leads) + b"".join(leads)


def table_section(tables: list[list[Row]]) -> bytes:
    if tables == [DEFAULT]:
        return struct.pack("<H", 19999)
    out = struct.pack("<H", len(tables))
    for rows in tables:
        out += struct.pack("<H", len(rows))
        for prefix, bits, value, table in rows:
            stored = int(prefix[::-1], 2)  # the first bit lowest
            out += struct.pack("<BBBhI", len(prefix), len(prefix) + bits, table is None,
                               value if table is None and value is not None else table or 0,
                               stored)  # fmt: skip
    return out


def write(path: Path, scp: Scp) -> Path:
    starts = scp.starts or [1] * len(scp.leads)
    stops = scp.promised or [a + len(x) - 1 for a, x in zip(starts, scp.samples, strict=True)]
    bodies: dict[int, bytes] = {}
    bodies[1] = b"".join(struct.pack("<BH", tag, len(x)) + x for tag, x in scp.tags.items())
    bodies[1] += b"\xff\0\0"
    if scp.tables is not None:
        bodies[2] = table_section(scp.tables)
    bodies[3] = struct.pack("<BB", len(scp.leads), scp.subtracted | 4 | (len(scp.leads) & 31) << 3)
    for name, start, stop in zip(scp.leads, starts, stops, strict=True):
        bodies[3] += struct.pack("<IIB", start, stop, CODES[name])
    beat_us = scp.beat_interval_us or scp.interval_us
    if scp.beat is not None:
        length_ms = len(scp.beat[0]) * beat_us // 1000
        bodies[4] = struct.pack("<HHH", length_ms, scp.fiducial, len(scp.complexes))
        bodies[4] += b"".join(struct.pack("<HIII", *each) for each in scp.complexes)
        bodies[4] += b"".join(struct.pack("<II", *each) for each in scp.zones)
        beats = [pack(x, scp.differences, scp.tables) for x in scp.beat]
        bodies[5] = samples_section(scp.beat_unit_nv, beat_us, scp.differences, 0, beats)
    leads = [pack(x, scp.differences, scp.tables) for x in scp.samples]
    bodies[6] = samples_section(scp.unit_nv, scp.interval_us, scp.differences, scp.bimodal, leads)
    bodies.update(scp.more)
    numbers = sorted({*range(12), *bodies})
    at = 7 + 16 + 10 * len(numbers)
    pointers, parts = struct.pack("<HII", 0, 16 + 10 * len(numbers), 7), []
    for number in numbers[1:]:
        if number not in bodies:
            pointers += struct.pack("<HII", number, 0, 0)
            continue
        part = section(number, bodies[number], scp.version)
        pointers += struct.pack("<HII", number, len(part), at)
        parts.append(part)
        at += len(part)
    rest = section(0, pointers, scp.version) + b"".join(parts)
    counted = struct.pack("<I", 6 + len(rest)) + rest
    path.write_bytes(struct.pack("<H", binascii.crc_hqx(counted, 0xFFFF)) + counted)
    return path


def known(folder: Path) -> Path:
    """The known signal, second differences in the table of the standard."""
    return write(folder / "a.scp", Scp(files.digital(), files.LEADS))


def subtracted(folder: Path) -> Path:
    """The known signal less a reference beat, of a unit and a rate of their own."""
    signal = files.digital()
    beat = np.rint(200 * np.exp(-0.5 * ((np.arange(60) - 30) / 3.0) ** 2)).astype(int)
    rest = signal.copy()
    complexes = [(0, qrs - 29, qrs + 1, qrs + 30) for qrs in range(100, 950, 200)]
    for _, first, _, last in complexes:
        rest[0, first - 1 : last] -= beat
    made = Scp(rest, files.LEADS, beat=[beat, np.zeros(60, dtype=int)], fiducial=31,
               complexes=complexes, subtracted=True)  # fmt: skip
    return write(folder / "subtracted.scp", made)


def unpacked(folder: Path) -> Path:
    """The known signal as 16-bit numbers."""
    made = Scp(files.digital(), files.LEADS, differences=0, tables=None)
    return write(folder / "unpacked.scp", made)


def first_differences(folder: Path) -> Path:
    """The known signal by first differences, in tables of the file's own."""
    made = Scp(files.digital(), files.LEADS, differences=1, tables=SWITCHING)
    return write(folder / "first.scp", made)
