"""Signals of one WFDB segment, read a piece at a time and scaled to mV."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import Signal, Stated, by_rate, choose_leads, lead_names, some
from ectopy.recordings.formats.resample import Part, join
from ectopy.recordings.formats.wfdb_checksum import Checksums, checksums
from ectopy.recordings.formats.wfdb_header import signal_files, stored, stored_bytes
from ectopy.recordings.recording import Float32, Notes, Recording, lead_called
from ectopy.recordings.subject import Subject
from ectopy.recordings.wfdb.encodings import missing_mark
from ectopy.recordings.wfdb.header import Header, SignalLine
from ectopy.recordings.wfdb.signal_file import SignalFile

_PIECE_SAMPLES: Final = 1 << 18
"""Samples of all signals read at once: what they become on the way stays in the cache."""
_DEFAULT_GAIN: Final = 200.0
"""ADC units per mV that header(5) has readers assume where the gain is missing or 0."""


@dataclass(frozen=True)
class _Channel:
    gain: float  # ADC units per mV
    baseline: float
    missing: int  # number that marks a missing sample


@dataclass(frozen=True)
class Signals:
    """The leads of a header, whose rate is not checked yet.

    Attributes
    ----------
    recording : Recording
        Its rate is what the header says, whatever that is.
    per_frame : int
        Samples of it in a frame: a header gives the rate of frames, which may be one a second.
    """

    recording: Recording
    per_frame: int


def open_signals(header: Header, stated: Stated) -> Recording:
    """Open the signals of a record without segments."""
    signals = read_signals(header, stated)
    recording, notes = signals.recording, list[str]()
    fs_hz = stated.rate(header.path, recording.fs_hz, notes)
    budget.check(
        header.path, fs_hz, len(recording.leads), recording.n_samples, stored_bytes(header)
    )
    return replace(recording, fs_hz=fs_hz, notes=(*notes, *recording.notes))


def read_signals(header: Header, stated: Stated) -> Signals:
    """Read what a header (of one segment) says of its signals.

    Of a header's checksums nothing is said at opening, which would read every sample for nothing
    else: they are compared while the samples are read, and `Recording.found_reading` tells of one
    that does not fit once all samples were (as they are at the end of an analysis).
    """
    path, lines, notes = header.path, stored(header), list[str]()
    n_frames, files = signal_files(header, notes)
    if without := [line.name or "one" for line in header.signals if line not in lines]:
        notes.append(f"signals left out because they have no signal file: {some(without)}")
    if header.unread:
        notes.append(f"the start {header.unread!r} is no date and time, and was left out")
    frame_hz = header.fs_hz or 1.0  # without one, rates still have their ratios
    signals = [
        Signal(line.name or f"lead {i + 1}", line.units, frame_hz * line.per_frame)
        for i, line in enumerate(lines)
    ]
    kept = choose_leads(path, signals, stated, notes)
    channels = [_channel(path, signals[i].name, lines[i], stated, notes) for i in kept]
    factor = max(lines[i].per_frame for i in kept)
    step = max(_PIECE_SAMPLES // sum(line.per_frame for line in lines), 1)
    parts, sums = [], []
    for rows in by_rate(signals, kept).values():
        mine = [kept[row] for row in rows]
        per_frame = lines[mine[0]].per_frame
        sources = tuple(
            _Source(
                file,
                tuple(at for at, i in enumerate(members) if i in mine),
                tuple(mine.index(i) for i in members if i in mine),
            )
            for file, members in files
            if set(members) & set(mine)
        )
        named = [(signals[i].name, lines[i]) for i in mine]
        sums.append(checksums(path, named, n_frames * per_frame))
        chosen = tuple(channels[row] for row in rows)
        reader = _Reader(sources, chosen, per_frame, step, sums[-1])
        if any(source.file.compressed for source in sources):
            reader(n_frames * per_frame - 1, n_frames * per_frame)  # whole, or fails now
        parts.append(Part(rows, reader, n_frames * per_frame, Fraction(factor, per_frame)))
    recording = Recording(
        name=path.stem,
        fs_hz=header.fs_hz * factor,
        leads=lead_names([lines[i].name for i in kept]),
        n_samples=n_frames * factor,
        reader=join(parts),
        start=header.start,
        subject=Subject.from_comments(header.comments),
        source=f"WFDB {path.name}",
        notes=tuple(notes),
        found_reading=Notes(tuple(each.notes for each in sums)),
    )
    return Signals(recording, factor)


def _channel(path: Path, name: str, line: SignalLine, stated: Stated, notes: list[str]) -> _Channel:
    gain = stated.gain
    if gain is None:
        gain = (line.gain or _DEFAULT_GAIN) / stated.scale(line.units)
        if line.gain is None:
            notes.append(
                f"{lead_called(name)} is not calibrated: {_DEFAULT_GAIN:g} ADC units per mV "
                "were assumed"
            )
    missing = missing_mark(line.encoding)
    budget.check_scale(path, name, 1 / gain, line.baseline / gain, -missing)
    return _Channel(gain, float(line.baseline), missing)


@dataclass(frozen=True)
class _Source:
    file: SignalFile
    signals: tuple[int, ...]  # wanted ones, by their place in the file
    rows: tuple[int, ...]  # where they go


@dataclass(frozen=True)
class _Reader:
    sources: tuple[_Source, ...]
    channels: tuple[_Channel, ...]
    per_frame: int
    step: int  # frames read at once
    sums: Checksums

    def __call__(self, start: int, stop: int) -> Float32:
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

    def _digital(self, begin: int, end: int) -> list[npt.NDArray[Any]]:
        digital: dict[int, npt.NDArray[Any]] = {}
        for source in self.sources:
            numbers = source.file.read(begin, end, source.signals)
            digital.update(zip(source.rows, numbers, strict=True))
        ordered = [digital[row] for row in range(len(self.channels))]
        marks = tuple(channel.missing for channel in self.channels)
        self.sums.add(begin * self.per_frame, ordered, marks)
        return ordered


def _to_mv(out: Float32, numbers: npt.NDArray[Any], channel: _Channel) -> None:
    np.subtract(numbers, np.float32(channel.baseline), out=out, dtype=np.float32)
    out *= np.float32(1 / channel.gain)
    missing = numbers == channel.missing
    if missing.any():
        out[missing] = np.nan
