"""Beats of the MIT-BIH Arrhythmia Database, cut from the raw records."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats import aami, cut
from ectopy.classes import AAMI
from ectopy.datasets.dataset import BeatDataset
from ectopy.datasets.locate import Database, cache_folder, locate
from ectopy.datasets.source import Source
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError
from ectopy.files import atomic_path, sha256

RECORDS: Final = (*sorted((*aami.DS1, *aami.DS2, *aami.PACED)),)
"""All 48 records."""

LEAD: Final = "MLII"
"""Modified limb lead II: in every record but 102 and 104, first in all but 114."""

CUTS: Final[dict[str, Callable[..., npt.NDArray[np.float32]]]] = {
    "mitbih": cut.kachuee,
    "mitbih-p": cut.centred,
}
"""How each data set of this module cuts a beat."""

_WORDS: Final = {
    "mitbih": "187 samples at 125 Hz from the R peak on, zero-padded after 1.2 median RR intervals "
    "(Kachuee et al. 2018)",
    "mitbih-p": "187 samples at 125 Hz centred on the R peak, P wave included",
}
_CAVEATS: Final = {
    "mitbih": (
        "A beat starts at its R peak: its own P wave is not in it, and the length of the zero "
        "padding tells the heart rate.",
    ),
    "mitbih-p": (),
}


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
        Which cut.
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
    checksums = _checksums(folder, records)
    settings = {
        "name": name,
        "escape": escape,
        "lead": LEAD,
        "cut": cut.VERSION,
        "files": checksums,
    }
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    stored = cache_folder() / "beats" / f"{name}-{key[:16]}.npz"
    arrays = _stored(stored) if cache else None
    if arrays is None:
        arrays = _cut_all(folder, records, CUTS[name], escape)
        if cache:
            _store(stored, arrays)
    X, y, groups, fallback = arrays
    caveats = [*_CAVEATS[name]]
    if len(fallback):
        caveats.append(
            f"Records {' and '.join(fallback)} have no {LEAD}; their first lead (V5) stands in."
        )
    caveats.append("Records 201 and 202 are of one person.")
    if paced:
        caveats.append("Class Q is nearly all paced beats, of four records.")
    return BeatDataset(
        name=name,
        X=X,
        y=y,
        classes=AAMI,
        groups=groups,
        fs_hz=cut.RATE_HZ,
        provenance=f"MIT-BIH Arrhythmia Database 1.0.0, {len(records)} records, lead {LEAD}, cut "
        f"at the reference annotations: {_WORDS[name]}; escape beats e, j, n in class {escape}",
        checksums=checksums,
        caveats=tuple(caveats),
    )


def read_record(
    folder: Path, record: str, lead: str = LEAD
) -> tuple[npt.NDArray[np.float32], float, str, npt.NDArray[np.int64], npt.NDArray[np.str_]]:
    """Read one lead of a WFDB record with its reference annotations.

    Parameters
    ----------
    folder : Path
        Folder with the record's ``.hea``, ``.dat`` and ``.atr``.
    record : str
        Record name.
    lead : str
        Lead by its name; the first lead stands in where there is none of that name.

    Returns
    -------
    signal : ndarray of float32, shape (n,)
        In mV.
    fs_hz : float
    lead : str
        Name of the lead that was read.
    samples : ndarray of int64, shape (n_annotations,)
    symbols : ndarray of str, shape (n_annotations,)
    """
    import wfdb

    path = str(folder / record)
    try:
        header = wfdb.rdheader(path)
        channel = header.sig_name.index(lead) if lead in header.sig_name else 0
        signal = wfdb.rdrecord(path, channels=[channel], return_res=32).p_signal[:, 0]
        marks = wfdb.rdann(path, "atr")
    except (OSError, ValueError, IndexError, AttributeError, KeyError) as error:
        raise DataFormatError(
            f"{path} cannot be read as a WFDB record with .hea, .dat and .atr ({error})"
        ) from error
    return (
        signal,
        float(header.fs),
        str(header.sig_name[channel]),
        np.asarray(marks.sample, dtype=np.int64),
        np.asarray(marks.symbol, dtype=np.str_),
    )


_Arrays = tuple[
    npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.str_], npt.NDArray[np.str_]
]


def _cut_all(
    folder: Path,
    records: list[str],
    cutter: Callable[..., npt.NDArray[np.float32]],
    escape: str,
) -> _Arrays:
    beats, labels, fallback = [], [], []
    for record in records:
        signal, fs_hz, lead, samples, symbols = read_record(folder, record)
        y = aami.to_classes(symbols, escape)
        if not (y >= 0).any():
            raise DataFormatError(f"{folder / record}.atr holds no beat annotation; fetch it again")
        beats.append(cutter(signal, fs_hz, samples[y >= 0]))
        labels.append(y[y >= 0])
        if lead != LEAD:
            fallback.append(record)
    groups = np.repeat(records, [len(y) for y in labels])
    return np.concatenate(beats), np.concatenate(labels), groups, np.array(fallback, dtype=np.str_)


def _checksums(folder: Path, records: list[str]) -> dict[str, str]:
    names = [f"{record}{suffix}" for record in records for suffix in (".hea", ".dat", ".atr")]
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise DataNotFoundError(
            f"{folder} lacks {len(missing)} of {len(names)} MIT-BIH files, the first being "
            f"{missing[0]}; run 'ectopy data fetch mitdb' or give a complete folder"
        )
    return {name: sha256(folder / name) for name in names}


def _stored(path: Path) -> _Arrays | None:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            return file["X"], file["y"], file["groups"], file["fallback"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None  # not there, or damaged: cut again


def _store(path: Path, arrays: _Arrays) -> None:
    X, y, groups, fallback = arrays
    try:
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez(file, X=X, y=y, groups=groups, fallback=fallback)
    except OSError:
        return  # a read-only or full cache costs time, not the result


DATABASE: Final = Database(
    folder="mitdb",
    title="The MIT-BIH Arrhythmia Database",
    licence="ODC-By 1.0",
    embedded="simulated-187",
    holds=lambda folder: (folder / "100.hea").is_file(),
)


def _source(name: str, summary: str) -> Source:
    def loader(data_dir: str | os.PathLike[str] | None = None, **options: object) -> BeatDataset:
        return load(name, data_dir, **options)  # type: ignore[arg-type]  # checked by the registry

    return Source(
        summary=summary, load=loader, database=DATABASE, options=("escape", "paced", "cache")
    )


KACHUEE: Final = _source("mitbih", "109,494 beats of 48 records, 187 samples from the R peak on")
CENTRED: Final = _source("mitbih-p", "the same beats, 187 samples around the R peak, with P wave")
