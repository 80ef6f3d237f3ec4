"""Tables of samples in Parquet: a row for each sample and a column for each lead."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.common import Format, Stated
from ectopy.recordings.formats.csv_dialect import Shape, split_unit
from ectopy.recordings.formats.csv_header import TableHeader
from ectopy.recordings.formats.csv_source import Blocks
from ectopy.recordings.formats.csv_times import Times
from ectopy.recordings.formats.table import open_table, refuse_own
from ectopy.recordings.recording import Recording

_MAGIC: Final = b"PAR1"
_ROWS_AT_ONCE: Final = 1 << 18
_ROWS_LOOKED_AT: Final = 2000
_FREE_BYTES: Final = 1 << 30
_MOST_TIMES: Final = 100
"""A table of samples becomes 2 to 10 times smaller in Parquet; one of zeros, a million times."""


def recognises(path: Path, head: bytes) -> bool:
    """Tell by the magic number."""
    return head.startswith(_MAGIC)


def open_parquet(path: Path, stated: Stated) -> Recording:
    """Open a table of samples."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = list(file.schema_arrow.names)
            refuse_own(path, names)
            usable = [f.name for f in file.schema_arrow if _seconds_of(f.type) or _numeric(f.type)]
            n_bytes = 4 * file.metadata.num_rows * len(usable)
            if n_bytes > max(_FREE_BYTES, _MOST_TIMES * path.stat().st_size):
                raise DataFormatError(
                    f"{path} promises {file.metadata.num_rows} rows in {path.stat().st_size} "
                    "bytes, more than a table of samples can be packed into"
                )
            if not usable or not file.metadata.num_rows:
                raise DataFormatError(
                    f"{path} has no column of numbers, expected a row for each sample and a column "
                    "for each lead"
                )
            first = next(file.iter_batches(batch_size=_ROWS_LOOKED_AT, columns=usable))
            columns = [_words(first.column(name)) for name in usable]
            pairs = [split_unit(name) for name in usable]
            shape = Shape(
                "",
                ".",
                0,
                tuple(name for name, _ in pairs),
                tuple(unit for _, unit in pairs),
                tuple(zip(*columns, strict=True)),
            )

            def blocks(
                path: Path, shape: Shape, leads: Sequence[int], times: Times | None
            ) -> Blocks:
                wanted = [usable[i] for i in leads]
                clock = None if times is None else usable[times.column]
                for batch in file.iter_batches(
                    batch_size=_ROWS_AT_ONCE, columns=[*wanted, *([clock] if clock else [])]
                ):
                    block = np.empty((batch.num_rows, len(wanted)), dtype=np.float32)
                    for k, name in enumerate(wanted):
                        block[:, k] = _floats(batch.column(name))
                    seconds = None
                    if clock is not None and times is not None:
                        column = batch.column(clock)
                        unit = _seconds_of(column.type) or times.unit_s
                        seconds = _floats(column) * unit
                    yield seconds, block

            return open_table(path, stated, shape, TableHeader(), blocks, f"Parquet {path.name}")
    except (pa.ArrowException, OSError) as error:
        raise DataFormatError(f"{path} is damaged: it is no whole Parquet file") from error


FORMAT = Format("Parquet", recognises, open_parquet, (".parquet", ".pq"))


def _numeric(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _seconds_of(kind: Any) -> float | None:
    """Give the seconds of the unit of a type of moments, or None for other types."""
    import pyarrow as pa

    if not pa.types.is_timestamp(kind):
        return None
    return {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}[kind.unit]


def _words(column: Any) -> list[str]:
    """Give values as the text of a table has them."""
    import pyarrow as pa
    from pyarrow import compute as pc

    if pa.types.is_timestamp(column.type):
        column = pc.strftime(pc.cast(column, pa.timestamp("ns")), format="%Y-%m-%d %H:%M:%S")
    return ["" if value is None else str(value) for value in column.to_pylist()]


def _floats(column: Any) -> Any:
    import pyarrow as pa
    from pyarrow import compute as pc

    if pa.types.is_timestamp(column.type):
        column = pc.cast(column, pa.int64())
    return pc.cast(column, pa.float64(), safe=False).to_numpy(zero_copy_only=False)
