"""`SETS`: sets of annotated records by name, and what the figures of each may be taken for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ectopy.analysis.overwrite import signal_fingerprint
from ectopy.beats.aami import DS1, DS2
from ectopy.datasets.locate import locate
from ectopy.datasets.wfdb.cut_beats import checksums
from ectopy.datasets.wfdb.database import WfdbDatabase
from ectopy.datasets.wfdb.databases import MITDB, SVDB
from ectopy.recordings.open import open_recording
from ectopy.study.records.read import Annotated, read


@dataclass(frozen=True)
class RecordSet:
    """Some records of a database.

    Attributes
    ----------
    name : str
        What study files call it.
    database : WfdbDatabase
        Where they are found.
    records : tuple of str
        Their names.
    words : str
        What it is.
    role : str
        What figures on it may be taken for.
    """

    name: str
    database: WfdbDatabase
    records: tuple[str, ...]
    words: str
    role: str = "a set of records"

    def checksums(self, data_dir: Path | None, most: int | None = None) -> dict[str, str]:
        """Give the SHA-256 of the files of its records, or of the first of them.

        Raises
        ------
        DataNotFoundError
            If the database is nowhere, or a file is missing.
        """
        return checksums(locate(self.database.files, data_dir), self.records[:most])

    def read(self, data_dir: Path | None, most: int | None = None) -> list[Annotated]:
        """Read its records, or the first of them."""
        folder = locate(self.database.files, data_dir)
        return [read(folder, name) for name in self.records[:most]]

    def signals(self, data_dir: Path | None, most: int | None = None) -> dict[str, str]:
        """Name its records, or the first of them, by what tells their signals from others'."""
        folder = locate(self.database.files, data_dir)
        return {
            signal_fingerprint(open_recording(folder / f"{name}.hea")): name
            for name in self.records[:most]
        }


# The records that development had at hand, half of the database.
_SVDB: Final = (
    "800", "802", "804", "806", "808", "810", "812", "821", "823", "825", "827", "829", "841",
    "843", "845", "847", "849", "851", "853", "855", "857", "859", "861", "863", "865", "867",
    "869", "871", "873", "875", "877", "879", "881", "883", "885", "887", "889", "891", "893",
)  # fmt: skip

_ALL: Final = (
    RecordSet("ds1", MITDB, DS1, "the 22 records DS1 of MIT-BIH"),
    RecordSet(
        "ds2",
        MITDB,
        DS2,
        "the 22 records DS2 of MIT-BIH",
        "test set: no setting was chosen by it, though it was read more than once",
    ),
    RecordSet(
        "mitdb",
        MITDB,
        tuple(sorted((*DS1, *DS2))),
        "the 44 records of MIT-BIH without a pacemaker",
    ),
    RecordSet(
        "svdb",
        SVDB,
        _SVDB,
        "39 records of the MIT-BIH Supraventricular Arrhythmia Database",
        "development set: not trained on, but recipe, adaptation and fusion were chosen by it",
    ),
)

SETS: Final = {known.name: known for known in _ALL}
"""Every set by its name."""
