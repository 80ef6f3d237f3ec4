"""The sections of an SCP-ECG file: where they are, and whether their checksums fit."""

from __future__ import annotations

import binascii
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.common import some

MOST_BYTES: Final = 64 << 20
"""Of a file: each lead has 65,535 bytes at most in a section, most files have 30,000."""
_RECORD: Final = struct.Struct("<HI")  # checksum and size of all
HEADER: Final = struct.Struct("<HHIBB6s")  # checksum, number, length, two versions, reserved
_POINTER: Final = struct.Struct("<HII")  # number, length, place of the first byte from 1
_FIRST: Final = _RECORD.size
_SIGNAL_SECTIONS: Final = range(7)
"""Those that are read here; the others hold measurements and text, and many are malformed."""
NAMES: Final = ("pointers", "patient", "Huffman tables", "leads", "QRS complexes",
                "reference beat", "rhythm data")  # fmt: skip


@dataclass(frozen=True)
class Sections:
    """The sections of one file.

    Attributes
    ----------
    path : Path
        The file.
    bodies : dict of int to bytes
        What stands in each section of 0 to 6 after its header.
    others : frozenset of int
        Numbers of further sections.
    version : int
        Ten times the version of the protocol, 0 where it is not said.
    """

    path: Path
    bodies: dict[int, bytes]
    others: frozenset[int]
    version: int

    def unpack(self, number: int, form: struct.Struct, at: int) -> tuple[int, ...]:
        """Read numbers of a section at a byte of it.

        Raises
        ------
        DataFormatError
            If the section ends before.
        """
        body = self.bodies[number]
        if at + form.size > len(body):
            raise DataFormatError(
                f"{self.path} is damaged: section {number} ({NAMES[number]}) has {len(body)} "
                f"bytes, expected at least {at + form.size}"
            )
        return tuple(form.unpack_from(body, at))


def looks_like_scp(head: bytes) -> bool:
    """Tell an SCP-ECG file: after six bytes comes section 0, which first points at itself."""
    if len(head) < _FIRST + HEADER.size + _POINTER.size:
        return False
    _, number, length, *_ = HEADER.unpack_from(head, _FIRST)
    pointed = _POINTER.unpack_from(head, _FIRST + HEADER.size)
    return bool(number == 0 and pointed == (0, length, _FIRST + 1))


def read_sections(path: Path, notes: list[str]) -> Sections:
    """Read the sections that hold signals, and note whose checksums do not fit.

    Raises
    ------
    DataFormatError
        If it is no such file, or a section is not where the file says.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise DataFormatError(
            f"{path} has {size} bytes, expected at most {MOST_BYTES} of an SCP-ECG file"
        )
    raw = path.read_bytes()
    if not looks_like_scp(raw):
        raise DataFormatError(
            f"{path} is no SCP-ECG file by its first bytes, or damaged; export it again"
        )
    checksum, record_bytes = _RECORD.unpack_from(raw)
    wrong = [] if binascii.crc_hqx(raw[2:record_bytes], 0xFFFF) == checksum else ["all of it"]
    if record_bytes < size:
        notes.append("the file holds more bytes than its header promises; the rest was left out")
    _, _, length, _, version, _ = HEADER.unpack_from(raw, _FIRST)
    first, end = _FIRST + HEADER.size, min(_FIRST + length, size)
    pointers = _POINTER.iter_unpack(raw[first : end - (end - first) % _POINTER.size])
    bodies: dict[int, bytes] = {}
    others: set[int] = set()
    for number, n_bytes, index in pointers:
        if not n_bytes:
            continue
        if number not in _SIGNAL_SECTIONS:
            others.add(number)
            continue
        start = index - 1
        if start < _FIRST or n_bytes < HEADER.size or start + n_bytes > size:
            raise DataFormatError(
                f"{path} is cut off or damaged: section {number} ({NAMES[number]}) should have "
                f"{n_bytes} bytes from byte {index} on, the file has {size}"
            )
        part = raw[start : start + n_bytes]
        own_checksum, own_number, *_ = HEADER.unpack_from(part)
        if own_number != number:
            raise DataFormatError(
                f"{path} is damaged: where section {number} ({NAMES[number]}) should be there is "
                f"section {own_number}"
            )
        if binascii.crc_hqx(part[2:], 0xFFFF) != own_checksum:
            wrong.append(f"section {number}")
        bodies[number] = part[HEADER.size :]
    if wrong:
        notes.append(
            f"checksums do not fit (of {some(wrong)}): the file was changed or is damaged, "
            "or its writer reckons them in another way"
        )
    return Sections(path, bodies, frozenset(others), version)
