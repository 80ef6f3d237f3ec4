"""From corrected labels to a `Result`: counts, events and summary as `analyze` tells them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Intervals, find_events, measure
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.result import Result
from ectopy.analysis.rhythm.course import course_of
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.build import summarise
from ectopy.analysis.tables import Events
from ectopy.analysis.unmarked import restless, unmarked
from ectopy.beats.conditioning.quality import FLAT, MISSING, LeadQuality, Quality
from ectopy.classes import AAMI
from ectopy.review.labels import LIKE_NO_OTHER, Labels
from ectopy.runtime.classifier import BeatClassifier
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.settings import RhythmSettings

if TYPE_CHECKING:
    from ectopy.analysis.labeller import Labeller

Int64 = npt.NDArray[np.int64]

_COURSES: Final = 3  # 0.9 MB of beat times each, for a day


class Courses:
    """Courses of rhythms that were worked out: most edits leave the beats where they are.

    Parameters
    ----------
    base : Result
        As the model left it.
    """

    def __init__(self, base: Result) -> None:
        self._known = OrderedDict({base.beats.samples.tobytes(): base.rhythm})

    def of(self, intervals: Intervals, duration_s: float) -> RhythmCourse:
        """Give the course of some beats, which depends on when they are alone."""
        key = intervals.beats.samples.tobytes()
        if key not in self._known:
            self._known[key] = course_of(intervals, duration_s, RhythmSettings())
        self._known.move_to_end(key)
        while len(self._known) > _COURSES:
            self._known.popitem(last=False)
        return self._known[key]


def corrected(
    base: Result, labels: Labels, notes: list[str], courses: Courses | None = None
) -> Result:
    """Give the result of a recording with its labels as they stand.

    Parameters
    ----------
    base : Result
        As the model left it, with its recording.
    labels : Labels
        From `ectopy.review.labels.fold`.
    notes : list of str
        What the summary is to say besides: who corrected how much.
    courses : Courses, optional
        Those that are known already.
    """
    beats = beats_of(base, labels)
    quality = _quality(base, labels.artefacts)
    return _result(base, beats, quality, notes, courses or Courses(base))


def beats_of(base: Result, labels: Labels) -> LabelledBeats:
    """Give the table of the beats that are there."""
    shown = np.flatnonzero(labels.there)
    origin = labels.origin[shown]
    old = np.maximum(origin, 0)
    new = origin < 0
    classes = labels.classes[shown].astype(np.int64)
    samples = labels.samples[shown]
    known: LabelledBeats = base.beats
    if not len(known):  # nothing to take anything from
        known = LabelledBeats.join([LabelledBeats.empty(), _one()])
    table = LabelledBeats(
        samples=samples,
        classes=classes,
        probabilities=known.probabilities[old].copy(),
        uncertain=labels.uncertain[shown],
        strength=known.strength[old].copy(),
        quality=known.quality[old].copy(),
        outlines=known.outlines[old],
        template=template_numbers(classes, labels.cluster[shown]),
        pacing=known.pacing[old].copy(),
    )
    # What a reader stated is certain, and so is what differs from the likeliest class.
    said = labels.stated[shown] | new | (classes != known.classes[old])
    table.probabilities[said] = np.eye(len(AAMI), dtype=np.float32)[classes[said]]
    if new.any():
        table.outlines[new] = 0
        table.strength[new] = 1
        second = np.minimum(samples[new] // round(base.fs_hz), base.quality.states.shape[1] - 1)
        table.quality[new] = base.quality.states[_used(base)].min(axis=0)[second]
        # The rhythm goes on being paced, or not, as at the beat before.
        table.pacing[new] = 0
        before = np.searchsorted(known.samples, samples[new]) - 1
        table.pacing[new] = np.where(before >= 0, known.pacing[np.maximum(before, 0)], 0)
    return table


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


def _used(base: Result) -> list[int]:
    return [i for i, lead in enumerate(base.summary.leads) if lead.used] or [base.leading]


@dataclass(frozen=True)
class _Told:
    """What `summarise` asks of a labeller, told from a result."""

    settings: Settings
    leads: list[int]
    found_on: list[int]
    second: int
    classifier: Any

    def usable(self, quality: Quality) -> npt.NDArray[np.bool_]:
        return np.asarray(np.min(quality.states[self.found_on], axis=0) < FLAT)


def _result(
    base: Result, beats: LabelledBeats, quality: Quality, notes: list[str], courses: Courses
) -> Result:
    """Measure, find events and sum up, as `analyze` does."""
    recording, summary = base.signal(), base.summary
    settings, second = summary.settings, round(base.fs_hz)
    used = _used(base)
    looked = summary.pacing.verdict != "not looked for"
    labeller = _Told(
        settings, [base.leading], used, second, object.__new__(BeatClassifier) if looked else None
    )
    states = quality.states[used].min(axis=0)
    noise = restless(quality, used)
    missed = unmarked(beats.samples, noise, second, settings.pause_s * base.fs_hz)
    intervals = measure(beats, base.fs_hz, states, second, settings, _breaks(base, second), missed)
    events = find_events(intervals, settings)
    told = summarise(
        recording,
        intervals,
        events,
        quality,
        cast("Labeller", labeller),
        _leads(base),
        summary.labelled_by,
        [],
        missed,
    )
    told = told.model_copy(
        update={
            "notes": [*summary.notes, *notes],
            "calibration": summary.calibration,
            "source": summary.source,
        }
    )
    return replace(
        base,
        intervals=intervals,
        rhythm=courses.of(intervals, base.duration_s),
        events=Events(events),
        quality=quality,
        summary=told,
    )


def _breaks(base: Result, second: int) -> Int64:
    """Give a sample within each interval that the original measured as lost: pulses, noise."""
    samples, settings = base.beats.samples, base.summary.settings
    rr_s = base.intervals.rr_s
    length = np.diff(samples, prepend=samples[:1]) / base.fs_hz
    usual = (length >= settings.shortest_rr_s) & (length <= settings.longest_rr_s)
    lost = np.flatnonzero(np.isnan(rr_s) & usual)
    lost = lost[lost > 0]
    return (samples[lost - 1] + samples[lost]) // 2


def _leads(base: Result) -> list[LeadQuality]:
    """Tell the leads as the survey did."""
    out = []
    for i, lead in enumerate(base.summary.leads):
        good = base.quality.states[i] == 0
        upright = float(np.median(base.quality.upright[i, good])) if good.any() else 0.0
        out.append(LeadQuality(lead.name, 1.0, 1.0, lead.amplitude_mv or 0.0, 0.0, upright))
    return out
