"""A snapshot: the files that readers use, and the one document that names them all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ectopy.archive.files.base import Files
from ectopy.archive.model import LAYOUT, Part
from ectopy.errors import DataFormatError, DataNotFoundError

SNAPSHOTS: Final = "snapshots"
_NUMBER: Final = re.compile(rf"{SNAPSHOTS}/(\d+)[./]")


class Snapshot(BaseModel):
    """All results that were committed when it was made, sorted and in few files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    layout: int = LAYOUT
    number: int
    software: str = Field(description="version of ectopy that labelled")
    shards: int = Field(description="whose results are in it")
    of: int = Field(description="shards of the plan; fewer are in a partial snapshot")
    keys_sha256: str = Field(description="over the keys of its shards, sorted")
    recordings: int
    failures: int
    beats: int
    recorded_s: float
    files: tuple[Part, ...]
    page: Part = Field(description="the page over it; no table")

    @property
    def partial(self) -> bool:
        """Tell whether shards of the plan are missing in it."""
        return self.shards < self.of

    def names(self, table: str) -> list[str]:
        """Name the files of a table, in order of their rows; none where it has no such table."""
        return [part.name for part in self.files if part.table == table]

    @property
    def tables(self) -> list[str]:
        """Name its tables."""
        return list(dict.fromkeys(part.table for part in self.files))


def folder_of(number: int) -> str:
    """Give where the files of a snapshot are."""
    return f"{SNAPSHOTS}/{number:04d}"


def name_of(number: int) -> str:
    """Give the name of the document that is created last."""
    return f"{folder_of(number)}.json"


def keys_sha256(keys: Iterable[str]) -> str:
    """Give what tells from which shards a snapshot was made."""
    return hashlib.sha256("".join(sorted(keys)).encode()).hexdigest()


def begun(name: str) -> str | None:
    """Give the folder of the snapshot that a file was written for; None for any other file."""
    found = _NUMBER.match(name)
    return f"{SNAPSHOTS}/{found[1]}" if found else None


def numbers(files: Files) -> tuple[list[int], int]:
    """List the snapshots.

    Returns
    -------
    list of int
        Those that stand, ascending.
    int
        The next number that nothing has, not even what was begun and never ended.
    """
    stand, highest = [], 0
    for one in files.list(SNAPSHOTS):
        if found := _NUMBER.match(one.name):
            highest = max(highest, int(found[1]))
            if one.name == name_of(int(found[1])):
                stand.append(int(found[1]))
    return sorted(stand), highest + 1


def newest(files: Files) -> Snapshot:
    """Read the newest snapshot.

    Raises
    ------
    DataNotFoundError
        If there is none.
    DataFormatError
        If it is damaged, or of another version.
    """
    stands = newest_if_any(files)
    if stands is None:
        raise DataNotFoundError(
            f"{files.address} has no snapshot to read yet; make one with: ectopy archive finalize "
            f"{files.address}"
        )
    return stands


def newest_if_any(files: Files) -> Snapshot | None:
    """Read the newest snapshot; None where there is none.

    Raises
    ------
    DataFormatError
        If it is damaged, or of another version.
    """
    stand, _ = numbers(files)
    return read(files, stand[-1]) if stand else None


def read(files: Files, number: int) -> Snapshot:
    """Read a snapshot by its number.

    Raises
    ------
    DataNotFoundError, DataFormatError
        If there is none, or it is damaged, or of another version.
    """
    name = name_of(number)
    try:
        return Snapshot.model_validate_json(files.read(name))
    except ValidationError as error:
        raise DataFormatError(
            f"{files.address}/{name} is no snapshot of this version of ectopy "
            f"({error.error_count()} fields differ); make another with: ectopy archive finalize"
        ) from None
