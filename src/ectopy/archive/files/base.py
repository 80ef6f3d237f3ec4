"""What an archive asks of the place where it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

TEMPORARY: Final = "_tmp"
"""Folder of what is being tried and written; nothing in it is ever believed."""


@dataclass(frozen=True)
class Listed:
    """A file that is there: its name in the archive, and its size in bytes."""

    name: str
    size: int


class Files(Protocol):
    """A folder, or a part of an object store. Names are relative, with slashes.

    Nothing is ever written over: a name is created once, by one of those who try.
    """

    @property
    def address(self) -> str:
        """Where it is; `ectopy.archive.files.open.open_files` opens it again, in any process."""
        ...

    def probe(self) -> None:
        """Try that a name is created once.

        Raises
        ------
        ConfigError
            If a second writer would win as well, or nothing can be written.
        """
        ...

    def create(self, name: str, content: bytes | Path) -> bool:
        """Create a file, whole and synced to the disk before it gets its name.

        Where it raises, nobody knows whether the file is there, or will be in a moment.

        Returns
        -------
        bool
            False where another one has the name. True also where the very same content was found
            there after an answer was lost: then this one created it.
        """
        ...

    def exists(self, name: str) -> bool:
        """Tell whether a file is there."""
        ...

    def read(self, name: str) -> bytes:
        """Read a whole file.

        Raises
        ------
        DataNotFoundError
            If there is none of this name.
        """
        ...

    def read_all(self, names: list[str]) -> Iterator[tuple[str, bytes]]:
        """Read many small files, many at a time; in any order."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a file to read parts of it, with ``seek``."""
        ...

    def list(self, folder: str) -> Iterator[Listed]:
        """List the files below a folder, in order of their names; none where there is no folder."""
        ...

    def changed_s(self, name: str) -> float:
        """Tell when a file was created, in seconds since 1970, by the clock of the store.

        Raises
        ------
        DataNotFoundError
            If there is none of this name.
        """
        ...

    def delete(self, name: str) -> None:
        """Delete a file; one that is not there is no error."""
        ...
