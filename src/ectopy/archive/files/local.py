"""An archive in a folder: a file gets its name by a hard link, which only one writer can make."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from ectopy.archive.files.base import TEMPORARY, Listed
from ectopy.errors import ConfigError, DataNotFoundError
from ectopy.files import why_not_writable

_NO_LINKS: Final = {
    errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL,
}  # fmt: skip
"""What file systems without hard links answer."""


@dataclass(frozen=True)
class LocalFiles:
    """A folder, of this machine or one that several share (NFS, Lustre).

    A file is written below ``_tmp``, synced, and linked to its name; a link is made by one of those
    who try, and shows a whole file or none. There is no second way for file systems without hard
    links: what would guard the name there is a lock file, and one that a killed writer leaves
    behind can be told from a living writer's by a guess alone. They are refused.

    Attributes
    ----------
    folder : Path
        Absolute. It is made when the first file is created.
    """

    folder: Path

    @property
    def address(self) -> str:
        """The folder."""
        return str(self.folder)

    def probe(self) -> None:
        """Try that a name is created once."""
        name = f"{TEMPORARY}/probe-{uuid.uuid4().hex}"
        try:
            first, second = self.create(name, b"first"), self.create(name, b"second")
            kept = self.read(name)
        except OSError as error:
            why = why_not_writable(self.folder)
            if why is None and error.errno in _NO_LINKS:
                raise ConfigError(
                    f"{self.folder} is on a file system without hard links ({error.strerror}), by "
                    "which the files of an archive get their names once; choose a folder on "
                    "another file system, or an object store",
                    change="out",
                ) from None
            raise ConfigError(
                f"{self.folder} cannot be written to: {why or error.strerror or error}; choose "
                "another folder, or mend that",
                change="out",
            ) from None
        finally:
            with suppress(OSError):
                self.delete(name)
        if not first or second or kept != b"first":
            raise ConfigError(
                f"{self.folder} is on a file system that let two writers create one file; choose a "
                "folder on another file system, or an object store",
                change="out",
            )

    def create(self, name: str, content: bytes | Path) -> bool:
        """Create a file, whole and synced to the disk before it gets its name."""
        target, temporary = self.folder / name, self.folder / TEMPORARY / uuid.uuid4().hex
        _make_folder(temporary.parent)
        _make_folder(target.parent)
        try:
            with temporary.open("xb") as file:
                if isinstance(content, bytes):
                    file.write(content)
                else:
                    with content.open("rb") as source:
                        shutil.copyfileobj(source, file, 1 << 20)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(temporary, target)
            except FileExistsError:
                # A server of files may lose its answer and be asked again: then the link is ours.
                if not target.samefile(temporary):
                    return False
            _sync_folder(target.parent)
            return True
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()

    def exists(self, name: str) -> bool:
        """Tell whether a file is there."""
        return (self.folder / name).is_file()

    def read(self, name: str) -> bytes:
        """Read a whole file."""
        try:
            return (self.folder / name).read_bytes()
        except FileNotFoundError:
            raise _none(self.folder / name) from None

    def read_all(self, names: list[str]) -> Iterator[tuple[str, bytes]]:
        """Read many small files; in the order asked for."""
        for name in names:
            yield name, self.read(name)

    def open(self, name: str) -> BinaryIO:
        """Open a file to read parts of it."""
        try:
            return (self.folder / name).open("rb")
        except FileNotFoundError:
            raise _none(self.folder / name) from None

    def list(self, folder: str) -> Iterator[Listed]:
        """List the files below a folder, in order of their names."""
        yield from sorted(_below(self.folder / folder, folder), key=lambda found: found.name)

    def changed_s(self, name: str) -> float:
        """Tell when a file was created, in seconds since 1970."""
        try:
            return (self.folder / name).stat().st_mtime
        except FileNotFoundError:
            raise _none(self.folder / name) from None

    def delete(self, name: str) -> None:
        """Delete a file; one that is not there is no error."""
        (self.folder / name).unlink(missing_ok=True)


def _none(path: Path) -> DataNotFoundError:
    return DataNotFoundError(f"{path} not found, expected a file of an archive")


def _below(folder: Path, name: str) -> Iterator[Listed]:
    """Give all files below a folder; those that are deleted meanwhile are left out."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                path = f"{name}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    yield from _below(folder / entry.name, path)
                    continue
                with suppress(FileNotFoundError):
                    yield Listed(path, entry.stat().st_size)
    except FileNotFoundError:
        return


def _make_folder(folder: Path) -> None:
    """Make a folder that is still there after a power cut."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder written to the disk."""
    if sys.platform == "win32":  # where a folder cannot be opened, and NTFS keeps a journal
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some shared ones sync no folders
            raise
    finally:
        os.close(handle)
