"""EDF, EDF+ and BDF files, through `edfio`, a few data records at a time."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import (
    Format,
    NoLeadsError,
    Signal,
    Stated,
    by_rate,
    choose_leads,
    lead_names,
    one_line,
)
from ectopy.recordings.formats.edf_patient import patient
from ectopy.recordings.formats.resample import Part, join
from ectopy.recordings.recording import Float32, Recording

_PIECE_BYTES: Final = 4 << 20
"""Bytes of data records decoded at once; BDF takes some ten times as much while it is decoded."""
_NO_START: Final = datetime(1985, 1, 1)
"""The first moment that the format can say, midnight: what anonymised files hold."""
_FIXED_BYTES: Final = 256  # of the header, before the signals, and again for each signal
_SAMPLES_AT: Final = 216  # where the numbers of samples stand, in bytes a signal after those
_LABEL_BYTES: Final = 16
_ONSET: Final = re.compile(rb"^\x00*([+-]\d+(?:\.\d+)?)[\x14\x15]")


@dataclass(frozen=True)
class _Layout:
    """Where things stand in the file."""

    path: Path
    bdf: bool
    header: bytes
    record_bytes: int
    n_records: int
    record_s: float
    time_track: tuple[int, int] | None  # first byte and bytes of the EDF+ time track in a record


def recognises(path: Path, head: bytes) -> bool:
    """Tell an EDF or BDF file by its version field."""
    return head[:8] in (b"0       ", b"\xffBIOSEMI")


def open_edf(path: Path, stated: Stated) -> Recording:
    """Open an EDF, EDF+ (continuous or not) or BDF file."""
    notes: list[str] = []
    layout = _layout(path, notes)
    file = _decode(layout, 0, 1)
    signals = file.signals
    described = [
        Signal(s.label or f"lead {i + 1}", s.physical_dimension, s.sampling_frequency)
        for i, s in enumerate(signals)
    ]
    kept = choose_leads(path, described, stated, notes)
    rates = by_rate(described, kept)
    found = next(iter(rates))  # the highest
    fs_hz = stated.rate(path, found, notes)
    scales = [_scale(path, signals[i], stated, 1 << (23 if layout.bdf else 15)) for i in kept]
    counts = [int(signals[i].samples_per_data_record) for i in kept]
    if min(counts) < 1:
        empty = signals[kept[int(np.argmin(counts))]].label
        raise DataFormatError(f"{path} has no samples of {empty} in a data record")
    per_record = max(counts)
    starts = np.arange(layout.n_records, dtype=np.int64) * per_record
    if file.reserved[:5] in ("EDF+D", "BDF+D"):
        starts = _discontinuous(layout, found, per_record, notes)
    n_samples = int(starts[-1]) + per_record
    budget.check(path, fs_hz, len(kept), n_samples)
    parts = []
    for rows in rates.values():
        n = counts[rows[0]]
        reader = _Reader(
            layout,
            tuple(kept[row] for row in rows),
            tuple(scales[row] for row in rows),
            n,
            starts if n == per_record else _rescaled(starts, per_record, n),
        )
        parts.append(Part(rows, reader.read, int(reader.starts[-1]) + n, Fraction(per_record, n)))
    start = _start(file)
    return Recording(
        name=path.stem,
        fs_hz=fs_hz,
        leads=lead_names([signals[i].label for i in kept]),
        n_samples=n_samples,
        reader=join(parts),
        start=start,
        subject=patient(layout.header, start),
        source=f"{'BDF' if layout.bdf else 'EDF'} {path.name}",
        notes=tuple(notes),
        recorded=_runs(starts, per_record),
    )


def seconds_said(head: bytes, size: int) -> float | None:
    """Tell how long a recording is: data records times their duration."""
    try:
        header_bytes, n_records = int(head[184:192]), int(head[236:244])
        record_s, n_signals = float(head[244:252]), int(head[252:256])
        if n_records < 0:  # while it runs, or where the recorder was stopped hard
            at = _FIXED_BYTES + _SAMPLES_AT * n_signals
            samples = [int(head[at + 8 * i : at + 8 * i + 8]) for i in range(n_signals)]
            sample_bytes = 3 if head[:1] == b"\xff" else 2
            n_records = (size - header_bytes) // (sample_bytes * sum(samples))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    seconds = n_records * record_s
    return seconds if seconds > 0 else None


FORMAT = Format("EDF", recognises, open_edf, (".edf", ".bdf", ".rec"), seconds=seconds_said)


def _layout(path: Path, notes: list[str]) -> _Layout:
    """Read the header's own sizes and compare them with the file."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(_FIXED_BYTES)
        if len(head) < _FIXED_BYTES:
            raise DataFormatError(f"{path} is cut off: {len(head)} bytes, not even an EDF header")
        if not (recognises(path, head) or head[184:192].strip().isdigit()):
            raise DataFormatError(
                f"{path} is no EDF or BDF file by its first bytes, though its name ends in "
                f"{path.suffix}; copy it again, or name it after what it is"
            )
        bdf = head[:8] == b"\xffBIOSEMI"
        header_bytes = _integer(path, head[184:192], "header size")
        promised = _integer(path, head[236:244], "number of data records")
        n_signals = _integer(path, head[252:256], "number of signals")
        if n_signals < 1 or header_bytes != _FIXED_BYTES * (n_signals + 1):
            raise DataFormatError(
                f"{path} promises {n_signals} signals and a header of {header_bytes} bytes, "
                f"expected {_FIXED_BYTES} bytes and as many for each of one or more signals"
            )
        if size < header_bytes:
            raise DataFormatError(
                f"{path} is cut off: {size} bytes, its header alone takes {header_bytes}"
            )
        header = head + stream.read(header_bytes - _FIXED_BYTES)
    labels = [
        header[_FIXED_BYTES + _LABEL_BYTES * i :][:_LABEL_BYTES].rstrip() for i in range(n_signals)
    ]
    name = b"BDF Annotations" if bdf else b"EDF Annotations"
    if set(labels) == {name}:
        raise NoLeadsError(
            f"{path} holds annotations and no signals; open the recording that they belong to"
        )
    record_s = _float(path, head[244:252], "duration of a data record")
    at = _FIXED_BYTES + _SAMPLES_AT * n_signals
    samples = [
        _integer(path, header[at + 8 * i : at + 8 * i + 8], "number of samples in a data record")
        for i in range(n_signals)
    ]
    sample_bytes = 3 if bdf else 2
    record_bytes = sample_bytes * sum(samples)
    if min(samples) < 0 or record_bytes < 1 or not 0 < record_s <= budget.LONGEST_S:
        raise DataFormatError(
            f"{path} promises data records of {record_s:g} s with {sum(samples)} samples, "
            "expected more than 0 of both"
        )
    if record_bytes > budget.MOST_DATA_RECORD:
        raise DataFormatError(
            f"{path} has data records of {record_bytes} bytes, which are read as a whole, expected "
            f"at most {budget.MOST_DATA_RECORD}; save it with shorter ones"
        )
    held, rest = divmod(size - header_bytes, record_bytes)
    if (promised >= 0 and promised > held) or held < 1:
        raise DataFormatError(
            f"{path} is cut off or its header is wrong: it holds {held} data records of "
            f"{record_bytes} bytes, its header promises {promised}"
        )
    if promised < 0:  # EDF: -1 while the recording runs, so the recorder was stopped hard
        notes.append("the number of data records is not in the header; all in the file were taken")
    elif held > promised or rest:
        notes.append("the file holds more bytes than its header promises; the rest was left out")
    track = None
    if name in labels:
        first = labels.index(name)
        track = (sample_bytes * sum(samples[:first]), sample_bytes * samples[first])
    n_records = held if promised < 0 else promised
    return _Layout(path, bdf, header, record_bytes, n_records, record_s, track)


def _decode(layout: _Layout, begin: int, end: int) -> Any:
    """Decode data records ``begin`` to ``end`` with edfio, as if they were the whole file."""
    import edfio

    with layout.path.open("rb") as stream:
        stream.seek(len(layout.header) + begin * layout.record_bytes)
        records = stream.read((end - begin) * layout.record_bytes)
    if len(records) != (end - begin) * layout.record_bytes:
        raise DataFormatError(f"{layout.path} became shorter while it was read")
    # The number of records is made to fit, which spares edfio a warning.
    header = layout.header[:236] + f"{end - begin:<8d}".encode() + layout.header[244:]
    read = edfio.read_bdf if layout.bdf else edfio.read_edf
    try:
        return read(header + records)
    except Exception as error:
        kind = "BDF" if layout.bdf else "EDF"
        raise DataFormatError(
            f"{layout.path} is not a valid {kind} file: {one_line(error)}"
        ) from error


def _scale(path: Path, signal: Any, stated: Stated, largest: int) -> tuple[np.float32, np.float32]:
    """Give factor and offset from stored numbers, up to the largest that can be, to mV."""
    if stated.gain is not None:
        return np.float32(1 / stated.gain), np.float32(0)
    try:
        low, high = float(signal.physical_min), float(signal.physical_max)
        first, last = int(signal.digital_min), int(signal.digital_max)
    except ValueError as error:
        raise DataFormatError(
            f"{path} has no numbers for the range of {signal.label}: {one_line(error)}"
        ) from error
    if last == first or high == low or not math.isfinite(high - low):
        raise DataFormatError(
            f"{path} gives {signal.label} the range {low:g} to {high:g} for the numbers {first} to "
            f"{last}, expected two different ends; state the gain"
        )
    to_mv = stated.scale(signal.physical_dimension)
    factor = (high - low) / (last - first) * to_mv
    offset = low * to_mv - first * factor
    budget.check_scale(path, signal.label, factor, offset, largest)
    return np.float32(factor), np.float32(offset)


def _discontinuous(
    layout: _Layout, fs_hz: float, per_record: int, notes: list[str]
) -> npt.NDArray[np.int64]:
    """Give the first sample of each data record of an EDF+D file on one time line."""
    if layout.time_track is None:
        raise DataFormatError(f"{layout.path} says it is interrupted but has no time track")
    first, length = layout.time_track
    onsets = np.empty(layout.n_records)
    with layout.path.open("rb") as stream:
        for i in range(layout.n_records):
            stream.seek(len(layout.header) + i * layout.record_bytes + first)
            found = _ONSET.match(stream.read(min(length, 64)))
            if found is None:
                raise DataFormatError(f"{layout.path} has no time in data record {i + 1}")
            onsets[i] = float(found[1])
    seconds = onsets - onsets[0]
    # A record may start where the one before ends, a sample earlier at most.
    if (np.diff(seconds) < layout.record_s - 1 / fs_hz).any():
        raise DataFormatError(f"{layout.path} has data records that overlap in time")
    if seconds[-1] > budget.LONGEST_S:
        raise DataFormatError(
            f"{layout.path} has a gap that makes it {seconds[-1] / 86400:.0f} days long, expected "
            f"at most {budget.LONGEST_S / 86400:.0f}"
        )
    starts = np.rint(seconds * fs_hz).astype(np.int64)
    # Rounding must not let one record write over the end of another.
    steps = np.maximum(np.diff(starts, prepend=-per_record), per_record)
    starts = np.cumsum(steps) - per_record
    gap_s = (int(starts[-1]) + per_record - layout.n_records * per_record) / fs_hz
    if gap_s > 0:
        notes.append(f"{gap_s:.1f} s between the data records were not recorded")
    return starts


def _rescaled(starts: npt.NDArray[np.int64], per_record: int, n: int) -> npt.NDArray[np.int64]:
    """Give the first samples of data records for a slower lead, with ``n`` samples in each."""
    places = np.rint(starts * (n / per_record)).astype(np.int64)
    steps = np.maximum(np.diff(places, prepend=-n), n)  # as for the fastest leads
    return np.asarray(np.cumsum(steps) - n)


def _runs(starts: npt.NDArray[np.int64], per_record: int) -> tuple[tuple[int, int], ...] | None:
    """Give the stretches without a gap, or None if there is but one."""
    breaks = np.flatnonzero(np.diff(starts) != per_record)
    if not len(breaks):
        return None
    first, last = starts[np.r_[0, breaks + 1]], starts[np.r_[breaks, len(starts) - 1]]
    return tuple(zip(first.tolist(), (last + per_record).tolist(), strict=True))


@dataclass(frozen=True)
class _Reader:
    layout: _Layout
    signals: tuple[int, ...]
    scales: tuple[tuple[np.float32, np.float32], ...]
    per_record: int
    starts: npt.NDArray[np.int64]

    def read(self, start: int, stop: int) -> Float32:
        out = np.full((len(self.signals), max(stop - start, 0)), np.nan, dtype=np.float32)
        if stop <= start:
            return out
        first = int(np.searchsorted(self.starts, start - self.per_record, side="right"))
        last = int(np.searchsorted(self.starts, stop, side="left"))
        step = max(_PIECE_BYTES // self.layout.record_bytes, 1)
        for begin in range(first, last, step):
            end = min(begin + step, last)
            file = _decode(self.layout, begin, end)
            for row, i, (factor, offset) in zip(out, self.signals, self.scales, strict=True):
                values = file.signals[i].digital.astype(np.float32)
                values *= factor
                values += offset
                self._place(row, values, begin, end, start)
        return out

    def _place(self, row: Float32, values: Float32, begin: int, end: int, start: int) -> None:
        """Put the samples of data records where they belong, run by unbroken run."""
        starts, n = self.starts[begin:end], self.per_record
        breaks = np.flatnonzero(np.diff(starts) != n) + 1
        for low, high in zip([0, *breaks], [*breaks, end - begin], strict=True):
            at = int(starts[low]) - start
            part = values[low * n : high * n]
            cut = max(-at, 0)
            part = part[cut : max(len(row) - at, 0)]
            row[at + cut : at + cut + len(part)] = part


def _start(file: Any) -> datetime | None:
    try:
        start = datetime.combine(file.startdate, file.starttime)
    except Exception:  # anonymised, or no date at all: nothing depends on it
        return None
    return None if start == _NO_START else start


def _integer(path: Path, raw: bytes, what: str) -> int:
    try:
        return int(raw.decode("ascii").strip())
    except ValueError:
        raise DataFormatError(f"{path} has {raw!r} where its {what} should be") from None


def _float(path: Path, raw: bytes, what: str) -> float:
    try:
        value = float(raw.decode("ascii").strip())
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataFormatError(f"{path} has {raw!r} where its {what} should be")
    return value
