"""Score beat labels of annotated records by EC57: settings, peaks, conventions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import SAME_SUBJECT
from ectopy.beats.detection.r_peaks import detect
from ectopy.classes import AAMI
from ectopy.evaluation.ec57 import counting as ec57
from ectopy.recordings.annotations import Annotations
from ectopy.report.schema import Ec57Row, ec57_row, one_record
from ectopy.runtime.bundle import SETTINGS, Setting
from ectopy.runtime.classifier import BeatClassifier
from ectopy.study.records.read import Annotated

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]


class Labels(Protocol):
    """What a classifier gives."""

    @property
    def classes(self) -> Int64:
        """Class of each beat."""

    @property
    def probabilities(self) -> Float32:
        """Probability of each class, shape (n_beats, 5)."""

    @property
    def uncertain(self) -> npt.NDArray[np.bool_]:
        """Where the classifier does not decide."""


Labelling = Callable[[Float32, float, Int64], Labels]
Given = Sequence[tuple[Annotated, Annotations]]


def labelling(classifier: BeatClassifier, setting: Setting) -> Labelling:
    """Give the classifier's way to label beats in a setting."""
    return partial(classifier.classify, setting=setting)


def annotated(record: Annotated, peaks: Int64, classes: Int64) -> Annotations:
    """Give classes of beats as annotations."""
    none = np.full(len(peaks), "", dtype=np.str_)
    return Annotations(peaks, np.array(AAMI)[classes], record.fs_hz, none)


def certain(record: Annotated, labels: Labels) -> tuple[Annotated, Annotations]:
    """Leave out the beats whose label, given at the annotated beats, is uncertain.

    Returns
    -------
    Annotated
        The record without their annotations.
    Annotations
        The labels that are left.
    """
    samples, _ = record.beats()
    sure = ~np.asarray(labels.uncertain, dtype=bool)
    kept = np.ones(len(record.reference), dtype=bool)
    kept[record.beat] = sure
    left = replace(record, reference=record.reference.select(kept))
    return left, annotated(record, samples[sure], labels.classes[sure])


def score(
    given: Given, *, escape: str = "N", skip_s: float = 0.0, leave_out: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Report labelled records by EC57: ``records``, ``gross`` and ``average``.

    Parameters
    ----------
    given : sequence of (Annotated, Annotations)
        Records with our labels.
    escape : {"N", "S"}
        Class of escape beats.
    skip_s : float
        Seconds left out at the start.
    leave_out : tuple of str
        Records not to count.
    """
    return ec57.statistics(
        {
            record.name: ec57.match(
                record.reference,
                found,
                escape=escape,
                skip_s=skip_s,
                n_samples=record.signal_mv.shape[1],
            )
            for record, found in given
            if record.name not in leave_out
        }
    )


def left_out_rows(
    names: Sequence[str], y: Sequence[Int64], labels: Sequence[Labels], **about: Any
) -> Ec57Row:
    """Give the row of training records, each labelled by a model that was trained without it."""
    matrices = {}
    for name, truth, said in zip(names, y, labels, strict=True):
        counts = np.zeros((7, 7), dtype=np.int64)
        np.add.at(counts, (truth, said.classes), 1)
        matrices[name] = ec57.Matrix(counts)
    return _whole_row(ec57.statistics(matrices), **about)


def rows(
    records: Sequence[Annotated], classifier: BeatClassifier, /, **about: Any
) -> tuple[list[Ec57Row], dict[Setting, list[Labels]]]:
    """Score records in both settings, from reference and from detected peaks.

    Returns
    -------
    list of Ec57Row
        Conventions that other papers use stand below the rows of reference peaks.
    dict
        Labels of each record at its reference peaks, by setting.
    """
    found: list[Ec57Row] = []
    kept: dict[Setting, list[Labels]] = {}
    for kind in ("reference", "detected"):
        peaks = [
            record.beats()[0] if kind == "reference" else detect(record.signal_mv, record.fs_hz)
            for record in records
        ]
        for setting in SETTINGS:
            label = labelling(classifier, setting)
            labels = [
                label(record.signal_mv, record.fs_hz, at)
                for record, at in zip(records, peaks, strict=True)
            ]
            given = [
                (record, annotated(record, at, said.classes))
                for record, at, said in zip(records, peaks, labels, strict=True)
            ]
            told = {**about, "setting": setting, "peaks": kind}
            if kind == "detected":
                found.append(ec57_row(score(given)["gross"], **told))
                continue
            kept[setting] = labels
            found.append(_whole_row(score(given), **told))
            found += [
                ec57_row(score(given, **how)["gross"], condition=condition, **told)
                for condition, how in _conventions(records)
            ]
    return found, kept


def _conventions(records: Sequence[Annotated]) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = [
        ("escape beats in S", {"escape": "S"}),
        ("without the first five minutes", {"skip_s": 300.0}),
    ]
    if SAME_SUBJECT[1] in {record.name for record in records} and len(records) > 1:
        found.append(("without record 202", {"leave_out": SAME_SUBJECT[1:]}))
    return found


def _whole_row(statistics: dict[str, Any], **about: Any) -> Ec57Row:
    """Give a row with its confusion matrix and what is told of each record."""
    return ec57_row(
        statistics["gross"],
        confusion=(statistics["gross"]["confusion"],),
        by_record={name: one_record(entry) for name, entry in statistics["records"].items()},
        **about,
    )
