"""`tell`: the course of rhythms of labelled beats."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.episodes import NOT_DECIDED, RhythmResult, rhythm_of
from ectopy.runtime.rhythm.fibrillation import FibrillationModel
from ectopy.runtime.rhythm.kinds import AF, BRADYCARDIA, NONE, OTHER, SINUS, TACHYCARDIA, VF
from ectopy.runtime.rhythm.known_beats import KnownBeats
from ectopy.runtime.rhythm.normal_intervals import normal_intervals
from ectopy.runtime.rhythm.rules import base, own_probability, paint
from ectopy.runtime.rhythm.settings import CourseSettings
from ectopy.runtime.rhythm.steady import first_of_each

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


def tell(
    beats: KnownBeats,
    duration_s: float,
    settings: CourseSettings | None = None,
    *,
    vf_spans_s: npt.ArrayLike | None = None,
    model: FibrillationModel | None = None,
) -> RhythmCourse:
    """Tell which rhythm there is when, from the beginning of a recording to its end.

    Where several rhythms hold, that which is later in `ectopy.runtime.rhythm.kinds.RHYTHMS` is
    told: ventricular fibrillation before ventricular tachycardia, and so on. A beat's rhythm lasts
    until the next beat. Second by second there is the probability of fibrillation, from the beat
    times; a span of any other rhythm has the mean of what the labels of its beats say, see
    `ectopy.runtime.rhythm.rules.own_probability`, which is no more calibrated than they are.

    Parameters
    ----------
    beats : KnownBeats
        All beats.
    duration_s : float
        Length of the recording in seconds.
    settings : CourseSettings, optional
        Definitions.
    vf_spans_s : array_like of float, shape (n, 2), optional
        Onset and end of ventricular fibrillation or flutter in seconds, which is seen in the
        signal and not by beats.
    model : FibrillationModel, optional
        By default the packaged one.
    """
    settings = settings or CourseSettings()
    vf = np.asarray([] if vf_spans_s is None else vf_spans_s, dtype=np.float64).reshape(-1, 2)
    n_seconds = int(np.ceil(duration_s))
    af = np.full(n_seconds, np.nan, dtype=np.float32)
    if duration_s <= 0:
        return RhythmCourse.nothing(0.0)
    kind, value = np.zeros(0, dtype=np.int64), np.zeros(0)
    if len(beats):
        normal = normal_intervals(beats)
        against = normal.against(len(beats))
        found = rhythm_of(beats.times_s, settings=settings, model=model, against=against)
        by_times = np.array([OTHER, AF, NONE])[_at(found, beats.times_s)]
        kind = paint(base(beats, normal, by_times, settings), beats, settings)
        value = own_probability(beats, found.probability, kind)
        af = _by_second(found, n_seconds)
    edges, kinds = _edges(beats, kind, vf, duration_s, settings.rhythm_gap_s)
    first = first_of_each(kinds)
    onset, kinds = edges[:-1][first], kinds[first]
    course = RhythmCourse(
        onset,
        np.append(onset[1:], duration_s),
        kinds,
        _means(onset, kinds, beats.times_s, kind, value),
        af,
    )
    return _long_enough(course, settings)


def _at(found: RhythmResult, times_s: Float64) -> Int64:
    """Give the kind of the span that each time is in; without spans nothing is decided."""
    if not len(found.onset_s):
        return np.full(len(times_s), NOT_DECIDED)
    of_span = np.searchsorted(found.onset_s, times_s, side="right") - 1
    return found.kind[np.maximum(of_span, 0)]


def _by_second(found: RhythmResult, n_seconds: int) -> Float32:
    """Give the probability of fibrillation in each second, by the next beat."""
    middle = np.arange(n_seconds, dtype=np.float64) + 0.5
    times = found.times_s
    beat = np.clip(np.searchsorted(times, middle), 0, len(times) - 1)
    said = np.where(_at(found, middle) == NOT_DECIDED, np.nan, found.probability[beat])
    return said.astype(np.float32)


def _edges(
    beats: KnownBeats, kind: Int64, vf: Float64, duration_s: float, gap_s: float
) -> tuple[Float64, Int64]:
    """Cut the recording at beats and at ventricular fibrillation, and say what each part is.

    What is before the first beat, or after the last, is of its rhythm if it is no gap; a long
    interval in good signal is a pause within a rhythm.
    """
    times = beats.times_s[beats.times_s < duration_s]
    kind = kind[: len(times)]
    edges = np.concatenate([[0.0], times, vf.ravel(), [duration_s]])
    edges = np.unique(np.clip(edges, 0.0, duration_s))
    at = (edges[:-1] + edges[1:]) / 2
    if len(times):
        length = np.diff(np.concatenate([[0.0], times, [duration_s]]))
        pause = np.concatenate([[False], (beats.joined & beats.clear)[1 : len(times)], [False]])
        told = np.where((length > gap_s) & ~pause, NONE, np.append(kind[:1], kind))
        kinds = told[np.searchsorted(times, at, side="right")]
    else:
        kinds = np.full(len(at), NONE)
    begin, end = np.sort(vf[:, 0]), np.sort(vf[:, 1])
    within = np.searchsorted(begin, at, side="right") > np.searchsorted(end, at, side="right")
    kinds[within] = VF
    return edges, kinds


def _means(
    onset_s: Float64, kinds: Int64, times_s: Float64, kind: Int64, value: Float64
) -> Float32:
    """Average what speaks for each span over the beats that it is told from."""
    of_span = np.maximum(np.searchsorted(onset_s, times_s, side="right") - 1, 0)
    own = (kinds[of_span] == kind) & ~np.isnan(value)
    n = np.bincount(of_span[own], minlength=len(onset_s))
    total = np.bincount(of_span[own], value[own], minlength=len(onset_s))
    told = np.where((n > 0) & (kinds != NONE), total / np.maximum(n, 1), np.nan)
    return told.astype(np.float32)


def _long_enough(course: RhythmCourse, settings: CourseSettings) -> RhythmCourse:
    """Take back what others leave too little of: fibrillation, and slow and fast rhythms."""
    kind = course.kind.copy()
    for named, shortest_s, instead in (
        (AF, min(settings.af_shortest_s, float(course.end_s[-1])), OTHER),
        (BRADYCARDIA, settings.rate_shortest_s, SINUS),
        (TACHYCARDIA, settings.rate_shortest_s, SINUS),
    ):
        begin = course.onset_s[course.kind == named]
        spans = course.episodes(named)
        of = np.searchsorted(spans[:, 0], begin, side="right") - 1
        kind[course.kind == named] = np.where(
            (spans[of, 1] - spans[of, 0]) < shortest_s, instead, named
        )
    first = np.flatnonzero(first_of_each(kind))
    length = course.end_s - course.onset_s
    known = ~np.isnan(course.probability)
    weight = np.add.reduceat(length * known, first)
    total = np.add.reduceat(np.where(known, course.probability, 0) * length, first)
    with np.errstate(invalid="ignore"):
        probability = (total / weight).astype(np.float32)
    onset = course.onset_s[first]
    end = np.append(onset[1:], course.end_s[-1])
    return RhythmCourse(onset, end, kind[first], probability, course.af_probability)
