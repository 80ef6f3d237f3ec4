"""Recordings on a file system: folders that are searched, and files that are named."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from ectopy.analysis.sifting import (
    ARCHIVE,
    HEAD_BYTES,
    LARGEST_HEADER,
    LIKE_RECORDINGS,
    Named,
    ending,
    is_recording,
    names_in,
)
from ectopy.archive.sources.found import Mark, Told
from ectopy.archive.sources.lengths import LEAST_BYTES, seconds_said
from ectopy.archive.sources.looking import Looking
from ectopy.errors import EctopyError
from ectopy.recordings.open import open_recording


class LocalFolder:
    """A folder of a file system.

    Parameters
    ----------
    folder : str
        Absolute.
    names : sequence of str, optional
        All its files, where they were listed; else each is looked up.
    looking : Looking, optional
        What was seen in other folders of the same search.
    """

    def __init__(
        self, folder: str, names: Sequence[str] | None = None, looking: Looking | None = None
    ) -> None:
        self.folder = folder
        self._prefix = folder.rstrip(os.sep) + os.sep
        self._names = None if names is None else frozenset(names)
        self._marks: dict[str, Mark | None] = {}
        self._links: set[str] = set()
        self._looking = looking or Looking()

    def address(self, name: str) -> str:
        """Give the path of a file; bytes that are no UTF-8 are spelt out."""
        path = self._prefix + name
        return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode()

    def identity(self, name: str) -> str:
        """Give the one true path of a file."""
        self._mark(name)
        if name in self._links:
            return os.path.realpath(self._prefix + name)
        return self._real + name

    @cached_property
    def _real(self) -> str:
        return os.path.realpath(self.folder).rstrip(os.sep) + os.sep

    def there(self, name: str) -> bool:
        """Tell whether there is a file of this name."""
        return name in self._names if self._names is not None else self._mark(name) is not None

    def _mark(self, name: str) -> Mark | None:
        """Look a file up, once."""
        if name in self._marks:
            return self._marks[name]
        mark = None
        try:
            told = os.lstat(self._prefix + name)
            if stat.S_ISLNK(told.st_mode):
                self._links.add(name)
                told = os.stat(self._prefix + name)  # noqa: PTH116
            if stat.S_ISREG(told.st_mode):
                mark = (told.st_size, str(told.st_mtime_ns))
        except (OSError, ValueError):
            pass
        self._marks[name] = mark
        return mark

    def every_header(self) -> list[str]:
        """List the headers of WFDB records."""
        names = self._names
        if names is None:
            try:
                names = frozenset(os.listdir(self.folder))  # noqa: PTH208
            except OSError:
                return []
        return sorted(name for name in names if name.endswith(".hea"))

    def headers(self, names: Sequence[str]) -> dict[str, Named]:
        """Read headers of WFDB records."""
        return {name: self._header(name) for name in names}

    def _header(self, name: str) -> Named:
        try:
            with open(self._prefix + name, "rb") as stream:  # noqa: PTH123
                return names_in(stream.read(LARGEST_HEADER))
        except (OSError, ValueError):
            return Named()

    def copies(self, names: Sequence[str]) -> set[str]:
        """Tell by its ending what is beside a record of the same name as a copy of it."""
        return {n for n in names if ending(n).lower() in LIKE_RECORDINGS or not self.there(n)}

    def recordings(self, names: Sequence[str]) -> set[str]:
        """Tell recordings by their ending, where it tells; else look into files."""
        return self._looking.among(
            names, lambda some: [is_recording(Path(self._prefix + name)) for name in some]
        )

    def marks(self, names: Sequence[str]) -> dict[str, Mark]:
        """Look up sizes and times of change."""
        return {name: mark for name in names if (mark := self._mark(name)) is not None}

    def lengths(self, sizes: Mapping[str, int]) -> dict[str, float]:
        """Tell how long large recordings are, where their first bytes say so."""
        found = {}
        for name, size in sizes.items():
            if size >= LEAST_BYTES and (seconds := self._length(name, size)) is not None:
                found[name] = seconds
        return found

    def _length(self, name: str, size: int) -> float | None:
        path = Path(self._prefix + name)
        try:
            if ending(name) == ".hea":  # one that does not say it, though its signal files may
                return open_recording(path).duration_s
            with path.open("rb") as stream:
                return seconds_said(path, stream.read(HEAD_BYTES), size)
        except (OSError, EctopyError):
            return None


def walk(top: str, told: Told, leave_out: str = "") -> Iterator[tuple[LocalFolder, list[str]]]:
    """Give a folder and all below it, with the names of their files, in the order of their names.

    Hidden folders, archives of ours and ``leave_out`` are passed over, links to folders not
    followed.
    """
    waiting, looking = [top], Looking()
    while waiting:
        folder = waiting.pop()
        files, folders = [], []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if not entry.name.startswith("."):
                            folders.append(entry.name)
                    elif entry.is_file():
                        files.append(entry.name)
        except OSError:
            told.unreadable.add(folder)
            continue
        if ARCHIVE[0] in folders and _planned(folder):
            continue
        prefix = folder.rstrip(os.sep) + os.sep
        below = (prefix + name for name in sorted(folders, reverse=True))
        waiting += [each for each in below if each != leave_out]
        if files:
            yield LocalFolder(folder, files, looking), sorted(files)


def is_archive(folder: str) -> bool:
    """Tell whether a folder is, or lies in, an archive of ours."""
    above = os.path.dirname(folder)  # noqa: PTH120
    return _planned(folder) or (above != folder and is_archive(above))


def _planned(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, *ARCHIVE))  # noqa: PTH113, PTH118
