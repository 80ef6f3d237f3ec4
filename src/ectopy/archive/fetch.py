"""The files of a recording, where they can be opened: in place, or fetched and deleted again."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ectopy.archive.model import Entry
from ectopy.archive.sources.found import ABSENT, Mark, fingerprint
from ectopy.archive.sources.local import LocalFolder
from ectopy.errors import DataFormatError, DataNotFoundError, StoreError


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
    marks = _marks(entry)
    if name not in marks:
        raise DataNotFoundError(
            f"{entry.address} is not there, though it is in the plan; put it back, or plan a new "
            "archive without it"
        )
    now = fingerprint((each, marks.get(each, ABSENT)) for each in (name, *entry.others))
    if entry.fingerprint and now != entry.fingerprint:
        raise DataFormatError(
            f"{entry.address} changed since it was planned; plan a new archive to have it labelled "
            "as it is now"
        )
    if "://" not in folder:
        yield Path(entry.address)
        return
    from ectopy.archive.sources.place import connect

    place, path = connect(folder)
    with tempfile.TemporaryDirectory(dir=scratch) as made:
        for one in marks:
            place.fetch(f"{path}/{one}", Path(made) / one)
        yield Path(made) / name


def is_there(entry: Entry) -> bool:
    """Tell whether the file to open is there."""
    return os.path.basename(entry.address) in _marks(entry)  # noqa: PTH119, or an address


def _marks(entry: Entry) -> Mapping[str, Mark]:
    """Look the files of a recording up."""
    folder, name = os.path.split(entry.address)
    names = (name, *entry.others)
    return _remote(entry, folder, names) if "://" in folder else LocalFolder(folder).marks(names)


def _remote(entry: Entry, folder: str, names: Sequence[str]) -> Mapping[str, Mark]:
    """Look files up elsewhere.

    Without the right to list, S3 says of what is not there that it may not be read, as it says of
    all there is once the keys are no longer good: so it counts as missing only where it was missing
    before, or where the recording's own file may be read.
    """
    from ectopy.archive.sources.place import connect, mark_of

    place, path = connect(folder)
    found: dict[str, Mark] = {}
    for name in names:
        try:
            told = place.info(f"{path}/{name}")
        except DataNotFoundError:
            continue
        except StoreError as error:
            if isinstance(error.__cause__, PermissionError) and (found or not entry.fingerprint):
                continue
            raise
        if told["type"] == "file" and (mark := mark_of(told, default=0)):
            found[name] = mark
    return found
