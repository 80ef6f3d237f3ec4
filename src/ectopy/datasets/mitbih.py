"""Beats of the MIT-BIH Arrhythmia Database, cut from the raw records."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from ectopy.beats import aami, cut
from ectopy.classes import AAMI
from ectopy.datasets import wfdb_beats
from ectopy.datasets.dataset import BeatDataset
from ectopy.datasets.download import fetch_database
from ectopy.datasets.locate import Database, locate
from ectopy.datasets.source import Source
from ectopy.errors import ConfigError

RECORDS: Final = tuple(sorted((*aami.DS1, *aami.DS2, *aami.PACED)))
"""All 48 records."""

LEAD: Final = "MLII"
"""Modified limb lead II: in every record but 102 and 104; first in all others but 114."""

ADDRESSES: Final = (
    "https://physionet.org/files/mitdb/1.0.0/",
    "https://physionet-open.s3.amazonaws.com/mitdb/1.0.0/",
)

CUTS: Final = {"mitbih": "kachuee", "mitbih-p": "centred"}
"""How each data set of this module cuts a beat."""

WORDS: Final = {
    "kachuee": "187 samples at 125 Hz from the R peak on, zero-padded after 1.2 median RR "
    "intervals (Kachuee et al. 2018)",
    "centred": "187 samples at 125 Hz centred on the R peak, P wave included",
}
"""The cuts in words, for reports."""

NO_P_WAVE: Final = (
    "A beat starts at its R peak: its own P wave is not in it, and the length of the zero padding "
    "tells the heart rate."
)


def load(
    name: str,
    data_dir: str | os.PathLike[str] | None = None,
    *,
    escape: str = "N",
    paced: bool = True,
    cache: bool = True,
) -> BeatDataset:
    """Load MIT-BIH beats, one group a record.

    Parameters
    ----------
    name : {"mitbih", "mitbih-p"}
        Which cut: from the R peak on, as the Kaggle CSVs, or centred, with the P wave.
    data_dir : path, optional
        Where to look for the records first.
    escape : {"N", "S"}
        Class of supraventricular escape beats.
    paced : bool
        False leaves out the four records with a pacemaker (44 remain).
    cache : bool
        Keep the cut beats in the user cache and use them while the record files, the settings
        and the cut stay the same.

    Returns
    -------
    BeatDataset
        X in [0, 1], shape (n_beats, 187) at 125 Hz; classes N S V F Q; groups are record names.

    Raises
    ------
    DataNotFoundError
        If the database, or one of its files, is not there.
    DataFormatError
        If a record cannot be read.
    """
    if name not in CUTS:
        raise ConfigError(f"MIT-BIH cut {name!r} is unknown; there are {', '.join(CUTS)}")
    folder = locate(DATABASE, data_dir)
    records = [record for record in RECORDS if paced or record not in aami.PACED]
    sums = wfdb_beats.checksums(folder, records)
    beats = wfdb_beats.load_beats(
        folder, records, sums, cutter=CUTS[name], lead=LEAD, escape=escape, cache=cache
    )
    caveats = [NO_P_WAVE] if CUTS[name] == "kachuee" else []
    if len(beats.fallback):
        caveats.append(
            f"Records without {LEAD} are cut in their first lead (V5): {', '.join(beats.fallback)}."
        )
    caveats.append("Records 201 and 202 are of one person.")
    if paced:
        caveats.append("Class Q is nearly all paced beats, of four records.")
    return BeatDataset(
        name=name,
        X=beats.X,
        y=beats.y,
        classes=AAMI,
        groups=beats.groups,
        fs_hz=cut.RATE_HZ,
        leads=(LEAD,),
        window=wfdb_beats.WINDOWS[CUTS[name]],
        provenance=f"MIT-BIH Arrhythmia Database 1.0.0, {len(records)} records, lead {LEAD}, cut "
        f"at the reference annotations: {WORDS[CUTS[name]]}; escape beats e, j, n in class "
        f"{escape}",
        checksums=sums,
        caveats=tuple(caveats),
    )


def _fetch(folder: Path) -> None:
    fetch_database(ADDRESSES, wfdb_beats.SUFFIXES, folder)


DATABASE: Final = Database(
    folder="mitdb",
    title="The MIT-BIH Arrhythmia Database",
    licence="ODC-By 1.0",
    embedded="simulated-187",
    holds=lambda folder: (folder / "100.hea").is_file(),
    files=lambda folder: [folder / name for name in wfdb_beats.files(RECORDS)],
    checksums=wfdb_beats.known_checksums("mitdb"),
    fetch=_fetch,
)


def _source(name: str, summary: str) -> Source:
    def loader(data_dir: str | os.PathLike[str] | None = None, **options: object) -> BeatDataset:
        return load(name, data_dir, **options)  # type: ignore[arg-type]  # checked by the registry

    return Source(
        summary=summary, load=loader, database=DATABASE, options=("escape", "paced", "cache")
    )


KACHUEE: Final = _source("mitbih", "109,494 beats of 48 records, 187 samples from the R peak on")
CENTRED: Final = _source("mitbih-p", "the same beats, 187 samples around the R peak, with P wave")
