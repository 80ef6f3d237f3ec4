"""Tables of samples as text: comma, semicolon, tab or space between columns, header or none."""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import (
    Format,
    Stated,
    lead_names,
    one_line,
    to_mv,
)
from ectopy.recordings.formats.csv_dialect import (
    MISSING,
    Shape,
    Times,
    find_shape,
    time_column,
    whole_lines,
)
from ectopy.recordings.recording import Float32, Recording

_PROBE_BYTES: Final = 1 << 16
_BLOCK_BYTES: Final = 4 << 20
_IN_MEMORY_BYTES: Final = 192 << 20
"""Bytes of text whose samples are kept in memory; those of longer files go to a temporary file."""
_LONGEST_GAP_S: Final = 86_400
"""Missing samples are filled in for a day at most; beyond that a time is wrong, or memory is."""
_UNIT_IN_NAME: Final = re.compile(r"[\[(]\s*([^\])]*)\s*[\])]\s*$")


def recognises(path: Path, head: bytes) -> bool:
    """Tell a table by a row of numbers among its first lines of text."""
    if b"\0" in head or head.lstrip()[:1] in (b"<", b"{"):
        return False
    return find_shape(whole_lines(head)) is not None


def open_csv(path: Path, stated: Stated) -> Recording:
    """Open a table with a row for each sample and a column for each lead."""
    with path.open("rb") as stream:
        head = stream.read(_PROBE_BYTES)
    shape = find_shape(whole_lines(head))
    if shape is None:
        raise DataFormatError(f"{path} has no row of numbers among its first lines")
    notes: list[str] = []
    times = time_column(path, shape)
    columns = list(range(0 if times is None else 1, shape.n_columns))
    found = None
    if times is not None and times.step is not None:
        found = _round_rate(1 / (times.step * times.unit_s))
    fs_hz = stated.rate(path, found, notes)
    units = _units(path, shape, columns, stated, notes)
    most_missing = min(round(_LONGEST_GAP_S * fs_hz), budget.MOST_FILLED // len(columns))
    samples = _read(path, shape, columns, times, most_missing)
    budget.check(path, fs_hz, len(columns), len(samples))
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


def _round_rate(rate: float) -> float:
    """Give the whole number of Hz that rounded times stand for, where one is near."""
    return float(round(rate)) if math.isclose(rate, round(rate), rel_tol=2e-3) else rate


def _units(path: Path, shape: Shape, columns: list[int], stated: Stated, notes: list[str]) -> str:
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
    path: Path, shape: Shape, columns: list[int], times: Times | None, most_missing: int
) -> Float32:
    """Read the columns into (n_samples, n_leads), in memory or, when long, on disk.

    Where the first column has times, their gaps become missing samples.
    """
    timed = times is not None and times.numeric and times.step is not None
    n_rows, left = 0, most_missing
    before: float | None = None
    kept: list[Float32] = []
    # Text takes more room than its numbers do as float32, so its size is a bound for them.
    long = path.stat().st_size > _IN_MEMORY_BYTES
    with tempfile.TemporaryFile() as disk:
        for clock, block in _blocks(path, shape, columns, timed=timed):
            rows = block
            if times is not None and clock is not None and len(clock):
                rows = _with_gaps(path, clock, before, block, times, left)
                left -= len(rows) - len(block)
                before = float(clock[-1])
            n_rows += len(rows)
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
    path: Path, shape: Shape, columns: list[int], *, timed: bool
) -> Iterator[tuple[npt.NDArray[np.float64] | None, Float32]]:
    """Parse the file a few megabytes at a time with pyarrow: (times, samples) of each block."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [f"c{i}" for i in range(shape.n_columns)]
    types = {names[i]: pa.float32() for i in columns}
    if timed:
        types[names[0]] = pa.float64()
    wanted = [names[i] for i in columns] + names[:1] * timed
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
                null_values=MISSING,
                strings_can_be_null=True,
                decimal_point=shape.decimal,
            ),
        )
        for batch in reader:
            block = np.empty((batch.num_rows, len(columns)), dtype=np.float32)
            for k, i in enumerate(columns):
                block[:, k] = _values(batch.column(names[i]), np.dtype(np.float32))
            times = None
            if timed:
                times = _values(batch.column(names[0]), np.dtype(np.float64))
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
    clock: npt.NDArray[np.float64],
    before: float | None,
    block: Float32,
    times: Times,
    most: int,
) -> Float32:
    """Put missing samples where the column of times jumps."""
    if not np.isfinite(clock).all():
        raise DataFormatError(f"{path} has rows without a time")
    step = times.step or 1.0
    steps = np.diff(clock, prepend=clock[0] - step if before is None else before)
    backward = np.flatnonzero(steps < -0.5 * step)
    if len(backward):
        raise DataFormatError(f"{path} has times that go back, at {clock[backward[0]]:g}")
    lost = np.maximum(np.rint((steps - times.jitter) / step) - 1, 0)
    if lost.sum() > most:
        raise DataFormatError(
            f"{path} has gaps of more than {_LONGEST_GAP_S / 3600:g} hours, or "
            f"{budget.MOST_FILLED} samples of all columns, in its times; split it "
            "there, or leave the times out and state the rate"
        )
    if not lost.any():
        return block
    where = np.repeat(np.arange(len(block)), lost.astype(np.int64))
    return np.insert(block, where, np.nan, axis=0)
