"""A recording that was found, what it is called in a plan, and what was passed over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Final, NamedTuple, Protocol

from ectopy.analysis.sifting import Look, Named

LONG_S: Final = 48 * 3600.0
"""Longer recordings are cut."""
MOST_NAMED: Final = 5
"""Files that are named where many were counted."""

_AT_ONCE: Final = 4096
"""Recordings that are looked up at a time."""

Mark = tuple[int, str]
"""Size of a file in bytes, and what changes with it: its time of change, or an ETag."""

ABSENT: Final[Mark] = (0, "")
"""Of a file that a header names and that is not there."""


class Found(NamedTuple):
    """A recording, as far as it is known without being read.

    Attributes
    ----------
    id : int
        64 bits of the SHA-256 of its address.
    address : str
        Of the file that is opened.
    others : tuple of str
        Names of its other files, in the same folder.
    size : int
        Bytes of all its files.
    fingerprint : str
        See `fingerprint`; empty where it is not there.
    seconds : float or None
        How long it is, where that was cheap to tell.
    """

    id: int
    address: str
    others: tuple[str, ...] = ()
    size: int = 0
    fingerprint: str = ""
    seconds: float | None = None


@dataclass
class Counted:
    """Files that something is said of: how many, and the first of them."""

    number: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, *addresses: str) -> None:
        """Count files."""
        self.number += len(addresses)
        if len(self.first) < MOST_NAMED:
            self.first += addresses[: MOST_NAMED - len(self.first)]

    def merge(self, other: Counted) -> None:
        """Count what another one counted."""
        self.number += other.number
        self.first += other.first[: max(MOST_NAMED - len(self.first), 0)]


@dataclass
class Told:
    """What is to be told of a search beside what it found.

    Attributes
    ----------
    skipped : Counted
        Files of folders and patterns that are no recordings, but may have been meant as such.
    missing : Counted
        Named, and not there; planned all the same, so that they are accounted for.
    repeated : Counted
        Named more than once; planned once.
    parts : Counted
        Named, and part of another recording that was named as well.
    unreadable : Counted
        Folders that could not be looked into.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ectopy.archive.sources import Told
    >>> from ectopy.archive.sources.search import search
    >>> told = Told()
    >>> sorted(Path(found.address).name for found in search(["records"], told))
    ['a.hea', 'b.hea']
    >>> told.skipped.number
    0
    """

    skipped: Counted = field(default_factory=Counted)
    missing: Counted = field(default_factory=Counted)
    repeated: Counted = field(default_factory=Counted)
    parts: Counted = field(default_factory=Counted)
    unreadable: Counted = field(default_factory=Counted)

    def merge(self, other: Told) -> None:
        """Add what is to be told of another part of the search."""
        for each in fields(self):
            getattr(self, each.name).merge(getattr(other, each.name))


class Folder(Look, Protocol):
    """A folder whose files are told apart; `ectopy.analysis.sifting` asks it."""

    def address(self, name: str) -> str:
        """Give the address of a file."""
        ...

    def identity(self, name: str) -> str:
        """Give what is the same for two names of one file."""
        ...

    def marks(self, names: Sequence[str]) -> Mapping[str, Mark]:
        """Look files up, many at a time; those that are not there are left out."""
        ...

    def lengths(self, sizes: Mapping[str, int]) -> Mapping[str, float]:
        """Tell how many seconds recordings last, of those large enough to be cut, where cheap."""
        ...


def identifier(address: str) -> int:
    """Give 64 bits of the SHA-256 of an address; as 16 hexadecimal digits they are its id.

    Examples
    --------
    >>> from ectopy.archive.sources import identifier
    >>> f"{identifier('records/a.hea'):016x}"
    '6382268a0d01bda4'
    """
    return int.from_bytes(
        hashlib.sha256(address.encode("utf-8", "backslashreplace")).digest()[:8], "big"
    )


def fingerprint(marks: Iterable[tuple[str, Mark]]) -> str:
    """Give what tells whether one of a recording's files changed: 32 hexadecimal digits."""
    told = "".join(f"{name} {size} {mark}\n" for name, (size, mark) in marks)
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def found_in(
    folder: Folder,
    names: Sequence[str],
    headers: Mapping[str, Named],
    told: Told,
) -> Iterator[tuple[Found, str]]:
    """Give recordings of a folder with what is known of them, and the identity of each.

    Parameters
    ----------
    folder : Folder
        Where they are.
    names : sequence of str
        Of recordings.
    headers : mapping of str to Named
        What headers of the folder name, at least those of the recordings.
    told : Told
        Missing ones are counted there.
    """
    for at in range(0, len(names), _AT_ONCE):
        yield from _found_in(folder, names[at : at + _AT_ONCE], headers, told)


def _found_in(
    folder: Folder,
    names: Sequence[str],
    headers: Mapping[str, Named],
    told: Told,
) -> Iterator[tuple[Found, str]]:
    headers = {name: headers[name] for name in names if name in headers} | _segments(
        folder, names, headers
    )
    own = {name: (name, *_others(name, headers)) for name in names}
    marks = folder.marks(list(dict.fromkeys(n for files in own.values() for n in files)))
    sizes = {n: sum(marks[n][0] for n in own[n] if n in marks) for n in names if n in marks}
    unsaid = {n: s for n, s in sizes.items() if n not in headers or headers[n].seconds is None}
    lengths = folder.lengths(unsaid)
    for name in names:
        address = folder.address(name)
        if name not in marks:
            told.missing.add(address)
            yield Found(identifier(address), address), folder.identity(name)
            continue
        seconds = headers[name].seconds if name in headers else None
        yield (
            Found(
                identifier(address),
                address,
                own[name][1:],
                sizes[name],
                fingerprint((each, marks.get(each, ABSENT)) for each in own[name]),
                seconds or lengths.get(name),
            ),
            folder.identity(name),
        )


def _segments(
    folder: Folder, names: Sequence[str], headers: Mapping[str, Named]
) -> dict[str, Named]:
    """Give the headers of the segments of records, read where they were not yet."""
    wanted = dict.fromkeys(
        f"{each}.hea"
        for name in names
        if name in headers and headers[name].several
        for each in headers[name].names
    )
    unread = [name for name in wanted if name not in headers and not set("/\\\0~") & set(name)]
    read = folder.headers(unread)
    return {name: headers.get(name) or read.get(name, Named()) for name in wanted}


def _others(name: str, headers: Mapping[str, Named]) -> tuple[str, ...]:
    """Name the other files of a WFDB record: its signal files, or its segments with theirs."""
    if name not in headers:
        return ()
    told = headers[name]
    if not told.several:
        return _beside(name, told.names)
    files: dict[str, None] = {}
    for segment in _beside(name, (f"{each}.hea" for each in told.names if each != "~")):
        files[segment] = None
        if segment in headers and not headers[segment].several:
            files.update(dict.fromkeys(_beside(name, headers[segment].names)))
    return tuple(files)


def _beside(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Leave out what is no name of another file in the same folder."""
    good = (n for n in names if n not in ("~", ".", "..", name) and not set("/\\\0") & set(n))
    return tuple(dict.fromkeys(good))
