"""Sum up the course of rhythms: how long each, fibrillation's burden, what cannot be told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Intervals
from ectopy.analysis.summary.rhythm_model import Fibrillation, Rhythm, RhythmTime, Span
from ectopy.analysis.summary.statistics import percent
from ectopy.beats.detection.ventricular_fibrillation import PACKAGED as VF_WEIGHTS
from ectopy.files import sha256
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.fibrillation import TREES
from ectopy.runtime.rhythm.kinds import AF, NONE, OTHER, PACED, RHYTHMS, VF
from ectopy.runtime.rhythm.rules import within
from ectopy.runtime.rhythm.settings import CourseSettings, RhythmSettings
from ectopy.runtime.rhythm.strip_model import TREES as STRIP_TREES
from ectopy.runtime.rhythm.strip_told import StripTold
from ectopy.runtime.rhythm.trees import PACKAGED

Float64 = npt.NDArray[np.float64]

NOT_AF = "any rhythm but atrial fibrillation"
"""What is called `OTHER` where beat times alone were told of: sinus rhythm is among it."""


def rhythm(
    course: RhythmCourse,
    intervals: Intervals,
    settings: CourseSettings,
    strip: StripTold | None = None,
) -> Rhythm:
    """Sum up the course of a labelled recording."""
    beats, lasts = len(intervals.beats), float(course.end_s[-1]) if len(course) else 0.0
    if strip is None:
        cannot_show = _fibrillation_cannot_show(beats, lasts, settings)
    else:
        cannot_show = [_strip_cannot_show(strip, lasts)]
    if lasts < settings.rate_shortest_s:
        cannot_show.append(
            f"bradycardia and tachycardia of a sinus-like rhythm: they last "
            f"{settings.rate_shortest_s:g} s or more, the recording {lasts:.0f} s"
        )
    rr_s = np.where(intervals.clear, intervals.rr_s, np.nan)
    told_by = (PACKAGED / (TREES if strip is None else STRIP_TREES), VF_WEIGHTS)
    return _summed_up(course, intervals.times_s, rr_s, settings, cannot_show, told_by, strip)


def rhythm_of_beat_times(
    course: RhythmCourse, times_s: Float64, settings: RhythmSettings
) -> Rhythm:
    """Sum up a course that is told from beat times alone."""
    rr_s = np.diff(times_s, prepend=np.nan)
    rr_s[rr_s > settings.rhythm_gap_s] = np.nan
    lasts = float(course.end_s[-1]) if len(course) else 0.0
    cannot_show = _fibrillation_cannot_show(len(times_s), lasts, settings)
    cannot_show.append("flutter and atrial tachycardia with regular beats, which need a signal")
    told = _summed_up(course, times_s, rr_s, settings, cannot_show, (PACKAGED / TREES,))
    other = RHYTHMS[OTHER].key
    kinds = [
        kind.model_copy(update={"title": NOT_AF} if kind.key == other else {})
        for kind in told.kinds
    ]
    return told.model_copy(update={"kinds": kinds})


def _summed_up(
    course: RhythmCourse,
    times_s: Float64,
    rr_s: Float64,
    settings: RhythmSettings,
    cannot_show: list[str],
    told_by: tuple[Path, ...],
    strip: StripTold | None = None,
) -> Rhythm:
    """Put the part together; unknown intervals, and those in poor signal, are NaN."""
    decided_s = course.decided_s
    # Of too few beats, under a paced rhythm, or while the ventricles fibrillate, no atrial
    # fibrillation is not told from some; what a strip shows is no share of a time.
    asked = len(times_s) >= settings.af_fewest_beats and strip is None
    asked &= decided_s - course.seconds(PACED) - course.seconds(VF) > 1e-6
    kinds = []
    for kind in np.unique(course.kind).tolist():
        spans, seconds = course.episodes(kind), course.seconds(kind)
        share = None if kind == NONE else percent(seconds, decided_s)
        longest = _longest(spans)
        assert longest is not None  # it is there
        kinds.append(
            RhythmTime(
                key=RHYTHMS[kind].key,
                title=RHYTHMS[kind].title,
                seconds=round(seconds, 3),
                percent=share,
                episodes=len(spans),
                longest=longest,
                first_s=round(float(spans[0, 0]), 3),
                rate_bpm=_rate(times_s, rr_s, course.of(kind)),
            )
        )
    return Rhythm(
        decided_s=round(decided_s, 3),
        not_decided_s=round(course.seconds(NONE), 3),
        kinds=sorted(kinds, key=lambda one: -one.seconds),
        fibrillation=_fibrillation(course, times_s, rr_s, decided_s if asked else 0.0),
        strip=strip,
        cannot_show=cannot_show,
        told_by={path.name: sha256(path) for path in told_by},
    )


def _fibrillation(
    course: RhythmCourse, times_s: Float64, rr_s: Float64, decided_s: float
) -> Fibrillation:
    spans = course.episodes(AF)
    seconds = float(np.diff(spans, axis=1).sum())
    others = (course.kind != AF) & (course.kind != NONE)
    outside = np.stack([course.onset_s[others], course.end_s[others]], axis=1)
    middle = outside.mean(axis=1)
    bridged = np.searchsorted(spans[:, 0], middle) > np.searchsorted(spans[:, 1], middle)
    return Fibrillation(
        seconds=round(seconds, 3),
        percent=percent(seconds, decided_s),
        episodes=len(spans),
        longest=_longest(spans),
        first_s=round(float(spans[0, 0]), 3) if len(spans) else None,
        rate_inside=_rate(times_s, rr_s, spans),
        rate_outside=_rate(times_s, rr_s, outside[~bridged]),
    )


def _longest(spans: Float64) -> Span | None:
    if not len(spans):
        return None
    onset, end = spans[np.argmax(spans[:, 1] - spans[:, 0])].tolist()
    return Span(time_s=round(onset, 3), duration_s=round(end - onset, 3))


def _rate(times_s: Float64, rr_s: Float64, spans: Float64) -> float | None:
    """Give the mean rate of RR intervals that end within spans."""
    # Spans are few and beats are many: the first beat after each onset, and after each end.
    onset, end = (np.searchsorted(times_s, edges, side="right") for edges in spans.T)
    rr = rr_s[within(onset, end - 1, len(times_s)) & ~np.isnan(rr_s)]
    return round(60 / float(rr.mean()), 1) if len(rr) else None


def _fibrillation_cannot_show(beats: int, lasts_s: float, settings: RhythmSettings) -> list[str]:
    if beats < settings.af_fewest_beats:
        return [
            f"atrial fibrillation: it is told from {settings.af_fewest_beats} beats without a gap "
            f"on, and there {'is' if beats == 1 else 'are'} {beats}"
        ]
    if lasts_s < settings.af_shortest_s:
        return [
            f"fibrillation that comes or goes: an episode lasts {settings.af_shortest_s:g} s or "
            f"more, the recording {lasts_s:.0f} s; it is told where it fills all of it"
        ]
    return []


def _strip_cannot_show(strip: StripTold, lasts_s: float) -> str:
    if strip.finds_af or strip.excludes_af:
        return (
            f"how much fibrillation there is, and whether an episode lasts: a strip of "
            f"{lasts_s:.0f} s is told as a whole, and says nothing of the time around it"
        )
    if strip.kind == "noisy":
        return "atrial fibrillation: the strip is too noisy for it, or has too few beats"
    return (
        f"whether there is atrial fibrillation: by its signal the strip as a whole has it with a "
        f"probability of {strip.af:.2f}"
    )
