"""Beat times from a file: WFDB annotations, or a table of RR intervals or of times."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from ectopy.beats.reference import beat_times
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.formats.csv_dialect import Shape, find_shape, whole_lines

Float64 = npt.NDArray[np.float64]
Unit = Literal["s", "ms"]

RECORDINGS: Final = frozenset((".hea", ".dat", ".edf", ".bdf", ".mat", ".xml", ".dcm", ".ecg"))
"""Endings of recordings, which hold signals and no beats."""
TABLE_RATE_HZ: Final = 1000.0
"""Rate that annotations made from a table count in: a table has none of its own."""

_INTERVALS: Final = re.compile(r"(r[-_ ]?r|n[-_ ]?n|ibi|rri)\b|interval|r[-_ ]?r_?(ms|s)", re.I)
_TIMES: Final = re.compile(r"time|peak|^t$|^t_", re.I)
_BEATS: Final = re.compile(r"beat", re.I)  # times, or a count of them
_UNIT: Final = re.compile(r"(?:^|[_\s(\[])(ms|msec|milliseconds|s|sec|seconds)[)\]]?$", re.I)
_LIKELY_S: Final = (0.2, 3.0)  # a median RR interval: 20 to 300 beats a minute


@dataclass(frozen=True, eq=False)
class BeatTimes:
    """Beats of one file.

    Attributes
    ----------
    name : str
        Of the file, without its ending.
    times_s : ndarray of float64, shape (n_beats,)
        Ascending.
    fs_hz : float
        Rate at which annotations about them are written.
    source : str
        What was read, in words.
    """

    name: str
    times_s: Float64
    fs_hz: float
    source: str


def read_beat_times(
    path: Path, *, unit: Unit | None = None, column: str | None = None
) -> BeatTimes:
    """Read the beats of an annotation file, or a table of RR intervals or beat times.

    Parameters
    ----------
    path : Path
        ``100.atr``, ``04015.qrs``, ``rr.csv``. Numbers that ascend are times, others intervals.
    unit : {"s", "ms"}, optional
        Of a table's numbers, if neither its header nor their size tells.
    column : str, optional
        Name of a table's column, or its number from 1.

    Returns
    -------
    BeatTimes

    Raises
    ------
    DataNotFoundError
        If there is no such file.
    DataFormatError
        If it holds no beats.
    ConfigError
        If column or unit cannot be told, or it is a recording.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ectopy.analysis.rhythm import read_beat_times
    >>> _ = Path("rr.csv").write_text("800 810 790".replace(" ", chr(10)))
    >>> read_beat_times(Path("rr.csv")).times_s
    array([0.  , 0.8 , 1.61, 2.4 ])
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "not found"
        raise DataNotFoundError(
            f"{path} {what}, expected a file of annotations, RR intervals or beat times"
        )
    if path.suffix.casefold() in RECORDINGS:
        raise ConfigError(
            f"{path} belongs to a recording, expected beats; name its annotations, or label it "
            "first"
        )
    raw = path.read_bytes()
    if b"\0" in raw:
        return _of_annotations(path)
    times, source = _of_table(path, raw, unit, column)
    return BeatTimes(path.stem, times, TABLE_RATE_HZ, source)


def _of_annotations(path: Path) -> BeatTimes:
    if not path.suffix:
        raise DataFormatError(f"{path} has no ending, expected annotations such as {path}.qrs")
    annotations = read_annotations(path.with_suffix(""), path.suffix[1:])
    times = beat_times(annotations)
    if not len(times):
        raise DataFormatError(
            f"{path} holds {len(annotations)} annotations and no beat among them; name a file "
            "with beats"
        )
    source = f"{len(times)} beat{'' if len(times) == 1 else 's'} of {path.name}"
    return BeatTimes(path.stem, times, annotations.fs_hz, source)


def _of_table(path: Path, raw: bytes, unit: Unit | None, column: str | None) -> tuple[Float64, str]:
    lines = whole_lines(raw, complete=True)
    shape = find_shape(lines)
    if shape is None:
        raise DataFormatError(
            f"{path} has no row of numbers among its first lines, expected RR intervals or beat "
            "times, one a line"
        )
    at = _column(path, shape, column)
    values = _numbers(path, lines, shape, at)
    if len(values) < 2:
        raise DataFormatError(
            f"{path} holds {len(values)} number, expected two or more RR intervals or beat times, "
            "one a line"
        )
    named = f"{shape.names[at]} {shape.units[at]}".strip()
    steps = np.diff(values)
    if (steps == 1).all():
        raise ConfigError(
            f"{path} has numbers that only count the rows in its column "
            f"{shape.names[at] or at + 1}; name the column of the beats",
            change="column",
        )
    ascending = bool((steps > 0).all()) and len(values) > 2
    are_times = ascending and not _INTERVALS.search(shape.names[at])
    intervals = steps if are_times else values
    if not are_times and (values <= 0).any():
        first = int(np.argmax(values <= 0))
        raise DataFormatError(
            f"{path} has {values[first]:g} as RR interval {first + 1}, and its numbers do not "
            "ascend as times would; expected intervals above 0"
        )
    of_unit = unit or _unit_in(shape.units[at]) or _unit_in(named) or _unit_of(path, intervals)
    scale = 1e-3 if of_unit == "ms" else 1.0
    times = values if are_times else np.append(0.0, np.cumsum(values))
    what = "beat times" if are_times else "RR intervals"
    return times * scale, f"{len(values)} {what} in {of_unit} of {path.name}"


def _column(path: Path, shape: Shape, wanted: str | None) -> int:
    names = list(shape.names)
    if wanted is not None:
        if wanted in names:
            return names.index(wanted)
        if wanted.isdigit() and 1 <= int(wanted) <= len(names):
            return int(wanted) - 1
        raise ConfigError(
            f"{path} has no column {wanted!r}; it has {_told(names)}", change="column"
        )
    for pattern in (_TIMES, _INTERVALS, _BEATS):
        own = [i for i, name in enumerate(names) if pattern.search(name)]
        if own and not (pattern is _TIMES and _INTERVALS.search(names[own[0]])):
            return own[0]
    if len(names) == 1:
        return 0
    raise ConfigError(
        f"{path} has {len(names)} columns ({_told(names)}) and it cannot be told which holds the "
        "beats; name the column",
        change="column",
    )


def _told(names: list[str]) -> str:
    return ", ".join(name or f"column {i + 1}" for i, name in enumerate(names))


def _numbers(path: Path, lines: list[str], shape: Shape, at: int) -> Float64:
    """Give the numbers of a column; empty lines do not count."""
    delimiter = None if shape.delimiter == " " else shape.delimiter
    words: list[str] = []
    for number, line in enumerate(lines[shape.skip :], start=shape.skip + 1):
        row = line.split(delimiter) if line.strip() else None
        if row is None:
            continue
        if len(row) <= at:
            raise DataFormatError(f"{path} has {len(row)} columns in line {number}, not {at + 1}")
        words.append(row[at].strip(" \"'"))
    if shape.decimal == ",":
        words = [word.replace(",", ".") for word in words]
    try:
        values = np.array(words, dtype=np.float64)
    except ValueError:
        values = np.array([np.nan])
    if not np.isfinite(values).all():
        bad = next((w for w in words if not _finite(w)), "")
        raise DataFormatError(
            f"{path} has {bad!r} where a number is expected (row {words.index(bad) + 1}); mend or "
            "remove that row"
        )
    return values


def _finite(word: str) -> bool:
    try:
        return bool(np.isfinite(float(word)))
    except ValueError:
        return False


def _unit_in(text: str) -> Unit | None:
    found = _UNIT.search(text.strip())
    if found is None:
        return None
    return "ms" if found[1].casefold().startswith("m") else "s"


def _unit_of(path: Path, intervals: Float64) -> Unit:
    """Tell the unit from a usual interval."""
    usual = float(np.median(intervals))
    low, high = _LIKELY_S
    if low <= usual <= high:
        return "s"
    if 1000 * low <= usual <= 1000 * high:
        return "ms"
    raise ConfigError(
        f"{path} has intervals of {usual:g} in the middle, which are neither seconds ({low:g} to "
        f"{high:g}) nor milliseconds ({1000 * low:g} to {1000 * high:g}); state the unit",
        change="unit",
    )
