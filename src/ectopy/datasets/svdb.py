"""Beats of the MIT-BIH Supraventricular Arrhythmia Database: other patients, another recorder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ectopy.beats import cut
from ectopy.classes import AAMI
from ectopy.datasets import wfdb_beats
from ectopy.datasets.dataset import BeatDataset
from ectopy.datasets.download import fetch_database
from ectopy.datasets.locate import Database, locate
from ectopy.datasets.mitbih import NO_P_WAVE, WORDS
from ectopy.datasets.source import Source

ADDRESSES: Final = (
    "https://physionet.org/files/svdb/1.0.0/",
    "https://physionet-open.s3.amazonaws.com/svdb/1.0.0/",
)

LEAD: Final = "ECG1"
"""The first of the two leads, which the database does not name otherwise."""


def load(
    cutter: str,
    data_dir: str | os.PathLike[str] | None = None,
    *,
    escape: str = "N",
    cache: bool = True,
) -> BeatDataset:
    """Load the beats of every record in the folder, one group a record.

    Parameters
    ----------
    cutter : {"kachuee", "centred"}
        Which cut, as for MIT-BIH.
    data_dir, escape, cache
        As for `ectopy.datasets.mitbih.load`.

    Returns
    -------
    BeatDataset
        X in [0, 1], shape (n_beats, 187) at 125 Hz; classes N S V F Q.
    """
    folder = locate(DATABASE, data_dir)
    records = _records(folder)
    sums = wfdb_beats.checksums(folder, records)
    beats = wfdb_beats.load_beats(
        folder, records, sums, cutter=cutter, lead=LEAD, escape=escape, cache=cache
    )
    return BeatDataset(
        name="svdb" if cutter == "kachuee" else "svdb-p",
        X=beats.X,
        y=beats.y,
        classes=AAMI,
        groups=beats.groups,
        fs_hz=cut.RATE_HZ,
        leads=(LEAD,),
        window=wfdb_beats.WINDOWS[cutter],
        provenance=f"MIT-BIH Supraventricular Arrhythmia Database 1.0.0, {len(records)} of its 78 "
        f"records, lead {LEAD}, cut at the reference annotations: {WORDS[cutter]}; escape beats "
        f"e, j, n in class {escape}",
        checksums=sums,
        caveats=(
            *((NO_P_WAVE,) if cutter == "kachuee" else ()),
            "The leads are unnamed, so they are not the leads of the MIT-BIH records.",
        ),
    )


def _records(folder: Path) -> list[str]:
    """Name the records that the folder has; all 78 are not always there."""
    return sorted(path.stem for path in folder.glob("8[0-9][0-9].hea"))


def _fetch(folder: Path) -> None:
    fetch_database(ADDRESSES, wfdb_beats.SUFFIXES, folder)


DATABASE: Final = Database(
    folder="svdb",
    title="The MIT-BIH Supraventricular Arrhythmia Database",
    licence="ODC-By 1.0",
    embedded="simulated-187",
    holds=lambda folder: (folder / "800.hea").is_file(),
    files=lambda folder: [folder / name for name in wfdb_beats.files(_records(folder))],
    checksums=wfdb_beats.known_checksums("svdb"),
    fetch=_fetch,
)


def _source(cutter: str, summary: str) -> Source:
    def loader(data_dir: str | os.PathLike[str] | None = None, **options: object) -> BeatDataset:
        return load(cutter, data_dir, **options)  # type: ignore[arg-type]  # checked by the registry

    return Source(summary=summary, load=loader, database=DATABASE, options=("escape", "cache"))


KACHUEE: Final = _source(
    "kachuee", "beats of up to 78 other patients, many S, 187 samples from the R peak on"
)
CENTRED: Final = _source("centred", "the same beats, 187 samples around the R peak, with P wave")
