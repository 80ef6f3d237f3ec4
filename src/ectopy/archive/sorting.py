"""Sort the rows of many parts by recording, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.arrow import numbers

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS: Final = 1_000_000
MOST_BYTES: Final = 48 << 20
"""Of a table that is sorted in memory; more than that is first shared out on the disk."""
MOST_SHARES: Final = 256
"""Files that are written at a time; a share that is still too large is shared out again."""
_IDS: Final = 1 << 64
"""Ids are 16 hexadecimal digits of a SHA-256, and so spread evenly up to here."""


def by_recording(
    tables: Iterable[pa.Table], scratch: Path, rows: int, size: int
) -> Iterator[pa.Table]:
    """Give all rows in order of their id; those of one recording stay in the order they came in.

    Parameters
    ----------
    tables : iterable of pyarrow.Table
        All with the same schema, the column ``id`` a dictionary.
    scratch : Path
        Folder for what does not fit into memory; it takes about as much as the parts do.
    rows, size : int
        About how many rows and bytes there are, by which the number of shares is chosen.

    Yields
    ------
    pyarrow.Table
        Up to about `MOST_ROWS` rows; a recording may go on in the next.
    """
    yield from _sorted(_gulps(tables), scratch, 0, _IDS, _shares(rows, size))


def _shares(rows: int, size: int) -> int:
    """Choose a number of shares of which each fits well into memory, compressed as they may be."""
    return min(max(4 * rows // MOST_ROWS, 4 * size // MOST_BYTES, 2), MOST_SHARES)


def _sorted(
    gulps: Iterator[pa.Table], scratch: Path, low: int, high: int, n_shares: int
) -> Iterator[pa.Table]:
    first = next(gulps, None)
    if first is None:
        return
    second = next(gulps, None)
    if second is None:
        yield _by_id(first)
        return
    with TemporaryDirectory(dir=scratch, prefix="sorting-") as folder:
        edges = [low + (high - low) * i // n_shares for i in range(n_shares + 1)]
        shares = _Shares(Path(folder), edges)
        for gulp in _again(first, second, gulps):
            shares.add(_by_id(gulp))
        for share in shares.close():
            if share.first == share.last:
                yield from _read(share.path)
            else:
                again = _gulps(_read(share.path))
                more = _shares(share.rows, share.bytes)
                yield from _sorted(again, scratch, share.first, share.last + 1, more)
            share.path.unlink()


def _again(first: pa.Table, second: pa.Table, rest: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield second
    yield from rest


def _gulps(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Put small tables together, up to what is sorted in memory."""
    import pyarrow as pa

    held: list[pa.Table] = []
    rows = size = 0
    for table in tables:
        if held and (rows + table.num_rows > MOST_ROWS or size + table.nbytes > MOST_BYTES):
            yield pa.concat_tables(held)
            held, rows, size = [], 0, 0
        held.append(table)
        rows += table.num_rows
        size += table.nbytes
    if held:
        yield pa.concat_tables(held)


def _by_id(table: pa.Table) -> pa.Table:
    """Sort rows by id, and its dictionary too, so that codes rise with ids."""
    table = table.unify_dictionaries().combine_chunks()
    ids = _ids(table)
    names = ids.dictionary.to_numpy(zero_copy_only=False)
    order = np.argsort(names)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    codes = rank[ids.indices.to_numpy()]
    if (codes[1:] < codes[:-1]).any():
        place = np.argsort(codes, kind="stable")  # nearly sorted: recordings stand in one piece
        table, codes = table.take(numbers(place)), codes[place]
    return _with(table, codes, ids.dictionary.take(numbers(order)))


def _ids(table: pa.Table) -> pa.DictionaryArray:
    column = table["id"]
    return column.chunk(0) if column.num_chunks else column.combine_chunks()


def _with(table: pa.Table, codes: npt.NDArray[np.int32], names: pa.Array) -> pa.Table:
    import pyarrow as pa

    ids = pa.DictionaryArray.from_arrays(numbers(codes), names)
    return table.set_column(0, table.schema.field(0), ids)


@dataclass
class _Share:
    """Rows between two ids, on the disk."""

    path: Path
    writer: pa.RecordBatchStreamWriter
    first: int
    last: int = 0
    rows: int = 0
    bytes: int = 0


class _Shares:
    """Shares out rows by id."""

    def __init__(self, folder: Path, edges: list[int]) -> None:
        self._folder = folder
        self._inner = np.array(edges[1:-1], np.uint64)
        self._shares: dict[int, _Share] = {}

    def add(self, table: pa.Table) -> None:
        """Take in rows that are sorted by id."""
        ids = _ids(table)
        codes, names = ids.indices.to_numpy(), ids.dictionary
        values = np.array([int(name, 16) for name in names.to_pylist()], np.uint64)
        numbers_of, begins = np.unique(
            np.searchsorted(self._inner, values, side="right"), return_index=True
        )
        edges = [*begins.tolist(), len(values)]
        at: list[int] = np.searchsorted(codes, edges).tolist()
        for i, number in enumerate(numbers_of.tolist()):
            begin, end = edges[i], edges[i + 1]
            rows = table.slice(at[i], at[i + 1] - at[i])
            some = _with(rows, codes[at[i] : at[i + 1]] - begin, names.slice(begin, end - begin))
            share = self._share(number, table.schema, int(values[begin]))
            share.writer.write_table(some)
            share.first = min(share.first, int(values[begin]))
            share.last = max(share.last, int(values[end - 1]))
            share.rows += some.num_rows
            share.bytes += some.nbytes

    def _share(self, number: int, schema: pa.Schema, first: int) -> _Share:
        import pyarrow as pa

        if number not in self._shares:
            path = self._folder / f"{number}.arrows"
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            writer = pa.ipc.new_stream(str(path), schema, options=options)
            self._shares[number] = _Share(path, writer, first)
        return self._shares[number]

    def close(self) -> list[_Share]:
        """Give the shares in order of their ids."""
        for share in self._shares.values():
            share.writer.close()
        return [self._shares[number] for number in sorted(self._shares)]


def _read(path: Path) -> Iterator[pa.Table]:
    import pyarrow as pa

    with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as stream:
        for batch in stream:
            yield pa.Table.from_batches([batch])
