"""How a table of samples is written: delimiter, decimal sign, quotes, names, units, first rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ectopy.recordings.formats.common import to_mv
from ectopy.recordings.formats.csv_times import is_moment

_HEAD_BYTES: Final = 8192  # a shorter beginning is the whole file
_DIALECTS: Final = ((",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","), (" ", "."))
"""Delimiters and decimal signs, in the order they are tried."""
_MOST_HEADER_LINES: Final = 40
_ROWS_TO_CHOOSE: Final = 60
"""Rows by which the delimiter is told."""
_MOST_ROWS: Final = 2000
"""Rows looked at: enough for a rate from times that were rounded to milliseconds."""
MISSING: Final = ["", "-", "NA", "N/A", "na", "nan", "NaN", "NAN", "null", "NULL", "None"]
_UNIT_IN_NAME: Final = re.compile(r"[\[(]\s*([^\])]*)\s*[\])]\s*$")
_OTHER_UNIT: Final = re.compile(
    r"|-|n/?a|nu|au|adu|adc|[a-zµμ]?s|\W*(m?sec(ond)?s?|h*:?m+:s+(\.[sm]+)?)|hz|bpm|%|g|mmhg|ohm|°?c|lsb",
    re.IGNORECASE,
)
# A comment that says something is no row of names.
_SAYING: Final = re.compile(r"^\s*(#|%|//|;).*[:={]|EndOfHeader")


@dataclass(frozen=True)
class Shape:
    """How the table is written."""

    delimiter: str
    decimal: str
    skip: int  # lines before the first row of numbers
    names: tuple[str, ...]  # without their units
    units: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]  # the first rows of numbers, as text
    header: tuple[str, ...] = ()  # the lines before them
    quote: str = '"'  # "" where quotation marks stand about without a partner
    odd: str = ""  # a word that is no number, in the line before the first row, which has some

    @property
    def n_columns(self) -> int:
        """Give the number of columns."""
        return len(self.names)

    def renamed(self, names: Sequence[str]) -> Shape:
        """Give the same table with names that are known from elsewhere."""
        return replace(self, names=tuple(names))


def whole_lines(head: bytes, *, complete: bool | None = None) -> list[str]:
    """Give the whole lines of the beginning of a file."""
    lines = [_text(line) for line in re.split(rb"\r\n|\n|\r", head)]  # as the parser counts them
    # The last line may be cut by the probe, unless the file ends there.
    ended = len(head) < _HEAD_BYTES if complete is None else complete
    return lines if ended and lines[-1] else lines[:-1]


def _text(line: bytes) -> str:
    """Decode a line: UTF-8, or else as Windows writes in western Europe."""
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


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
    found: list[tuple[int, int, str, str]] = []
    for delimiter, decimal in _DIALECTS:
        rows = _split(lines[: _MOST_HEADER_LINES + _ROWS_TO_CHOOSE], delimiter, decimal)
        first = next((i for i, row in enumerate(rows) if _all_numbers(row)), None)
        if first is None or first > _MOST_HEADER_LINES:
            continue
        # A lone number a line fits every delimiter; then the first one, a comma, will do.
        if len(_data(rows[first:])) >= min(2, len(rows) - first):
            found.append((first, -len(rows[first]), delimiter, decimal))
    if not found:
        return None
    first, _, delimiter, decimal = min(found, key=lambda way: way[:2])
    rows = _split(lines[: _MOST_HEADER_LINES + _MOST_ROWS], delimiter, decimal)
    n = len(rows[first])
    heads = [
        row
        for row, line in zip(rows[:first], lines[:first], strict=True)
        if len(row) == n and any(row) and not _SAYING.search(line) and not _says_number(row)
    ]
    if _is_count_of_columns(rows[first : first + _ROWS_TO_CHOOSE]):
        first += 1
    names, units = _names_and_units(heads, n)
    return Shape(
        delimiter,
        decimal,
        first,
        names,
        units,
        _data(rows[first:]),
        tuple(lines[:first]),
        _quote(lines[first : first + _MOST_ROWS]),
        _odd_word(rows[first - 1], n) if first else "",
    )


def _split(lines: list[str], delimiter: str, decimal: str) -> list[tuple[str, ...]]:
    rows = []
    for line in lines:
        text = line.strip(" ")
        if text.count('"') % 2:  # a stray one must not swallow what comes after it
            text = text.replace('"', "")
        if '"' in text or delimiter == " ":
            reader = csv.reader([text], delimiter=delimiter, skipinitialspace=True)
            words = next(reader, [])
        else:
            words = text.split(delimiter) if text else []
        rows.append(tuple(word.strip().strip("'\"").strip() for word in words))
    if decimal == ",":
        return [tuple(word.replace(",", ".") for word in row) for row in rows]
    return rows


def _data(rows: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Give the rows of data among those from the first one with numbers on."""
    n = len(rows[0]) if rows else 0
    # Rows of missing samples count as data, but only below the first with a number.
    return tuple(
        row
        for row in rows
        if len(row) == n and (_all_numbers(row) or (n > 1 and set(row) <= set(MISSING)))
    )


def _all_numbers(row: Sequence[str]) -> bool:
    numbers = 0
    for word in row:
        if is_number(word):
            numbers += 1
        elif word not in MISSING and not is_moment(word):
            return False
    return numbers > 0


def _says_number(row: Sequence[str]) -> bool:
    """Tell a line like ``Sampling rate,250`` above a table of two columns from their names."""
    return len(row) == 2 and row[0] != "" and is_number(row[1])


def _is_count_of_columns(rows: Sequence[tuple[str, ...]]) -> bool:
    """Tell a header that only numbers the columns (pandas writes one) from a row of samples."""
    first, rest = rows[0], rows[1:]
    if len(first) < 2 or not rest:
        return False
    numbered = list(first[1:] if first[0] == "" else first)
    if numbered != [str(i) for i in range(len(numbered))]:
        return False
    return first[0] == "" or any("." in word for row in rest for word in row)


def _names_and_units(
    heads: list[tuple[str, ...]], n: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give names and units from the last rows before the numbers, or from brackets in names."""
    units = [""] * n
    if len(heads) > 1 and _are_units(heads[-1]):
        units = [word.strip("[]()") for word in heads.pop()]
    names = list(heads[-1]) if heads else [""] * n
    names[0] = names[0].lstrip("#% ")
    for i, name in enumerate(names):
        names[i], unit = split_unit(name)
        units[i] = units[i] or unit
    return tuple(names), tuple(units)


def _are_units(row: Sequence[str]) -> bool:
    """Tell a row of units; what is above times or counts may be no unit, if others are voltages."""
    known = [
        to_mv(word) is not None or _OTHER_UNIT.fullmatch(word.strip("[]()")) is not None
        for word in row
    ]
    return all(known) or (all(known[1:]) and any(to_mv(word) is not None for word in row[1:]))


def split_unit(name: str) -> tuple[str, str]:
    """Split a name like ``II (mV)``: name and unit, if it has one."""
    found = _UNIT_IN_NAME.search(name)
    return (name[: found.start()].strip(), found[1].strip()) if found else (name, "")


def _quote(lines: list[str]) -> str:
    if any(line.count('"') % 2 for line in lines):
        return ""
    return "'" if any("'" in line for line in lines) else '"'


def _odd_word(row: Sequence[str], n: int) -> str:
    """Give the word for which a line that begins like a row of numbers is none, or nothing."""
    if len(row) != n or not (is_number(row[0]) or is_moment(row[0])):
        return ""
    if not any(is_number(word) and "." in word for word in row):
        return ""
    odd = (w for w in row if not is_number(w) and w not in MISSING and not is_moment(w))
    return next(odd, "")
