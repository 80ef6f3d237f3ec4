"""Cut the annotated beats of WFDB records, once: the result is kept in the user cache."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ectopy.beats import cut
from ectopy.beats.reference import reference_beats
from ectopy.beats.windows import Window
from ectopy.datasets.locate import cache_folder
from ectopy.datasets.wfdb.database import file_names
from ectopy.errors import DataNotFoundError
from ectopy.files import atomic_path, sha256
from ectopy.recordings.annotated import open_annotated


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
    other_leads : ndarray of str, shape (n,)
        Records without a wanted lead, each with the lead that was cut instead: ``102 (V5)``.
    """

    X: npt.NDArray[np.float32]
    y: npt.NDArray[np.int64]
    groups: npt.NDArray[np.str_]
    other_leads: npt.NDArray[np.str_]


def checksums(folder: Path, records: Sequence[str]) -> dict[str, str]:
    """Give the SHA-256 of every file of some records.

    Raises
    ------
    DataNotFoundError
        If a file is missing.
    """
    names = file_names(records)
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise DataNotFoundError(
            f"{folder} lacks {len(missing)} of {len(names)} files, the first being {missing[0]}; "
            f"run 'ectopy data fetch {folder.name}' or give a complete folder"
        )
    return {name: sha256(folder / name) for name in names}


def load_beats(
    folder: Path,
    records: Sequence[str],
    sums: dict[str, str],
    *,
    window: Window,
    leads: Sequence[str],
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
    window : Window
        How they are cut.
    leads : sequence of str
        Names of the lead to cut, the preferred one first; where a record has none of them, its
        first lead stands in.
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
        "cut": [window.cut, cut.VERSION, cut.LENGTH, cut.RATE_HZ, cut.WINDOW_S, cut.PERIODS],
        "files": sums,
        "lead": ",".join(leads),
        "escape": escape,
    }
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    path = cache_folder() / "beats" / f"{folder.name}-{window.cut}-{key[:16]}.npz"
    if cache and (found := _stored(path)) is not None:
        return found
    made = _cut(folder, records, window, leads, escape)
    if cache:
        _store(path, made)
    return made


def _cut(
    folder: Path, records: Sequence[str], window: Window, leads: Sequence[str], escape: str
) -> CutBeats:
    X, y, others = [], [], []
    for name in records:
        record = open_annotated(folder / name)
        recording, beats = record.recording, reference_beats(record, escape)
        wanted = next((lead for lead in leads if lead in recording.leads), None)
        channel = 0 if wanted is None else recording.leads.index(wanted)
        X.append(window.beats(recording.read()[channel], recording.fs_hz, beats.samples))
        y.append(beats.classes)
        if wanted is None:
            others.append(f"{name} ({recording.leads[0]})")
    return CutBeats(
        X=np.concatenate(X),
        y=np.concatenate(y),
        groups=np.repeat(list(records), [len(own) for own in y]),
        other_leads=np.array(others, dtype=np.str_),
    )


def _stored(path: Path) -> CutBeats | None:
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            return CutBeats(file["X"], file["y"], file["groups"], file["other_leads"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None  # not there, or damaged: cut again


def _store(path: Path, beats: CutBeats) -> None:
    try:
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez(file, X=beats.X, y=beats.y, groups=beats.groups, other_leads=beats.other_leads)
    except OSError:
        return  # a read-only or full cache costs time, not the result
