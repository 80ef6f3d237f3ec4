"""`WfdbDatabase`: all that has to be said of a database to make data sets of its beats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Final

from ectopy.datasets.download import fetch_database, read_sums
from ectopy.datasets.locate import Database

SUFFIXES: Final = (".hea", ".dat", ".atr")
"""Files of a record: header, signals, reference annotations."""


@dataclass(frozen=True)
class WfdbDatabase:
    """A database of annotated WFDB records.

    SHA-256 sums of its files may lie in ``checksums/<folder>.txt`` beside this module.

    Attributes
    ----------
    folder : str
        Name of its folder wherever data is kept, for example ``mitdb``.
    beats : str
        Name of the data set of its beats; those of other windows add an ending.
    title, version : str
        What it is called in messages and reports.
    licence : str
        Terms it is published under, in a few words.
    records : tuple of str
        Every record that was published.
    leads : tuple of str
        Leads to cut, the preferred one first; a record that has none is cut in its first lead.
    summary : str
        What it holds, for ``ectopy data list``.
    addresses : tuple of str
        Where the files can be had, mirrors last, each ending in a slash.
    partial : bool
        True where a folder with some of the records will do.
    subjects : mapping of str to str
        Whose a record is, for records that share a person; the others are of a person each.
    paced : tuple of str
        Records with a pacemaker, which EC57 leaves out.
    caveats : tuple of str
        What its beats cannot show, in plain words.
    embedded : str
        The simulated data set that a message points to when this one cannot be had.

    Examples
    --------
    >>> from ectopy.datasets.wfdb import WFDB_DATABASES
    >>> [(known.folder, len(known.records)) for known in WFDB_DATABASES]
    [('mitdb', 48), ('svdb', 78)]
    """

    folder: str
    beats: str
    title: str
    version: str
    licence: str
    records: tuple[str, ...]
    leads: tuple[str, ...]
    summary: str
    addresses: tuple[str, ...] = ()
    partial: bool = False
    subjects: Mapping[str, str] = field(default_factory=dict)
    paced: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    embedded: str = "simulated-187"

    @cached_property
    def files(self) -> Database:
        """What is looked for, fetched and verified."""
        return Database(
            folder=self.folder,
            title=self.title,
            licence=self.licence,
            embedded=self.embedded,
            holds=lambda folder: (folder / f"{self.records[0]}.hea").is_file(),
            files=lambda folder: [folder / name for name in file_names(self.records_in(folder))],
            checksums=_known_checksums(self.folder),
            fetch=self._fetch if self.addresses else None,
        )

    def records_in(self, folder: Path) -> list[str]:
        """Name the records that a folder should have: all, or those that it has, if `partial`."""
        if not self.partial:
            return list(self.records)
        return [name for name in self.records if (folder / f"{name}.hea").is_file()]

    def subject(self, record: str) -> str:
        """Name the person whose a record is: one record of theirs stands for the person."""
        return self.subjects.get(record, record)

    def _fetch(self, folder: Path) -> None:
        fetch_database(self.addresses, SUFFIXES, folder)


def physionet(path: str) -> tuple[str, str]:
    """Give PhysioNet's address of a database, such as ``mitdb/1.0.0``, and its mirror's."""
    return (
        f"https://physionet.org/files/{path}/",
        f"https://physionet-open.s3.amazonaws.com/{path}/",
    )


def file_names(records: Sequence[str]) -> list[str]:
    """Name the files of some records."""
    return [f"{record}{suffix}" for record in records for suffix in SUFFIXES]


def _known_checksums(folder: str) -> dict[str, str]:
    """Give the SHA-256 of a database's files where they come with this package."""
    with resources.as_file(resources.files("ectopy.datasets.wfdb") / "checksums") as lists:
        path = lists / f"{folder}.txt"
        return read_sums(path) if path.is_file() else {}
