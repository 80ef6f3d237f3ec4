"""Measures of a rhythm: counts, rates, ectopy and pauses."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import ECTOPIC, Event, Intervals, Kind
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.model import (
    ClassCount,
    Ectopy,
    HeartRate,
    Moment,
    Pauses,
    Run,
)
from ectopy.analysis.summary.pacing import Withheld
from ectopy.analysis.summary.variability import at_night
from ectopy.beats.detection.paced_rhythm import NOT_PACED
from ectopy.classes import AAMI
from ectopy.recordings.clock import Clock

Float64 = npt.NDArray[np.float64]

KINDS: Final[tuple[Kind, ...]] = ("single", "couplet", "run", "bigeminy", "trigeminy")
"""Events of ectopic beats."""

MINUTE_S: Final = 60
FILLED: Final = 0.75
"""Share of a minute that intervals in good signal have to fill for its rate to be told."""


def count_classes(intervals: Intervals, withheld: Withheld | None = None) -> dict[str, ClassCount]:
    """Count the beats of every class, and give its share of all certain beats.

    That of an ectopic class is its burden: of the beats outside a paced rhythm, where it is told.
    """
    beats = intervals.beats
    sure, doubt = (
        np.bincount(beats.classes[kept], minlength=len(AAMI)).tolist()
        for kept in (~beats.uncertain, beats.uncertain)
    )
    free = int((~beats.uncertain & (beats.pacing == NOT_PACED)).sum())
    of = dict.fromkeys(ECTOPIC, 0 if withheld and withheld.all else free)
    return {
        letter: ClassCount(
            certain=sure[i],
            uncertain=doubt[i],
            percent=percent(sure[i], of.get(letter, sum(sure))),
        )
        for i, letter in enumerate(AAMI)
    }


def percent(part: float, whole: float) -> float | None:
    """Give a share in per cent; none of nothing."""
    return round(100 * part / whole, 3) if whole else None


def heart_rate(intervals: Intervals, settings: Settings, clock: Clock | None = None) -> HeartRate:
    """Mean, lowest and highest heart rate, all from intervals in good signal.

    With a clock that knows the time of day, also the means by day and at night.
    """
    known = intervals.clear & ~np.isnan(intervals.rr_s)
    rr, at = intervals.rr_s[known], intervals.times_s[known]
    slowest, fastest = _extremes(*_minutes(rr, at))
    lowest, highest = _extremes(*rolling_rate(intervals, settings))
    day = night = None
    if clock is not None and clock.start is not None:
        dark = at_night(clock.second_of_day(at), settings)
        day, night = _rate(rr[~dark]), _rate(rr[dark])
    return HeartRate(
        mean=_rate(rr),
        lowest=lowest,
        highest=highest,
        slowest_minute=slowest,
        fastest_minute=fastest,
        day=day,
        night=night,
    )


def _rate(rr_s: Float64) -> float | None:
    return round(60 / float(rr_s.mean()), 1) if len(rr_s) else None


def _extremes(rates: Float64, at_s: Float64) -> tuple[Moment | None, Moment | None]:
    """Lowest and highest of these rates, with their times."""
    if not len(rates):
        return None, None
    low, high = (
        Moment(bpm=round(float(rates[i]), 1), time_s=round(float(at_s[i]), 3))
        for i in (int(rates.argmin()), int(rates.argmax()))
    )
    return low, high


def _minutes(rr_s: Float64, at_s: Float64) -> tuple[Float64, Float64]:
    """Heart rate of each minute that these intervals fill for the most part, and its begin."""
    minute = (at_s // MINUTE_S).astype(np.int64)
    count, filled = np.bincount(minute), np.bincount(minute, rr_s)
    kept = np.flatnonzero(filled >= FILLED * MINUTE_S)
    return 60 * count[kept] / filled[kept], kept.astype(np.float64) * MINUTE_S


def rolling_rate(intervals: Intervals, settings: Settings) -> tuple[Float64, Float64]:
    """Heart rate over each row of intervals, and the time of its first beat.

    Rows with a lost interval, and rows with an interval in poor signal, are left out.
    """
    n = settings.rate_window_beats
    if len(intervals.rr_s) <= n:
        return np.zeros(0), np.zeros(0)
    total = np.r_[0.0, np.cumsum(np.nan_to_num(intervals.rr_s))]
    bad = np.r_[0, np.cumsum(np.isnan(intervals.rr_s) | ~intervals.clear)]
    span, lost = total[n:] - total[:-n], bad[n:] - bad[:-n]
    kept = np.flatnonzero((lost == 0) & (span > 0))
    return 60 * n / span[kept], intervals.times_s[kept] - intervals.rr_s[kept]


def ectopy(
    intervals: Intervals,
    events: list[Event],
    letter: str,
    usable_s: float,
    settings: Settings,
    withheld: Withheld | None = None,
) -> Ectopy:
    """Tell the ectopic beats of one class; what rests on uncertain beats is counted apart.

    The rate per hour is over the ``usable_s`` seconds in which beats could be found at all, outside
    a paced rhythm; what is in one is withheld.
    """
    if withheld and withheld.all:
        return Ectopy.model_validate(
            dict.fromkeys(Ectopy.model_fields) | {"withheld": withheld.why}
        )
    name = ECTOPIC[letter]
    beats = intervals.beats
    mine = [event for event in events if event.of == name and not intervals.paced_within(event)]
    kinds = Counter(event.kind for event in mine if event.certain)
    doubtful = Counter(event.kind for event in mine if not event.certain)
    runs = [event for event in mine if event.kind == "run" and event.certain]
    free = (beats.classes == AAMI.index(letter)) & (beats.pacing == NOT_PACED)
    certain = int((free & ~beats.uncertain).sum())

    def sure_beats(kind: Kind) -> int:
        return sum(e.n_beats - e.uncertain for e in mine if e.kind == kind and e.certain)

    return Ectopy(
        withheld=withheld.why if withheld else None,
        certain=certain,
        uncertain=int((free & beats.uncertain).sum()),
        # From a few seconds, a rate per hour would be made up.
        per_hour=round(3600 * certain / usable_s, 2) if usable_s >= 60 else None,
        singles=kinds["single"],
        couplets=kinds["couplet"],
        runs=kinds["run"],
        tachycardias=sum((run.rate_bpm or 0) >= settings.tachycardia_bpm for run in runs),
        beats_in_runs=sure_beats("run"),
        longest_run=_run(longest_run(runs)),
        fastest_run=_run(fastest_run(runs)),
        bigeminy=kinds["bigeminy"],
        trigeminy=kinds["trigeminy"],
        bigeminy_beats=sure_beats("bigeminy"),
        trigeminy_beats=sure_beats("trigeminy"),
        uncertain_events={kind: doubtful[kind] for kind in KINDS},
    )


def longest_run(runs: list[Event]) -> Event | None:
    """Choose the run of most beats, of several the one with fewest uncertain ones."""
    return max(runs, key=lambda run: (run.n_beats, -run.uncertain), default=None)


def fastest_run(runs: list[Event]) -> Event | None:
    """Choose the run of the highest rate."""
    return max(runs, key=lambda run: (run.rate_bpm or 0, -run.uncertain), default=None)


def longest_pause(events: list[Event]) -> Event | None:
    """Choose the longest pause."""
    found = [event for event in events if event.kind == "pause"]
    return max(found, key=lambda event: event.duration_s, default=None)


def pauses(events: list[Event]) -> Pauses:
    """Count the pauses."""
    count = sum(event.kind == "pause" for event in events)
    return Pauses(count=count, longest=_run(longest_pause(events)))


def _run(event: Event | None) -> Run | None:
    if event is None:
        return None
    return Run(
        time_s=round(event.start_s, 3),
        beats=event.n_beats,
        uncertain=event.uncertain,
        duration_s=round(event.duration_s, 3),
        rate_bpm=None if event.rate_bpm is None else round(event.rate_bpm, 1),
    )
