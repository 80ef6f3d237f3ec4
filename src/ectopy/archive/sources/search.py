"""What is meant by the sources of an archive, each recording once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ectopy.analysis.sifting import sift
from ectopy.archive.sources.found import Folder, Found, Told, found_in, identifier
from ectopy.archive.sources.local import walk


def search(sources: Iterable[str], told: Told, leave_out: str = "") -> Iterator[Found]:
    """Find the recordings that sources mean, each once, in the order of the sources.

    Parameters
    ----------
    sources : iterable of str
        A folder, with all below it.
    told : Told
        What is to be told beside, counted as it comes.
    leave_out : str
        Address of a folder that is not searched: that of the archive itself.
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


def _search(source: str, told: Told, leave_out: str) -> Iterator[tuple[Found, str]]:
    folder = os.path.abspath(Path(source))  # noqa: PTH100, links stay as they are named
    for each, names in walk(folder, told, leave_out):
        yield from _sifted(each, names, told)


def _sifted(folder: Folder, names: list[str], told: Told) -> Iterator[tuple[Found, str]]:
    sifted = sift(names, folder)
    told.skipped.add(*map(folder.address, sifted.skipped))
    yield from found_in(folder, sifted.recordings, sifted.headers, told)
