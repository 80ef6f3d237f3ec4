"""Lists of addresses: a text with one a line, a table with a column for them."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from ectopy.analysis.sifting import is_recording
from ectopy.errors import DataFormatError

if TYPE_CHECKING:
    import pyarrow as pa

STANDARD_INPUT: Final = "-"
_COLUMN: Final = "address"
_MORE: Final = ("size", "etag")
"""Columns that save asking a store for what a list of its own (an S3 inventory, say) tells."""
_LONGEST: Final = 65_536
"""Characters of a line: no system has longer paths, so what has is no list."""
_HEAD: Final = 65_536
_MARK: Final = "\ufeff"
"""What some editors put at the beginning of a text."""


class Listed(NamedTuple):
    """A line of a list.

    Attributes
    ----------
    address : str
        As it is written.
    size : int or None
        Bytes, where the list says so.
    etag : str or None
        What changes with the file, where the list says so.
    """

    address: str
    size: int | None = None
    etag: str | None = None


def is_list(path: Path) -> bool:
    """Tell a list of addresses from a recording, which may be a text or a table, too.

    A table is a list if it has a column ``address``; a text is one if its first line is an address
    or a file that is there, or else if it is no recording.
    """
    kind = path.suffix.lower()
    if kind == ".parquet":
        return _COLUMN in _parquet_columns(path)
    if kind not in (".txt", ".csv"):
        return False
    with path.open(encoding="utf-8", errors="replace") as stream:
        first = next(addresses(stream.read(_HEAD).splitlines()), "")
    if kind == ".csv":
        return _COLUMN in _fields(first)
    named = Path(first)
    try:
        if "://" in first or named.exists() or named.with_name(f"{named.name}.hea").exists():
            return True
    except (OSError, ValueError):
        pass
    return not is_recording(path)


def read_list(source: str) -> Iterator[Listed]:
    """Read the addresses of a list, as they are written.

    Raises
    ------
    DataFormatError
        If it cannot be read as what its name says.
    """
    if source == STANDARD_INPUT:
        stream = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="surrogateescape")
        yield from map(Listed, addresses(_lines(stream, "standard input")))
        return
    kind = Path(source).suffix.lower()
    try:
        if kind in (".csv", ".parquet"):
            yield from _from_table(source, kind)
            return
        with open(source, encoding="utf-8", errors="surrogateescape") as stream:  # noqa: PTH123
            yield from map(Listed, addresses(_lines(stream, source)))
    except OSError as error:
        raise DataFormatError(f"{source} cannot be read: {error.strerror}") from error


def addresses(lines: Iterable[str]) -> Iterator[str]:
    """Give the addresses of a text; empty lines and those that begin with # say nothing."""
    for line in lines:
        address = line.lstrip(_MARK).strip()
        if address and not address.startswith("#"):
            yield address


def _lines(stream: IO[str], source: str) -> Iterator[str]:
    while line := stream.readline(_LONGEST):
        if len(line) == _LONGEST:
            raise DataFormatError(
                f"{source} has a line of {_LONGEST:,} characters or more, expected a list with one "
                "address a line"
            )
        yield line


def _from_table(source: str, kind: str) -> Iterator[Listed]:
    import pyarrow as pa

    try:
        for batch in _batches(source, kind):
            names = batch.schema.names
            columns = [batch[_COLUMN].to_pylist()]
            for name in _MORE:
                known = name in names
                columns.append(batch[name].to_pylist() if known else [None] * len(batch))
            for address, size, etag in zip(*columns, strict=True):
                if address is not None and (text := str(address).strip()):
                    yield Listed(text, size, None if etag is None else str(etag))
    except (pa.ArrowException, ValueError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise DataFormatError(
            f"{source} cannot be read as a list of addresses: {reason}; write it anew as UTF-8, "
            "with sizes as whole numbers"
        ) from error


def _batches(source: str, kind: str) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    if kind == ".parquet":
        import pyarrow.parquet as pq

        with pq.ParquetFile(source) as file:
            there = [name for name in (_COLUMN, *_MORE) if name in file.schema_arrow.names]
            yield from file.iter_batches(columns=there)
        return
    from pyarrow import csv as table

    with open(source, encoding="utf-8-sig") as stream:  # noqa: PTH123
        header = _fields(stream.readline(_LONGEST))
    types = {_COLUMN: pa.string(), "size": pa.int64(), "etag": pa.string()}
    options = table.ConvertOptions(
        include_columns=[name for name in (_COLUMN, *_MORE) if name in header],
        column_types=types,
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
    )
    reading = table.ReadOptions(use_threads=False, column_names=header, skip_rows=1)
    with table.open_csv(source, reading, convert_options=options) as reader:
        yield from reader


def _fields(line: str) -> list[str]:
    return [field.strip() for field in next(csv.reader([line.lstrip(_MARK)]), [])]


def _parquet_columns(path: Path) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names: list[str] = pq.read_schema(path).names
    except (pa.ArrowException, OSError):
        return []  # a recording that is damaged, which is then said of it
    return names
