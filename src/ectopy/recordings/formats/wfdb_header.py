"""Headers of WFDB records, checked against the signal files that they describe."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ectopy.errors import DataFormatError
from ectopy.recordings.wfdb import header as wfdb
from ectopy.recordings.wfdb.encodings import COMPRESSED, ENCODINGS
from ectopy.recordings.wfdb.header import Header, SignalLine
from ectopy.recordings.wfdb.signal_file import SignalFile, groups

_PADDING: Final = 16
"""Samples that a signal file may have too many: some writers fill up blocks."""


def recognises(path: Path, head: bytes) -> bool:
    """Tell a WFDB header by its name, which is part of the format: records are found by it.

    Its content cannot tell: a header may look like a table, and a table like a header.
    """
    return path.suffix == ".hea"


def read_header(path: Path, *, segment: bool = False) -> Header:
    """Read the header of a record or of one of its segments, and check that it is whole."""
    header = wfdb.read_header(path)
    if header.segments is not None:
        if segment:
            raise DataFormatError(f"{path} has segments within a segment, expected signals")
        return header
    n_described = len(header.signals)
    if not segment and not n_described:
        raise DataFormatError(f"{path} describes no signals")
    if header.n_signals != n_described:
        raise DataFormatError(
            f"{path} promises {header.n_signals} signals and describes {n_described}"
        )
    return header


def signal_files(
    header: Header, notes: list[str]
) -> tuple[int, list[tuple[SignalFile, tuple[int, ...]]]]:
    """Compare what a header promises with its signal files.

    Returns
    -------
    tuple of int and list
        Frames of the record (samples, where each signal has one sample a frame); and each file
        with the signals in it, by their place among the `stored`.
    """
    lengths = []
    files = []
    for name, members in groups(stored(header)).items():
        lines = tuple(stored(header)[i] for i in members)
        file = SignalFile(_beside(header.path, name), lines, header.n_frames or 0)
        formats = {line.encoding for line in lines}
        if len(formats) > 1 or not formats <= {*ENCODINGS, *COMPRESSED}:
            raise DataFormatError(
                f"{header.path} gives {name} the signal format {', '.join(sorted(formats))}, "
                "expected one that WFDB defines"
            )
        held = file.held_frames()
        lengths.append(held)
        _compare(header, file, held, notes)
        files.append((file, tuple(members)))
    if not lengths:
        raise DataFormatError(f"{header.path} names no signal file")
    n_frames = header.n_frames or min(lengths)
    return n_frames, [(SignalFile(f.path, f.lines, n_frames), members) for f, members in files]


def stored(header: Header) -> tuple[SignalLine, ...]:
    """Give the signals that have a signal file; ``~`` stands for none."""
    return tuple(line for line in header.signals if line.file != "~")


def _beside(path: Path, name: str) -> Path:
    if Path(name).name != name:
        raise DataFormatError(f"{path} names the signal file {name!r}, expected one beside it")
    file = path.with_name(name)
    if not file.is_file():
        raise DataFormatError(f"{path} names the signal file {name}, which is not beside it")
    return file


def _compare(header: Header, file: SignalFile, held: int, notes: list[str]) -> None:
    promised, path = header.n_frames, header.path
    if promised and promised > held:
        raise DataFormatError(
            f"{file.path} is cut off or its header is wrong: it holds {held} samples a lead, "
            f"{path.name} promises {promised}"
        )
    if promised and held > promised + _PADDING:
        notes.append(
            f"{file.path.name} holds {held} samples a lead, its header promises {promised}; the "
            "rest was left out"
        )
    skew = max(line.skew for line in file.lines)
    if skew > held:
        raise DataFormatError(f"{path} shifts a signal by {skew} samples of {held}")


def stored_bytes(header: Header) -> int:
    """Give the bytes of the signal files, each counted once."""
    names = {line.file for line in stored(header)}
    return sum(header.path.with_name(name).stat().st_size for name in names)
