"""Text whose samples go on along the line: one lead in one line, or a line for each lead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError, EctopyError
from ectopy.recordings.formats.common import Format, Stated
from ectopy.recordings.formats.csv_dialect import MISSING, Shape, is_number, split_unit
from ectopy.recordings.formats.csv_header import read_header
from ectopy.recordings.formats.csv_source import Blocks, values
from ectopy.recordings.formats.csv_times import Times
from ectopy.recordings.formats.table import open_table
from ectopy.recordings.recording import Recording

_LEAST: Final = 500
"""Numbers in a line: rows of a table have one for each lead, those of heartbeats up to some 400."""
_SHARE_OF_NUMBERS: Final = 0.9  # so that a damaged line is named, and not taken for a header
_MOST_LINES: Final = 33
"""Lines of numbers: 32 leads and their times."""
_MOST_HEADER_LINES: Final = 40
_PROBE_BYTES: Final = 1 << 16
_PIECE_BYTES: Final = 1 << 20
_WORDS_LOOKED_AT: Final = 2000
_MOST_BYTES: Final = 256 << 20
"""Of such a file, which is in memory as a whole: a lead at 500 Hz for a day."""
_NAME: Final = re.compile(
    r"""\s*["']?(?P<name>[^\W\d][^,;:\t"'=]{0,40}?)["']?(?:\s*[:=,;\t]|\s)\s*(?=["']?[-+.\d])"""
)
"""What may stand before the numbers: ``II:``, ``lead V1 (uV)=``, ``II,``."""
_WITH_COMMA: Final = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?")
_INVALID: Final = re.compile(r"invalid value '(.{0,40}?)'", re.DOTALL)


@dataclass(frozen=True)
class _Line:
    """A line of numbers."""

    number: int  # in the file, from 1
    name: str
    text: bytes  # without its name


@dataclass(frozen=True)
class _Dialect:
    """What is between two numbers, and in them."""

    delimiter: str
    decimal: str

    def words(self, text: bytes, most: int) -> list[str]:
        """Give the first words of a line, with a point in them."""
        head = text[: most * 40].decode("latin-1")
        cut = len(text) > most * 40
        split = head.split() if self.delimiter == " " else head.strip().split(self.delimiter)
        split = split[:-1] if cut else split
        return [word.strip().replace(self.decimal, ".") for word in split[:most]]


def recognises(path: Path, head: bytes) -> bool:
    """Tell such a text by very many numbers in one of its first lines, and by few lines in all."""
    if b"\0" in head or head.lstrip()[:1] in (b"<", b"{", b"["):
        return False
    if head.count(b"\n") > _MOST_LINES + _MOST_HEADER_LINES:
        return False  # many lines, as nearly all tables have
    with path.open("rb") as stream:
        lines = stream.read(_PROBE_BYTES).splitlines()
    return any(map(_is_long, lines[:_MOST_HEADER_LINES])) and _few_lines(path)


def _is_long(line: bytes) -> bool:
    """Tell a line of very many numbers, perhaps with a name before them and an odd word among."""
    text = line[: 40 * _LEAST].decode("latin-1")
    if found := _NAME.match(text):
        text = text[found.end() :]
    words = [word for word in re.split(r"[,;\s]+", text) if word]
    numbers = sum(is_number(word) or word in MISSING for word in words)
    return len(words) >= _LEAST and numbers >= _SHARE_OF_NUMBERS * len(words)


def _few_lines(path: Path) -> bool:
    """Tell whether there are as few lines as a recorder has leads, and a header."""
    n = 0
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE_BYTES):
            n += max(piece.count(b"\n"), piece.count(b"\r"))
            if n > _MOST_LINES + _MOST_HEADER_LINES:
                return False
    return True


def open_lines(path: Path, stated: Stated) -> Recording:
    """Open a text with a line for each lead; lines before them may say rate, unit and start."""
    size = path.stat().st_size
    if size > _MOST_BYTES:
        raise DataFormatError(
            f"{path} has {size} bytes in a few lines, expected at most {_MOST_BYTES}; save it with "
            "a row for each sample"
        )
    header, lines = _sort_lines(path, path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    dialect = _dialect(lines[0].text)
    columns = [dialect.words(line.text, _WORDS_LOOKED_AT) for line in lines]
    for line, words in zip(lines, columns, strict=True):
        if odd := [word for word in words if not is_number(word) and word not in MISSING]:
            raise _odd_word(path, line, odd[0])
    pairs = [split_unit(line.name) for line in lines]
    shape = Shape(
        dialect.delimiter,
        dialect.decimal,
        len(header),
        tuple(name for name, _ in pairs),
        tuple(unit for _, unit in pairs),
        tuple(zip_longest(*columns, fillvalue="")),
        tuple(header),
    )
    uneven: list[str] = []

    def blocks(path: Path, shape: Shape, leads: Sequence[int], times: Times | None) -> Blocks:
        rows = [_parse(path, lines[i], dialect, np.float32) for i in leads]
        clock = None
        if times is not None:
            clock = _parse(path, lines[times.column], dialect, np.float64) * times.unit_s
        n = max(map(len, rows)) if clock is None else len(clock)
        if any(len(row) != n for row in rows):
            uneven.append("some leads end before others; the rest of them is missing samples")
        table = np.full((n, len(rows)), np.nan, dtype=np.float32)
        for k, row in enumerate(rows):
            table[: len(row), k] = row[:n]
        yield clock, table

    said = read_header(header, len(lines))
    recording = open_table(path, stated, shape, said, blocks, f"text {path.name}")
    return replace(recording, notes=(*recording.notes, *uneven))


FORMAT = Format(
    "text with samples along the line", recognises, open_lines, no_recording=EctopyError
)


def _sort_lines(path: Path, raw: bytes) -> tuple[list[str], list[_Line]]:
    """Part the lines into those before the numbers, and those of numbers."""
    header: list[str] = []
    found: list[_Line] = []
    for number, line in enumerate(raw.splitlines(), 1):
        if not line.strip():
            continue
        if not found and not _is_long(line):
            header.append(line.decode("utf-8", errors="replace"))
            continue
        named = _NAME.match(line[:100].decode("utf-8", errors="replace"))
        name, begin = "", 0
        if named is not None:
            name = named["name"].strip()
            begin = len(named[0].encode())
        found.append(_Line(number, name, line[begin:].strip()))
    if not found or len(found) > _MOST_LINES:
        raise DataFormatError(
            f"{path} has {len(found)} lines of numbers, expected one for each lead and at most "
            f"{_MOST_LINES - 1}; save it with a row for each sample"
        )
    return header, found


def _dialect(text: bytes) -> _Dialect:
    """Tell what parts the numbers of a line: the strongest sign that is there."""
    head = text[: 40 * _LEAST].decode("latin-1")
    for delimiter in (";", "\t"):
        if delimiter in head:
            return _Dialect(delimiter, "," if "," in head and "." not in head else ".")
    words = head.split()
    if "," not in head or (len(words) > 2 and all(map(_WITH_COMMA.fullmatch, words[:-1]))):
        return _Dialect(" ", "," if "," in head else ".")
    return _Dialect(",", ".")


def _parse(
    path: Path, line: _Line, dialect: _Dialect, dtype: type[np.floating[Any]]
) -> npt.NDArray[Any]:
    """Give the numbers of a line; missing ones are NaN."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    text = line.text
    if dialect.delimiter == " ":
        text = text.translate(bytes.maketrans(b" \t", b"\n\n"))
    else:
        sign = dialect.delimiter.encode()
        text = text.removesuffix(sign).replace(sign, b"\n").replace(b" ", b"")
    kind = pa.from_numpy_dtype(np.dtype(dtype))
    try:
        column = arrow_csv.read_csv(
            pa.py_buffer(text + b"\n"),
            read_options=arrow_csv.ReadOptions(column_names=["x"], use_threads=False),
            parse_options=arrow_csv.ParseOptions(
                delimiter="\x1f", quote_char=False, ignore_empty_lines=dialect.delimiter == " "
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={"x": kind}, null_values=MISSING, decimal_point=dialect.decimal
            ),
        ).column("x")
    except pa.ArrowException as error:
        found = _INVALID.search(str(error))
        raise _odd_word(path, line, found[1] if found else "?") from error
    parts = [values(chunk, np.dtype(dtype)) for chunk in column.chunks]
    return np.concatenate(parts) if parts else np.empty(0, dtype=dtype)


def _odd_word(path: Path, line: _Line, word: str) -> DataFormatError:
    return DataFormatError(
        f"{path} has {' '.join(word.split())[:40]!r} in line {line.number}, among numbers; put a "
        "number there, or nothing if the sample is missing"
    )
