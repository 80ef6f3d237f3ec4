"""Write the annotation files of an archive into a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ectopy.analysis.outputs import EXTENSION
from ectopy.archive.files.base import Files
from ectopy.archive.files.open import open_files
from ectopy.archive.snapshot import newest
from ectopy.errors import ConfigError
from ectopy.files import atomic_write, why_not_writable

if TYPE_CHECKING:
    import pyarrow as pa

_AT_ONCE: Final = 64
"""Rows that are read at a time: a day of beats takes some 300 kB."""


def export(
    address: str | Path,
    folder: Path,
    *,
    names: frozenset[str] = frozenset(),
    overwrite: bool = False,
) -> int:
    """Write annotation files, as ``folder/NAME.ect``; ``NAME-ID.ect`` where two have one name.

    Parameters
    ----------
    address : str or Path
        Of the archive, which was planned with annotations.
    folder : Path
        Made if it is not there.
    names : frozenset of str
        Names or ids of recordings; by default all.
    overwrite : bool
        Whether files with other content are overwritten.

    Returns
    -------
    int
        How many were written.

    Raises
    ------
    ConfigError
        If the archive keeps none, or none of these names; the folder cannot be written to, or a
        file with other content is there.
    """
    files = open_files(address)
    snapshot = newest(files)
    if not snapshot.names("annotations"):
        raise ConfigError(
            f"{files.address} keeps no annotation files; plan another archive with annotations",
            change="annotations",
        )
    if reason := why_not_writable(folder):
        raise ConfigError(
            f"{folder} cannot be written to ({reason}); name another one", change="out"
        )
    folder.mkdir(parents=True, exist_ok=True)
    parts = snapshot.names("annotations")
    seen: Counter[str] = Counter()
    for some in _batches(files, parts, ["name"]):
        seen.update(name.casefold() for name in some["name"].to_pylist())
    count = 0
    for some in _batches(files, parts, ["id", "name", "content"]):
        for row in some.to_pylist():
            if not names or {row["id"], row["name"]} & names:
                path = folder / _file_name(row["id"], row["name"], seen)
                _write(path, row["content"], overwrite)
                count += 1
    if names and not count:
        raise ConfigError(
            f"{files.address} keeps annotations of no recording called {', '.join(sorted(names))}; "
            "names and ids are in the table of recordings"
        )
    return count


def _batches(files: Files, parts: list[str], columns: list[str]) -> Iterator[pa.RecordBatch]:
    from pyarrow.parquet import ParquetFile

    for part in parts:
        with files.open(part) as stream, ParquetFile(stream) as file:
            yield from file.iter_batches(_AT_ONCE, columns=columns)


def _file_name(id_: str, name: str, seen: Counter[str]) -> str:
    """Give a name that no other recording of the archive has, and that is one of a file."""
    if Path(name).name != name or "\\" in name or name in ("", ".", ".."):
        name = id_
    elif seen[name.casefold()] > 1:
        name = f"{name}-{id_}"
    return f"{name}.{EXTENSION}"


def _write(path: Path, content: bytes, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        if path.read_bytes() == content:
            return
        raise ConfigError(
            f"{path} is there already with other content, perhaps corrections; name another "
            "folder, or allow to overwrite it",
            change=("out", "overwrite"),
        )
    atomic_write(path, content)
