"""Sum up the course of rhythms: how long each, fibrillation's burden, what cannot be told."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Intervals
from ectopy.analysis.summary.model import Fibrillation, Rhythm, RhythmTime, Span
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import AF, NONE, RHYTHMS
from ectopy.runtime.rhythm.settings import CourseSettings

Float64 = npt.NDArray[np.float64]


def rhythm(course: RhythmCourse, intervals: Intervals, settings: CourseSettings) -> Rhythm:
    """Sum up a course."""
    decided_s = course.decided_s
    kinds = []
    for kind in np.unique(course.kind).tolist():
        spans, seconds = course.episodes(kind), course.seconds(kind)
        share = None if kind == NONE else _percent(seconds, decided_s)
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
                rate_bpm=_rate(intervals, course.of(kind)),
            )
        )
    return Rhythm(
        decided_s=round(decided_s, 3),
        not_decided_s=round(course.seconds(NONE), 3),
        kinds=sorted(kinds, key=lambda one: -one.seconds),
        fibrillation=_fibrillation(course, intervals, decided_s),
        cannot_show=_cannot_show(intervals, course, settings),
    )


def _fibrillation(course: RhythmCourse, intervals: Intervals, decided_s: float) -> Fibrillation:
    spans = course.episodes(AF)
    seconds = float(np.diff(spans, axis=1).sum())
    others = (course.kind != AF) & (course.kind != NONE)
    outside = np.stack([course.onset_s[others], course.end_s[others]], axis=1)
    middle = outside.mean(axis=1)
    bridged = np.searchsorted(spans[:, 0], middle) > np.searchsorted(spans[:, 1], middle)
    return Fibrillation(
        seconds=round(seconds, 3),
        percent=_percent(seconds, decided_s),
        episodes=len(spans),
        longest=_longest(spans),
        first_s=round(float(spans[0, 0]), 3) if len(spans) else None,
        rate_inside=_rate(intervals, spans),
        rate_outside=_rate(intervals, outside[~bridged]),
    )


def _percent(seconds: float, of_s: float) -> float | None:
    return round(100 * seconds / of_s, 3) if of_s > 0 else None


def _longest(spans: Float64) -> Span | None:
    if not len(spans):
        return None
    onset, end = spans[np.argmax(spans[:, 1] - spans[:, 0])].tolist()
    return Span(time_s=round(onset, 3), duration_s=round(end - onset, 3))


def _rate(intervals: Intervals, spans: Float64) -> float | None:
    """Give the mean rate of RR intervals that end within spans."""
    times = intervals.times_s
    inside = np.searchsorted(spans[:, 0], times) > np.searchsorted(spans[:, 1], times)
    rr = intervals.rr_s[inside & intervals.clear & ~np.isnan(intervals.rr_s)]
    return round(60 / float(rr.mean()), 1) if len(rr) else None


def _cannot_show(intervals: Intervals, course: RhythmCourse, settings: CourseSettings) -> list[str]:
    said = []
    beats, lasts = len(intervals.beats), float(course.end_s[-1]) if len(course) else 0.0
    if beats < settings.af_fewest_beats:
        said.append(
            f"atrial fibrillation: it is told from {settings.af_fewest_beats} beats without a gap "
            f"on, and there are {beats}"
        )
    elif lasts < settings.af_shortest_s:
        said.append(
            f"fibrillation that comes or goes: an episode lasts {settings.af_shortest_s:g} s or "
            f"more, the recording {lasts:.0f} s; it is told where it fills all of it"
        )
    if lasts < settings.rate_shortest_s:
        said.append(
            f"bradycardia and tachycardia of a sinus-like rhythm: they last "
            f"{settings.rate_shortest_s:g} s or more, the recording {lasts:.0f} s"
        )
    return said
