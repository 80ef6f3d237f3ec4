"""The text of a table as a stream: plain or gzip, with what the parser cannot do done to it."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, cast

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.csv_dialect import MISSING, Shape
from ectopy.recordings.formats.csv_times import Times, seconds_of_text
from ectopy.recordings.recording import Float32

_GZIP: Final = b"\x1f\x8b"
_PROBE_BYTES: Final = 1 << 16
_BLOCK_BYTES: Final = 4 << 20
_FREE_BYTES: Final = 1 << 30
_MOST_TIMES: Final = 100
"""Tables of samples become 3 to 20 times smaller in gzip, a bomb 1000 times."""


def is_gzip(head: bytes) -> bool:
    """Tell a gzip file by its first bytes."""
    return head.startswith(_GZIP)


def unpack_head(head: bytes) -> tuple[bytes, bool]:
    """Give the first bytes of the text in the beginning of a file, and whether that is all."""
    if not is_gzip(head):
        return head, False
    unpacker = zlib.decompressobj(31)
    try:
        text = unpacker.decompress(head, _PROBE_BYTES)
    except zlib.error:
        return b"", False
    return text, unpacker.eof


def read_head(path: Path) -> tuple[bytes, bool]:
    """Give the beginning of the text of a file, and whether that is all of it."""
    with path.open("rb") as stream:
        raw = stream.read(_PROBE_BYTES)
    if is_gzip(raw):
        return unpack_head(raw)
    return raw, len(raw) < _PROBE_BYTES


class _Stream(Protocol):
    closed: bool

    def read(self, size: int = -1) -> bytes: ...

    def close(self) -> None: ...


class _Unpacked:
    """The text in a gzip file, up to what a table can have become smaller by."""

    closed = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream = gzip.GzipFile(path)
        self._left = max(_FREE_BYTES, _MOST_TIMES * path.stat().st_size)

    def read(self, size: int = -1) -> bytes:
        try:
            raw = self._stream.read(_BLOCK_BYTES if size < 0 else size)
        except (OSError, EOFError, zlib.error) as error:
            raise DataFormatError(
                f"{self._path} is cut off or damaged: it does not unpack to its end"
            ) from error
        self._left -= len(raw)
        if self._left < 0:
            raise DataFormatError(
                f"{self._path} unpacks to more than {_MOST_TIMES} times its size, expected a table "
                "of samples; if it is one, unpack it and open the text"
            )
        return raw

    def close(self) -> None:
        self._stream.close()
        self.closed = True


class _Cleaned:
    """Text whose runs of spaces read as one, or without quotation marks, line by line."""

    closed = False

    def __init__(self, stream: BinaryIO | _Stream, shape: Shape) -> None:
        self._stream = stream
        self._spaces, self._quotes = shape.delimiter == " ", shape.quote == ""
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        raw = self._stream.read(size)
        joined = self._rest + raw
        cut = joined.rfind(b"\n") + 1 if raw else len(joined)
        self._rest = joined[cut:]
        text = joined[:cut]
        if self._quotes:
            text = text.translate(None, b'"')
        if self._spaces:
            text = re.sub(rb"[ \t]{2,}|\t", b" ", text).replace(b"\n ", b"\n").removeprefix(b" ")
            text = text.replace(b" \n", b"\n").replace(b" \r\n", b"\r\n").removesuffix(b" ")
        return text or (self.read(size) if raw else b"")

    def close(self) -> None:
        self._stream.close()
        self.closed = True


Blocks = Iterator[tuple[npt.NDArray[np.float64] | None, Float32]]
"""Times in seconds (or None) and samples (n, n_leads) of one piece of a table after another."""


def blocks(path: Path, shape: Shape, leads: Sequence[int], times: Times | None) -> Blocks:
    """Parse a file a few megabytes at a time with pyarrow."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [f"c{i}" for i in range(shape.n_columns)]
    types = {names[i]: pa.float32() for i in leads}
    wanted = [names[i] for i in leads]
    if times is not None:
        types[names[times.column]] = pa.string() if times.style else pa.float64()
        wanted.append(names[times.column])
    with path.open("rb") as stream:
        zipped = is_gzip(stream.read(2))
    source = cast("_Stream", _Unpacked(path) if zipped else path.open("rb"))
    if shape.delimiter == " " or not shape.quote:
        source = _Cleaned(source, shape)
    try:
        reader = arrow_csv.open_csv(
            pa.PythonFile(source, mode="r"),
            read_options=arrow_csv.ReadOptions(
                column_names=names, skip_rows=shape.skip, block_size=_BLOCK_BYTES
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=shape.delimiter, quote_char=shape.quote or False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=types,
                include_columns=wanted,
                null_values=MISSING,
                strings_can_be_null=True,
                decimal_point=shape.decimal,
            ),
        )
        with reader:
            for batch in reader:
                block = np.empty((batch.num_rows, len(leads)), dtype=np.float32)
                for k, i in enumerate(leads):
                    block[:, k] = values(batch.column(names[i]), np.dtype(np.float32))
                yield _seconds(batch, names, times), block
    except pa.ArrowException as error:
        raise DataFormatError(f"{path} {_what_is_wrong(str(error), shape)}") from error
    finally:
        source.close()


def _seconds(
    batch: Any, names: Sequence[str], times: Times | None
) -> npt.NDArray[np.float64] | None:
    if times is None:
        return None
    column = batch.column(names[times.column])
    if times.style:
        return seconds_of_text(column, times.style)
    return values(column, np.dtype(np.float64)) * times.unit_s


def values(column: Any, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Give a column as an array, missing values NaN (what pyarrow has for it loads pandas)."""
    present, data = column.buffers()
    found = np.frombuffer(data, dtype=dtype)[column.offset :][: len(column)]
    if column.null_count:
        bits = np.unpackbits(np.frombuffer(present, dtype=np.uint8), bitorder="little")
        found = np.where(bits[column.offset :][: len(column)] == 1, found, np.nan)
    return found


_INVALID: Final = re.compile(
    r"In CSV column #(\d+)(?:: Row #(\d+))?.*invalid (?:value '(.{0,40}?)'|UTF8)", re.DOTALL
)


def _what_is_wrong(said: str, shape: Shape) -> str:
    """Say in our words what pyarrow found."""
    if match := re.search(r"Row #(\d+): Expected (\d+) columns, got (\d+)", said):
        return f"has {match[3]} columns in line {match[1]}, expected {match[2]} columns of numbers"
    if match := re.search(r"Expected (\d+) columns, got (\d+): (.{0,40})", said):
        return (
            f"has a line of {match[2]} columns ({match[3]}), expected {match[1]} columns of numbers"
        )
    if match := re.search(_INVALID, said):
        at = f"line {match[2]}, " if match[2] else ""
        name = shape.names[int(match[1])]
        found = repr(" ".join(match[3].split())) if match[3] else "bytes that are no text"
        return (
            f"has {found} in {at}column {int(match[1]) + 1}{f' ({name})' if name else ''}, "
            "expected a number"
        )
    return f"is not a table of {shape.n_columns} columns of numbers to its end"
