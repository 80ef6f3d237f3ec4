"""What an analysis leaves on disk: annotations, tables, a summary, a page, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ectopy.analysis.analyze import Analysis
from ectopy.analysis.quality import FLAT
from ectopy.classes import AAMI
from ectopy.errors import ConfigError
from ectopy.recordings.annotations import Annotations, write_annotations

if TYPE_CHECKING:
    import pyarrow as pa

EXTENSION: Final = "ect"
"""Extension of our annotations: `atr` is the reference's, and is never written."""

UNCERTAIN_SUBTYPE: Final = 1
"""Subtype of a beat whose class should not be relied on; 0 for the others."""

FORMATS: Final = ("ect", "parquet", "csv", "json", "html")


def write(
    analysis: Analysis,
    folder: Path,
    *,
    formats: tuple[str, ...] = FORMATS,
    scores: dict[str, Any] | None = None,
) -> dict[str, Path]:
    """Write the outputs of one recording into a folder.

    Parameters
    ----------
    analysis : Analysis
        From `ectopy.analysis.analyze.analyze`.
    folder : Path
        Made if it is not there.
    formats : tuple of str
        Any of `FORMATS`: WFDB annotations, beats as Parquet and CSV, summary, report.
    scores : dict, optional
        A comparison with reference annotations for the report, see `ectopy.analysis.page.page`.

    Returns
    -------
    dict of str to Path
        The files by format. All are written aside first and then take their places, so an
        interrupted run leaves none of them half-written.

    Raises
    ------
    ConfigError
        If a format is unknown, or the folder cannot be written to.
    """
    unknown = set(formats) - set(FORMATS)
    if unknown:
        raise ConfigError(f"unknown output {', '.join(unknown)}; there are {', '.join(FORMATS)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=".ectopy-", dir=folder))
    except OSError as error:
        raise ConfigError(
            f"{folder} cannot be written to ({error.strerror}); name another --out"
        ) from error
    try:
        made = _write_aside(analysis, aside, formats, scores)
        return {name: path.replace(folder / path.name) for name, path in made.items()}
    except OSError as error:
        raise ConfigError(
            f"the results cannot be written to {folder} ({error.strerror or error}); make room or "
            "name another --out"
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write_aside(
    analysis: Analysis, folder: Path, formats: tuple[str, ...], scores: dict[str, Any] | None
) -> dict[str, Path]:
    """Write the files; the tables in a thread of their own, beside the page."""
    name = analysis.recording.name
    made: dict[str, Path] = {}
    with ThreadPoolExecutor(1) as pool:
        tables = pool.submit(_write_tables, analysis, folder, formats)
        if "ect" in formats:
            made["ect"] = write_annotations(folder, name, to_annotations(analysis), EXTENSION)
        if "json" in formats:
            made["json"] = folder / f"{name}.summary.json"
            made["json"].write_text(
                analysis.summary.model_dump_json(indent=2) + "\n", encoding="utf-8"
            )
        if "html" in formats:
            from ectopy.analysis.page import page

            made["html"] = folder / f"{name}.html"
            made["html"].write_text(page(analysis, scores), encoding="utf-8")
        return made | tables.result()


def _write_tables(analysis: Analysis, folder: Path, formats: tuple[str, ...]) -> dict[str, Path]:
    name = analysis.recording.name
    made: dict[str, Path] = {}
    if "parquet" in formats or "csv" in formats:
        beats = table(analysis)
        if "parquet" in formats:
            import pyarrow.parquet as pq

            made["parquet"] = folder / f"{name}.beats.parquet"
            pq.write_table(beats, made["parquet"])
        if "csv" in formats:
            from pyarrow import csv

            made["csv"] = folder / f"{name}.beats.csv"
            csv.write_csv(beats, made["csv"])
    return made


def table(analysis: Analysis) -> pa.Table:
    """Give the beats as a table, one row a beat.

    Columns: ``sample``; ``time_s`` from the start; ``class`` (AAMI letter); ``uncertain``;
    ``p_N`` to ``p_Q``, calibrated probabilities; ``rr_s`` from the beat before, empty across lost
    signal; ``strength`` of the detection; ``quality`` of the signal (see
    `ectopy.analysis.quality.STATES`).
    """
    import pyarrow as pa

    from ectopy.analysis.quality import STATES

    beats, rhythm = analysis.beats, analysis.rhythm
    columns = {
        "sample": pa.array(beats.samples),
        "time_s": pa.array(np.round(rhythm.times_s, 4)),
        "class": pa.DictionaryArray.from_arrays(beats.classes.astype(np.int8), list(AAMI)),
        "uncertain": pa.array(beats.uncertain),
    }
    for i, letter in enumerate(AAMI):
        columns[f"p_{letter}"] = pa.array(np.round(beats.probabilities[:, i], 4))
    columns["rr_s"] = pa.array(np.round(rhythm.rr_s, 4), mask=np.isnan(rhythm.rr_s))
    columns["strength"] = pa.array(np.round(beats.strength, 3))
    columns["quality"] = pa.DictionaryArray.from_arrays(beats.quality.astype(np.int8), list(STATES))
    return pa.table(columns)


def to_annotations(analysis: Analysis) -> Annotations:
    """Give the beats as WFDB annotations.

    Beats carry their AAMI letter (``N S V F Q``) and `UNCERTAIN_SUBTYPE`; a change of signal
    quality (``~``) says from where on leads 0 and 1 cannot be read, as WFDB does (bits 4 and 5).
    """
    beats = analysis.beats
    second = round(analysis.recording.fs_hz)
    off = analysis.quality.states[:2] >= FLAT
    bits = np.int64(off * np.array([[16], [32]])[: len(off)]).sum(axis=0)
    changes = np.flatnonzero(np.diff(bits, prepend=0))
    samples = np.r_[beats.samples, changes * second]
    symbols = np.r_[beats.symbols, np.full(len(changes), "~")]
    subtypes = np.r_[beats.uncertain * UNCERTAIN_SUBTYPE, bits[changes]].astype(np.int64)
    order = np.argsort(samples, kind="stable")
    return Annotations(
        samples=samples[order],
        symbols=symbols[order],
        fs_hz=analysis.recording.fs_hz,
        aux=np.full(len(samples), "", dtype="<U1"),
        subtypes=subtypes[order],
    )
