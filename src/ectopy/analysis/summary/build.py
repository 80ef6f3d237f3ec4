"""Put the summary of one recording together."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Event, Intervals
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.rhythm.within import fibrillation_percent
from ectopy.analysis.summary.background import Background
from ectopy.analysis.summary.model import Hour, Summary
from ectopy.analysis.summary.pacing import Withheld, pacing, warning, withhold
from ectopy.analysis.summary.rhythm import rhythm
from ectopy.analysis.summary.rhythm_model import Rhythm
from ectopy.analysis.summary.statistics import (
    count_classes,
    ectopy,
    heart_rate,
    pauses,
    percent,
    rolling_rate,
)
from ectopy.analysis.summary.variability import variability
from ectopy.analysis.unmarked import across_fibrillation, not_marked
from ectopy.beats.conditioning.quality import GOOD, Quality
from ectopy.classes import AAMI
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import AF, KEYS


def summarise(
    background: Background,
    intervals: Intervals,
    events: list[Event],
    quality: Quality,
    unmarked: npt.NDArray[np.int64],
    course: RhythmCourse,
) -> Summary:
    """Sum up a labelled recording."""
    settings, beats = background.settings, intervals.beats
    clock, duration_s = background.clock, background.duration_s
    usable, second_s = background.usable(quality), background.second / background.fs_hz
    paced = pacing(intervals, duration_s, looked=background.spikes)
    usable_s, withheld = withhold(intervals, duration_s, usable, second_s, paced)
    if not len(beats):
        withheld = Withheld("not told: no beat was found", all=True)
    told_so = across_fibrillation(intervals.times_s, background.vf_spans_s)[unmarked]
    named = rhythm(course, intervals, settings, background.strip)
    first = warning(paced, len(beats), clock)
    return Summary(
        **background.about,
        warnings=[
            *_alarms(background),
            *([first] if first else []),
            *not_marked(intervals, unmarked[~told_so], clock),
            *background.warnings,
            *_warnings(beats),
        ],
        beats=len(beats),
        uncertain=int(beats.uncertain.sum()),
        uncertain_percent=percent(int(beats.uncertain.sum()), len(beats)),
        uncertain_by_signal=int((beats.uncertain & (beats.quality != GOOD)).sum()),
        classes=count_classes(intervals, withheld),
        rhythm=named,
        pacing=paced,
        heart_rate=heart_rate(intervals, settings, clock),
        veb=ectopy(intervals, events, "V", usable_s, settings, withheld),
        sveb=ectopy(intervals, events, "S", usable_s, settings, withheld),
        pauses=pauses(events),
        variability=variability(intervals, clock, settings, _af_percent(named)),
        hours=_hours(background, intervals, events, usable, course, named),
    )


def _af_percent(named: Rhythm) -> float | None:
    """Give how much of what was measured is fibrillation, in a strip too."""
    if named.strip is None:
        return named.fibrillation.percent
    return next((kind.percent for kind in named.kinds if kind.key == KEYS[AF]), None)


def _alarms(background: Background) -> list[str]:
    """Say where the ventricles may fibrillate: what nobody may overlook."""
    spans = background.vf_spans_s
    if not spans:
        return []
    first, seconds = background.clock.text(spans[0][0]), sum(end - onset for onset, end in spans)
    where = f"from {first}" if len(spans) == 1 else f"{len(spans):,} times, first at {first}"
    return [
        f"it looks like ventricular fibrillation or flutter {where}, {seconds:,.0f} s in all: look "
        "there first; beats marked there cannot be relied on"
    ]


def _hours(
    background: Background,
    intervals: Intervals,
    events: list[Event],
    usable: npt.NDArray[np.bool_],
    course: RhythmCourse,
    named: Rhythm,
) -> list[Hour]:
    """Tell each hour; intervals, rates and events belong to the hour they start in."""
    hours = int(np.ceil(background.duration_s / 3600))
    of_beat = np.minimum((intervals.times_s // 3600).astype(np.int64), max(hours - 1, 0))
    sure = ~intervals.beats.uncertain
    place = len(AAMI) * of_beat[sure] + intervals.beats.classes[sure]
    table = np.bincount(place, minlength=hours * len(AAMI)).reshape(hours, len(AAMI))
    doubt = np.bincount(of_beat[~sure], minlength=hours)
    second_s = background.second / background.fs_hz
    second_hour = (np.arange(len(usable)) * second_s // 3600).astype(int)
    n_seconds = np.bincount(second_hour, minlength=hours)
    n_usable = np.bincount(second_hour[usable], minlength=hours)
    known = intervals.clear & ~np.isnan(intervals.rr_s)
    rates, at = rolling_rate(intervals, background.settings)
    begins = 3600.0 * np.arange(1, hours)
    rr_of = np.split(intervals.rr_s[known], np.searchsorted(intervals.times_s[known], begins))
    rates_of = np.split(rates, np.searchsorted(at, begins))
    edges = np.minimum(3600.0 * np.arange(hours + 1), background.duration_s)
    fibrillation = fibrillation_percent(course, edges)
    if named.fibrillation.percent is None:
        fibrillation[:] = np.nan  # what the whole cannot show, no hour of it can
    clock = background.clock
    begun = Counter(
        (event.of, event.kind, min(int(event.start_s // 3600), hours - 1))
        for event in events
        if event.certain
    )
    out = []
    for hour in range(hours):
        rr, here = rr_of[hour], rates_of[hour]
        out.append(
            Hour(
                hour=hour,
                clock=clock.text(3600 * hour, seconds=False) if clock.start else None,
                certain={letter: int(table[hour, i]) for i, letter in enumerate(AAMI)},
                uncertain=int(doubt[hour]),
                hr_mean=round(60 / float(rr.mean()), 1) if len(rr) else None,
                hr_min=round(float(here.min()), 1) if len(here) else None,
                hr_max=round(float(here.max()), 1) if len(here) else None,
                usable_percent=round(100 * float(n_usable[hour] / n_seconds[hour]), 1)
                if n_seconds[hour]
                else None,
                af_percent=None
                if np.isnan(fibrillation[hour])
                else round(float(fibrillation[hour]), 1),
                veb_couplets=begun["VEB", "couplet", hour],
                veb_runs=begun["VEB", "run", hour],
                sveb_couplets=begun["SVEB", "couplet", hour],
                sveb_runs=begun["SVEB", "run", hour],
                pauses=begun["RR", "pause", hour],
            )
        )
    return out


def _warnings(beats: LabelledBeats) -> list[str]:
    """Say how far the labels can be relied on."""
    if not len(beats):
        return ["no beat was found"]
    if beats.uncertain.all():
        return ["every label is uncertain, so no burden is given"]
    if beats.uncertain.mean() > 0.1:
        return [f"{100 * beats.uncertain.mean():.0f} % of the labels are uncertain"]
    return []
