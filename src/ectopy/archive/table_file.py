"""Writes the rows of one table into a Parquet file, in groups of about the same size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa

GROUP_BYTES: Final = 64 << 20
"""Bytes in memory from which rows are written, however few they are."""


class TableFile:
    """One Parquet file, which rows are added to.

    Parameters
    ----------
    path : Path
        Where it is made.
    table : str
        Which table's schema and encodings it has, see `ectopy.archive.schemas`.
    group_rows : int
        Rows that are written together; until there are so many they are held in memory.

    Attributes
    ----------
    rows : int
        Rows that were added.
    """

    def __init__(self, path: Path, table: str, group_rows: int) -> None:
        from pyarrow.parquet import ParquetWriter

        from ectopy.archive.schemas import SCHEMAS, stored

        self.path, self.rows, self._group_rows = path, 0, group_rows
        self._writer = ParquetWriter(path, SCHEMAS[table], **stored(table))
        self._held: list[pa.Table] = []
        self._held_rows = self._held_bytes = 0

    def add(self, rows: pa.Table) -> None:
        """Take in rows, which come after those before."""
        at = 0
        while at < rows.num_rows:
            some = rows.slice(at, self._group_rows - self._held_rows)
            at += some.num_rows
            self._held.append(some)
            self._held_rows += some.num_rows
            self._held_bytes += some.nbytes
            if self._held_rows >= self._group_rows or self._held_bytes >= GROUP_BYTES:
                self._flush()
        self.rows += rows.num_rows

    @property
    def bytes(self) -> int:
        """Size of what was written so far."""
        return self.path.stat().st_size

    def close(self) -> None:
        """Write what is held, and end the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._held:
            # One dictionary for all, or the rest of the column would be written without.
            together = pa.concat_tables(self._held).unify_dictionaries().combine_chunks()
            self._writer.write_table(together, row_group_size=together.num_rows)
        self._held, self._held_rows, self._held_bytes = [], 0, 0
