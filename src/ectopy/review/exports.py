"""What leaves the store: annotations, tables, report, and a record to train on."""

from __future__ import annotations

import re
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.analysis.outputs import EXTENSION, to_annotations, write
from ectopy.analysis.result import Result
from ectopy.errors import ConfigError
from ectopy.recordings.annotations import write_annotations
from ectopy.review.pyramid import MISSING

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
"""A WFDB record with the corrected labels as its reference, as studies and `evaluate` read it."""
_PER_MV: Final = 1000
"""Numbers per mV of the record, where its samples fit: steps of 1 µV."""
_AT_ONCE: Final = 1 << 20


def file_name(name: str) -> str:
    """Give a name that is safe everywhere, of a recording's name that may be any text."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:40] or "recording"


def export(result: Result, what: str, folder: Path) -> tuple[Path, str]:
    """Write an export into a folder.

    Parameters
    ----------
    result : Result
        Of the labels as they stand, with its recording.
    what : str
        One of `FORMATS`, or `TRAINING`.
    folder : Path
        Empty; the caller deletes it.

    Returns
    -------
    Path, str
        The file, and its media type.

    Raises
    ------
    ConfigError
        If there is no such export.
    """
    named = replace(result, name=file_name(result.name))
    if what == TRAINING:
        return training(named, folder), "application/zip"
    if what not in FORMATS:
        raise ConfigError(f"no export is called {what!r}; there are {', '.join(FORMATS)}, training")
    key, media_type = FORMATS[what]
    return write(named, folder, formats=(key,))[key], media_type


def training(result: Result, folder: Path) -> Path:
    """Write a zip with a WFDB record, its signals in 16 bits, and the labels as ``.atr``."""
    recording, name = result.signal(), result.name
    with tempfile.TemporaryDirectory(dir=folder) as made:
        place = Path(made)
        offset, per_mv = _scales(result)
        checksum = np.zeros(len(recording.leads), dtype=np.int64)
        first: list[int] = [0] * len(recording.leads)
        with (place / f"{name}.dat").open("wb") as file:
            for begin in range(0, recording.n_samples, _AT_ONCE):
                values = recording.read(begin, min(begin + _AT_ONCE, recording.n_samples))
                away = np.rint((values - offset[:, None]) * per_mv[:, None])
                numbers = np.where(np.isfinite(away), np.clip(away, -32767, 32767), MISSING)
                stored = numbers.astype("<i2")
                if begin == 0:
                    first = stored[:, 0].tolist()
                checksum += stored.astype(np.int64).sum(axis=1)
                file.write(stored.T.tobytes())
        lines = [f"{name} {len(recording.leads)} {recording.fs_hz:g} {recording.n_samples}"]
        if recording.start:
            lines[0] += f" {recording.start:%H:%M:%S} {recording.start:%d/%m/%Y}"
        sums = ((checksum + 32768) % 65536 - 32768).tolist()
        for i, lead in enumerate(recording.leads):
            baseline = round(-float(offset[i] * per_mv[i]))
            lines.append(
                f"{name}.dat 16 {per_mv[i]:.9g}({baseline})/mV 16 0 {first[i]} {sums[i]} 0 {lead}"
            )
        (place / f"{name}.hea").write_text("\n".join(lines) + "\n", encoding="utf-8")
        marks = write_annotations(place, name, to_annotations(result), EXTENSION)
        # In this record, which we make, what readers left is the reference.
        marks.rename(marks.with_suffix(".atr"))
        (place / "RECORDS").write_text(f"{name}\n", encoding="utf-8")
        out = folder / f"{name}.zip"
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(place.iterdir()):
                archive.write(path, path.name)
    return out


def _scales(result: Result) -> tuple[np.ndarray, np.ndarray]:
    """Give what is taken from each lead, and how many numbers make a mV, so that all of it fits."""
    recording = result.signal()
    low = np.full(len(recording.leads), np.inf)
    high = -low
    for begin in range(0, recording.n_samples, _AT_ONCE):
        values = recording.read(begin, min(begin + _AT_ONCE, recording.n_samples))
        there = np.isfinite(values)
        low = np.minimum(low, np.min(values, axis=1, where=there, initial=np.inf))
        high = np.maximum(high, np.max(values, axis=1, where=there, initial=-np.inf))
    none = ~np.isfinite(low)
    low, high = np.where(none, 0, low), np.where(none, 0, high)
    most = np.maximum(np.abs(low), np.abs(high)) * _PER_MV
    fits = most <= 32767
    offset = np.where(fits, 0.0, np.rint((low + high) / 2))
    reach = np.maximum(high - offset, offset - low)
    per_mv = np.where(fits, float(_PER_MV), 32766 / np.maximum(reach, 1e-9))
    return offset, per_mv
