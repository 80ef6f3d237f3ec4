"""Put all committed parts into one snapshot: few files, sorted by recording, named once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Final

from ectopy.archive.files.base import Files
from ectopy.archive.model import TABLES, Commit, Part
from ectopy.archive.snapshot import (
    Snapshot,
    folder_of,
    keys_sha256,
    name_of,
    newest_if_any,
    numbers,
)
from ectopy.archive.sorting import by_recording
from ectopy.archive.store import Archive
from ectopy.archive.table_file import TableFile
from ectopy.errors import ConfigError, DataFormatError
from ectopy.files import aside, sha256

if TYPE_CHECKING:
    import pyarrow as pa

FILE_BYTES: Final = 256 << 20
"""About the size of a file; only what is left of a table is in a smaller one."""
GROUP_ROWS: Final = 1 << 20
"""Rows of a group, which readers take or leave by the ids in it."""
_AHEAD: Final = 256
_AHEAD_BYTES: Final = 16 << 20
"""Parts that are read together, and about how many bytes."""

Told = Callable[[str, int, int], None]
"""Told of a table how many of its rows are written, and of how many."""


def finalize(
    address: str | Path,
    *,
    partial: bool = False,
    scratch: Path | None = None,
    told: Told | None = None,
) -> Snapshot:
    """Make a snapshot of all that is committed.

    Parameters
    ----------
    address : str or Path
        Of the archive.
    partial : bool
        Whether shards of the plan may be missing.
    scratch : Path, optional
        Folder for what does not fit into memory, as large as the largest table; by default where
        the system has temporary files.
    told : callable, optional
        Told of the progress.

    Returns
    -------
    Snapshot
        A new one; or the newest that stands, where no shard was committed since.

    Raises
    ------
    ConfigError
        If shards are missing, or another process finalizes at the same time.
    DataFormatError
        If a part is not what its commit says.
    """
    archive = Archive.open(address)
    commits = sorted(archive.commits(), key=lambda commit: commit.shard)
    _complete(archive, len(commits), partial)
    keys = keys_sha256(commit.key for commit in commits)
    stands = newest_if_any(archive.files)
    if stands is not None and stands.keys_sha256 == keys:
        return stands
    _, number = numbers(archive.files)
    tables = (*TABLES, *(("annotations",) if archive.plan.annotations else ()))
    with aside(scratch or gettempdir()) as folder:
        making = _Making(archive.files, commits, number, folder, told or (lambda *_: None))
        files = [part for table in tables for part in making.table(table)]
        return making.publish(archive, keys, files)


def _complete(archive: Archive, committed: int, partial: bool) -> None:
    of = archive.plan.shards
    if committed < of and not partial:
        raise ConfigError(
            f"{archive.files.address} has {of - committed:,} of {of:,} shards still to be done; "
            "work them off with ectopy archive run, or make a partial snapshot",
            change="partial",
        )


class _Making:
    """One snapshot, as it is made."""

    def __init__(
        self, files: Files, commits: list[Commit], number: int, scratch: Path, told: Told
    ) -> None:
        self._files, self._commits, self._number = files, commits, number
        self._scratch, self._told = scratch, told

    def table(self, table: str) -> list[Part]:
        """Write a table, into one file at least, and publish its files."""
        parts = [p for commit in self._commits for p in commit.parts if p.table == table]
        rows, size = sum(p.rows for p in parts), sum(p.bytes for p in parts)
        # Files of about the same size, none of them much smaller than the others.
        most = size / max(1, round(size / FILE_BYTES))
        made: list[Part] = []
        done = 0
        file = self._begin(table)
        for some in by_recording(self._read(parts), self._scratch, rows, size):
            for group in _slices(some):
                if file.rows and file.bytes >= most:
                    made.append(self._end(file, table, len(made)))
                    file = self._begin(table)
                file.add(group)
            done += some.num_rows
            self._told(table, done, rows)
        made.append(self._end(file, table, len(made)))
        if done != rows or sum(part.rows for part in made) != rows:
            raise DataFormatError(
                f"{done:,} rows of {table} were written to {self._files.address}, expected "
                f"{rows:,}; please report it"
            )
        return made

    def _read(self, parts: list[Part]) -> Iterator[pa.Table]:
        import pyarrow as pa
        from pyarrow import parquet

        for part, content in self._contents(parts):
            if hashlib.sha256(content).hexdigest() != part.sha256:
                raise DataFormatError(
                    f"{self._files.address}/{part.name} is not what was committed (its SHA-256 "
                    "differs); find all such parts with: ectopy archive verify"
                )
            with parquet.ParquetFile(pa.BufferReader(content)) as file:
                for group in range(file.num_row_groups):
                    yield file.read_row_group(group).replace_schema_metadata()

    def _contents(self, parts: list[Part]) -> Iterator[tuple[Part, bytes]]:
        """Read parts in their order, several at a time where each has its latency."""
        at = 0
        while at < len(parts):
            some, size = at, 0
            while some < len(parts) and some - at < _AHEAD and (some == at or size < _AHEAD_BYTES):
                size += parts[some].bytes
                some += 1
            found = dict(self._files.read_all([part.name for part in parts[at:some]]))
            for part in parts[at:some]:
                yield part, found.pop(part.name)
            at = some

    def _begin(self, table: str) -> TableFile:
        return TableFile(self._scratch / f"{table}.parquet", table, GROUP_ROWS)

    def _end(self, file: TableFile, table: str, number: int) -> Part:
        file.close()
        name = f"{folder_of(self._number)}/{table}/{number:03d}.parquet"
        part = self._create(file.path, table, name, file.rows)
        file.path.unlink()
        return part

    def _create(self, path: Path, table: str, name: str, rows: int) -> Part:
        part = Part(
            table=table, name=name, rows=rows, bytes=path.stat().st_size, sha256=sha256(path)
        )
        if not self._files.create(name, path):
            raise ConfigError(
                f"{self._files.address}/{name} is there already, so another process finalizes at "
                "the same time; wait for it"
            )
        return part

    def publish(self, archive: Archive, keys: str, files: list[Part]) -> Snapshot:
        """Write the page over all, and last what makes it a snapshot."""
        from ectopy.archive.page import page

        commits = self._commits
        path = self._scratch / "page.html"
        path.write_text(page(self._files, archive.plan, files, len(commits)), encoding="utf-8")
        snapshot = Snapshot(
            number=self._number,
            software=archive.plan.software,
            shards=len(commits),
            of=archive.plan.shards,
            keys_sha256=keys,
            recordings=sum(commit.recordings for commit in commits),
            failures=sum(commit.failures for commit in commits),
            beats=sum(commit.beats for commit in commits),
            recorded_s=sum(commit.recorded_s for commit in commits),
            files=tuple(files),
            page=self._create(path, "page", f"{folder_of(self._number)}/page.html", 0),
        )
        name = name_of(self._number)
        if not self._files.create(name, snapshot.model_dump_json(indent=1).encode()):
            raise ConfigError(
                f"{self._files.address}/{name} is there already, so another process finalizes at "
                "the same time; wait for it"
            )
        return snapshot


def _slices(rows: pa.Table) -> Iterator[pa.Table]:
    """Give rows in pieces after which the size of the file is looked at."""
    for at in range(0, rows.num_rows, GROUP_ROWS):
        yield rows.slice(at, GROUP_ROWS)
