"""How a table of samples is written: delimiter, decimal sign, header, column of times."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError

_HEAD_BYTES: Final = 8192  # a shorter beginning is the whole file
_DIALECTS: Final = ((",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","), (" ", "."))
"""Delimiters and decimal signs, in the order they are tried."""
_MOST_HEADER_LINES: Final = 20
_MOST_ROWS: Final = 2000
"""Rows looked at: enough for a rate from times that were rounded to milliseconds."""
_SHARE_WITHOUT_GAPS: Final = 0.98
_ROWS_TO_BE_SURE: Final = 20
_LONGEST_STEP_S: Final = 0.05  # of a column of seconds without a name: 20 Hz
MISSING: Final = ["", "-", "NA", "N/A", "na", "nan", "NaN", "NAN", "null", "NULL", "None"]
_TIME_NAME: Final = re.compile(
    r"^\W*(elapsed )?(time|times|timestamps?|t|seconds?|secs?|milliseconds?|msecs?|ms|s)\b",
    re.IGNORECASE,
)
_COUNT_NAME: Final = re.compile(
    r"^\W*(#|sample|samples|sample ?(number|no|#|index)|index|idx|n|i|row|unnamed: 0)?\W*$",
    re.IGNORECASE,
)
_CLOCK: Final = re.compile(r"^(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)$")


@dataclass(frozen=True)
class Shape:
    """How the table is written."""

    delimiter: str
    decimal: str
    skip: int  # lines before the first row of numbers
    n_columns: int
    names: tuple[str, ...]
    units: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # the first rows of numbers, as text


def whole_lines(head: bytes) -> list[str]:
    """Give the whole lines of the beginning of a file."""
    text = head.decode("utf-8-sig", errors="replace")
    lines = re.split(r"\r\n|\n|\r", text)  # as the parser counts them
    # The last line may be cut by the probe, unless the file ends there.
    return lines if len(head) < _HEAD_BYTES and lines[-1] else lines[:-1]


def is_number(text: str) -> bool:
    """Tell whether a word is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def find_shape(lines: list[str]) -> Shape | None:
    """Find delimiter, decimal sign, header and the first rows of numbers, or None.

    Of the ways to read the lines, the one whose numbers begin first, with the most columns.
    """
    found: list[Shape] = []
    for delimiter, decimal in _DIALECTS:
        rows = [_words(line, delimiter) for line in lines[: _MOST_HEADER_LINES + _MOST_ROWS]]
        plain = [[w.replace(",", ".") for w in row] for row in rows] if decimal == "," else rows
        numeric = [_all_numbers(row) for row in plain]
        empty = [len(row) > 1 and set(row) <= set(MISSING) for row in rows]
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
        found.append(Shape(delimiter, decimal, first, n, tuple(names), tuple(units), tuple(data)))
    return min(found, key=lambda shape: (shape.skip, -shape.n_columns), default=None)


def _words(line: str, delimiter: str) -> list[str]:
    words = next(csv.reader([line.strip(" ")], delimiter=delimiter, skipinitialspace=True), [])
    return [word.strip().strip("'\"").strip() for word in words]


def _all_numbers(row: list[str]) -> bool:
    good = all(is_number(w) or w in MISSING or _CLOCK.match(w) for w in row)
    return good and any(is_number(w) for w in row)


@dataclass(frozen=True)
class Times:
    """A first column that holds no lead.

    Attributes
    ----------
    step : float, optional
        Usual step from row to row in the column's own unit; None where it only counts.
    jitter : float
        How much longer a step may look because times are rounded, in the same unit.
    unit_s : float
        Seconds of that unit.
    numeric : bool
        Whether its cells are plain numbers (not clock times).
    """

    step: float | None
    numeric: bool
    jitter: float = 0.0
    unit_s: float = 1.0


def time_column(path: Path, shape: Shape) -> Times | None:
    """Tell whether the first column holds times or counts, and what its steps say."""
    if shape.n_columns < 2:
        return None
    column = [row[0] for row in shape.rows]
    name = shape.names[0]
    named = bool(name and _TIME_NAME.match(name))
    clock = all(_CLOCK.match(word) for word in column)
    seconds = _seconds(column)
    if seconds is None or len(seconds) < 3:
        return Times(None, numeric=False) if named or clock else None
    steps = np.diff(seconds)
    if not ((steps >= 0).all() and steps.any()):
        if named:
            raise DataFormatError(f"{path} has a column {name!r} whose times do not grow")
        return Times(None, numeric=False) if clock else None
    step, jitter = _usual(steps)
    if clock:
        return Times(step, numeric=False)
    if named:
        milli = re.search(r"\bms\b|msec|milli|_ms", shape.units[0] + name, re.IGNORECASE)
        return Times(step, True, jitter, 1e-3 if milli else 1.0)
    if name:
        counts = bool(np.allclose(steps, 1)) and _COUNT_NAME.match(name)
        return Times(None, numeric=True) if counts else None
    if not (steps > 0).all():
        return None
    # No name, but no lead grows from row to row: counts, or seconds where the step can be that.
    if len(steps) < _ROWS_TO_BE_SURE and not np.allclose(steps, step, rtol=0.01):
        return None
    return Times(step if step < _LONGEST_STEP_S else None, True, jitter)


def _usual(steps: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Give the mean step without the gaps, and how much the steps differ by rounding.

    Rounded times make the steps uneven, so that their median is no rate.
    """
    middle = float(np.median(steps[steps > 0]))
    near = steps <= 1.5 * middle
    if near.mean() < _SHARE_WITHOUT_GAPS:  # times rounded to steps about as long as the true one
        near = steps <= 2.5 * middle
    return float(steps[near].mean()), float(np.ptp(steps[near]))


def _seconds(column: list[str]) -> npt.NDArray[np.float64] | None:
    parts = [_CLOCK.match(word) for word in column]
    if all(parts):
        return np.array(
            [int(p[1] or 0) * 3600 + int(p[2]) * 60 + float(p[3]) for p in parts if p is not None]
        )
    if all(is_number(word) for word in column):
        return np.array([float(word) for word in column])
    return None
