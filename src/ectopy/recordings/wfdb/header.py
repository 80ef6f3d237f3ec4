"""WFDB headers (``.hea``) as header(5) of the WFDB manual describes them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from ectopy.errors import DataFormatError

MOST_BYTES: Final = 2 << 20
"""Bytes of a header: 10,000 segments with names of 80 characters take half of it."""
MOST_LINES: Final = 10_000
"""Segments (gaps counted) or signals: each segment is opened and read apart, in a few ms."""
_DEFAULT_HZ: Final = 250.0  # header(5), where a header gives no rate

_WORD: Final = re.compile(r"\S+")
_COUNT: Final = re.compile(r"\d{1,15}", re.ASCII)
_WHOLE: Final = re.compile(r"[-+]?\d{1,15}", re.ASCII)
_REAL: Final = r"[-+]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][-+]?\d{1,4})?"
_RATE: Final = re.compile(rf"({_REAL})(?:/.*)?", re.ASCII)
_FORMAT: Final = re.compile(r"(\d{1,4})(?:x(\d{1,9}))?(?::(\d{1,15}))?(?:\+(\d{1,15}))?", re.ASCII)
_GAIN: Final = re.compile(rf"({_REAL})(?:\(([-+]?\d{{1,15}})\))?(?:/(.*))?", re.ASCII)
_TIME: Final = re.compile(r"(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,2})(?:\.(\d*))?", re.ASCII)
_DATE: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{1,4})", re.ASCII)


@dataclass(frozen=True)
class SignalLine:
    """What a header says of one signal.

    Attributes
    ----------
    file : str
        Name of its signal file; ``~`` where there is none.
    encoding : str
        Signal format, as in ``212``.
    per_frame : int
        Samples in a frame.
    skew : int
        Frames that the file has before those that belong to frame 0 of the others.
    offset : int
        Bytes (samples, where compressed) before the first frame.
    gain : float or None
        Stored units in a physical unit; None where the header does not say, or says 0.
    baseline : int
        Stored number of physical zero.
    units : str
        Physical unit, mV where the header does not say.
    initial : int
        What format 8, which stores differences, begins from.
    checksum : int or None
        Sum of all samples in 16 bits.
    name : str
        Description: the lead. May be empty.
    """

    file: str
    encoding: str
    per_frame: int
    skew: int
    offset: int
    gain: float | None
    baseline: int
    units: str
    initial: int
    checksum: int | None
    name: str


@dataclass(frozen=True)
class Header:
    """One header, of a record or of a segment.

    Attributes
    ----------
    path : Path
        The file.
    n_signals : int
        Signals that it promises.
    fs_hz : float
        Frames a second.
    n_frames : int or None
        Length, where it is given.
    start : datetime or None
        When the record began, where both date and time are given.
    unread : str
        Date and time as written, where they are none.
    signals : tuple of SignalLine
        Empty where there are segments.
    segments : tuple of (str, int) or None
        Name and frames of each segment, ``~`` for a gap; None where the record has no segments.
    comments : tuple of str
        Lines of comments, without their mark.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ectopy.recordings.wfdb import read_header
    >>> header = read_header(Path("records/a.hea"))
    >>> header.fs_hz
    250.0
    """

    path: Path
    n_signals: int
    fs_hz: float
    n_frames: int | None
    start: datetime | None
    unread: str
    signals: tuple[SignalLine, ...] = ()
    segments: tuple[tuple[str, int], ...] | None = None
    comments: tuple[str, ...] = field(default=(), repr=False)  # they may tell who it is of


def read_header(path: Path) -> Header:
    """Read one header.

    Raises
    ------
    DataFormatError
        If it is no header, or too long to be worked through; the message names the word.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ectopy.recordings.wfdb import read_header
    >>> [signal.name for signal in read_header(Path("records/a.hea")).signals]
    ['II', 'V1']
    """
    lines, comments = _lines(path)
    words = lines[0].split()
    name, slash, n_segments = words[0].partition("/")
    if not name or len(words) < 2:
        raise DataFormatError(
            f"{path} is not a WFDB header: its first line is {_shown(lines[0])}, expected the "
            "name of the record and the number of its signals"
        )
    n_signals = _count(path, words[1], "the number of its signals")
    rate = _RATE.fullmatch(words[2]) if len(words) > 2 else None
    if len(words) > 2 and rate is None:
        raise DataFormatError(f"{path} has {_shown(words[2])} where its sampling rate should be")
    n_frames = _count(path, words[3], "its length in samples") if len(words) > 3 else 0
    start, unread = _start(words[4:])
    fs_hz = float(rate[1]) if rate else _DEFAULT_HZ
    about = (path, n_signals, fs_hz, n_frames or None, start, unread)
    if not slash:
        signals = tuple(_signal(path, line) for line in lines[1:])
        return Header(*about, signals=signals, comments=comments)
    segments = tuple(_segment(path, line) for line in lines[1:])
    if len(segments) != _count(path, n_segments, "the number of its segments"):
        raise DataFormatError(f"{path} promises {n_segments} segments and names {len(segments)}")
    return Header(*about, segments=segments, comments=comments)


def seconds_said(words: Sequence[str]) -> float | None:
    """Tell from the words of a first line how long the record is, where it can be read there."""
    rate = _RATE.fullmatch(words[2]) if len(words) > 3 else None
    if rate is None or not _COUNT.fullmatch(words[3]):
        return None
    fs_hz, n_frames = float(rate[1]), int(words[3])
    return n_frames / fs_hz if fs_hz > 0 and n_frames else None


def _lines(path: Path) -> tuple[list[str], tuple[str, ...]]:
    """Give the lines that are no comments, at least one, and those that are."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise DataFormatError(
            f"{path} has {size} bytes, expected at most {MOST_BYTES} in a WFDB header"
        )
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    every = [line.strip() for line in re.split(r"[\r\n]+", text)]
    lines = [line for line in every if line and not line.startswith("#")]
    comments = tuple(line.lstrip("# ") for line in every if line.startswith("#"))
    if not lines:
        raise DataFormatError(
            f"{path} is not a WFDB header: it has no line that describes a record"
        )
    if len(lines) - 1 > MOST_LINES:
        raise DataFormatError(
            f"{path} has {len(lines) - 1} segments or signals, expected at most {MOST_LINES}; "
            "join segments, or split the record"
        )
    return lines, comments


def _signal(path: Path, line: str) -> SignalLine:
    words = list(_WORD.finditer(line))
    form = _FORMAT.fullmatch(words[1][0]) if len(words) > 1 else None
    if form is None:
        raise DataFormatError(
            f"{path} is not a WFDB header: it has the line {_shown(line)}, expected a signal file "
            "and its format"
        )
    at = 2
    gain, baseline, units = None, None, ""
    if len(words) > at and (found := _GAIN.fullmatch(words[at][0])):
        gain = float(found[1])
        baseline = int(found[2]) if found[2] else None
        units = found[3] or ""
        if not math.isfinite(gain):
            raise DataFormatError(f"{path} has a gain of {_shown(words[at][0])}")
        at += 1
    elif len(words) > at and _is_float(re.split(r"[(/]", words[at][0])[0]):
        raise DataFormatError(f"{path} has {_shown(words[at][0])} where a gain should be")
    # Resolution, zero, first value, checksum, block size; the first word that is no number begins
    # the description, as many headers leave some out.
    numbers: list[int] = []
    while at > 2 and len(numbers) < 5 and at < len(words) and _WHOLE.fullmatch(words[at][0]):
        numbers.append(int(words[at][0]))
        at += 1
    zero = numbers[1] if len(numbers) > 1 else 0
    return SignalLine(
        file=words[0][0],
        encoding=form[1],
        per_frame=int(form[2] or 1) or 1,
        skew=int(form[3] or 0),
        offset=int(form[4] or 0),
        gain=gain or None,
        baseline=zero if baseline is None else baseline,
        units=units or "mV",
        initial=numbers[2] if len(numbers) > 2 else zero,
        checksum=numbers[3] if len(numbers) > 3 else None,
        name=line[words[at].start() :] if at < len(words) else "",
    )


def _is_float(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _segment(path: Path, line: str) -> tuple[str, int]:
    words = line.split()
    if len(words) < 2:
        raise DataFormatError(
            f"{path} has the line {_shown(line)}, expected a segment and its length in samples"
        )
    return words[0], _count(path, words[1], "the length of a segment")


def _start(words: list[str]) -> tuple[datetime | None, str]:
    """Give date and time, if both are there; or what stands in their place."""
    time = _TIME.fullmatch(words[0]) if words else None
    date = _DATE.fullmatch(words[1]) if len(words) > 1 else None
    if len(words) < 2:
        return None, "" if time or not words else words[0]
    if time and date:
        hour, minute, second = (int(part or 0) for part in time.groups()[:3])
        fraction = int((time[4] or "")[:6].ljust(6, "0"))
        day, month, year = (int(part) for part in date.groups())
        try:
            return datetime(year, month, day, hour, minute, second, fraction), ""
        except ValueError:
            pass
    return None, " ".join(words[:2])


def _count(path: Path, word: str, what: str) -> int:
    if not _COUNT.fullmatch(word):
        raise DataFormatError(f"{path} has {_shown(word)} where {what} should be")
    return int(word)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
