"""Measures of a rhythm: counts, rates, ectopy, pauses and variability."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import ECTOPIC, Event, Kind, Rhythm
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.model import (
    ClassCount,
    Ectopy,
    HeartRate,
    Moment,
    Pauses,
    Run,
    Variability,
)
from ectopy.analysis.summary.pacing import Withheld
from ectopy.beats.detection.paced_rhythm import NOT_PACED
from ectopy.classes import AAMI

Float64 = npt.NDArray[np.float64]

KINDS: Final[tuple[Kind, ...]] = ("single", "couplet", "run", "bigeminy", "trigeminy")
"""Events of ectopic beats."""

FEWEST_NN: Final = 30
"""NN intervals, or changes from one to the next, from which their spread is told."""

PART_S: Final = 300
"""Length of the parts of SDANN and the SDNN index, in s."""


def count_classes(rhythm: Rhythm, withheld: Withheld | None = None) -> dict[str, ClassCount]:
    """Count the beats of every class, and give its share of all certain beats.

    That of an ectopic class is its burden: of the beats outside a paced rhythm, where it is told.
    """
    beats = rhythm.beats
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


def percent(part: int, whole: int) -> float | None:
    """Give a share in per cent; none of nothing."""
    return round(100 * part / whole, 3) if whole else None


def heart_rate(rhythm: Rhythm, settings: Settings) -> HeartRate:
    """Mean, lowest and highest heart rate, all from intervals in good signal."""
    rr = rhythm.rr_s[rhythm.clear & ~np.isnan(rhythm.rr_s)]
    if not len(rr):
        return HeartRate(mean=None, lowest=None, highest=None)
    rates, at = rolling_rate(rhythm, settings)
    lowest = highest = None
    if len(rates):
        low, high = int(rates.argmin()), int(rates.argmax())
        lowest = Moment(bpm=round(float(rates[low]), 1), time_s=round(float(at[low]), 3))
        highest = Moment(bpm=round(float(rates[high]), 1), time_s=round(float(at[high]), 3))
    return HeartRate(mean=round(60 / float(rr.mean()), 1), lowest=lowest, highest=highest)


def rolling_rate(rhythm: Rhythm, settings: Settings) -> tuple[Float64, Float64]:
    """Heart rate over each row of intervals, and the time of its first beat.

    Rows with a lost interval, and rows with an interval in poor signal, are left out.
    """
    n = settings.rate_window_beats
    if len(rhythm.rr_s) <= n:
        return np.zeros(0), np.zeros(0)
    total = np.r_[0.0, np.cumsum(np.nan_to_num(rhythm.rr_s))]
    bad = np.r_[0, np.cumsum(np.isnan(rhythm.rr_s) | ~rhythm.clear)]
    span, lost = total[n:] - total[:-n], bad[n:] - bad[:-n]
    kept = np.flatnonzero((lost == 0) & (span > 0))
    return 60 * n / span[kept], rhythm.times_s[kept] - rhythm.rr_s[kept]


def ectopy(
    rhythm: Rhythm,
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
    beats = rhythm.beats
    mine = [event for event in events if event.of == name and not rhythm.paced_within(event)]
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


def variability(rhythm: Rhythm, duration_s: float, settings: Settings) -> Variability:
    """Measure the variability of intervals between two normal, reliable beats.

    What too few intervals would have to carry is None, and so is a part of five minutes that the
    ``duration_s`` of the recording cut short.
    """
    beats, rr = rhythm.beats, rhythm.rr_s
    normal = (beats.classes == AAMI.index("N")) & ~beats.uncertain
    both = np.r_[False, normal[1:] & normal[:-1]]
    inside = (rr >= settings.nn_shortest_s) & (rr <= settings.nn_longest_s)
    before = np.r_[np.nan, rr[:-1]]
    steady = np.abs(rr - before) <= settings.nn_change * before
    used = both & inside & (steady | np.isnan(before))
    nn = 1000 * rr[used]
    pairs = np.flatnonzero(used[1:] & used[:-1]) + 1
    change = 1000 * (rr[pairs] - rr[pairs - 1])
    part = (rhythm.times_s[used] // PART_S).astype(np.int64)
    whole = part < duration_s // PART_S
    means, sds = _by_group(nn[whole], part[whole])
    enough = len(change) >= FEWEST_NN
    return Variability(
        nn_intervals=len(nn),
        mean_nn_ms=_one(nn.mean()) if len(nn) else None,
        sdnn_ms=_one(nn.std(ddof=1)) if len(nn) >= FEWEST_NN else None,
        sdann_ms=_one(means.std(ddof=1)) if len(means) > 1 else None,
        sdnn_index_ms=_one(sds.mean()) if len(sds) else None,
        rmssd_ms=_one(np.sqrt(np.mean(change**2))) if enough else None,
        pnn50_percent=_one(100 * np.mean(np.abs(change) > 50)) if enough else None,
    )


def _by_group(values: Float64, groups: npt.NDArray[np.int64]) -> tuple[Float64, Float64]:
    """Mean and SD of each group with enough values to have one."""
    count = np.bincount(groups) if len(groups) else np.zeros(0)
    kept = count >= FEWEST_NN
    total, square = (
        np.bincount(groups, values**power) if len(groups) else np.zeros(0) for power in (1, 2)
    )
    mean = total[kept] / count[kept]
    spread = np.maximum(square[kept] / count[kept] - mean**2, 0) * count[kept] / (count[kept] - 1)
    return mean, np.sqrt(spread)


def _one(value: float | np.floating[Any]) -> float:
    return round(float(value), 1)
