"""WFDB records: a header (``.hea``) and its signal files, one segment or many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import (
    Format,
    NoLeadsError,
    Stated,
    lead_names,
    some,
)
from ectopy.recordings.formats.resample import Part, join
from ectopy.recordings.formats.wfdb_header import read_header, recognises, stored_bytes
from ectopy.recordings.formats.wfdb_signals import Signals, open_signals, read_signals
from ectopy.recordings.recording import Float32, Notes, Recording
from ectopy.recordings.subject import NOBODY, Subject
from ectopy.recordings.wfdb.header import Header


def open_wfdb(path: Path, stated: Stated) -> Recording:
    """Open the record of a header."""
    header = read_header(path)
    if header.segments is None:
        return open_signals(header, stated)
    return _open_segments(header, header.segments, stated)


FORMAT = Format("WFDB", recognises, open_wfdb, (".hea",))


def _open_segments(header: Header, named: tuple[tuple[str, int], ...], stated: Stated) -> Recording:
    """Open a record of several segments; what a segment lacks is missing samples."""
    path, notes = header.path, list[str]()
    n_frames = sum(length for _, length in named)
    if header.n_frames is not None and header.n_frames != n_frames:
        raise DataFormatError(
            f"{path} promises {header.n_frames} samples and its segments add up to {n_frames}"
        )
    frame_hz = header.fs_hz  # of frames, which may be one a second; that of the leads is checked
    usual_hz = min(max(frame_hz, budget.LOWEST_HZ), budget.HIGHEST_HZ)
    budget.check(path, usual_hz, 1, n_frames)
    layout: tuple[str, ...] = ()
    parts: list[_Part] = []
    opened: dict[str, Signals | None] = {}  # None: no ECG lead in it
    stored = 0
    at = 0
    for name, length in named:
        if name != "~" and length:
            if name not in opened:
                opened[name], size = _open_segment(path, name, stated)
                stored += size
            segment = opened[name]
            if segment is not None:
                parts.append(_Part(segment.recording, segment.per_frame, at, length))
        elif name != "~" and not layout:
            described = read_header(_segment_path(path, name), segment=True).signals
            layout = lead_names([line.name for line in described])
        at += length
    if not parts:
        raise DataFormatError(f"{path} has no segment with an ECG lead")
    per_frame = max(part.per_frame for part in parts)
    slower = dict.fromkeys(p.segment.name for p in parts if p.per_frame < per_frame)
    parts = [_at_rate(path, part, per_frame) for part in parts]
    n_samples = at * per_frame
    fs_hz = stated.rate(path, frame_hz * per_frame, notes)
    if slower:
        notes.append(f"segments of a lower rate, resampled to {fs_hz:g} Hz: {some(slower)}")
    # Leads in the order of the layout, or as the segments bring them.
    present = dict.fromkeys(lead for part in parts for lead in part.segment.leads)
    leads = (*(x for x in layout if x in present), *(x for x in present if x not in layout))
    held = sum(part.length for part in parts)
    budget.check(path, fs_hz, len(leads), n_samples)
    budget.check(path, fs_hz, len(leads), held, stored)
    if gaps := n_samples - held:
        seconds = gaps / fs_hz
        notes.append(f"{seconds:.1f} s between the segments were not recorded")
    segments = [segment.recording for segment in opened.values() if segment is not None]
    notes += dict.fromkeys(note for segment in segments for note in segment.notes)
    subjects = (Subject.from_comments(header.comments), *(s.subject for s in segments))
    return Recording(
        name=path.stem,
        fs_hz=fs_hz,
        leads=leads,
        n_samples=n_samples,
        reader=_Segments(leads, tuple(parts), np.array([p.start for p in parts])),
        start=header.start,
        subject=next(filter(None, subjects), NOBODY),
        source=f"WFDB {path.name}, {len(parts)} segments",
        notes=tuple(notes),
        recorded=_runs(parts) if gaps else None,
        found_reading=Notes(tuple(segment.found_reading for segment in segments)),
    )


def _segment_path(path: Path, name: str) -> Path:
    segment = path.with_name(f"{Path(name).name}.hea")
    if Path(name).name != name or not segment.is_file() or segment == path:
        raise DataFormatError(f"{path} names the segment {name!r}, whose header is not beside it")
    return segment


def _open_segment(path: Path, name: str, stated: Stated) -> tuple[Signals | None, int]:
    """Open a segment, if it has an ECG lead, and give the bytes of its signal files."""
    segment = _segment_path(path, name)
    header = read_header(segment, segment=True)
    if not header.signals:
        return None, 0
    try:
        return read_signals(header, stated), stored_bytes(header)
    except NoLeadsError:
        return None, 0


def _at_rate(path: Path, part: _Part, per_frame: int) -> _Part:
    """Bring a part to the samples a frame that the fastest segment has."""
    segment = part.segment
    if segment.n_samples < part.length * part.per_frame:
        raise DataFormatError(
            f"{path} promises {part.length * part.per_frame} samples in segment "
            f"{segment.name}, which has {segment.n_samples}"
        )
    if part.per_frame < per_frame:
        found = Fraction(per_frame, part.per_frame)
        rows = range(len(segment.leads))
        segment = replace(
            segment,
            n_samples=int(segment.n_samples * found),
            reader=join([Part(rows, segment.reader, segment.n_samples, found)]),
        )
    return _Part(segment, per_frame, part.start * per_frame, part.length * per_frame)


@dataclass(frozen=True)
class _Part:
    segment: Recording
    per_frame: int
    start: int  # in the whole record; frames, until all are brought to one rate
    length: int


def _runs(parts: list[_Part]) -> tuple[tuple[int, int], ...]:
    """Give the stretches without a gap between segments."""
    runs: list[tuple[int, int]] = []
    for part in parts:
        begin, end = part.start, part.start + part.length
        if runs and runs[-1][1] == begin:
            begin = runs.pop()[0]
        runs.append((begin, end))
    return tuple(runs)


@dataclass(frozen=True)
class _Segments:
    leads: tuple[str, ...]
    parts: tuple[_Part, ...]
    starts: npt.NDArray[np.int64]

    def __call__(self, start: int, stop: int) -> Float32:
        known: dict[tuple[str, int, int], Float32] = {}
        out = np.full((len(self.leads), max(stop - start, 0)), np.nan, dtype=np.float32)
        first, last = np.searchsorted(self.starts, (start, stop))
        for part in self.parts[max(int(first) - 1, 0) : int(last)]:
            begin, end = max(start, part.start), min(stop, part.start + part.length)
            if begin < end:
                rows = [self.leads.index(lead) for lead in part.segment.leads]
                within = (begin - part.start, end - part.start)
                piece = (part.segment.name, *within)
                if piece not in known:  # a header may name a segment thousands of times
                    known[piece] = part.segment.read(*within)
                out[rows, begin - start : end - start] = known[piece]
        return out
