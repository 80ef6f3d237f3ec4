"""ISHNE Holter files: the header through `ecgdatakit`, the samples mapped, for they last days."""

from __future__ import annotations

import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import (
    Format,
    Signal,
    Stated,
    choose_leads,
    lead_names,
    to_mv,
)
from ectopy.recordings.formats.others import parse, start_of, subject_of
from ectopy.recordings.recording import Float32, Recording

# Badilini, Ann Noninvasive Electrocardiol 1998, 3:263-266: a fixed header, a block of free text,
# then 16-bit samples of all leads in turn.
_MAGIC: Final = b"ISHNE1.0"
_HEADER_BYTES: Final = 522
_CHECKSUM_AT, _TEXT_BYTES_AT, _LENGTH_AT, _LEADS_AT, _RATE_AT = 8, 10, 14, 156, 272
_MOST_LEADS: Final = 12
_FAULT: Final = -32768
"""The number that marks a lead fault."""
_PROBE_SAMPLES: Final = 16


def recognises(path: Path, head: bytes) -> bool:
    """Tell by the magic number."""
    return head.startswith(_MAGIC)


def open_ishne(path: Path, stated: Stated) -> Recording:
    """Open an ISHNE Holter recording."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        header = bytearray(stream.read(_HEADER_BYTES))
    if len(header) < _HEADER_BYTES:
        raise DataFormatError(f"{path} is cut off: {size} bytes, its header takes {_HEADER_BYTES}")
    text_bytes, promised = struct.unpack_from("<ii", header, _TEXT_BYTES_AT)
    (n_leads,) = struct.unpack_from("<h", header, _LEADS_AT)
    first = _HEADER_BYTES + text_bytes
    if text_bytes < 0 or first > size or not 1 <= n_leads <= _MOST_LEADS:
        raise DataFormatError(
            f"{path} promises {n_leads} leads after {text_bytes} bytes of text in {size} bytes, "
            f"expected 1 to {_MOST_LEADS} leads inside the file"
        )
    n_samples = (size - first) // (2 * n_leads)
    if n_samples < 1:
        raise DataFormatError(f"{path} holds no samples")
    notes: list[str] = []
    if n_samples != promised:  # many recorders write the length that was planned
        notes.append(f"the file holds {n_samples} samples a lead, its header promises {promised}")
    record = _parse_header(path, header, n_leads)
    described = record.leads
    signals = [Signal(x.label, x.resolution_unit, x.sampling_rate) for x in described]
    if len(signals) != n_leads:
        raise DataFormatError(f"{path} promises {n_leads} leads and describes {len(signals)}")
    kept = choose_leads(path, signals, stated, notes)
    fs_hz = stated.rate(path, signals[kept[0]].fs_hz, notes)
    budget.check(path, fs_hz, len(kept), n_samples)
    if stated.gain is not None:
        scales = [1 / stated.gain] * len(kept)
    else:
        scales = [
            described[i].resolution * (to_mv(stated.units or signals[i].units) or 1.0) for i in kept
        ]
    if not np.isfinite(scales).all() or 0 in scales:
        raise DataFormatError(f"{path} gives a lead a resolution of 0; state the gain")
    return Recording(
        name=path.stem,
        fs_hz=fs_hz,
        leads=lead_names([signals[i].name for i in kept]),
        n_samples=n_samples,
        reader=_Reader(path, first, (n_samples, n_leads), tuple(kept), tuple(scales)),
        start=start_of(record),
        subject=subject_of(record),
        source=f"ISHNE {path.name}",
        notes=tuple(notes),
    )


@dataclass(frozen=True)
class _Reader:
    """Reads leads, by their columns in the file; scales bring them to mV."""

    path: Path
    first: int  # byte of the first sample
    shape: tuple[int, int]
    kept: tuple[int, ...]
    scales: tuple[float, ...]

    def __call__(self, start: int, stop: int) -> Float32:
        stored = np.memmap(self.path, "<i2", mode="r", offset=self.first, shape=self.shape)
        numbers = stored[start:stop].T[list(self.kept)]
        factors = np.array(self.scales, dtype=np.float32)[:, None]
        part = np.multiply(numbers, factors, dtype=np.float32)
        part[numbers == _FAULT] = np.nan
        return np.ascontiguousarray(part)


def seconds_said(head: bytes, size: int) -> float | None:
    """Tell how long a recording is: the samples that the file holds, by their rate."""
    if len(head) < _HEADER_BYTES:
        return None
    (text_bytes,) = struct.unpack_from("<i", head, _TEXT_BYTES_AT)
    (n_leads,) = struct.unpack_from("<h", head, _LEADS_AT)
    (fs_hz,) = struct.unpack_from("<h", head, _RATE_AT)
    if n_leads < 1 or fs_hz < 1:
        return None
    return float((size - _HEADER_BYTES - max(text_bytes, 0)) // (2 * n_leads)) / fs_hz or None


FORMAT = Format("ISHNE", recognises, open_ishne, seconds=seconds_said)


def _parse_header(path: Path, header: bytearray, n_leads: int) -> Any:
    """Have ecgdatakit read the header, put before a few samples of nothing."""
    short = bytearray(header)
    struct.pack_into("<H", short, _CHECKSUM_AT, 0)  # none
    struct.pack_into("<ii", short, _TEXT_BYTES_AT, 0, _PROBE_SAMPLES)
    struct.pack_into("<ii", short, _LENGTH_AT + 4, _HEADER_BYTES, _HEADER_BYTES)
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / path.name
        probe.write_bytes(bytes(short) + bytes(2 * n_leads * _PROBE_SAMPLES))
        try:
            return parse(probe, scaled=False, notes=[])
        except DataFormatError as error:
            raise DataFormatError(str(error).replace(str(probe), str(path))) from error
