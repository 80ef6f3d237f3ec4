"""The files of a recording, where they can be opened: in place, or fetched and deleted again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ectopy.archive.model import Entry
from ectopy.archive.sources.found import ABSENT, Folder, fingerprint
from ectopy.archive.sources.local import LocalFolder
from ectopy.errors import DataFormatError, DataNotFoundError


@contextmanager
def fetched(entry: Entry, scratch: Path) -> Iterator[Path]:
    """Give the path of the file to open, once it is sure that it is the one that was planned.

    Parameters
    ----------
    entry : Entry
        The recording.
    scratch : Path
        A folder for what has to be fetched.

    Raises
    ------
    DataNotFoundError
        If it is not there any more.
    DataFormatError
        If it changed since it was planned.
    StoreError
        If it does not arrive.
    """
    folder, name = os.path.split(entry.address)
    names = (name, *entry.others)
    remote = "://" in entry.address
    look = _remote(folder, names) if remote else LocalFolder(folder)
    marks = look.marks(names)
    if name not in marks:
        raise DataNotFoundError(
            f"{entry.address} is not there, though it is in the plan; put it back, or plan a new "
            "archive without it"
        )
    now = fingerprint((each, marks.get(each, ABSENT)) for each in names)
    if entry.fingerprint and now != entry.fingerprint:
        raise DataFormatError(
            f"{entry.address} changed since it was planned; plan a new archive to have it labelled "
            "as it is now"
        )
    if not remote:
        yield Path(entry.address)
        return
    from ectopy.archive.sources.place import connect

    place, path = connect(folder)
    with tempfile.TemporaryDirectory(dir=scratch) as made:
        for one in marks:
            place.fetch(f"{path}/{one}", Path(made) / one)
        yield Path(made) / name


def _remote(folder: str, names: tuple[str, ...]) -> Folder:
    from ectopy.archive.sources.remote import RemoteFolder

    return RemoteFolder.of(folder, names)
