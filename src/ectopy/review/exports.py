"""What leaves the store: annotations, tables, report, and a record to train on."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from ectopy.analysis.corrected_record import ENDING, write_training
from ectopy.analysis.outputs import write
from ectopy.errors import ConfigError
from ectopy.recordings.wfdb.write import record_name
from ectopy.review.opened import Current

FORMATS: Final = {
    "wfdb": ("ect", "application/octet-stream"),
    "csv": ("csv", "text/csv; charset=utf-8"),
    "parquet": ("parquet", "application/vnd.apache.parquet"),
    "events-csv": ("events_csv", "text/csv; charset=utf-8"),
    "events-parquet": ("events_parquet", "application/vnd.apache.parquet"),
    "summary": ("json", "application/json"),
    "report": ("html", "text/html; charset=utf-8"),
    "disclosure": ("disclosure", "text/html; charset=utf-8"),
}
"""What `ectopy.analysis.outputs.write` calls each export, and its media type."""
TRAINING: Final = "training"
"""A record with its corrections, for studies to train on (`ectopy.analysis.corrected_record`)."""


def export(current: Current, what: str, folder: Path, *, patient: str = "") -> tuple[Path, str]:
    """Write an export into a folder.

    Parameters
    ----------
    current : Current
        The labels as they stand.
    what : str
        One of `FORMATS`, or `TRAINING`.
    folder : Path
        Empty; the caller deletes it.
    patient : str
        Whose record to train on it is, where its file does not say; see `Result.write_training`.

    Returns
    -------
    Path, str
        The file, and its media type.

    Raises
    ------
    ConfigError
        If there is no such export, or a record to train on would teach nothing that a reader
        stated.
    UnknownPatientError
        If nothing says whose a record to train on is.
    """
    if what == TRAINING:
        return training(current, folder, patient), "application/zip"
    if what not in FORMATS:
        raise ConfigError(f"no export is called {what!r}; there are {', '.join(FORMATS)}, training")
    key, media_type = FORMATS[what]
    named = replace(current.result, name=record_name(current.result.name))
    return write(named, folder, formats=(key,))[key], media_type


def training(current: Current, folder: Path, patient: str) -> Path:
    """Write a zip with the record that `Result.write_training` writes, and its name in RECORDS."""
    labels = current.labels
    place = folder / TRAINING
    stated = labels.stated[labels.there] & ~labels.uncertain[labels.there]
    written = write_training(current.result, place, stated=stated, patient=patient, certain=True)
    name = written.name.removesuffix(ENDING)
    (place / "RECORDS").write_text(f"{name}\n", encoding="utf-8")
    out = folder / f"{name}.zip"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(place.iterdir()):
            archive.write(path, path.name)
    return out
