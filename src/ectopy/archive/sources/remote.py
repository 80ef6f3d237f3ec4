"""Recordings that fsspec opens: in object stores, on web servers; many are asked for at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ectopy.analysis.sifting import (
    ARCHIVE,
    HEAD_BYTES,
    LARGEST_HEADER,
    LIKE_RECORDINGS,
    SIGNALS,
    Named,
    ending,
    format_of,
    is_recording,
    names_in,
    stem,
)
from ectopy.archive.sources.found import Mark
from ectopy.archive.sources.lengths import LEAST_BYTES, seconds_said
from ectopy.archive.sources.looking import Looking
from ectopy.archive.sources.place import Place, connect, many, mark_of
from ectopy.errors import DataNotFoundError, StoreError
from ectopy.files import aside

_LISTED_FROM: Final = 200
"""Files named in one folder from which it is listed, rather than each asked for."""
_MOST_FETCHED: Final = 16 << 20
"""Bytes of a table that is fetched to see whether it is a recording; a larger one is."""


class RemoteFolder:
    """A folder of an object store or a web server.

    Parameters
    ----------
    place : Place
        What opens it.
    path : str
        Of the folder, as the driver writes it.
    listed : mapping of str to info, optional
        All its files with what the driver says of them, where they were listed.
    """

    def __init__(self, place: Place, path: str, listed: Mapping[str, Any] | None = None) -> None:
        self._place = place
        self._path = path.rstrip("/")
        self._prefix = place.address(self._path)
        self._names = None if listed is None else frozenset(listed)
        self._known: dict[str, Mark | None] = {}
        for name, told in (listed or {}).items():
            if (mark := mark_of(told)) is not None:
                self._known[name] = mark

    @classmethod
    def of(
        cls, address: str, names: Iterable[str], known: Mapping[str, Mark] = MappingProxyType({})
    ) -> RemoteFolder:
        """Open a folder of which files are named, and look up those of which nothing is known."""
        place, path = connect(address)
        wanted = list(names)
        unknown = [name for name in wanted if name not in known]
        if len(unknown) >= _LISTED_FROM and not place.web:
            return cls(place, path, place.files(path))
        folder = cls(place, path)
        folder._known.update(known)
        folder._look(unknown)
        signals = [name for name in wanted if name.lower().endswith(SIGNALS)]
        absent = [name for name in unknown if folder._known[name] is None]
        folder._look([*(f"{stem(n)}.hea" for n in signals), *(f"{n}.hea" for n in absent)])
        return folder

    def _look(self, names: Iterable[str]) -> None:
        unknown = [
            name
            for name in dict.fromkeys(names)
            if name not in self._known and (self._names is None or name in self._names)
        ]
        self._known.update(zip(unknown, many(self._mark, unknown), strict=True))

    def _mark(self, name: str) -> Mark | None:
        try:
            told = self._place.info(f"{self._path}/{name}")
        except DataNotFoundError:
            return None
        except StoreError as error:
            # Without the right to list, S3 says of what is not there that it may not be read.
            if isinstance(error.__cause__, PermissionError):
                return None
            raise
        return mark_of(told, default=0) if told["type"] == "file" else None

    def address(self, name: str) -> str:
        """Give the address of a file."""
        return f"{self._prefix}/{name}"

    identity = address

    def there(self, name: str) -> bool:
        """Tell whether there is a file of this name."""
        if self._names is not None:
            return name in self._names
        if name not in self._known:
            self._look([name])
        return self._known[name] is not None

    def every_header(self) -> list[str]:
        """List the headers of WFDB records."""
        if self._names is None:
            self._names = frozenset(self._place.files(self._path))
        return sorted(name for name in self._names if name.endswith(".hea"))

    def headers(self, names: Sequence[str]) -> dict[str, Named]:
        """Read headers of WFDB records, many at a time."""
        return dict(zip(names, many(self._header, names), strict=True))

    def _header(self, name: str) -> Named:
        try:
            return names_in(self._first(name, LARGEST_HEADER))
        except DataNotFoundError:
            return Named()

    def _first(self, name: str, most: int) -> bytes:
        """Read the first bytes of a file."""
        mark = self._known.get(name)
        whole = mark is not None and 0 < mark[0] <= most
        return self._place.read(f"{self._path}/{name}", None if whole else most)

    def copies(self, names: Sequence[str]) -> set[str]:
        """Tell by its ending what is beside a record of the same name as a copy of it."""
        self._look(names)
        return {n for n in names if ending(n).lower() in LIKE_RECORDINGS or not self.there(n)}

    def recordings(self, names: Sequence[str]) -> set[str]:
        """Tell recordings by their ending, where it tells; else look into files."""
        with aside(tempfile.gettempdir()) as scratch:

            def look(names: Sequence[str]) -> list[bool]:
                self._look(names)
                return many(lambda name: self._is_recording(name, scratch), names)

            return Looking().among(names, look)

    def _is_recording(self, name: str, scratch: Path) -> bool:
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            copy = Path(folder) / name
            try:
                copy.write_bytes(self._first(name, HEAD_BYTES))
                found = format_of(copy)
                if found is None or found.no_recording is None:
                    return found is not None
                mark = self._known.get(name)
                if mark is None or mark[0] > _MOST_FETCHED:
                    return True
                copy.write_bytes(self._first(name, _MOST_FETCHED))
            except DataNotFoundError:  # deleted meanwhile
                return False
            return is_recording(copy)

    def marks(self, names: Sequence[str]) -> dict[str, Mark]:
        """Give sizes, and ETags or times of change."""
        if any(name not in self._known for name in names):
            self._look(names)
        return {name: mark for name in names if (mark := self._known.get(name)) is not None}

    def lengths(self, sizes: Mapping[str, int]) -> dict[str, float]:
        """Tell how long large recordings are, where their first bytes say so."""
        large = [name for name, size in sizes.items() if size >= LEAST_BYTES]
        heads = many(lambda name: self._first(name, HEAD_BYTES), large)
        told = {
            name: seconds_said(Path(name), head, sizes[name])
            for name, head in zip(large, heads, strict=True)
        }
        return {name: seconds for name, seconds in told.items() if seconds is not None}


def folders_below(
    place: Place, top: str, leave_out: str = ""
) -> Iterator[tuple[RemoteFolder, list[str]]]:
    """Give a folder and all below it, with the names of their files.

    Hidden folders, archives of ours and ``leave_out`` are passed over.
    """
    plan = "/".join(("", *ARCHIVE))
    if place.exists(f"{top}{plan}"):
        return
    for tree in place.tree(top):
        over = [f"{leave_out}/"] if leave_out else []
        over += [
            f"{place.address(folder[: -len(ARCHIVE[0])])}"
            for folder, files in tree.items()
            if folder.endswith(f"/{ARCHIVE[0]}") and ARCHIVE[1] in files
        ]
        for folder, files in tree.items():
            hidden = "/." in folder[len(top) :]
            if not hidden and not f"{place.address(folder)}/".startswith(tuple(over)):
                yield RemoteFolder(place, folder, files), list(files)
