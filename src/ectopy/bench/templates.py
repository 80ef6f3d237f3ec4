"""How well beats are grouped: are those of a template of one class, and how many hold most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.analyze import analyze
from ectopy.beats.reference import reference_beats
from ectopy.classes import AAMI
from ectopy.evaluation.ec57.pairing import WINDOW_S, pair
from ectopy.recordings.annotated import open_annotated
from ectopy.recordings.annotated_folder import annotated_records
from ectopy.runtime.classifier import BeatClassifier

Int64 = npt.NDArray[np.int64]

MOST_BEATS: Final = 0.95
"""Share of the beats of a class that some templates hold."""
FEWEST: Final = 20
"""Beats of a class in a record, for which that number of templates is told."""


@dataclass(frozen=True)
class Grouped:
    """How the beats of one class were grouped, in all records.

    Attributes
    ----------
    letter : str
        The class, as it was labelled.
    beats, in_none : int
        Beats, and how many are in no template.
    pure : float
        Share of the beats in templates that have the reference class of most beats of theirs.
    undivided : float
        The same with all beats of the class in one.
    templates : tuple of int
        Of each record with `FEWEST` beats of the class, templates that hold `MOST_BEATS` of them.
    """

    letter: str
    beats: int
    in_none: int
    pure: float
    undivided: float
    templates: tuple[int, ...]


def score_templates(
    folder: Path, records: Sequence[str] | None, *, weights: str = "default"
) -> list[Grouped]:
    """Label and group the beats of a folder's annotated WFDB records, whole.

    Raises
    ------
    DataNotFoundError, ConfigError
        If the folder, a record or the weights are not there.
    DataFormatError
        If a record cannot be read.
    """
    found, _ = annotated_records(folder, wanted=records)
    classifier = BeatClassifier.load(weights)
    told = [_record(path, classifier) for path in found.values()]
    return [
        _class(number, [one for one in told if np.any(one[0] == number)])
        for number in range(len(AAMI))
        if any(np.any(one[0] == number) for one in told)
    ]


def _record(path: Path, classifier: BeatClassifier) -> tuple[Int64, Int64, Int64]:
    """Give class, template and reference class (-1 for none) of each beat."""
    record = open_annotated(path)
    beats = analyze(record.recording, classifier=classifier).beats
    reference = reference_beats(record)
    pairs = pair(reference.samples, beats.samples, round(WINDOW_S * record.fs_hz))
    true = np.full(len(beats), -1, dtype=np.int64)
    true[pairs.test] = reference.classes[pairs.reference]
    return beats.classes, beats.template.astype(np.int64), true


def _class(number: int, records: list[tuple[Int64, Int64, Int64]]) -> Grouped:
    beats = in_none = known = pure = whole = all_known = 0
    hold = []
    for classes, template, true in records:
        own = classes == number
        sizes = np.bincount(template[own], minlength=1)
        beats, in_none = beats + int(own.sum()), in_none + int(sizes[0])
        for group in range(1, len(sizes)):
            counts = _counts(true[own & (template == group)])
            known, pure = known + int(counts.sum()), pure + int(counts.max())
        counts = _counts(true[own])
        all_known, whole = all_known + int(counts.sum()), whole + int(counts.max())
        if own.sum() >= FEWEST:
            held = np.cumsum(sizes[1:]) >= MOST_BEATS * own.sum()
            hold.append(int(held.argmax()) + 1 if held.any() else len(sizes))
    return Grouped(
        AAMI[number], beats, in_none, pure / max(known, 1), whole / max(all_known, 1), tuple(hold)
    )


def _counts(true: Int64) -> Int64:
    return np.bincount(true[true >= 0], minlength=len(AAMI))


def table(rows: list[Grouped]) -> str:
    """Lay the rows out as a Markdown table."""
    lines = [
        "| class | beats | in no template, % | of the reference class of most in their template, % "
        "| with one template a class, % | templates that hold 95 %: median, mean, most |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        n = row.templates
        hold = f"{np.median(n):g}, {np.mean(n):.1f}, {max(n)}" if n else "–"
        lines.append(
            f"| {row.letter} | {row.beats:,} | {100 * row.in_none / row.beats:.1f} | "
            f"{100 * row.pure:.2f} | {100 * row.undivided:.2f} | {hold} |"
        )
    return "\n".join(lines)
