"""WFDB records: a header (``.hea``) and its signal files, one segment or many, through `wfdb`."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.common import (
    Format,
    Signal,
    Stated,
    check_length,
    choose_leads,
    lead_names,
    one_line,
)
from ectopy.recordings.recording import Float32, Recording

_PIECE_FRAMES: Final = 1 << 19
"""Frames read at once: bounds the memory of a long read to some tens of megabytes."""
_LARGEST_HEADER: Final = 8 << 20
"""Bytes; a week in one-second segments is not longer."""
# Bytes of a sample in each signal format, as (bytes, samples), and the number that marks a missing
# sample (header(5) and signal(5) of the WFDB manual). Format 8 stores differences, without a mark.
_BYTES: Final = {
    "8": (1, 1), "16": (2, 1), "24": (3, 1), "32": (4, 1), "61": (2, 1), "80": (1, 1),
    "160": (2, 1), "212": (3, 2), "310": (4, 3), "311": (4, 3),
}  # fmt: skip
_COMPRESSED: Final = ("508", "516", "524")  # FLAC: the size of the file says nothing
_BITS: Final = {
    "80": 8, "508": 8, "310": 10, "311": 10, "212": 12, "16": 16, "61": 16, "160": 16, "516": 16,
    "24": 24, "524": 24, "32": 32,
}  # fmt: skip
_RECORD_LINE: Final = re.compile(rb"[-\w]+(/\d+)?[ \t]+\d+([ \t]|\r?\n|$)")
_NEXT_LINE: Final = re.compile(
    rb"\S+[ \t]+\d+(x\d+)?(:\d+)?(\+\d+)?([ \t]|\r?\n|$)"  # signal: file and format; or a segment
)
_PADDING: Final = 16  # samples
_DEFAULT_GAIN: Final = 200.0
"""ADC units per mV that header(5) has readers assume where the gain is missing or 0."""


@dataclass(frozen=True)
class _Channel:
    index: int  # among the signals of the header
    gain: float  # ADC units per mV
    baseline: float
    missing: int | None  # number that marks a missing sample


def recognises(path: Path, head: bytes) -> bool:
    """Tell whether a file is a WFDB header: a record line, then a signal or segment line."""
    lines = [x for x in head.splitlines() if x.strip() and not x.startswith(b"#")]
    if not lines or not _RECORD_LINE.match(lines[0]):
        return False
    if len(lines) == 1:
        return path.suffix == ".hea"
    return bool(_NEXT_LINE.match(lines[1]))


def open_wfdb(path: Path, stated: Stated) -> Recording:
    """Open the record of a header."""
    import wfdb  # late: it loads pandas

    header = _read_header(path)
    if isinstance(header, wfdb.MultiRecord):
        return _open_segments(path, header, stated)
    notes: list[str] = []
    n_samples = _check_signal_files(path, header, notes)
    frame_hz = stated.rate(path, _number(header.fs), notes)
    per_frame = [n or 1 for n in header.samps_per_frame]
    names = [name or "" for name in header.sig_name]
    units = [unit or "mV" for unit in header.units]  # header(5): mV where nothing is said
    signals = [
        Signal(name or f"lead {i + 1}", unit, frame_hz * n)
        for i, (name, unit, n) in enumerate(zip(names, units, per_frame, strict=True))
    ]
    kept = choose_leads(path, signals, stated, notes)
    channels = tuple(_channel(path, header, i, units[i], stated, notes) for i in kept)
    factor = per_frame[kept[0]]
    check_length(path, n_samples * factor, frame_hz * factor)
    swapped = any(header.fmt[i] == "61" for i in kept)
    reader = _Reader(path, channels, factor, _resolution(header, kept), swapped)
    if header.sig_len is None or any(header.fmt[i] == "8" for i in kept):
        # Without a length in the header, wfdb reads all or nothing; and in format 8, which stores
        # differences, a sample is known only by reading all before it.
        whole = reader.read_all(n_samples)
        read = lambda begin, end: whole[:, begin:end]  # noqa: E731
    else:
        read = reader.read
        reader.read(n_samples * factor - 1, n_samples * factor)  # fails now rather than later
    return Recording(
        name=path.stem,
        fs_hz=frame_hz * factor,
        leads=lead_names([names[i] for i in kept]),
        n_samples=n_samples * factor,
        reader=read,
        start=_start(header),
        source=f"WFDB {path.name}",
        notes=tuple(notes),
    )


FORMAT = Format("WFDB", recognises, open_wfdb, (".hea",))


def _read_header(path: Path, *, segment: bool = False) -> Any:
    """Read one header with wfdb and check what wfdb does not."""
    import wfdb

    if path.stat().st_size > _LARGEST_HEADER:
        raise DataFormatError(f"{path} has {path.stat().st_size} bytes, too many for a WFDB header")
    try:
        header = wfdb.rdheader(str(path.with_suffix("").absolute()))
    except Exception as error:  # wfdb checks little, so damage can fail it anywhere
        raise DataFormatError(f"{path} is not a WFDB header: {one_line(error)}") from error
    _check_rate(path)
    if isinstance(header, wfdb.MultiRecord):
        if segment:
            raise DataFormatError(f"{path} has segments within a segment, expected signals")
        return header
    named = header.file_name or []
    if not segment and (not header.n_sig or not named):
        raise DataFormatError(f"{path} describes no signals")
    if header.n_sig != len(named):
        raise DataFormatError(f"{path} promises {header.n_sig} signals and describes {len(named)}")
    return header


def _check_rate(path: Path) -> None:
    """Refuse a rate that is no number, for which wfdb would take 250 Hz."""
    with path.open("rb") as stream:
        lines = (x for x in stream if x.strip() and not x.startswith(b"#"))
        words = next(lines, b"").split()
    if len(words) > 2 and not re.match(rb"[\d.]+([eE][+-]?\d+)?(/|$)", words[2]):
        raise DataFormatError(
            f"{path} has {words[2].decode('latin-1')!r} where its sampling rate should be"
        )


def _check_signal_files(path: Path, header: Any, notes: list[str]) -> int:
    """Compare what a header promises with the sizes of its signal files; give the length.

    The length is in frames (samples, where each signal has one sample a frame).
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(header.file_name):
        groups[name].append(i)
    promised = header.sig_len
    lengths = []
    for name, members in groups.items():
        if name == "~":
            continue
        if Path(name).name != name:
            raise DataFormatError(f"{path} names the signal file {name!r}, expected one beside it")
        file = path.with_name(name)
        if not file.is_file():
            raise DataFormatError(f"{path} names the signal file {name}, which is not beside it")
        formats = {header.fmt[i] for i in members}
        if len(formats) > 1 or not formats <= {*_BYTES, *_COMPRESSED}:
            raise DataFormatError(
                f"{path} gives {name} the signal format {', '.join(sorted(map(str, formats)))}, "
                "expected one that WFDB defines"
            )
        (fmt,) = formats
        if fmt in _COMPRESSED:
            if promised:
                lengths.append(promised)
            continue
        per_frame = sum(header.samps_per_frame[i] or 1 for i in members)
        if per_frame < 1:
            raise DataFormatError(f"{path} gives {name} {per_frame} samples a frame")
        skew = max(header.skew[i] or 0 for i in members)
        data_bytes = file.stat().st_size - (header.byte_offset[members[0]] or 0)
        size, samples = _BYTES[fmt]
        held = max(data_bytes, 0) * samples // size // per_frame
        lengths.append(held)
        if promised and promised > held:
            raise DataFormatError(
                f"{file} is cut off or its header is wrong: it holds {held} samples a lead, "
                f"{path.name} promises {promised}"
            )
        # A last frame is sometimes padded to whole blocks; more than that is a wrong header.
        if promised and held > promised + _PADDING:
            notes.append(
                f"{name} holds {held} samples a lead, its header promises {promised}; the rest was "
                "left out"
            )
        if skew < 0 or skew > held:
            raise DataFormatError(f"{path} shifts a signal by {skew} samples of {held}")
    if not lengths:
        raise DataFormatError(f"{path} names no signal file, or does not say how long it is")
    return int(promised or min(lengths))


def _channel(
    path: Path, header: Any, i: int, units: str, stated: Stated, notes: list[str]
) -> _Channel:
    name = header.sig_name[i] or f"lead {i + 1}"
    gain, baseline = _number(header.adc_gain[i]), header.baseline[i] or 0
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
    bits: int
    swapped: bool  # format 61, of which wfdb gives physical values only

    def read(self, start: int, stop: int) -> Float32:
        """Read samples of all channels in pieces, scaled to mV."""
        out = np.empty((len(self.channels), max(stop - start, 0)), dtype=np.float32)
        step = max(_PIECE_FRAMES // self.per_frame, 1)
        first, last = start // self.per_frame, -(-stop // self.per_frame)
        for begin in range(first, last, step) if stop > start else ():
            end = min(begin + step, last)
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
        return digital


def _to_mv(out: Float32, numbers: npt.NDArray[Any], channel: _Channel) -> None:
    np.subtract(numbers, np.float32(channel.baseline), out=out, dtype=np.float32)
    out *= np.float32(1 / channel.gain)
    if channel.missing is not None:
        missing = numbers == channel.missing
        if missing.any():
            out[missing] = np.nan


def _open_segments(path: Path, header: Any, stated: Stated) -> Recording:
    """Open a record of several segments; a segment without a lead gives missing samples."""
    notes: list[str] = []
    names = list(header.seg_name or [])
    lengths = list(header.seg_len or [])
    if not names or len(names) != header.n_seg:
        raise DataFormatError(f"{path} promises {header.n_seg} segments and names {len(names)}")
    if any(n is None or n < 0 for n in lengths):
        raise DataFormatError(f"{path} has a segment of negative length")
    total = int(sum(lengths))
    if header.sig_len is not None and header.sig_len != total:
        raise DataFormatError(
            f"{path} promises {header.sig_len} samples and its segments add up to {total}"
        )
    rate = stated.rate(path, _number(header.fs), notes)
    check_length(path, total, rate)
    layout, starts, parts = None, [], []
    at = 0
    opened: dict[str, Recording] = {}
    for name, length in zip(names, lengths, strict=True):
        if name != "~" and length == 0 and layout is None:
            layout = _read_header(_segment_path(path, name), segment=True)
        elif name != "~" and length:
            if name not in opened:
                segment = _segment_path(path, name)
                opened[name] = open_wfdb(segment, replace(stated, fs_hz=stated.fs_hz or rate))
                if isinstance(_read_header(segment, segment=True), type(header)):
                    raise DataFormatError(f"{segment} has segments within a segment")
            if opened[name].n_samples < length or not math.isclose(opened[name].fs_hz, rate):
                raise DataFormatError(
                    f"{path} promises {length} samples at {rate:g} Hz in segment {name}, which has "
                    f"{opened[name].n_samples} at {opened[name].fs_hz:g} Hz"
                )
            starts.append(at)
            parts.append((opened[name], length))
        at += length
    if not parts:
        raise DataFormatError(f"{path} has no segment with signals")
    # Leads in the order of the layout, or as the segments bring them.
    wanted = lead_names(layout.sig_name) if layout is not None and layout.sig_name else ()
    present = list(dict.fromkeys(lead for part, _ in parts for lead in part.leads))
    leads = tuple(lead for lead in wanted if lead in present) or tuple(present)
    leads += tuple(lead for lead in present if lead not in leads)
    gaps = total - sum(length for _, length in parts)
    if gaps:
        notes.append(f"{gaps / rate:.1f} s between the segments were not recorded")
    notes += dict.fromkeys(note for part, _ in parts for note in part.notes)
    return Recording(
        name=path.stem,
        fs_hz=rate,
        leads=leads,
        n_samples=total,
        reader=_Segments(leads, tuple(starts), tuple(parts)).read,
        start=_start(header),
        source=f"WFDB {path.name}, {len(parts)} segments",
        notes=tuple(notes),
    )


def _segment_path(path: Path, name: str) -> Path:
    segment = path.with_name(f"{Path(name).name}.hea")
    if Path(name).name != name or not segment.is_file() or segment == path:
        raise DataFormatError(f"{path} names the segment {name!r}, whose header is not beside it")
    return segment


@dataclass(frozen=True)
class _Segments:
    leads: tuple[str, ...]
    starts: tuple[int, ...]
    parts: tuple[tuple[Recording, int], ...]

    def read(self, start: int, stop: int) -> Float32:
        out = np.full((len(self.leads), max(stop - start, 0)), np.nan, dtype=np.float32)
        first = max(int(np.searchsorted(self.starts, start, side="right")) - 1, 0)
        for at, (part, length) in zip(self.starts[first:], self.parts[first:], strict=True):
            if at >= stop:
                break
            begin, end = max(start, at), min(stop, at + length)
            if begin < end:
                rows = [self.leads.index(lead) for lead in part.leads]
                out[rows, begin - start : end - start] = part.read(begin - at, end - at)
        return out


def _start(header: Any) -> datetime | None:
    if header.base_date is None or header.base_time is None:
        return None
    return datetime.combine(header.base_date, header.base_time)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
