"""What an analysis leaves on disk: annotations, tables, a summary, a page, whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

from ectopy.analysis.given_labels import UNCERTAIN_SUBTYPE
from ectopy.analysis.overwrite import ENDINGS, check_overwrite
from ectopy.analysis.result import Result
from ectopy.analysis.rhythm.marks import rhythm_marks
from ectopy.analysis.summary.model import Written
from ectopy.beats.conditioning.quality import FLAT
from ectopy.errors import ConfigError
from ectopy.files import aside, sha256
from ectopy.recordings.annotations import Annotations, write_annotations

EXTENSION: Final = "ect"
"""Extension of our annotations: `atr` is the reference's, and is never written."""

ON_REQUEST: Final = ("disclosure",)
"""Formats that are written only where they are named: the signal of a day is some 10 MB."""

FORMATS: Final = tuple(key for key in ENDINGS if key not in ON_REQUEST)


def write(
    result: Result,
    folder: Path,
    *,
    formats: str | tuple[str, ...] = FORMATS,
    scores: dict[str, Any] | None = None,
    recording_sha256: str | None = None,
    overwrite: bool = False,
) -> dict[str, Path]:
    """Write the outputs of one recording into a folder.

    Parameters
    ----------
    result : Result
        From `ectopy.analysis.analyze.analyze`.
    folder : Path
        Made if it is not there.
    formats : tuple of str, or str
        Any of `FORMATS`, or one of them: WFDB annotations; beats, rhythm and events as Parquet and
        CSV; summary, report; or of `ON_REQUEST`: the full disclosure, all signal of the leading
        lead.
    scores : dict, optional
        A comparison with reference annotations for the report, see
        `ectopy.analysis.report.page.page`.
    recording_sha256 : str, optional
        From `ectopy.analysis.overwrite.fingerprint`, to know these results again.
    overwrite : bool
        Whether to overwrite annotations that were edited, or another recording's results.

    Returns
    -------
    dict of str to Path
        The files by format. All are written aside first and then take their places, so an
        interrupted run leaves none of them half-written.

    Raises
    ------
    ConfigError
        If a format is unknown, the folder cannot be written to, or something in it must not be
        overwritten, see `ectopy.analysis.overwrite.check_overwrite`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from ectopy.analysis import write
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> made = write(ectopy.analyze(recording), Path("results"), formats=("ect", "json"))
    >>> sorted(path.name for path in made.values())
    ['simulated.ect', 'simulated.summary.json']
    """
    formats = (formats,) if isinstance(formats, str) else tuple(formats)
    if unknown := set(formats) - set(ENDINGS):
        raise ConfigError(f"unknown output {', '.join(unknown)}; there are {', '.join(ENDINGS)}")
    name = result.name
    made: dict[str, Path] = {}
    source = _source_of(result, folder)
    if source is not None:
        # What a reader left there says more than beats and classes; and it stays the reader's, so
        # that the next labelling of the recording still refuses to overwrite it.
        formats = tuple(one for one in formats if one != "ect")
    try:
        with aside(folder) as temporary:
            if "ect" in formats:
                made["ect"] = write_annotations(temporary, name, to_annotations(result), EXTENSION)
            written = Written(
                annotations_sha256=sha256(made["ect"]) if made else None,
                recording_sha256=recording_sha256,
                signal_sha256=result.signal_sha256,
            )
            if not overwrite:
                check_overwrite(
                    folder,
                    name,
                    recording_sha256,
                    formats,
                    signal_sha256=written.signal_sha256,
                    annotations_sha256=written.annotations_sha256,
                )
            made |= _write_aside(result, temporary, formats, scores, written)
            # The summary first: it tells the next run which annotations are ours.
            order = sorted(made, key=list(ENDINGS).index)
            written_to = {name: made[name].replace(folder / made[name].name) for name in order}
            return written_to if source is None else {"ect": source} | written_to
    except OSError as error:
        raise ConfigError(
            f"the results cannot be written to {folder} ({error.strerror or error}); make room or "
            "name another folder",
            change="out",
        ) from error


def _source_of(result: Result, folder: Path) -> Path | None:
    """Give the annotations in the folder that a result was made from; None where it was not."""
    by, there = result.summary.labelled_by, folder / f"{result.name}{ENDINGS['ect']}"
    made_from = by.setting is None and there.is_file() and sha256(there) == by.sha256
    return there if made_from else None


def _write_aside(
    result: Result,
    folder: Path,
    formats: tuple[str, ...],
    scores: dict[str, Any] | None,
    written: Written,
) -> dict[str, Path]:
    """Write all but the annotations; the tables in a thread of their own, beside the page."""
    name = result.name
    made: dict[str, Path] = {}
    with ThreadPoolExecutor(1) as pool:
        tables = pool.submit(_write_tables, result, folder, formats)
        if "json" in formats:
            summary = result.summary.model_copy(update={"written": written})
            made["json"] = folder / f"{name}{ENDINGS['json']}"
            made["json"].write_text(summary.model_dump_json(indent=2) + "\n", encoding="utf-8")
        if "html" in formats:
            from ectopy.analysis.report.page import page

            made["html"] = folder / f"{name}{ENDINGS['html']}"
            made["html"].write_text(page(result, scores), encoding="utf-8")
        if "disclosure" in formats:
            from ectopy.analysis.report.disclosure import disclose

            made["disclosure"] = folder / f"{name}{ENDINGS['disclosure']}"
            disclose(result, made["disclosure"])
        return made | tables.result()


def _write_tables(result: Result, folder: Path, formats: tuple[str, ...]) -> dict[str, Path]:
    made: dict[str, Path] = {}
    for rows, parquet, csv in (
        (result.beats, "parquet", "csv"),
        (result.rhythm, "rhythm_parquet", "rhythm_csv"),
        (result.events, "events_parquet", "events_csv"),
    ):
        wanted = [key for key in (parquet, csv) if key in formats]
        table = rows.to_arrow() if wanted else None
        for key in wanted:
            made[key] = folder / f"{result.name}{ENDINGS[key]}"
            if key == parquet:
                from pyarrow.parquet import write_table

                write_table(table, made[key])
            else:
                from pyarrow.csv import write_csv

                write_csv(table, made[key])
    return made


def to_annotations(result: Result) -> Annotations:
    """Give beats and rhythm as WFDB annotations.

    Beats carry their AAMI letter (``N S V F Q``) and `UNCERTAIN_SUBTYPE`; a rhythm mark (``+``)
    stands until the next, the first one at the first sample; a change of signal quality (``~``)
    says from where on leads 0 and 1 cannot be read, as WFDB does (bits 4 and 5).

    Examples
    --------
    >>> from ectopy.analysis import to_annotations
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> marks = to_annotations(ectopy.analyze(recording))
    >>> marks.symbols[:3], marks.subtypes[:3]
    (array(['+', 'N', 'N'], dtype='<U1'), array([0, 0, 0]))
    """
    beats = result.beats
    second = round(result.fs_hz)
    off = result.quality.states[:2] >= FLAT
    bits = np.int64(off * np.array([[16], [32]])[: len(off)]).sum(axis=0)
    changes = np.flatnonzero(np.diff(bits, prepend=0))
    rhythm = rhythm_marks(result.rhythm, result.fs_hz)
    samples = np.r_[rhythm.samples, beats.samples, changes * second]
    symbols = np.r_[rhythm.symbols, beats.symbols, np.full(len(changes), "~")]
    subtypes = np.r_[np.zeros(len(rhythm)), beats.uncertain * UNCERTAIN_SUBTYPE, bits[changes]]
    aux = np.r_[rhythm.aux, np.full(len(beats) + len(changes), "")]
    order = np.argsort(samples, kind="stable")
    return Annotations(
        samples=samples[order],
        symbols=symbols[order],
        fs_hz=result.fs_hz,
        aux=aux[order],
        subtypes=subtypes[order].astype(np.int64),
    )
