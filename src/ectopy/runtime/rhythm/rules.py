"""What makes each rhythm, beat by beat: every rule gives the beats from which on it holds.

A beat's rhythm lasts until the next beat. Only certain groups count, so that a rhythm is never
named on the strength of doubtful beats, and agrees with the events that are told.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.detection.paced_rhythm import NOT_PACED, PACED
from ectopy.classes import AAMI
from ectopy.runtime.rhythm.groups import patterns, rows
from ectopy.runtime.rhythm.kinds import (
    AF,
    ATRIAL_BIGEMINY,
    BIGEMINY,
    BRADYCARDIA,
    IDIOVENTRICULAR,
    NONE,
    OTHER,
    SINUS,
    SUPRAVENTRICULAR,
    TACHYCARDIA,
    TRIGEMINY,
    VENTRICULAR,
)
from ectopy.runtime.rhythm.kinds import PACED as PACED_RHYTHM
from ectopy.runtime.rhythm.known_beats import KnownBeats
from ectopy.runtime.rhythm.normal_intervals import NormalIntervals, normal_intervals
from ectopy.runtime.rhythm.settings import CourseSettings
from ectopy.runtime.rhythm.steady import steady

Bool = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

AROUND: Final = 15
"""Beats before and after one of which more than half must be certain, or in good signal."""
DOUBT_SHORTEST_S: Final = 10.0
"""Seconds that doubt lasts, or pauses."""
REGULAR_STEP: Final = 0.08
NORMAL_SHARE: Final = 0.5
"""Median step between normal intervals up to which a rhythm is regular, and the share of normal
beats from which it is called sinus-like."""


def base(beats: KnownBeats, normal: NormalIntervals, af: Int64, settings: CourseSettings) -> Int64:
    """Tell the rhythm that the beats stand in: fibrillation, sinus-like, another, or none.

    Parameters
    ----------
    beats : KnownBeats
        One or more.
    normal : NormalIntervals
        Of them.
    af : ndarray of int64, shape (n_beats,)
        `AF`, `OTHER` or `NONE`, by beat times.
    settings : CourseSettings
        Definitions.

    Returns
    -------
    ndarray of int64, shape (n_beats,)
    """
    times, lasts_s = beats.times_s, settings.rate_shortest_s
    if (af == AF).any():
        normal = normal_intervals(beats, af != AF)
    regular = (normal.step <= REGULAR_STEP) & (normal.normal >= NORMAL_SHARE)
    near = normal.spread_out(regular, len(beats))
    # Too few beats to tell fibrillation from may yet be regular.
    kind = steady(np.where(near & (af != AF), SINUS, af), times, times[-1], lasts_s)
    kind[kind == AF] = OTHER
    if times[-1] - times[0] >= lasts_s:
        kind = _rate(beats, kind, settings)
    doubtful = beats.uncertain | (beats.pacing > NOT_PACED)
    kind[_mostly(doubtful, times)] = NONE
    kind[af == AF] = AF
    kind[(af == AF) & _mostly(~beats.clear, times)] = NONE
    return kind


def _mostly(own: Bool, times_s: Float64) -> Bool:
    """Tell where more than half of the beats around are so, for a while."""
    before = np.append(0, np.cumsum(own))
    at = np.arange(len(own))
    last, first = np.minimum(at + AROUND + 1, len(own)), np.maximum(at - AROUND, 0)
    most = 2 * (before[last] - before[first]) > last - first
    return steady(most.astype(np.int64), times_s, times_s[-1], DOUBT_SHORTEST_S) > 0


def _rate(beats: KnownBeats, kind: Int64, settings: CourseSettings) -> Int64:
    """Tell slow and fast from other sinus-like rhythms, by the mean rate around each beat."""
    times, half = beats.times_s, settings.rate_shortest_s / 2
    first = np.searchsorted(times, times - half)
    last = np.searchsorted(times, times + half, side="right") - 1
    with np.errstate(invalid="ignore"):
        bpm = 60 * (last - first) / (times[last] - times[first])
    fast, slow = bpm > settings.fast_above_bpm, bpm < settings.slow_below_bpm
    sinus = kind == SINUS
    told = np.where(sinus & fast, TACHYCARDIA, np.where(sinus & slow, BRADYCARDIA, kind))
    return steady(told, times, times[-1], settings.rate_shortest_s)


def paint(kind: Int64, beats: KnownBeats, settings: CourseSettings) -> Int64:
    """Lay what certain ectopic beats and pacing make over `base`, each over what it goes before."""
    kind, joined = kind.copy(), beats.joined
    normal, cycles = beats.of("N"), settings.pattern_cycles
    for letter, cycle, named in (
        ("V", 3, TRIGEMINY), ("V", 2, BIGEMINY), ("S", 2, ATRIAL_BIGEMINY),
    ):  # fmt: skip
        first, last = patterns(beats.of(letter), normal, joined, cycle, cycles)
        _lay(kind, beats, first, last, cycle * cycles, named, under=AF)
    for letter, slow, fast in (("S", None, SUPRAVENTRICULAR), ("V", IDIOVENTRICULAR, VENTRICULAR)):
        first, last = rows(beats.of(letter), joined)
        long = last - first + 1 >= settings.run_beats
        first, last = first[long], last[long]
        rapid = beats.rate(first, last) >= settings.tachycardia_bpm
        if slow is not None:
            _lay(kind, beats, first[~rapid], last[~rapid], settings.run_beats, slow, under=AF)
        under = VENTRICULAR if fast == VENTRICULAR else AF
        _lay(kind, beats, first[rapid], last[rapid], settings.run_beats, fast, under=under)
    kind[(beats.pacing == PACED) & (kind < VENTRICULAR)] = PACED_RHYTHM
    return kind


def _lay(
    kind: Int64,
    beats: KnownBeats,
    first: Int64,
    last: Int64,
    needed: int,
    named: int,
    *,
    under: int,
) -> None:
    """Name the certain ones of some groups, where nothing from ``under`` on stands already."""
    sure = beats.certain(first, last, needed)
    inside = within(first[sure], last[sure], len(kind))
    kind[inside & (kind < under)] = named


def within(first: Int64, last: Int64, n: int) -> Bool:
    """Tell which of ``n`` places are in one of some groups."""
    edges = np.bincount(first, minlength=n + 1) - np.bincount(last + 1, minlength=n + 1)
    return np.asarray(np.cumsum(edges)[:n] > 0)


def own_probability(beats: KnownBeats, af: Float64, kind: Int64) -> Float64:
    """Give what speaks for a rhythm at each beat, by what the beat's labels say.

    For fibrillation it is that of the beat times; for runs that the beat is V, or S; for a paced
    rhythm that it is Q; for patterns that it is what it is called; for the others that it is, and
    that there is no fibrillation. The mean over a span is the span's.
    """
    called = beats.probabilities[np.arange(len(beats)), beats.classes].astype(np.float64)
    value = called * (1 - np.nan_to_num(af))
    value = np.where(np.isin(kind, (TRIGEMINY, BIGEMINY, ATRIAL_BIGEMINY)), called, value)
    for named, letter in (
        (IDIOVENTRICULAR, "V"), (VENTRICULAR, "V"), (SUPRAVENTRICULAR, "S"), (PACED_RHYTHM, "Q"),
    ):  # fmt: skip
        value = np.where(kind == named, beats.probabilities[:, AAMI.index(letter)], value)
    return np.where(kind == AF, af, value)
