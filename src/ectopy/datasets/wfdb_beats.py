"""Cut the annotated beats of WFDB records, once: the result is kept in the user cache."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats import aami, cut
from ectopy.beats.windows import Window
from ectopy.datasets.locate import cache_folder
from ectopy.errors import DataFormatError, DataNotFoundError
from ectopy.files import atomic_path, sha256
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.open import open_recording

SUFFIXES: Final = (".hea", ".dat", ".atr")
"""Files of a record: header, signals, reference annotations."""

WINDOWS: Final = {"kachuee": Window(cut="kachuee"), "centred": Window(cut="centred")}
"""The windows of this package's WFDB data sets, by their cut."""


@dataclass(frozen=True)
class CutBeats:
    """Beats of several records.

    Attributes
    ----------
    X : ndarray of float32, shape (n_beats, 187)
    y : ndarray of int64, shape (n_beats,)
        Position in `ectopy.classes.AAMI`.
    groups : ndarray of str, shape (n_beats,)
        Record of each beat.
    fallback : ndarray of str, shape (n,)
        Records without the wanted lead, whose first lead was cut instead.
    """

    X: npt.NDArray[np.float32]
    y: npt.NDArray[np.int64]
    groups: npt.NDArray[np.str_]
    fallback: npt.NDArray[np.str_]


def checksums(folder: Path, records: Sequence[str]) -> dict[str, str]:
    """Give the SHA-256 of every file of some records.

    Raises
    ------
    DataNotFoundError
        If a file is missing.
    """
    names = files(records)
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise DataNotFoundError(
            f"{folder} lacks {len(missing)} of {len(names)} files, the first being {missing[0]}; "
            f"run 'ectopy data fetch {folder.name}' or give a complete folder"
        )
    return {name: sha256(folder / name) for name in names}


def files(records: Sequence[str]) -> list[str]:
    """Name the files of some records."""
    return [f"{record}{suffix}" for record in records for suffix in SUFFIXES]


def known_checksums(database: str) -> dict[str, str]:
    """Give the SHA-256 of a database's files as they come with this package."""
    from ectopy.datasets.download import read_sums

    with resources.as_file(resources.files("ectopy.datasets") / "checksums") as folder:
        return read_sums(folder / f"{database}.txt")


def load_beats(
    folder: Path,
    records: Sequence[str],
    sums: dict[str, str],
    *,
    cutter: str,
    lead: str,
    escape: str,
    cache: bool,
) -> CutBeats:
    """Cut the beats of some records at their annotations, or take them from the cache.

    The cache knows them by the SHA-256 of all files and every setting, the version of the cut
    included; a change of any makes another entry.

    Parameters
    ----------
    folder : Path
        Folder of the records.
    records : sequence of str
        Their names.
    sums : dict of str to str
        From `checksums`.
    cutter : str
        A key of ``WINDOWS``.
    lead : str
        Lead by name; the first lead stands in where there is none of that name.
    escape : {"N", "S"}
        Class of supraventricular escape beats.
    cache : bool
        False neither reads nor writes the cache.

    Raises
    ------
    DataFormatError
        If a record cannot be read.
    """
    settings = {
        "cut": [cutter, cut.VERSION, cut.LENGTH, cut.RATE_HZ, cut.WINDOW_S, cut.PERIODS],
        "files": sums,
        "lead": lead,
        "escape": escape,
    }
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    path = cache_folder() / "beats" / f"{folder.name}-{cutter}-{key[:16]}.npz"
    if cache and (found := _stored(path)) is not None:
        return found
    made = _cut(folder, records, WINDOWS[cutter], lead, escape)
    if cache:
        _store(path, made)
    return made


def read_record(
    folder: Path, record: str, lead: str
) -> tuple[npt.NDArray[np.float32], float, str, npt.NDArray[np.int64], npt.NDArray[np.str_]]:
    """Read one lead of a WFDB record with its reference annotations.

    Returns
    -------
    signal : ndarray of float32, shape (n,)
        In mV.
    fs_hz : float
    lead : str
        Name of the lead that was read: the first where none has the wanted name.
    samples : ndarray of int64, shape (n_annotations,)
    symbols : ndarray of str, shape (n_annotations,)
    """
    recording = open_recording(folder / f"{record}.hea")
    marks = read_annotations(folder / record)
    channel = recording.leads.index(lead) if lead in recording.leads else 0
    return (
        recording.read()[channel],
        recording.fs_hz,
        recording.leads[channel],
        marks.samples,
        marks.symbols,
    )


def _cut(
    folder: Path,
    records: Sequence[str],
    window: Window,
    lead: str,
    escape: str,
) -> CutBeats:
    beats, labels, fallback = [], [], []
    for record in records:
        signal, fs_hz, found, samples, symbols = read_record(folder, record, lead)
        y = aami.to_classes(symbols, escape)
        if not (y >= 0).any():
            raise DataFormatError(f"{folder / record}.atr holds no beat annotation; fetch it again")
        beats.append(window.beats(signal, fs_hz, samples[y >= 0]))
        labels.append(y[y >= 0])
        if found != lead:
            fallback.append(record)
    return CutBeats(
        X=np.concatenate(beats),
        y=np.concatenate(labels),
        groups=np.repeat(list(records), [len(y) for y in labels]),
        fallback=np.array(fallback, dtype=np.str_),
    )


def _stored(path: Path) -> CutBeats | None:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            return CutBeats(file["X"], file["y"], file["groups"], file["fallback"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None  # not there, or damaged: cut again


def _store(path: Path, beats: CutBeats) -> None:
    try:
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez(file, X=beats.X, y=beats.y, groups=beats.groups, fallback=beats.fallback)
    except OSError:
        return  # a read-only or full cache costs time, not the result
