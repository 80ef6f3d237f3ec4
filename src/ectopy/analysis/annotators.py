"""Two annotators of the same records against each other, by the rules of EC57; nothing is labelled.

Ours against the reference, ours against what a reader corrected, two readers: any two annotation
files of a record, or two folders of them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from ectopy import __version__
from ectopy.analysis.given_labels import read_marks, uncertain
from ectopy.analysis.outputs import EXTENSION
from ectopy.beats.aami import NOT_A_BEAT, to_classes
from ectopy.classes import AAMI
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError, EctopyError
from ectopy.evaluation.ec57.compared_beats import to_samples
from ectopy.evaluation.ec57.counting import Matrix, match, statistics
from ectopy.evaluation.ec57.pairing import WINDOW_S, pair
from ectopy.recordings.annotated import at_rate
from ectopy.recordings.annotations import (
    Annotations,
    read_annotations,
)
from ectopy.recordings.wfdb.header import read_header

Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

CLASSES: Final = len(AAMI)


@dataclass(frozen=True)
class ComparisonOptions:
    """How two annotators are compared.

    Attributes
    ----------
    extensions : tuple of str
        Of the annotations of the first and of the second, where a folder is given.
    escape : {"N", "S"}
        Class of the supraventricular escape beats e, j and n.
    skip_minutes : float
        Minutes left out at the beginning of each record: 5 by EC57, 0 for all beats.
    certain : bool
        Whether beats that either one marks as uncertain are left out, on both sides.

    Examples
    --------
    >>> from ectopy.analysis import ComparisonOptions
    >>> ComparisonOptions(certain=True).extensions
    ('atr', 'ect')
    """

    extensions: tuple[str, str] = ("atr", EXTENSION)
    escape: Literal["N", "S"] = "N"
    skip_minutes: float = 0.0
    certain: bool = False


@dataclass(frozen=True)
class Comparison:
    """What came out.

    Attributes
    ----------
    report : dict
        Content of ``comparison.json``: what `ectopy.evaluation.ec57.counting.statistics` gives,
        the first annotator being the reference; Cohen's ``kappa`` over the beats that both have;
        and how it was made.
    matrices : dict of str to Matrix
        Counts of each record.
    differences : list of dict
        The beats in which they differ: ``record``, ``time_s``, ``sample`` (at the rate of the
        first), symbols ``a`` and ``b`` (empty where one has no beat), and which are uncertain.

    Examples
    --------
    >>> comparison = ectopy.compare_annotations("records/a.atr", "records/a.atr")
    >>> comparison.differences
    []
    """

    report: dict[str, Any]
    matrices: dict[str, Matrix] = field(repr=False)
    differences: list[dict[str, Any]] = field(repr=False)


def compare_annotations(
    a: str | os.PathLike[str],
    b: str | os.PathLike[str],
    options: ComparisonOptions | None = None,
) -> Comparison:
    """Compare two annotation files of a record, or all that two folders have in common.

    Parameters
    ----------
    a, b : path
        Annotation files (``mitdb/100.atr``, ``results/100.ect``), or folders; the first counts as
        the reference. A file beside a folder is compared with the record of that name in it.
    options : ComparisonOptions, optional
        Extensions and conventions.

    Returns
    -------
    Comparison
        Records that cannot be compared are listed, with the reason, under ``left_out``.

    Raises
    ------
    DataNotFoundError
        If there is no such file, or the folders have no record in common.
    DataFormatError
        If an annotation file is damaged or its rate is not known.
    ConfigError
        If an option cannot be used.

    Examples
    --------
    >>> result = ectopy.analyze("records/a.hea")
    >>> made = result.write("results", formats=("ect", "json"))
    >>> comparison = ectopy.compare_annotations("records/a.atr", made["ect"])
    >>> comparison.report["gross"]["VEB"]["se"]
    1.0
    """
    options = options or ComparisonOptions()
    if not options.skip_minutes >= 0:
        raise ConfigError(f"skipped minutes are {options.skip_minutes}, expected 0 or more")
    found, left_out = _pairs(Path(a), Path(b), options.extensions)
    matrices: dict[str, Matrix] = {}
    differences: list[dict[str, Any]] = []
    both = np.zeros((CLASSES, CLASSES), dtype=np.int64)
    about: dict[str, dict[str, Any]] = {}
    for name, (of_a, of_b) in found.items():
        try:
            one = _compare(name, of_a, of_b, options)
        except EctopyError as error:
            if len(found) == 1:
                raise
            left_out[name] = str(error)
            continue
        matrices[name], about[name] = one.matrix, {"fs_hz": one.fs_hz, "left_out": one.left_out}
        differences += one.differences
        both += one.matrix.counts[:CLASSES, :CLASSES]
    if not matrices:
        name, reason = next(iter(left_out.items()))
        raise DataFormatError(
            f"none of the {len(left_out)} records in {a} and {b} could be compared; {name}: "
            f"{reason}"
        )
    told = statistics(matrices)
    for name, entry in about.items():
        told["records"][name] |= entry
    report = {
        "ectopy": __version__,
        "a": os.fspath(a),
        "b": os.fspath(b),
        "escape": options.escape,
        "convention": f"e, j and n beats count as {options.escape}",
        "skipped_minutes": options.skip_minutes,
        "match_window_s": WINDOW_S,
        "certain": options.certain,
        "uncertain_left_out": sum(entry["left_out"] for entry in about.values()),
        "n_records": len(matrices),
        "kappa": kappa(both),
        "n_differences": len(differences),
        **told,
        "left_out": left_out,
    }
    return Comparison(report, matrices, differences)


def kappa(confusion: npt.ArrayLike) -> float | None:
    """Cohen's kappa of a square table of counts; None where it is not defined.

    Examples
    --------
    >>> from ectopy.analysis.annotators import kappa
    >>> kappa([[20, 5], [10, 15]])
    0.4
    """
    counts = np.asarray(confusion, dtype=np.float64)
    total = counts.sum()
    chance = float(counts.sum(axis=0) @ counts.sum(axis=1))
    if total == 0 or chance == total**2:
        return None
    return float((total * np.trace(counts) - chance) / (total**2 - chance))


@dataclass(frozen=True)
class _Compared:
    matrix: Matrix
    fs_hz: float
    left_out: int
    differences: list[dict[str, Any]]


def _compare(name: str, of_a: Path, of_b: Path, options: ComparisonOptions) -> _Compared:
    one = read_marks(of_a, lambda error: _rate_of(of_b, error))
    other = read_marks(of_b, lambda error: _rate_of(of_a, error))
    other = at_rate(other, one.fs_hz)
    left_out = 0
    if options.certain:
        one, other, left_out = _certain(one, other)
    skip_s = 60 * options.skip_minutes
    matrix = match(
        one, other, escape=options.escape, skip_s=skip_s, n_samples=_length(of_a, of_b, one.fs_hz)
    )
    different = _differences(name, one, other, options.escape, to_samples(skip_s, one.fs_hz))
    return _Compared(matrix, one.fs_hz, left_out, different)


def _rate_of(beside: Path, error: DataFormatError) -> float:
    """Take the rate of a record from its other annotations or the header beside those."""
    header = beside.with_suffix(".hea")
    if header.is_file():
        return read_header(header).fs_hz
    try:
        return read_annotations(beside.with_suffix(""), beside.suffix[1:]).fs_hz
    except EctopyError:
        raise error from None


def _length(of_a: Path, of_b: Path, fs_hz: float) -> int | None:
    """Give the samples of the record at a rate, where a header beside either file tells them."""
    for file in (of_a, of_b):
        if file.with_suffix(".hea").is_file():
            header = read_header(file.with_suffix(".hea"))
            if header.n_frames:
                return round(header.n_frames * fs_hz / header.fs_hz)
    return None


def _certain(one: Annotations, other: Annotations) -> tuple[Annotations, Annotations, int]:
    """Leave out the beats that either side marks as uncertain, with their partners."""
    beats = [np.flatnonzero(to_classes(x.symbols) != NOT_A_BEAT) for x in (one, other)]
    doubt = [uncertain(x)[at] for x, at in zip((one, other), beats, strict=True)]
    paired = pair(one.samples[beats[0]], other.samples[beats[1]], to_samples(WINDOW_S, one.fs_hz))
    either = doubt[0][paired.reference] | doubt[1][paired.test]
    doubt[0][paired.reference] |= either
    doubt[1][paired.test] |= either
    kept = []
    for marks, at, drop in zip((one, other), beats, doubt, strict=True):
        left = np.ones(len(marks), dtype=bool)
        left[at[drop]] = False
        kinds = marks.subtypes
        kept.append(
            Annotations(
                marks.samples[left],
                marks.symbols[left],
                marks.fs_hz,
                marks.aux[left],
                None if kinds is None else kinds[left],
            )
        )
    return (
        kept[0],
        kept[1],
        int(np.count_nonzero(doubt[0]))
        + int(np.count_nonzero(doubt[1]) - np.count_nonzero(either)),
    )


def _differences(
    name: str, one: Annotations, other: Annotations, escape: str, start: int
) -> list[dict[str, Any]]:
    """List the beats that only one has, or whose classes differ, in order of time."""
    sides = []
    for marks in (one, other):
        classes = to_classes(marks.symbols, escape)
        at = np.flatnonzero((classes != NOT_A_BEAT) & (marks.samples >= start))
        sides.append((marks.samples[at], marks.symbols[at], classes[at], uncertain(marks)[at]))
    (at_a, symbols_a, class_a, doubt_a), (at_b, symbols_b, class_b, doubt_b) = sides
    paired = pair(at_a, at_b, to_samples(WINDOW_S, one.fs_hz))
    differ = class_a[paired.reference] != class_b[paired.test]
    rows = [
        (at_a[i], symbols_a[i], symbols_b[j], doubt_a[i], doubt_b[j])
        for i, j in zip(paired.reference[differ], paired.test[differ], strict=True)
    ]
    rows += [(at_a[i], symbols_a[i], "", doubt_a[i], False) for i in paired.missed]
    rows += [(at_b[j], "", symbols_b[j], False, doubt_b[j]) for j in paired.extra]
    return [
        {
            "record": name,
            "time_s": round(float(sample / one.fs_hz), 3),
            "sample": int(sample),
            "a": str(a),
            "b": str(b),
            "a_uncertain": bool(unsure_a),
            "b_uncertain": bool(unsure_b),
        }
        for sample, a, b, unsure_a, unsure_b in sorted(rows, key=lambda row: int(row[0]))
    ]


def _pairs(
    a: Path, b: Path, extensions: tuple[str, str]
) -> tuple[dict[str, tuple[Path, Path]], dict[str, str]]:
    """Find which files are compared, by record, and which records one side lacks."""
    of_a, of_b = a.is_dir(), b.is_dir()
    if not of_a and not of_b:
        return {_record(a): (_file(a), _file(b))}, {}
    if of_a != of_b:
        file = _file(b if of_a else a)
        folder, extension = (a, extensions[0]) if of_a else (b, extensions[1])
        other = _file(folder / f"{_record(file)}.{extension}")
        return {_record(file): (other, file) if of_a else (file, other)}, {}
    sides = []
    for folder, extension in ((a, extensions[0]), (b, extensions[1])):
        files = {_record(path): path for path in sorted(folder.glob(f"*.{extension}"))}
        if not files:
            raise DataNotFoundError(
                f"{folder} holds no annotations .{extension}, expected those of some records",
                change="extension",
            )
        sides.append(files)
    common = {name: (path, sides[1][name]) for name, path in sides[0].items() if name in sides[1]}
    if not common:
        raise DataNotFoundError(
            f"no record of {a} (.{extensions[0]}) is in {b} (.{extensions[1]}); name folders of "
            "the same records"
        )
    lacking = {
        name: f"it has no annotations in {folder}"
        for names, others, folder in ((sides[0], sides[1], b), (sides[1], sides[0], a))
        for name in names
        if name not in others
    }
    return common, lacking


def _record(file: Path) -> str:
    return file.stem


def _file(path: Path) -> Path:
    if not path.is_file():
        raise DataNotFoundError(
            f"{path} not found, expected an annotation file with its extension, as in 100.atr, or "
            "a folder"
        )
    if not path.suffix:
        raise ConfigError(f"{path} has no extension, expected that of an annotator, as in 100.atr")
    return path
