"""From corrected labels to a `Result`: counts, events and summary as `analyze` tells them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Intervals
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.result import Result
from ectopy.analysis.told import measured, told_of
from ectopy.beats.conditioning.quality import MISSING, STATES, Quality
from ectopy.classes import AAMI
from ectopy.review.labels import LIKE_NO_OTHER, Labels

Bool = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]
Measured: TypeAlias = tuple[Intervals, Int64]
"""Intervals, and the beats before which others were not marked."""


def corrected(
    base: Result, labels: Labels, notes: list[str], known: Measured | None = None
) -> Result:
    """Give the result of a recording with its labels as they stand.

    Its beats have no outlines: nothing that is told of them needs any, and those of the original
    beats are in ``base``.

    Parameters
    ----------
    base : Result
        As the model left it.
    labels : Labels
        From `ectopy.review.labels.fold`.
    notes : list of str
        What the summary is to say besides: who corrected how much.
    known : Measured, optional
        What `intervals_of` gives, where it is at hand.
    """
    quality = _quality(base, labels.artefacts)
    about = dict(base.background.about)
    about["notes"] = [*about["notes"], *notes]
    told = "; ".join(notes) or None
    about["labelled_by"] = about["labelled_by"].model_copy(update={"reviewed": told})
    about["signal_seconds"] = _seconds(base.background.best(quality))
    about["leads"] = [
        lead.model_copy(update={"seconds": _seconds(states)})
        for lead, states in zip(about["leads"], quality.states, strict=True)
    ]
    background = replace(base.background, about=about)
    found = told_of(*(known or intervals_of(base, labels)), quality, background)
    return replace(
        base,
        intervals=found.intervals,
        rhythm=found.rhythm,
        events=found.events,
        quality=quality,
        summary=found.summary,
        background=background,
    )


def intervals_of(base: Result, labels: Labels) -> Measured:
    """Measure the beats of corrected labels, which takes no time; their clusters stay."""
    quality = _quality(base, labels.artefacts)
    return measured(beats_of(base, labels), quality, base.background)


def beats_of(base: Result, labels: Labels) -> LabelledBeats:
    """Give the table of the beats that are there, without outlines."""
    shown: Any = slice(None) if labels.there.all() else np.flatnonzero(labels.there)
    origin = labels.origin[shown]
    old = np.maximum(origin, 0)
    new = origin < 0
    classes = labels.classes[shown].astype(np.int64)
    samples = labels.samples[shown]
    known: LabelledBeats = base.beats
    if not len(known):  # nothing to take anything from
        known = LabelledBeats.join([LabelledBeats.empty(), _one()])
    # What labels do not change is shared with the original table, as long as its beats are these.
    same = len(old) == len(known) and not new.any()
    rows = slice(None) if same else old
    table = LabelledBeats(
        samples=samples,
        classes=classes,
        probabilities=known.probabilities[old],
        uncertain=labels.uncertain[shown],
        strength=known.strength[rows],
        quality=known.quality[rows],
        template=template_numbers(classes, labels.cluster[shown]),
        pacing=known.pacing[rows],
    )
    # What a reader stated is certain, and so is what was learnt from it; what was learnt and is
    # uncertain keeps what the model says of it, which speaks against it.
    learnt = (classes != known.classes[old]) & ~labels.uncertain[shown]
    said = labels.stated[shown] | new | learnt
    table.probabilities[said] = np.eye(len(AAMI), dtype=np.float32)[classes[said]]
    if new.any():
        table.strength[new] = 1
        second = np.minimum(samples[new] // round(base.fs_hz), base.quality.states.shape[1] - 1)
        table.quality[new] = base.background.best(base.quality)[second]
        # The rhythm goes on being paced, or not, as at the beat before.
        table.pacing[new] = 0
        before = np.searchsorted(known.samples, samples[new]) - 1
        table.pacing[new] = np.where(before >= 0, known.pacing[np.maximum(before, 0)], 0)
    return table


def relabelled(base: Result, labels: Labels, rows: Int64) -> Bool:
    """Tell which beats are called otherwise than the model does, though no reader stated it.

    They follow from what readers stated of others; the model's probability is not that of theirs.
    """
    known, origin = base.beats, labels.origin[rows]
    old = np.maximum(origin, 0)
    now = (labels.classes[rows], labels.uncertain[rows])
    otherwise = (now[0] != known.classes[old]) | (now[1] != known.uncertain[old])
    return np.asarray(otherwise & ~labels.stated[rows] & (origin >= 0))


def template_numbers(classes: Int64, cluster: npt.NDArray[np.int32]) -> npt.NDArray[np.int16]:
    """Give numbers to the clusters of each class, by size, from 1; 0 for beats like no others."""
    out = np.zeros(len(classes), dtype=np.int16)
    for letter in range(len(AAMI)):
        own = np.flatnonzero((classes == letter) & (cluster != LIKE_NO_OTHER))
        _, which, counts = np.unique(cluster[own], return_inverse=True, return_counts=True)
        rank = np.empty(len(counts), dtype=np.int16)
        rank[np.argsort(-counts, kind="stable")] = np.arange(1, len(counts) + 1)
        out[own] = rank[which]
    return out


def _one() -> LabelledBeats:
    zeros = np.zeros(1, dtype=np.int64)
    return LabelledBeats(
        zeros, zeros, np.eye(1, len(AAMI), dtype=np.float32), zeros.astype(bool),
        np.ones(1, dtype=np.float32), zeros.astype(np.uint8),
    )  # fmt: skip


def _quality(base: Result, artefacts: list[tuple[int, int]]) -> Quality:
    """Count the seconds of artefacts as missing, in all leads."""
    if not artefacts:
        return base.quality
    second = round(base.fs_hz)
    states = base.quality.states.copy()
    for start, stop in artefacts:
        states[:, start // second : -(-stop // second)] = MISSING
    return replace(base.quality, states=states)


def _seconds(states: npt.NDArray[np.uint8]) -> dict[str, int]:
    """Count the seconds in each state."""
    counts = np.bincount(states, minlength=len(STATES)).tolist()
    return dict(zip(STATES, counts, strict=True))
