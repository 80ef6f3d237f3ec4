"""Keep corrections, and the results of another recording of the same name, from being lost."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy.errors import ConfigError
from ectopy.files import sha256, why_not_writable
from ectopy.recordings.recording import Recording

ENDINGS: Final = {
    "json": ".summary.json",
    "ect": ".ect",
    "parquet": ".beats.parquet",
    "csv": ".beats.csv",
    "rhythm_parquet": ".rhythm.parquet",
    "rhythm_csv": ".rhythm.csv",
    "events_parquet": ".events.parquet",
    "events_csv": ".events.csv",
    "html": ".html",
    "disclosure": ".disclosure.html",
}
"""How the files of each format are called, after the name of the recording."""
_HEAD_BYTES: Final = 1 << 20
"""Bytes of each file that tell two recordings apart: headers, and minutes of signal."""
_SIGNAL_S: Final = 60
"""Seconds of signal, from the first sample that was recorded, that tell two recordings apart."""


def fingerprint(file: Path) -> str:
    """Give a SHA-256 that tells a recording from another of the same name.

    Parameters
    ----------
    file : Path
        The recording's file; of a WFDB record the header, whose signal files count as well.

    Returns
    -------
    str
        Of the sizes and first MiB of its files.
    """
    files = [file]
    if file.suffix == ".hea":
        words = (line.split() for line in file.read_text(encoding="latin-1").splitlines())
        names = dict.fromkeys(line[0] for line in words if line)
        files += [
            file.parent / name
            for name in names
            if Path(name).name == name and (file.parent / name).is_file()
        ]
    found = hashlib.sha256()
    for part in files:
        with part.open("rb") as stream:
            found.update(b"%d " % part.stat().st_size)
            found.update(stream.read(_HEAD_BYTES))
    return found.hexdigest()


def signal_fingerprint(recording: Recording) -> str:
    """Give a SHA-256 that tells a recording from another of the same name, file or not.

    Parameters
    ----------
    recording : Recording
        Opened, or made of an array.

    Returns
    -------
    str
        Of its rate, length, leads and first minute of signal.
    """
    begin = recording.recorded[0][0] if recording.recorded else 0
    signal = recording.read(begin, begin + round(_SIGNAL_S * recording.fs_hz))
    about = [recording.fs_hz, recording.n_samples, *recording.leads]
    found = hashlib.sha256(json.dumps(about).encode())
    found.update(np.nan_to_num(signal, nan=np.inf).astype("<f4").tobytes())
    return found.hexdigest()


def check_overwrite(
    folder: Path,
    name: str,
    recording_sha256: str | None = None,
    formats: tuple[str, ...] = tuple(ENDINGS),
    *,
    signal_sha256: str | None = None,
    annotations_sha256: str | None = None,
) -> None:
    """Refuse to overwrite what cannot be made again.

    Parameters
    ----------
    folder : Path
        Where the results go.
    name : str
        Of the recording.
    recording_sha256 : str, optional
        `fingerprint` of the recording, where it has files.
    formats : tuple of str
        What is going to be written.
    signal_sha256 : str, optional
        `signal_fingerprint` of the recording; asked where the files of one of the two are not
        known.
    annotations_sha256 : str, optional
        Of the annotations that are going to be written: the same ones are not lost.

    Raises
    ------
    ConfigError
        If the annotations there were changed since we wrote them, the results are those of
        another recording, or a file is none of ours.
    """
    paths = {key: folder / f"{name}{ending}" for key, ending in ENDINGS.items()}
    # Without a summary nothing could tell later who wrote tables and page.
    watched = formats if "json" in formats else {"ect"} & set(formats)
    there = [paths[key] for key in ENDINGS if key in watched and paths[key].exists()]
    if paths["ect"] in there and sha256(paths["ect"]) == annotations_sha256:
        there.remove(paths["ect"])
    if not there:
        return
    ways_out = "name another folder, or allow to overwrite it"
    change = ("out", "overwrite")
    told = _written(paths["json"])
    if told is None:
        raise ConfigError(
            f"{there[0]} is there already and no summary beside it says that ectopy wrote it; "
            f"{ways_out}",
            change=change,
        )
    pairs = (
        (told.get("recording_sha256"), recording_sha256),
        (told.get("signal_sha256"), signal_sha256),
    )
    known = next((pair for pair in pairs if all(pair)), None)
    if known and known[0] != known[1]:
        raise ConfigError(
            f"{paths['json']} holds the results of another recording of the same name; {ways_out}",
            change=change,
        )
    edited = paths["ect"] in there and sha256(paths["ect"]) != told.get("annotations_sha256")
    if edited:
        raise ConfigError(
            f"{paths['ect']} was changed since ectopy wrote it, and the corrections in it would be "
            f"lost; {ways_out}",
            change=change,
        )


def check_writable(folder: Path) -> None:
    """Refuse a folder for results that cannot be written to, before any work.

    Raises
    ------
    ConfigError
        If it, or the folder it would be made in, cannot be written to.
    """
    if reason := why_not_writable(folder):
        raise ConfigError(
            f"{folder} cannot be written to ({reason}); name another one", change="out"
        )


def cannot_write(folder: Path, error: OSError) -> ConfigError:
    """Say that results could not be written, and why."""
    return ConfigError(
        f"{folder} cannot be written to ({error.strerror or error}); "
        "make room or name another folder",
        change="out",
    )


def _written(summary: Path) -> dict[str, Any] | None:
    """Read from a summary what was written with it; None where it is none of ours."""
    try:
        told = json.loads(summary.read_text(encoding="utf-8"))["written"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return told if isinstance(told, dict) else None
