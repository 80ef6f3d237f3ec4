"""Tables of samples as text: comma, semicolon, tab or space between columns, header or none."""

from __future__ import annotations

import csv
import math
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.common import (
    LONGEST_S,
    Format,
    Stated,
    check_length,
    lead_names,
    one_line,
    to_mv,
)
from ectopy.recordings.recording import Float32, Recording

_PROBE_BYTES: Final = 1 << 16
_HEAD_BYTES: Final = 8192  # a shorter beginning is the whole file
_BLOCK_BYTES: Final = 4 << 20
_DIALECTS: Final = ((",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","), (" ", "."))
"""Delimiters and decimal signs, in the order they are tried."""
_IN_MEMORY_BYTES: Final = 192 << 20
"""Bytes of text whose samples are kept in memory; those of longer files go to a temporary file."""
_MOST_HEADER_LINES: Final = 20
_MISSING: Final = ["", "-", "NA", "N/A", "na", "nan", "NaN", "NAN", "null", "NULL", "None"]
_TIME_NAME: Final = re.compile(
    r"^\W*(elapsed )?(time|times|timestamps?|t|seconds?|secs?|milliseconds?|msecs?|ms|s)\b",
    re.IGNORECASE,
)
_COUNT_NAME: Final = re.compile(
    r"^\W*(#|sample|samples|sample ?(number|no|#|index)|index|idx|n|i|row|unnamed: 0)?\W*$",
    re.IGNORECASE,
)
_UNIT_IN_NAME: Final = re.compile(r"[\[(]\s*([^\])]*)\s*[\])]\s*$")
_CLOCK: Final = re.compile(r"^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)$")


@dataclass(frozen=True)
class _Shape:
    """How the table is written."""

    delimiter: str
    decimal: str
    skip: int  # lines before the first row of numbers
    n_columns: int
    names: tuple[str, ...]
    units: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # the first rows of numbers, as text


def recognises(path: Path, head: bytes) -> bool:
    """Tell a table by a row of numbers among its first lines of text."""
    if b"\0" in head or head.lstrip()[:1] in (b"<", b"{"):
        return False
    return _shape(_text(head)) is not None


def open_csv(path: Path, stated: Stated) -> Recording:
    """Open a table with a row for each sample and a column for each lead."""
    with path.open("rb") as stream:
        head = stream.read(_PROBE_BYTES)
    shape = _shape(_text(head))
    if shape is None:
        raise DataFormatError(f"{path} has no row of numbers among its first lines")
    notes: list[str] = []
    time, step_s = _time_column(path, shape, stated)
    columns = [i for i in range(shape.n_columns) if i != time]
    if not columns:
        raise DataFormatError(f"{path} has only a column of times, expected samples beside it")
    fs_hz = stated.rate(path, None if step_s is None else _round_rate(1 / step_s), notes)
    units = _units(path, shape, columns, stated, notes)
    watched = time if step_s is not None and _is_number(shape.rows[0][time or 0]) else None
    samples = _read(path, shape, columns, watched, step_s)
    check_length(path, len(samples), fs_hz)
    scale = np.float32(stated.scale(units))

    def read(start: int, stop: int) -> Float32:
        part = np.array(samples[start:stop].T, dtype=np.float32, order="C")
        part *= scale
        part[~np.isfinite(part)] = np.nan
        return part

    return Recording(
        name=path.stem,
        fs_hz=fs_hz,
        leads=lead_names([_UNIT_IN_NAME.sub("", shape.names[i]) for i in columns]),
        n_samples=len(samples),
        reader=read,
        source=f"CSV {path.name}",
        notes=tuple(notes),
    )


FORMAT = Format("CSV", recognises, open_csv, (".csv", ".tsv", ".txt"))


def _text(head: bytes) -> list[str]:
    """Give the whole lines of the beginning of a file."""
    text = head.decode("utf-8-sig", errors="replace")
    lines = re.split(r"\r\n|\n|\r", text)  # as the parser counts them
    # The last line may be cut by the probe, unless the file ends there.
    return lines if len(head) < _HEAD_BYTES and lines[-1] else lines[:-1]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _shape(lines: list[str]) -> _Shape | None:
    """Find delimiter, decimal sign, header and the first rows of numbers, or None.

    Of the ways to read the lines, the one whose numbers begin first, with the most columns.
    """
    found: list[_Shape] = []
    for delimiter, decimal in _DIALECTS:
        rows = [_words(line, delimiter) for line in lines[: _MOST_HEADER_LINES + 200]]
        plain = [[w.replace(",", ".") for w in row] for row in rows] if decimal == "," else rows
        numeric = [_all_numbers(row) for row in plain]
        empty = [len(row) > 1 and set(row) <= set(_MISSING) for row in rows]
        if True not in numeric[: _MOST_HEADER_LINES + 1]:
            continue
        first = numeric.index(True)
        n = len(rows[first])
        # Rows of missing samples count as data, but only below the first with a number.
        data = [
            tuple(row)
            for row, good, bare in zip(plain[first:], numeric[first:], empty[first:], strict=True)
            if (good or bare) and len(row) == n
        ]
        # A lone number a line fits every delimiter; then the first one, a comma, will do.
        if len(data) < min(2, len(rows) - first):
            continue
        heads = [row for row in rows[:first] if len(row) == n and any(row)]
        names = heads[0] if heads else [""] * n
        names[0] = names[0].lstrip("# ")
        units = heads[1] if len(heads) > 1 else [""] * n
        found.append(_Shape(delimiter, decimal, first, n, tuple(names), tuple(units), tuple(data)))
    return min(found, key=lambda shape: (shape.skip, -shape.n_columns), default=None)


def _words(line: str, delimiter: str) -> list[str]:
    words = next(csv.reader([line.strip(" ")], delimiter=delimiter, skipinitialspace=True), [])
    return [word.strip().strip("'\"").strip() for word in words]


def _all_numbers(row: list[str]) -> bool:
    good = all(_is_number(w) or w in _MISSING or _CLOCK.match(w) for w in row)
    return good and any(_is_number(w) for w in row)


def _time_column(path: Path, shape: _Shape, stated: Stated) -> tuple[int | None, float | None]:
    """Find the column of times or counts, and the seconds between its rows where it tells them."""
    if shape.n_columns < 2:
        return None, None
    column = [row[0] for row in shape.rows]
    name = shape.names[0]
    seconds = _seconds(column)
    if seconds is None or len(seconds) < 3:
        return (0, None) if name and (_TIME_NAME.match(name) or _is_clock(column)) else (None, None)
    steps = np.diff(seconds)
    even = bool((steps > 0).all() and np.ptp(steps) <= 0.5 * np.median(steps))
    step = float(seconds[-1] - seconds[0]) / (len(seconds) - 1)
    if _is_clock(column):
        return 0, step if step > 0 else None
    if name and _TIME_NAME.match(name):
        if not (steps >= 0).all() or step <= 0:
            raise DataFormatError(f"{path} has a column {name!r} whose times do not grow")
        unit = shape.units[0] + name
        milli = re.search(r"\bms\b|msec|milli|_ms", unit, re.IGNORECASE) is not None
        return 0, step / 1000 if milli else step
    counts = even and bool(np.allclose(steps, 1))
    if counts and (not name or _COUNT_NAME.match(name)):
        return 0, None
    # No header, but a first column that grows evenly by a plausible interval in seconds.
    if not name and even and np.ptp(steps) <= 0.02 * step and step < 0.05 and seconds[0] >= 0:
        return 0, step
    return None, None


def _is_clock(column: list[str]) -> bool:
    return all(_CLOCK.match(word) for word in column)


def _seconds(column: list[str]) -> npt.NDArray[np.float64] | None:
    if _is_clock(column):
        parts = [_CLOCK.match(word) for word in column]
        return np.array(
            [int(p[1] or 0) * 3600 + int(p[2]) * 60 + float(p[3]) for p in parts if p is not None]
        )
    if all(_is_number(word) for word in column):
        return np.array([float(word) for word in column])
    return None


def _round_rate(rate: float) -> float:
    """Give the whole number of Hz that rounded times stand for, where one is near."""
    return float(round(rate)) if math.isclose(rate, round(rate), rel_tol=2e-3) else rate


def _units(path: Path, shape: _Shape, columns: list[int], stated: Stated, notes: list[str]) -> str:
    if stated.units is not None or stated.gain is not None:
        return "mV"
    said = set()
    for i in columns:
        in_name = _UNIT_IN_NAME.search(shape.names[i])
        unit = shape.units[i] or (in_name[1] if in_name else "")
        if unit and to_mv(unit) is not None:
            said.add(unit)
    if len({to_mv(unit) for unit in said}) > 1:
        raise DataFormatError(f"{path} has columns in {', '.join(sorted(said))}; state the units")
    if said:
        return said.pop()
    notes.append("values were taken as mV; state units or gain if they are not")
    return "mV"


def _read(
    path: Path, shape: _Shape, columns: list[int], time: int | None, step_s: float | None
) -> Float32:
    """Read the columns into (n_samples, n_leads), in memory or, when long, on disk."""
    n_rows, most = 0, math.inf if step_s is None else LONGEST_S / step_s
    before: float | None = None
    kept: list[Float32] = []
    # Text takes more room than its numbers do as float32, so its size is a bound for them.
    long = path.stat().st_size > _IN_MEMORY_BYTES
    with tempfile.TemporaryFile() as disk:
        for times, block in _blocks(path, shape, columns, time):
            rows = block
            if times is not None and step_s is not None and len(times):
                rows = _with_gaps(path, times, before, block, step_s, most)
                before = float(times[-1])
            n_rows += len(rows)
            if n_rows > most:
                raise DataFormatError(f"{path} spans more than {LONGEST_S / 86400:.0f} days")
            if long:
                disk.write(rows.tobytes())
            else:
                kept.append(rows)
        if long and n_rows:
            disk.flush()
            # The file has no name, so it is gone when the last view of the map is.
            return np.memmap(disk, dtype=np.float32, mode="r", shape=(n_rows, len(columns)))
    return np.concatenate([np.empty((0, len(columns)), dtype=np.float32), *kept])


def _blocks(
    path: Path, shape: _Shape, columns: list[int], time: int | None
) -> Iterator[tuple[npt.NDArray[np.float64] | None, Float32]]:
    """Parse the file a few megabytes at a time with pyarrow: (times, samples) of each block."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [f"c{i}" for i in range(shape.n_columns)]
    types = {names[i]: pa.float32() for i in columns}
    if time is not None:
        types[names[time]] = pa.float64()
    wanted = [names[i] for i in columns] + ([] if time is None else [names[time]])
    stream = _OneSpace(path) if shape.delimiter == " " else path.open("rb")
    source = pa.PythonFile(stream, mode="r")
    try:
        reader = arrow_csv.open_csv(
            source,
            read_options=arrow_csv.ReadOptions(
                column_names=names, skip_rows=shape.skip, block_size=_BLOCK_BYTES
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=shape.delimiter),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types,
                include_columns=wanted,
                null_values=_MISSING,
                strings_can_be_null=True,
                decimal_point=shape.decimal,
            ),
        )
        for batch in reader:
            block = np.empty((batch.num_rows, len(columns)), dtype=np.float32)
            for k, i in enumerate(columns):
                block[:, k] = _values(batch.column(names[i]), np.dtype(np.float32))
            times = None
            if time is not None:
                times = _values(batch.column(names[time]), np.dtype(np.float64))
            yield times, block
    except pa.ArrowException as error:
        raise DataFormatError(
            f"{path} is not a table of {shape.n_columns} columns of numbers: {one_line(error)}"
        ) from error
    finally:
        stream.close()


def _values(column: Any, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Give a column as an array, missing values NaN (what pyarrow has for it loads pandas)."""
    present, data = column.buffers()
    values = np.frombuffer(data, dtype=dtype)[column.offset :][: len(column)]
    if column.null_count:
        bits = np.unpackbits(np.frombuffer(present, dtype=np.uint8), bitorder="little")
        values = np.where(bits[column.offset :][: len(column)] == 1, values, np.nan)
    return values


class _OneSpace:
    """A text file whose runs of spaces read as one, line by line, for a parser that needs that."""

    closed = False

    def __init__(self, path: Path) -> None:
        self._stream = path.open("rb")
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        raw = self._stream.read(size)
        joined = self._rest + raw
        cut = joined.rfind(b"\n") + 1 if raw else len(joined)
        self._rest = joined[cut:]
        text = re.sub(rb"[ \t]+", b" ", joined[:cut])
        return re.sub(rb"(?m)^ | (?=\r?$)", b"", text) or (self.read(size) if raw else b"")

    def close(self) -> None:
        self._stream.close()
        self.closed = True


def _with_gaps(
    path: Path,
    times: npt.NDArray[np.float64],
    before: float | None,
    block: Float32,
    step: float,
    most: float,
) -> Float32:
    """Put missing samples where the column of times jumps."""
    steps = np.diff(times, prepend=times[0] - step if before is None else before)
    if not np.isfinite(times).all():
        raise DataFormatError(f"{path} has rows without a time")
    raise_at = np.flatnonzero(steps < -0.5 * step)
    if len(raise_at):
        raise DataFormatError(f"{path} has times that go back, at {times[raise_at[0]]:g}")
    # Rounded times and drifting clocks stay below half a sample more than one.
    lost = np.maximum(np.rint(steps / step) - 1, 0)
    if lost.sum() > most:
        raise DataFormatError(f"{path} has a gap in its times that is too long to be true")
    if not lost.any():
        return block
    where = np.repeat(np.arange(len(block)), lost.astype(np.int64))
    return np.insert(block, where, np.nan, axis=0)
