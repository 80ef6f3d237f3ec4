"""Signals of one WFDB segment, read through `wfdb` a piece at a time and scaled to mV."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import (
    Signal,
    Stated,
    by_rate,
    choose_leads,
    lead_names,
    one_line,
)
from ectopy.recordings.formats.resample import Part, join
from ectopy.recordings.formats.wfdb_checksum import Checksums, checksums
from ectopy.recordings.formats.wfdb_header import (
    check_signal_files,
    number,
    start_of,
    stored_bytes,
)
from ectopy.recordings.recording import Float32, InMemory, Notes, Recording

_PIECE_SAMPLES: Final = 1 << 21
"""Samples of all signals read at once: bounds the memory of a long read to tens of megabytes."""
# Bits of a sample; the lowest number marks a missing one. Format 8 has differences and no mark.
_BITS: Final = {
    "80": 8, "508": 8, "310": 10, "311": 10, "212": 12, "16": 16, "61": 16, "160": 16, "516": 16,
    "24": 24, "524": 24, "32": 32,
}  # fmt: skip
_DEFAULT_GAIN: Final = 200.0
"""ADC units per mV that header(5) has readers assume where the gain is missing or 0."""


@dataclass(frozen=True)
class _Channel:
    index: int  # among the signals of the header
    gain: float  # ADC units per mV
    baseline: float
    missing: int | None  # number that marks a missing sample


def open_signals(path: Path, header: Any, stated: Stated) -> Recording:
    """Open the signals that a header (of one segment, as wfdb reads it) describes.

    Of a header's checksums nothing is said at opening, which would read every sample for nothing
    else: they are compared while the samples are read, and `Recording.found_reading` tells of one
    that does not fit once all samples were (as they are at the end of an analysis).
    """
    notes: list[str] = []
    n_samples = check_signal_files(path, header, notes)
    frame_hz = stated.rate(path, number(header.fs), notes)
    per_frame = [n or 1 for n in header.samps_per_frame]
    names = [name or "" for name in header.sig_name]
    units = [unit or "mV" for unit in header.units]  # header(5): mV where nothing is said
    signals = [
        Signal(name or f"lead {i + 1}", unit, frame_hz * n)
        for i, (name, unit, n) in enumerate(zip(names, units, per_frame, strict=True))
    ]
    kept = choose_leads(path, signals, stated, notes)
    channels = tuple(_channel(path, header, i, units[i], stated, notes) for i in kept)
    factor = max(per_frame[i] for i in kept)
    stored = stored_bytes(path, header)
    budget.check(path, frame_hz * factor, len(kept), n_samples * factor, stored)
    step = max(_PIECE_SAMPLES // sum(per_frame), 1)
    parts, sums = [], []
    read: Callable[[int, int], Float32]
    for rows in by_rate(signals, kept).values():
        some = [kept[row] for row in rows]
        n = per_frame[some[0]]
        swapped = any(header.fmt[i] == "61" for i in some)
        sums.append(checksums(path, header, some, names, n_samples * n))
        own = tuple(channels[row] for row in rows)
        reader = _Reader(path, own, n, step, _resolution(header, some), swapped, sums[-1])
        if header.sig_len is None or any(header.fmt[i] == "8" for i in some):
            # Without a length in the header, wfdb reads all or nothing; and in format 8, which
            # stores differences, a sample is known only by reading all before it.
            if n_samples * sum(per_frame) * 4 > budget.MOST_UNPACKED:
                raise DataFormatError(
                    f"{path} holds {n_samples} samples a lead that can only be read as a whole, "
                    "too many for memory; write its length into the header, or save it in format 16"
                )
            read = InMemory(reader.read_all(n_samples))
        else:
            read = reader.read
            reader.read(n_samples * n - 1, n_samples * n)  # fails now rather than later
        parts.append(Part(rows, read, n_samples * n, Fraction(factor, n)))
    return Recording(
        name=path.stem,
        fs_hz=frame_hz * factor,
        leads=lead_names([names[i] for i in kept]),
        n_samples=n_samples * factor,
        reader=join(parts),
        start=start_of(header),
        source=f"WFDB {path.name}",
        notes=tuple(notes),
        found_reading=Notes(tuple(each.notes for each in sums)),
    )


def _channel(
    path: Path, header: Any, i: int, units: str, stated: Stated, notes: list[str]
) -> _Channel:
    name = header.sig_name[i] or f"lead {i + 1}"
    gain, baseline = number(header.adc_gain[i]), header.baseline[i] or 0
    if gain is None or not math.isfinite(gain):
        raise DataFormatError(f"{path} gives lead {name} a gain of {gain}, expected units per mV")
    if stated.gain is not None:
        gain = stated.gain
    else:
        gain = (gain or _DEFAULT_GAIN) / stated.scale(units)
        if not _says_gain(path, i):
            notes.append(
                f"lead {name} is not calibrated: {_DEFAULT_GAIN:g} ADC units per mV were assumed"
            )
    bits = _BITS.get(header.fmt[i])
    budget.check_scale(path, name, 1 / gain, baseline / gain, 1 << ((bits or 32) - 1))
    return _Channel(i, gain, float(baseline), None if bits is None else -(1 << (bits - 1)))


def _says_gain(path: Path, i: int) -> bool:
    """Tell whether the header itself gives signal ``i`` a gain other than 0."""
    lines = [x for x in path.read_bytes().splitlines() if x.strip() and not x.startswith(b"#")]
    words = lines[1 + i].split() if 1 + i < len(lines) else []
    return len(words) > 2 and re.match(rb"-?0*\.?0*([eE(/]|$)", words[2]) is None


def _resolution(header: Any, kept: list[int]) -> int:
    """Bits of the integers to read into: 16 wherever they suffice."""
    return 16 if all(_BITS.get(header.fmt[i], 32) <= 16 for i in kept) else 32


@dataclass(frozen=True)
class _Reader:
    path: Path
    channels: tuple[_Channel, ...]
    per_frame: int
    step: int  # frames read at once
    bits: int
    swapped: bool  # format 61, of which wfdb gives physical values only
    sums: Checksums

    def read(self, start: int, stop: int) -> Float32:
        """Read samples of all channels in pieces, scaled to mV."""
        out = np.empty((len(self.channels), max(stop - start, 0)), dtype=np.float32)
        first, last = start // self.per_frame, -(-stop // self.per_frame)
        for begin in range(first, last, self.step) if stop > start else ():
            end = min(begin + self.step, last)
            digital = self._digital(begin, end)
            # The first and the last frame may reach beyond what was asked for.
            low = max(begin * self.per_frame, start)
            high = min(end * self.per_frame, stop)
            inner = slice(low - begin * self.per_frame, high - begin * self.per_frame)
            for row, channel, numbers in zip(out, self.channels, digital, strict=True):
                _to_mv(row[low - start : high - start], numbers[inner], channel)
        return out

    def read_all(self, n_frames: int) -> Float32:
        """Read every sample with one call."""
        out = np.empty((len(self.channels), n_frames * self.per_frame), dtype=np.float32)
        for row, channel, numbers in zip(
            out, self.channels, self._digital(0, n_frames, whole=True), strict=True
        ):
            _to_mv(row, numbers, channel)
        return out

    def _digital(self, begin: int, end: int, *, whole: bool = False) -> list[npt.NDArray[Any]]:
        import wfdb

        try:
            record = wfdb.rdrecord(
                str(self.path.with_suffix("").absolute()),
                sampfrom=begin,
                sampto=None if whole else end,
                channels=[channel.index for channel in self.channels],
                physical=self.swapped,
                smooth_frames=False,
                return_res=64 if self.swapped else self.bits,
            )
            if self.swapped:
                parts = zip(record.e_p_signal, record.adc_gain, record.baseline, strict=True)
                digital = [np.rint(mv * gain + baseline) for mv, gain, baseline in parts]
            else:
                digital = [np.asarray(numbers) for numbers in record.e_d_signal]
            if any(len(numbers) != (end - begin) * self.per_frame for numbers in digital):
                raise ValueError("fewer samples than promised")
        except Exception as error:  # the file changed, or is damaged where no check looks
            raise DataFormatError(
                f"{self.path} cannot be read from sample {begin} on: {one_line(error)}"
            ) from error
        marks = tuple(channel.missing for channel in self.channels)
        self.sums.add(begin * self.per_frame, digital, marks)
        return digital


def _to_mv(out: Float32, numbers: npt.NDArray[Any], channel: _Channel) -> None:
    np.subtract(numbers, np.float32(channel.baseline), out=out, dtype=np.float32)
    out *= np.float32(1 / channel.gain)
    if channel.missing is not None:
        missing = numbers == channel.missing
        if missing.any():
            out[missing] = np.nan
