"""WFDB records: a header (``.hea``) and its signal files, one segment or many."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
)
from ectopy.recordings.formats.wfdb_header import read_header, recognises, stored_bytes
from ectopy.recordings.formats.wfdb_signals import open_signals
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
    frame_hz = stated.rate(path, header.fs_hz, notes)
    budget.check(path, frame_hz, 1, n_frames)
    layout: tuple[str, ...] = ()
    parts: list[_Part] = []
    opened: dict[str, Recording | None] = {}  # None: no ECG lead in it
    stored = 0
    at = 0
    for name, length in named:
        if name != "~" and length:
            if name not in opened:
                opened[name], size = _open_segment(path, name, stated, frame_hz)
                stored += size
            segment = opened[name]
            if segment is not None:
                parts.append(_Part(segment, at, length))
        elif name != "~" and not layout:
            described = read_header(_segment_path(path, name), segment=True).signals
            layout = lead_names([line.name for line in described])
        at += length
    if not parts:
        raise DataFormatError(f"{path} has no segment with an ECG lead")
    per_frame = _samples_per_frame(path, parts, frame_hz)
    parts = [replace(p, start=p.start * per_frame, length=p.length * per_frame) for p in parts]
    n_samples = at * per_frame
    # Leads in the order of the layout, or as the segments bring them.
    present = dict.fromkeys(lead for part in parts for lead in part.segment.leads)
    leads = (*(x for x in layout if x in present), *(x for x in present if x not in layout))
    held = sum(part.length for part in parts)
    budget.check(path, frame_hz * per_frame, len(leads), n_samples)
    budget.check(path, frame_hz * per_frame, len(leads), held, stored)
    if gaps := n_samples - held:
        seconds = gaps / (frame_hz * per_frame)
        notes.append(f"{seconds:.1f} s between the segments were not recorded")
    segments = [segment for segment in opened.values() if segment is not None]
    notes += dict.fromkeys(note for segment in segments for note in segment.notes)
    subjects = (Subject.from_comments(header.comments), *(s.subject for s in segments))
    return Recording(
        name=path.stem,
        fs_hz=frame_hz * per_frame,
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


def _open_segment(
    path: Path, name: str, stated: Stated, frame_hz: float
) -> tuple[Recording | None, int]:
    """Open a segment, if it has an ECG lead, and give the bytes of its signal files."""
    segment = _segment_path(path, name)
    header = read_header(segment, segment=True)
    if not header.signals:
        return None, 0
    try:
        opened = open_signals(header, replace(stated, fs_hz=frame_hz))
    except NoLeadsError:
        return None, 0
    return opened, stored_bytes(header)


def _samples_per_frame(path: Path, parts: list[_Part], frame_hz: float) -> int:
    """Give the samples that each frame has in every segment, which must be the same."""
    numbers = {round(part.segment.fs_hz / frame_hz) for part in parts}
    if len(numbers) > 1:
        raise DataFormatError(
            f"{path} has segments whose ECG leads have {sorted(numbers)} samples a frame, expected "
            "one number"
        )
    (per_frame,) = numbers
    for part in parts:
        if part.segment.n_samples < part.length * per_frame:
            raise DataFormatError(
                f"{path} promises {part.length * per_frame} samples in segment "
                f"{part.segment.name}, which has {part.segment.n_samples}"
            )
    return per_frame


@dataclass(frozen=True)
class _Part:
    segment: Recording
    start: int  # in the whole record
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
