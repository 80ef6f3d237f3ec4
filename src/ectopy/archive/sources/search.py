"""What is meant by the sources of an archive, each recording once."""

from __future__ import annotations

import glob
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import unquote, urlsplit

from ectopy.analysis.sifting import ending, meant_by, sift, without_parts
from ectopy.archive.sources.found import Folder, Found, Mark, Told, found_in, identifier
from ectopy.archive.sources.lists import STANDARD_INPUT, Listed, is_list, read_list
from ectopy.archive.sources.local import LocalFolder, is_archive, walk
from ectopy.archive.sources.place import connect
from ectopy.archive.sources.remote import RemoteFolder, folders_below
from ectopy.errors import DataNotFoundError

T = TypeVar("T")

_FOLDERS: Final = 16
"""Folders elsewhere that are searched at a time; in each, many files are asked for at a time."""

Identified = Iterator[tuple[Found, str]]
"""Recordings, each with what is the same for two names of one file."""


def search(sources: Iterable[str], told: Told, leave_out: str = "") -> Iterator[Found]:
    """Find the recordings that sources mean, each once, in the order of the sources.

    What counts as a recording in a folder or pattern is told as `ectopy.analysis.find_recordings`
    tells it, but that a name which only recordings have is believed. What is named, alone or in a
    list, is taken as it is, even where it is not there.

    Parameters
    ----------
    sources : iterable of str
        Each a folder, which is searched with all below it; a list of addresses, as a text with one
        a line, or a CSV or Parquet table with a column ``address`` (and, where they are known,
        ``size`` and ``etag``); ``-`` for such a text on standard input; a pattern such as
        ``data/**/*.edf``; a recording; or the address of a folder, pattern or recording that
        fsspec opens, such as ``s3://bucket/folder``.
    told : Told
        What is to be told beside, counted as it comes.
    leave_out : str
        Address of a folder that is not searched: that of the archive itself.

    Raises
    ------
    DataNotFoundError
        If a source is not there, or a pattern matches nothing.
    DataFormatError
        If a list cannot be read.
    """
    seen: set[int] = set()
    for source in sources:
        for found, identity in _search(source, told, leave_out):
            known = found.id if identity == found.address else identifier(identity)
            if known in seen:
                told.repeated.add(found.address)
                continue
            seen.add(known)
            yield found


def _search(source: str, told: Told, leave_out: str) -> Identified:
    if not source.strip():
        raise DataNotFoundError("a source is empty; name a folder, a list or a recording")
    if source.startswith("file://"):
        source = unquote(urlsplit(source).path)
    if source == STANDARD_INPUT:
        return _named(read_list(source), told)
    if "://" in source:
        return _search_remote(source, told, leave_out)
    return _search_local(source, told, leave_out)


def _search_local(source: str, told: Told, leave_out: str) -> Identified:
    path = Path(source)
    try:
        if path.is_dir():
            return _walked(str(path), told, leave_out)
        if path.is_file():
            return _named(read_list(source) if is_list(path) else [Listed(source)], told)
        if glob.has_magic(source):
            return _matching(source, told, leave_out)
        if path.with_name(f"{path.name}.hea").is_file():
            return _named([Listed(source)], told)
    except (OSError, ValueError) as error:
        raise DataNotFoundError(f"{source} cannot be looked up: {error}") from error
    raise DataNotFoundError(
        f"{source} not found, expected a folder, a list, a pattern or a recording"
    )


def _walked(folder: str, told: Told, leave_out: str) -> Identified:
    for each, names in walk(os.path.abspath(folder), told, leave_out):  # noqa: PTH100
        yield from _sifted(each, names, told)


def _matching(pattern: str, told: Told, leave_out: str) -> Identified:
    """Give the recordings that a pattern means; a folder that matches is searched."""
    files: dict[str, list[str]] = {}
    folders: list[str] = []
    matched = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207, it begins at the root
    for path in matched:
        if os.path.isdir(path):  # noqa: PTH112
            folders.append(path)
        else:
            folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100
            files.setdefault(folder, []).append(name)
    if not matched:
        raise DataNotFoundError(f"{pattern} matches no file; check the pattern and the folder")
    for folder, names in files.items():
        out = leave_out and f"{folder}{os.sep}".startswith(f"{leave_out}{os.sep}")
        if not (out or is_archive(folder)):
            each = LocalFolder(folder)
            meant = dict.fromkeys(meant_by(names, each).values())
            yield from _sifted(each, list(meant), told)
    for folder in folders:
        yield from _walked(folder, told, leave_out)


def _sifted(folder: Folder, names: list[str], told: Told) -> Identified:
    sifted = sift(names, folder)
    told.skipped.add(*map(folder.address, sifted.skipped))
    yield from found_in(folder, sifted.recordings, sifted.headers, told)


def _named(listed: Iterable[Listed], told: Told) -> Identified:
    """Give what is named one by one, folder by folder in the order in which they come up."""
    folders: dict[str, dict[str, Mark | None]] = {}
    remote: dict[str, dict[str, Mark | None]] = {}
    absolute: dict[str, str] = {}
    for address, size, etag in listed:
        known = None if size is None or etag is None else (size, etag)  # of remote ones alone
        if address.startswith("file://"):
            address = unquote(urlsplit(address).path)
        elsewhere = "://" in address
        above, _, name = address.rpartition("/" if elsewhere else os.sep)
        if elsewhere and "://" not in above:  # names a bucket or a server alone
            above, name = address, ""
        if not elsewhere:
            if name in ("", ".", ".."):
                above, _, name = os.path.abspath(address).rpartition(os.sep)  # noqa: PTH100
            if above not in absolute:
                absolute[above] = _absolute(above, address)
            above = absolute[above]
        names = (remote if elsewhere else folders).setdefault(above, {})
        if name in names:
            told.repeated.add(address)
        else:
            names[name] = known
    alone = sum(map(len, (*folders.values(), *remote.values()))) == 1
    for folder in list(folders):
        yield from _taken(LocalFolder(folder), folders.pop(folder), told, alone=alone)

    def taken(folder: str, told: Told) -> Identified:
        given = remote.pop(folder)
        marks = {name: mark for name, mark in given.items() if mark is not None}
        return _taken(RemoteFolder.of(folder, given, marks), given, told, alone=alone)

    yield from _side_by_side(taken, list(remote), told)


def _taken(folder: Folder, given: Collection[str], told: Told, *, alone: bool) -> Identified:
    """Give files of one folder that were named, but for those that belong to others of them."""
    meant = meant_by(given, folder)
    once: dict[str, None] = {}
    for name, header in meant.items():
        if header in once or (header != name and header in given):
            told.parts.add(folder.address(name))
        once[header] = None
    kept = list(once)
    if alone:
        headers = folder.headers([name for name in kept if ending(name) == ".hea"])
    else:
        kept, headers = without_parts(kept, folder)
        if len(kept) < len(once):
            told.parts.add(*(folder.address(name) for name in once.keys() - set(kept)))
    yield from found_in(folder, kept, headers, told)


def _absolute(above: str, address: str) -> str:
    return os.path.abspath(above or (os.sep if address.startswith(os.sep) else "."))  # noqa: PTH100


def _search_remote(address: str, told: Told, leave_out: str) -> Identified:
    place, path = connect(address)
    folders: list[str] = []
    if not place.web and glob.has_magic(path):
        matched = place.matching(path)
        if not matched:
            raise DataNotFoundError(f"{address} matches no file; check the pattern")
        files: dict[str, list[str]] = {}
        for each in matched:
            if each["type"] == "file":
                folder, _, name = each["name"].rpartition("/")
                files.setdefault(folder, []).append(name)
            else:
                folders.append(each["name"])

        def meant(folder: str, told: Told) -> Identified:
            opened = RemoteFolder.of(place.address(folder), files[folder])
            named = dict.fromkeys(meant_by(files[folder], opened).values())
            return _sifted(opened, list(named), told)

        yield from _side_by_side(meant, files, told)
    elif address.endswith("/") or not place.is_file(path):
        folders.append(path.rstrip("/"))
    else:
        yield from _named([Listed(address)], told)
    for folder in folders:
        below = folders_below(place, folder, leave_out)
        yield from _side_by_side(lambda each, told: _sifted(*each, told), below, told)


def _side_by_side(
    search: Callable[[T, Told], Identified], folders: Iterable[T], told: Told
) -> Identified:
    """Search folders elsewhere several at a time, for each answer takes its time; in order."""

    def searched(folder: T) -> tuple[list[tuple[Found, str]], Told]:
        own = Told()
        return list(search(folder, own)), own

    def collected() -> Identified:
        found, own = waiting.popleft().result()
        told.merge(own)
        yield from found

    waiting: deque[Future[tuple[list[tuple[Found, str]], Told]]] = deque()
    with ThreadPoolExecutor(_FOLDERS) as pool:
        try:
            for folder in folders:
                waiting.append(pool.submit(searched, folder))
                if len(waiting) == 2 * _FOLDERS:
                    yield from collected()
            while waiting:
                yield from collected()
        finally:  # what is not wanted any more is not begun
            for left in waiting:
                left.cancel()
