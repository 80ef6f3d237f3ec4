"""Ask an archive by SQL: DuckDB over the newest snapshot, one view a table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ectopy.archive.files.base import Files
from ectopy.archive.files.local import LocalFiles
from ectopy.archive.files.open import open_files
from ectopy.archive.model import TABLES, Part
from ectopy.archive.snapshot import newest
from ectopy.errors import ConfigError, EctopyError
from ectopy.files import atomic_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_READING: Final = "SELECT"  # an EXPLAIN ANALYZE would do what it explains
FORMATS: Final = {".csv": "FORMAT csv, HEADER", ".parquet": "FORMAT parquet, COMPRESSION zstd"}
"""What an answer can be written as, by the ending of the file."""


def connect(address: str | Path) -> DuckDBPyConnection:
    """Give a connection of DuckDB with a view for each table of the newest snapshot.

    Parameters
    ----------
    address : str or Path
        Of the archive: a folder, or as ``s3://bucket/prefix``.

    Returns
    -------
    duckdb.DuckDBPyConnection
        A database in memory; the archive cannot be changed through it.

    Raises
    ------
    DataNotFoundError
        If there is no snapshot yet.
    MissingExtraError
        If the archive is in an object store whose driver is not installed.
    """
    files = open_files(address)
    return connect_files(files, newest(files).files)


def connect_files(files: Files, parts: Iterable[Part]) -> DuckDBPyConnection:
    """Give a connection with views over some files of tables, as `connect` does."""
    import duckdb

    connection = duckdb.connect()
    # What does not fit into memory would be written into the working folder.
    connection.execute(f"SET temp_directory = {quoted(f'{tempfile.gettempdir()}/ectopy-duckdb')}")
    if not isinstance(files, LocalFiles):
        import fsspec

        fs, _ = fsspec.core.url_to_fs(files.address)
        connection.register_filesystem(fs)
    names: dict[str, list[str]] = {}
    for part in parts:
        names.setdefault(part.table, []).append(f"{files.address}/{part.name}")
    for table, of_table in names.items():
        listed = ", ".join(map(quoted, of_table))
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet([{listed}])")
    return connection


def ask(
    connection: DuckDBPyConnection, sql: str, out: Path | None = None
) -> DuckDBPyRelation | int:
    """Ask one question, which changes nothing.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        From `connect`.
    sql : str
        One statement that reads.
    out : Path, optional
        File for the answer, ``.csv`` or ``.parquet``, written whole or not at all.

    Returns
    -------
    duckdb.DuckDBPyRelation or int
        The answer; with ``out``, the number of its rows.

    Raises
    ------
    ConfigError
        If it is no such statement, cannot be run, or the file is of another kind.
    """
    import duckdb

    try:
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type.name != _READING:
            raise ConfigError(
                "an archive is asked by one SQL statement that reads, as SELECT does; give one"
            )
        if out is None:
            return connection.sql(sql)
        if out.suffix.casefold() not in FORMATS:
            raise ConfigError(
                f"{out} has no ending by which it could be written, expected "
                f"{' or '.join(FORMATS)}",
                change="out",
            )
        with atomic_path(out) as path:
            how = FORMATS[out.suffix.casefold()]
            asked = sql.strip().rstrip(";")
            connection.execute(f"COPY ({asked}\n) TO {quoted(str(path))} ({how})")
            (rows,) = connection.fetchone() or (0,)
            return int(rows)
    except duckdb.Error as error:
        raise failed(error) from error
    except OSError as error:
        if isinstance(error, EctopyError):
            raise
        raise ConfigError(
            f"{out} cannot be written ({error.strerror or error}); name another file", change="out"
        ) from error


def shown(answer: DuckDBPyRelation, rows: int) -> str:
    """Give an answer as text, its first rows at most.

    Raises
    ------
    ConfigError
        If it cannot be worked out after all.
    """
    import duckdb

    try:
        found = answer.limit(rows + 1).fetchall()
        names = answer.columns
    except duckdb.Error as error:
        raise failed(error) from error
    cells = [names, *(["" if x is None else str(x) for x in row] for row in found[:rows])]
    right = [
        all(isinstance(row[i], int | float) for row in found if row[i] is not None)
        for i in range(len(names))
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(len(names))]
    lines = [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in cells
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    if not found:
        lines.append("no rows")
    if len(found) > rows:
        lines.append(f"... more than {rows} rows; write all of them to a file, or add LIMIT")
    return "\n".join(lines)


def failed(error: Exception) -> ConfigError:
    """Say in one sentence why DuckDB could not answer."""
    first = str(error).strip().partition("\n")[0].rstrip(".!")
    return ConfigError(
        f"the SQL cannot be answered ({first}); the tables are {', '.join(TABLES)}, and DESCRIBE "
        "tells the columns of one"
    )


def examples() -> dict[str, str]:
    """Give the worked examples by name: SQL with a comment that says what it asks."""
    folder = resources.files("ectopy.archive") / "queries"
    return {
        one.name.removesuffix(".sql"): one.read_text(encoding="utf-8")
        for one in sorted(folder.iterdir(), key=lambda one: one.name)
        if one.name.endswith(".sql")
    }


def example(name: str) -> str:
    """Give a worked example.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    known = examples()
    if name not in known:
        raise ConfigError(f"there is no example {name}; there are {', '.join(known)}")
    return known[name]


def quoted(text: str) -> str:
    """Give a text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
