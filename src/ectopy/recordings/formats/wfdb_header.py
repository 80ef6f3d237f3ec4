"""Headers of WFDB records: read with `wfdb`, then checked against the files they describe."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import one_line

# Bytes of a sample in each signal format, as (bytes, samples): signal(5) of the WFDB manual.
_BYTES: Final = {
    "8": (1, 1), "16": (2, 1), "24": (3, 1), "32": (4, 1), "61": (2, 1), "80": (1, 1),
    "160": (2, 1), "212": (3, 2), "310": (4, 3), "311": (4, 3),
}  # fmt: skip
_COMPRESSED: Final = ("508", "516", "524")  # FLAC: the size of the file says nothing
_PADDING: Final = 16
"""Samples that a signal file may have too many: some writers fill up blocks."""


def recognises(path: Path, head: bytes) -> bool:
    """Tell a WFDB header by its name, which is part of the format: records are found by it.

    Its content cannot tell: a header may look like a table, and a table like a header.
    """
    return path.suffix == ".hea"


def read_header(path: Path, *, segment: bool = False) -> Any:
    """Read one header with wfdb and check what wfdb does not."""
    import wfdb

    _check_size(path)
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


def _check_size(path: Path) -> None:
    """Refuse a header too long to be worked through: wfdb parses every line, whatever is in it."""
    size = path.stat().st_size
    if size > budget.MOST_HEADER:
        raise DataFormatError(
            f"{path} has {size} bytes, expected at most {budget.MOST_HEADER} in a WFDB header"
        )
    lines = sum(1 for x in path.read_bytes().splitlines() if x.strip() and not x.startswith(b"#"))
    if lines - 1 > budget.MOST_SEGMENTS:
        raise DataFormatError(
            f"{path} has {lines - 1} segments or signals, expected at most {budget.MOST_SEGMENTS}; "
            "join segments, or split the record"
        )


def _check_rate(path: Path) -> None:
    """Refuse a rate that is no number, for which wfdb would take 250 Hz."""
    with path.open("rb") as stream:
        lines = (x for x in stream if x.strip() and not x.startswith(b"#"))
        words = next(lines, b"").split()
    if len(words) > 2 and not re.match(rb"[\d.]+([eE][+-]?\d+)?(/|$)", words[2]):
        raise DataFormatError(
            f"{path} has {words[2].decode('latin-1')!r} where its sampling rate should be"
        )


def check_signal_files(path: Path, header: Any, notes: list[str]) -> int:
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


def stored_bytes(path: Path, header: Any) -> int:
    """Give the bytes of the signal files, each counted once."""
    files = {path.with_name(name) for name in header.file_name if name != "~"}
    return sum(file.stat().st_size for file in files)


def start_of(header: Any) -> datetime | None:
    """Give when the record began, if its header has both date and time."""
    if header.base_date is None or header.base_time is None:
        return None
    return datetime.combine(header.base_date, header.base_time)


def number(value: Any) -> float | None:
    """Give a field of a header as a number, if it is there."""
    return None if value is None else float(value)
