"""Our labels against a folder's reference annotations, by the rules of EC57."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from ectopy import __version__
from ectopy.analysis.analyze import analyze
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.request import Request
from ectopy.analysis.summary.model import LabelledBy
from ectopy.beats.reference import reference_beats
from ectopy.errors import ConfigError, DataFormatError, EctopyError
from ectopy.evaluation.ec57.counting import Matrix, match, statistics
from ectopy.evaluation.ec57.pairing import WINDOW_S
from ectopy.recordings.annotated import open_annotated
from ectopy.recordings.annotated_folder import annotated_records
from ectopy.recordings.annotations import Annotations
from ectopy.recordings.recording import Recording
from ectopy.runtime.bundle import Setting
from ectopy.runtime.classifier import BeatClassifier

Int64 = npt.NDArray[np.int64]

UNANNOTATED_S: Final = 60.0
"""Seconds without annotations at either end of a record from which this is worth a note."""


@dataclass(frozen=True)
class Options:
    """How a folder is evaluated.

    Attributes
    ----------
    weights : str or Path
        A packaged bundle by name, or a folder with one.
    setting : {"past", "whole"}, optional
        What a label may depend on, see `ectopy.analysis.request.Request`.
    reference_peaks : bool
        Whether beats are taken from the reference annotations instead of being detected.
    escape : {"N", "S"}
        Class of the supraventricular escape beats e, j and n.
    skip_minutes : float
        Minutes left out at the beginning of each record: 5 by EC57, 0 for all beats.
    extension : str
        Of the reference annotations.
    """

    weights: str | Path = "default"
    setting: Setting | None = None
    reference_peaks: bool = False
    escape: Literal["N", "S"] = "N"
    skip_minutes: float = 0.0
    extension: str = "atr"


@dataclass(frozen=True)
class Evaluation:
    """What came out.

    Attributes
    ----------
    report : dict
        Content of ``evaluation.json``: what `ectopy.evaluation.ec57.counting.statistics` gives, and
        how it was made.
    matrices : dict of str to Matrix
        Counts of each record.
    """

    report: dict[str, Any]
    matrices: dict[str, Matrix] = field(repr=False)


@dataclass(frozen=True)
class _Scored:
    matrix: Matrix
    about: dict[str, Any]
    labelled_by: LabelledBy


def evaluate(
    folder: str | Path,
    options: Options | None = None,
    *,
    records: Sequence[str] | None = None,
    classifier: Classifier | None = None,
    started: Callable[[int], None] | None = None,
    progress: Callable[[str], None] | None = None,
    workers: int = 2,
) -> Evaluation:
    """Label every record of a folder and compare with its reference annotations.

    Parameters
    ----------
    folder : path
        WFDB records: any sampling rates and leads.
    options : Options, optional
        Weights, setting and conventions.
    records : sequence of str, optional
        Names of the records to take; by default all that have reference annotations.
    classifier : Classifier, optional
        Instead of that of the weights.
    started : callable, optional
        Called with the number of records, once it is known.
    progress : callable, optional
        Called with the name of each record that is done.
    workers : int
        Records labelled side by side.

    Returns
    -------
    Evaluation
        Records that cannot be scored are left out and listed, with the reason, under ``left_out``
        of the report.

    Raises
    ------
    DataNotFoundError, ConfigError
        If the folder, its records or their annotations are not there (see `annotated_records`).
    DataFormatError
        If no record could be scored.

    Examples
    --------
    >>> found = ectopy.evaluate("records")
    >>> found.report["gross"]["QRS"]["se"] > 0.9
    True
    """
    options = options or Options()
    if not options.skip_minutes >= 0:
        raise ConfigError(f"skipped minutes are {options.skip_minutes}, expected 0 or more")
    found, left_out = annotated_records(Path(folder), options.extension, records)
    labeller = classifier or BeatClassifier.load(options.weights)
    if started:
        started(len(found))

    def score(item: tuple[str, Path]) -> _Scored | str:
        name, path = item
        try:
            result: _Scored | str = _score(path, options, labeller, 1 if len(found) > 1 else None)
        except EctopyError as error:
            result = str(error)
        except (OSError, ValueError, ArithmeticError, LookupError, MemoryError) as error:
            # A reader stumbling over one file must not cost the other records.
            result = f"{type(error).__name__}: {error}"
        if progress:
            progress(name)
        return result

    with ThreadPoolExecutor(max(1, min(workers, len(found)))) as pool:
        results = dict(zip(found, pool.map(score, found.items()), strict=True))
    scored = {name: one for name, one in results.items() if isinstance(one, _Scored)}
    left_out |= {name: one for name, one in results.items() if isinstance(one, str)}
    if not scored:
        name, reason = next(iter(left_out.items()))
        n = len(left_out)
        if n == 1:
            raise DataFormatError(f"{name} in {folder} could not be scored: {reason}")
        raise DataFormatError(
            f"none of the {n} records in {folder} could be scored; {name}: {reason}"
        )
    matrices = {name: one.matrix for name, one in scored.items()}
    result = statistics(matrices)
    for name, one in scored.items():
        result["records"][name] |= one.about
    labelled_by = next(iter(scored.values())).labelled_by
    report = {
        "ectopy": __version__,
        "folder": str(folder),
        "labelled_by": labelled_by.model_dump(),
        "escape": options.escape,
        "convention": f"e, j and n beats count as {options.escape}",
        "peaks": "reference" if options.reference_peaks else "detected",
        "skipped_minutes": options.skip_minutes,
        "match_window_s": WINDOW_S,
        "extension": options.extension,
        "n_records": len(scored),
        "named_as_trained_on": _named_as_trained_on(labeller, scored),
        **result,
        "left_out": left_out,
    }
    return Evaluation(report, matrices)


def _named_as_trained_on(labeller: Classifier, names: Iterable[str]) -> list[str] | None:
    """Give the records with names of the weights' training records; None if those are not known.

    Names alone: a record of another database may share one.
    """
    if not isinstance(labeller, BeatClassifier):
        return None
    trained_on = labeller.bundle.manifest.get("trained_on")
    return None if trained_on is None else [x for x in names if Path(x).name in trained_on]


def _score(path: Path, options: Options, classifier: Classifier, threads: int | None) -> _Scored:
    record = open_annotated(path, options.extension)
    recording, beats = record.recording, reference_beats(record, options.escape).samples
    if options.skip_minutes * 60 >= recording.duration_s:
        raise ConfigError(
            f"{path.name} is {recording.duration_s:.0f} s long, "
            f"nothing is left after skipping {options.skip_minutes:g} minutes"
        )
    peaks = None
    if options.reference_peaks:
        peaks = np.unique(beats[beats < recording.n_samples])
    request = Request(
        recording,
        weights=options.weights,
        setting=options.setting,
        classifier=classifier,
        r_peaks=peaks,
    )
    result = analyze(request, threads=threads)
    found = result.beats
    test = Annotations(
        found.samples, found.symbols, recording.fs_hz, np.full(len(found), "", dtype=np.str_)
    )
    matrix = match(
        record.reference,
        test,
        escape=options.escape,
        skip_s=60 * options.skip_minutes,
        n_samples=recording.n_samples,
    )
    about: dict[str, Any] = {
        "fs_hz": recording.fs_hz,
        "duration_s": recording.duration_s,
        "leads": [lead.name for lead in result.summary.leads if lead.used],
        "uncertain": int(np.count_nonzero(found.uncertain)),
        "notes": [*record.notes, *_notes(beats, recording)],
    }
    return _Scored(matrix, about, result.summary.labelled_by)


def _notes(beats: Int64, recording: Recording) -> list[str]:
    """Say where the reference does not cover the record: what is found there counts as extra."""
    notes = []
    before, after = beats[0] / recording.fs_hz, recording.duration_s - beats[-1] / recording.fs_hz
    for length, where in ((before, "first"), (after, "last")):
        if length > UNANNOTATED_S:
            notes.append(f"no reference beat in the {where} {length:.0f} s")
    return notes
