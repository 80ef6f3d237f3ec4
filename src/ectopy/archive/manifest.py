"""The manifest of an archive: the entries of all shards, in one Parquet file."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ectopy.archive.files.base import Files
from ectopy.archive.model import Entry, Plan, Shard
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError, EctopyError
from ectopy.files import aside

if TYPE_CHECKING:
    import pyarrow as pa

PLAN: Final = "plan/plan.json"
"""Created last when an archive is planned; with it the plan stands."""
ROWS_A_GROUP: Final = 8192
"""Rows that are read to get at one shard: a few hundred kilobytes."""
_COLUMNS: Final = ("id", "address", "others", "size", "fingerprint", "stretch", "of")
"""Of an entry; the order of `Entry`."""


def read_plan(files: Files) -> Plan:
    """Read the plan of an archive.

    Raises
    ------
    DataNotFoundError
        If there is none.
    DataFormatError
        If it cannot be understood.
    """
    from pydantic import ValidationError

    try:
        text = files.read(PLAN)
    except DataNotFoundError as error:
        raise DataNotFoundError(
            f"{files.address} holds no plan, expected an archive; make one with: "
            "ectopy archive plan SOURCE --out STORE"
        ) from error
    try:
        return Plan.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "its text"
        raise DataFormatError(
            f"{files.address}/{PLAN} is no plan of this version of ectopy ({key}: {first['msg']}); "
            "use the version that wrote it"
        ) from error


def name_of(sha256: str) -> str:
    """Give the name of a manifest: after its content, so that no other one is in its way."""
    return f"plan/recordings-{sha256[:16]}.parquet"


def write_manifest(files: Files, shards: Iterable[Shard]) -> tuple[str, str]:
    """Write the entries of shards, which come in the order of their numbers.

    Returns
    -------
    tuple of str
        Name in the archive, and SHA-256. The same shards give the same bytes.
    """
    with aside(tempfile.gettempdir()) as folder:
        path = folder / "recordings.parquet"
        sha256 = write_local(path, shards)
        name = name_of(sha256)
        files.create(name, path)
    return name, sha256


def write_local(path: Path, shards: Iterable[Shard]) -> str:
    """Write a manifest to a local file and give its SHA-256."""
    import pyarrow.parquet as pq

    schema = _schema()
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        use_dictionary=["others", "of", "needs"],
        column_encoding={"address": "DELTA_BYTE_ARRAY", "shard": "DELTA_BINARY_PACKED"},
        write_statistics=["shard"],
        write_page_checksum=True,
    ) as writer:
        rows: list[Shard] = []
        n_rows = 0
        for shard in shards:
            rows.append(shard)
            n_rows += len(shard.entries)
            if n_rows >= ROWS_A_GROUP:
                writer.write_table(_table(rows, schema), row_group_size=n_rows)
                rows, n_rows = [], 0
        if rows:
            writer.write_table(_table(rows, schema), row_group_size=n_rows)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_shards(files: Files, wanted: Iterable[int] | None = None) -> Iterator[Shard]:
    """Read shards in the order of their numbers, all or some, a few thousand rows at a time.

    Raises
    ------
    DataNotFoundError, DataFormatError
        If there is no plan, or its manifest is missing or damaged.
    ConfigError
        If a shard is wanted that the plan does not have.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    plan = read_plan(files)
    numbers = None if wanted is None else sorted(set(wanted))
    if numbers and not 0 <= numbers[0] <= numbers[-1] < plan.shards:
        other = next(number for number in numbers if not 0 <= number < plan.shards)
        raise ConfigError(f"there is no shard {other}, the plan has 0 to {plan.shards - 1}")
    name = name_of(plan.manifest_sha256)
    try:
        with (
            files.open(name) as stream,
            pq.ParquetFile(stream, page_checksum_verification=True) as file,
        ):
            place = file.schema_arrow.names.index("shard")
            for group in range(file.num_row_groups):
                held = file.metadata.row_group(group).column(place).statistics
                few = numbers
                if numbers is not None:
                    few = [n for n in numbers if held.min <= n <= held.max]
                    if not few:
                        continue
                yield from _shards(file.read_row_group(group, use_threads=False), few)
    except EctopyError:
        raise
    except (pa.ArrowException, ValueError, OSError) as error:
        raise DataFormatError(
            f"{files.address}/{name} is damaged ({error}); plan the archive anew elsewhere"
        ) from error


def _shards(table: pa.Table, wanted: list[int] | None) -> Iterator[Shard]:
    if wanted is not None:
        import pyarrow as pa
        import pyarrow.compute as pc

        table = table.filter(pc.is_in(table["shard"], pa.array(wanted, table["shard"].type)))
    columns: list[list[Any]] = [table[name].to_pylist() for name in _COLUMNS]
    rows = zip(table["shard"].to_pylist(), table["needs"].to_pylist(), *columns, strict=True)
    for number, group in groupby(rows, key=lambda row: row[0]):
        entries = list(group)
        yield Shard(
            number,
            tuple(Entry(i, a, tuple(others), *rest) for _, _, i, a, others, *rest in entries),
            tuple(entries[0][1]),
        )


def _schema() -> pa.Schema:
    import pyarrow as pa

    text, number = pa.string(), pa.int32()
    return pa.schema(
        [
            pa.field("shard", number, nullable=False),
            pa.field("id", text, nullable=False),
            pa.field("address", text, nullable=False),
            pa.field("others", pa.list_(text), nullable=False),
            pa.field("size", pa.int64(), nullable=False),
            pa.field("fingerprint", text, nullable=False),
            pa.field("stretch", number, nullable=False),
            pa.field("of", number, nullable=False),
            pa.field("needs", pa.list_(number), nullable=False),
        ]
    )


def _table(shards: list[Shard], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    entries = [entry for shard in shards for entry in shard.entries]
    columns: dict[str, list[Any]] = {
        name: [getattr(entry, name) for entry in entries] for name in _COLUMNS
    }
    columns["shard"] = [shard.number for shard in shards for _ in shard.entries]
    columns["needs"] = [shard.needs for shard in shards for _ in shard.entries]
    return pa.table(
        {field.name: pa.array(columns[field.name], field.type) for field in schema}, schema=schema
    )
