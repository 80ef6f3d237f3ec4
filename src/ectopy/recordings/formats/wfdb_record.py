"""WFDB records: a header (``.hea``) and its signal files, one segment or many, through `wfdb`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.common import (
    Format,
    NoLeadsError,
    Stated,
    check_length,
    lead_names,
)
from ectopy.recordings.formats.wfdb_header import number, read_header, recognises, start_of
from ectopy.recordings.formats.wfdb_signals import open_signals
from ectopy.recordings.recording import Float32, Recording


def open_wfdb(path: Path, stated: Stated) -> Recording:
    """Open the record of a header."""
    import wfdb  # late: it loads pandas

    header = read_header(path)
    if isinstance(header, wfdb.MultiRecord):
        return _open_segments(path, header, stated)
    return open_signals(path, header, stated)


FORMAT = Format("WFDB", recognises, open_wfdb, (".hea",))


def _open_segments(path: Path, header: Any, stated: Stated) -> Recording:
    """Open a record of several segments; what a segment lacks is missing samples."""
    notes: list[str] = []
    lengths = _lengths(path, header)
    frame_hz = stated.rate(path, number(header.fs), notes)
    check_length(path, sum(lengths), frame_hz)
    layout: tuple[str, ...] = ()
    parts: list[_Part] = []
    opened: dict[str, Recording | None] = {}  # None: no ECG lead in it
    at = 0
    for name, length in zip(header.seg_name, lengths, strict=True):
        if name != "~" and length:
            if name not in opened:
                opened[name] = _open_segment(path, name, stated, frame_hz)
            segment = opened[name]
            if segment is not None:
                parts.append(_Part(segment, at, length))
        elif name != "~" and not layout:
            names = read_header(_segment_path(path, name), segment=True).sig_name
            layout = lead_names(names or ())
        at += length
    if not parts:
        raise DataFormatError(f"{path} has no segment with an ECG lead")
    per_frame = _samples_per_frame(path, parts, frame_hz)
    parts = [replace(p, start=p.start * per_frame, length=p.length * per_frame) for p in parts]
    n_samples = at * per_frame
    # Leads in the order of the layout, or as the segments bring them.
    present = dict.fromkeys(lead for part in parts for lead in part.segment.leads)
    leads = (*(x for x in layout if x in present), *(x for x in present if x not in layout))
    if gaps := n_samples - sum(part.length for part in parts):
        seconds = gaps / (frame_hz * per_frame)
        notes.append(f"{seconds:.1f} s between the segments were not recorded")
    notes += dict.fromkeys(note for part in parts for note in part.segment.notes)
    return Recording(
        name=path.stem,
        fs_hz=frame_hz * per_frame,
        leads=leads,
        n_samples=n_samples,
        reader=_Segments(leads, tuple(parts)).read,
        start=start_of(header),
        source=f"WFDB {path.name}, {len(parts)} segments",
        notes=tuple(notes),
    )


def _lengths(path: Path, header: Any) -> list[int]:
    """Give the lengths of the segments in frames, checked."""
    lengths = list(header.seg_len or [])
    if not lengths or len(lengths) != header.n_seg:
        raise DataFormatError(f"{path} promises {header.n_seg} segments and names {len(lengths)}")
    if any(n is None or n < 0 for n in lengths):
        raise DataFormatError(f"{path} has a segment of negative length")
    if header.sig_len is not None and header.sig_len != sum(lengths):
        raise DataFormatError(
            f"{path} promises {header.sig_len} samples and its segments add up to {sum(lengths)}"
        )
    return lengths


def _segment_path(path: Path, name: str) -> Path:
    segment = path.with_name(f"{Path(name).name}.hea")
    if Path(name).name != name or not segment.is_file() or segment == path:
        raise DataFormatError(f"{path} names the segment {name!r}, whose header is not beside it")
    return segment


def _open_segment(path: Path, name: str, stated: Stated, frame_hz: float) -> Recording | None:
    segment = _segment_path(path, name)
    header = read_header(segment, segment=True)
    if not header.n_sig:
        return None
    try:
        return open_signals(segment, header, replace(stated, fs_hz=frame_hz))
    except NoLeadsError:
        return None


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


@dataclass(frozen=True)
class _Segments:
    leads: tuple[str, ...]
    parts: tuple[_Part, ...]

    def read(self, start: int, stop: int) -> Float32:
        out = np.full((len(self.leads), max(stop - start, 0)), np.nan, dtype=np.float32)
        for part in self.parts:
            begin, end = max(start, part.start), min(stop, part.start + part.length)
            if begin < end:
                rows = [self.leads.index(lead) for lead in part.segment.leads]
                piece = part.segment.read(begin - part.start, end - part.start)
                out[rows, begin - start : end - start] = piece
        return out
