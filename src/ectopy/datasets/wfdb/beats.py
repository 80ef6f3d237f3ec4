"""Data sets of a database's beats, cut from its records at the reference annotations."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ectopy.classes import AAMI
from ectopy.datasets.dataset import BeatDataset
from ectopy.datasets.locate import locate
from ectopy.datasets.source import Source
from ectopy.datasets.wfdb.cut_beats import checksums, load_beats
from ectopy.datasets.wfdb.database import WfdbDatabase
from ectopy.datasets.wfdb.windows import WINDOWS, NamedWindow


def load(
    database: WfdbDatabase,
    named: NamedWindow,
    data_dir: str | os.PathLike[str] | None = None,
    *,
    escape: str = "N",
    paced: bool = True,
    cache: bool = True,
) -> BeatDataset:
    """Load a database's beats, one group a record.

    Parameters
    ----------
    database : WfdbDatabase
        Of `ectopy.datasets.wfdb.databases`.
    named : NamedWindow
        Of `ectopy.datasets.wfdb.windows`: from the R peak on, as the Kaggle CSVs, or centred.
    data_dir : path, optional
        Where to look for the records first.
    escape : {"N", "S"}
        Class of supraventricular escape beats.
    paced : bool
        False leaves out the records with a pacemaker.
    cache : bool
        Keep the cut beats in the user cache and use them while the record files, the settings
        and the cut stay the same.

    Returns
    -------
    BeatDataset
        X in [0, 1], shape (n_beats, 187) at 125 Hz; classes N S V F Q; groups are record names,
        subjects tell which records are of one person.

    Raises
    ------
    DataNotFoundError
        If the database, or one of its files, is not there.
    DataFormatError
        If a record cannot be read.
    """
    folder = locate(database.files, data_dir)
    there = database.records_in(folder)
    records = [record for record in there if paced or record not in database.paced]
    sums = checksums(folder, records)
    beats = load_beats(
        folder, records, sums, window=named.window, leads=database.leads, escape=escape, cache=cache
    )
    total = len(database.records)
    names, beats_of = np.unique(beats.groups, return_inverse=True)
    caveats = [*named.caveats, *database.caveats]
    if len(beats.other_leads):
        caveats.append(
            f"Records without {' or '.join(database.leads)} are cut in their first lead: "
            f"{', '.join(beats.other_leads)}."
        )
    caveats += _shared(database, records)
    if paced and set(database.paced) & set(records):
        caveats.append(f"Class Q is nearly all paced beats, of {len(database.paced)} records.")
    n_records = f"{len(records)} records" + (f" of {total}" if len(records) < total else "")
    return BeatDataset(
        name=f"{database.beats}{named.ending}",
        X=beats.X,
        y=beats.y,
        classes=AAMI,
        groups=beats.groups,
        subjects=np.array([database.subject(name) for name in names.tolist()])[beats_of],
        fs_hz=named.window.fs_hz,
        leads=database.leads[:1],
        window=named.window,
        provenance=f"{database.title.removeprefix('The ')} {database.version}, {n_records}, "
        f"lead {database.leads[0]}, cut at the reference annotations: {named.words}; "
        f"escape beats e, j, n in class {escape}",
        checksums=sums,
        caveats=tuple(caveats),
    )


def _shared(database: WfdbDatabase, records: Sequence[str]) -> list[str]:
    """Say which records are of one person."""
    records_of = defaultdict(list)
    for record in records:
        records_of[database.subject(record)].append(record)
    shared = [own for own in records_of.values() if len(own) > 1]
    if len(shared) > 3:
        return [f"The {len(records)} records are of {len(records_of)} people."]
    return [f"Records {' and '.join(own)} are of one person." for own in shared]


def sources(database: WfdbDatabase) -> dict[str, Source]:
    """Give the data sets of a database, one a window, by name."""
    return {f"{database.beats}{named.ending}": _source(database, named) for named in WINDOWS}


def _source(database: WfdbDatabase, named: NamedWindow) -> Source:
    def loader(data_dir: str | os.PathLike[str] | None = None, **options: object) -> BeatDataset:
        return load(database, named, data_dir, **options)  # type: ignore[arg-type]  # checked by the registry

    return Source(
        summary=f"{database.summary}, {named.brief}",
        load=loader,
        database=database.files,
        options=("escape", *(("paced",) if database.paced else ()), "cache"),
    )
