"""What sections 3 to 6 of an SCP-ECG file say: leads, QRS complexes, and the packed samples."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.budget import MOST_LEADS
from ectopy.recordings.formats.scp_sections import NAMES, Sections

Ints = npt.NDArray[np.int64]

_NAMED: Final = {
    0: "unspecified", 1: "I", 2: "II", **{i + 2: f"V{i}" for i in range(1, 8)},
    **{i + 8: f"V{i}R" for i in range(2, 8)}, 16: "X", 17: "Y", 18: "Z", 19: "CC5", 20: "CM5",
    21: "LA", 22: "RA", 23: "LL",
    **{24 + i: f"Frank {name}" for i, name in enumerate("IECAMFH")},
    61: "III", 62: "aVR", 63: "aVL", 64: "aVF", 65: "-aVR", 66: "V8", 67: "V9", 68: "V8R",
    69: "V9R", 70: "D", 71: "A", 72: "J", 73: "defibrillator", 74: "external pacing",
    75: "A1", 76: "A2", 77: "A3", 78: "A4", 86: "chest", 87: "V", 88: "VR", 89: "VL", 90: "VF",
    91: "MCL", **{91 + i: f"MCL{i}" for i in range(1, 7)}, 98: "CC",
    **{98 + i: f"CC{n}" for i, n in enumerate((1, 2, 3, 4, 6, 7), 1)}, 105: "CM",
    **{105 + i: f"CM{n}" for i, n in enumerate((1, 2, 3, 4, 6, 7), 1)}, 112: "CH5", 113: "CS5",
    114: "CB5", 115: "CR5", 116: "ML", 121: "ES", 122: "AS", 123: "AI", 124: "S",
}  # fmt: skip
"""Numbers of leads (EN 1064, lead identification; DICOM PS3.16, CID 3001, has them too)."""
_CALIBRATION: Final = (range(31, 61), range(79, 86))
"""Calibration signals of the leads before them: no leads."""

_LEADS: Final = struct.Struct("<BB")  # how many, and flags
_LEAD: Final = struct.Struct("<IIB")  # first and last sample, from 1, and which lead
_BEATS: Final = struct.Struct("<HHH")  # length in ms, its QRS's sample from 1, QRS complexes
_QRS: Final = struct.Struct("<HIII")  # kind, first sample, that of the QRS, last one
_ZONE: Final = struct.Struct("<II")
_PACKED: Final = struct.Struct("<HHBB")  # nV a unit, us a sample, differences, bimodal
_LENGTH: Final = struct.Struct("<H")
_SUBTRACTED: Final = 1
_USED_KIND: Final = 0
"""Only beats like the first reference beat were subtracted."""
_NO_BIMODAL: Final = 30
"""Version 3 of the protocol has done with it."""


@dataclass(frozen=True)
class Lead:
    """A lead: its name, and its first and last sample, from 0, the last one not counted."""

    name: str
    start: int
    stop: int
    calibration: bool = False


@dataclass(frozen=True)
class Beats:
    """Section 4: where the reference beat was subtracted, and where all samples were kept.

    Attributes
    ----------
    length_ms : int
        Of the reference beat.
    fiducial : int
        Its QRS complex, as a sample from 0.
    complexes : ndarray of int, shape (n, 3)
        First sample of each subtraction, that of the QRS complex, and the one after the last.
    protected : ndarray of int, shape (n, 2)
        Stretches of samples that were not thinned out, in order.
    """

    length_ms: int
    fiducial: int
    complexes: Ints
    protected: Ints


@dataclass(frozen=True)
class Packed:
    """Section 5 or 6: samples as they are stored.

    Attributes
    ----------
    unit_nv : int
        Nanovolts of a unit.
    interval_us : int
        Microseconds between samples.
    differences : int
        0 for samples, 1 for first, 2 for second differences.
    bimodal : bool
        Whether the samples are thinned out between the protected stretches.
    leads : tuple of bytes
    """

    unit_nv: int
    interval_us: int
    differences: int
    bimodal: bool
    leads: tuple[bytes, ...]


def read_leads(sections: Sections) -> tuple[tuple[Lead, ...], bool]:
    """Read section 3: the leads, and whether a reference beat was subtracted from them."""
    n_leads, flags = sections.unpack(3, _LEADS, 0)
    if not 1 <= n_leads <= MOST_LEADS:
        raise DataFormatError(f"{sections.path} promises {n_leads} leads, expected 1 or more")
    leads = []
    for i in range(n_leads):
        first, last, number = sections.unpack(3, _LEAD, _LEADS.size + i * _LEAD.size)
        if not 1 <= first <= last:
            raise DataFormatError(
                f"{sections.path} is damaged: its lead {i + 1} should go from sample {first} to "
                f"{last}, expected 1 or more and then a later one"
            )
        calibration = any(number in numbers for numbers in _CALIBRATION)
        name = _NAMED.get(number, "calibration" if calibration else f"lead no. {number}")
        leads.append(Lead(name, first - 1, last, calibration))
    return tuple(leads), bool(flags & _SUBTRACTED)


def read_beats(sections: Sections) -> Beats | None:
    """Read section 4, if there is one."""
    if 4 not in sections.bodies:
        return None
    length_ms, fiducial, n = sections.unpack(4, _BEATS, 0)
    at = _BEATS.size
    rows = [sections.unpack(4, _QRS, at + i * _QRS.size) for i in range(n)]
    complexes = np.array(rows, dtype=np.int64).reshape(-1, 4)
    complexes = complexes[complexes[:, 0] == _USED_KIND][:, 1:]
    complexes = complexes[(complexes[:, 0] >= 1) & (complexes[:, 2] >= complexes[:, 0])]
    at += n * _QRS.size
    # Left out where no samples are thinned out.
    n_zones = min(n, (len(sections.bodies[4]) - at) // _ZONE.size)
    zones = np.array(
        [sections.unpack(4, _ZONE, at + i * _ZONE.size) for i in range(n_zones)], dtype=np.int64
    ).reshape(-1, 2)
    zones = zones[(zones[:, 0] >= 1) & (zones[:, 1] >= zones[:, 0])]
    zones = zones[np.argsort(zones[:, 0], kind="stable")]
    complexes[:, :2] -= 1
    zones[:, 0] -= 1
    return Beats(length_ms, fiducial - 1, complexes, zones)


def read_packed(sections: Sections, number: int, n_leads: int) -> Packed:
    """Read section 5 or 6."""
    unit_nv, interval_us, differences, bimodal = sections.unpack(number, _PACKED, 0)
    what = f"section {number} ({NAMES[number]})"
    if interval_us < 1 or differences > 2:
        raise DataFormatError(
            f"{sections.path} is damaged: {what} has samples every {interval_us} us and "
            f"differences of order {differences}, expected a time and an order up to 2"
        )
    at = _PACKED.size
    lengths = [sections.unpack(number, _LENGTH, at + i * _LENGTH.size)[0] for i in range(n_leads)]
    at += n_leads * _LENGTH.size
    body = sections.bodies[number]
    if at + sum(lengths) > len(body):
        raise DataFormatError(
            f"{sections.path} is cut off or damaged: {what} has {len(body)} bytes, its leads "
            f"should take {at + sum(lengths)}"
        )
    ends = at + np.cumsum([0, *lengths])
    leads = tuple(body[a:b] for a, b in pairwise(ends.tolist()))
    thinned = number == 6 and bimodal != 0 and sections.version < _NO_BIMODAL
    return Packed(unit_nv, interval_us, differences, thinned, leads)
