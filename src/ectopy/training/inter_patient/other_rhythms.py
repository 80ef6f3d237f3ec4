"""Other rhythms from the same hearts: real records with their diastole stretched and shortened.

A training set has few patients with atrial ectopy, fewer with atrial fibrillation. Here beats keep
their shape, from the P wave to the T wave, while the pause between T and P is warped so that they
follow another rhythm: single premature atrial beats, bigeminy, runs of supraventricular tachycardia
(class S), atrial fibrillation and flutter without P waves, sinus arrhythmia and drifts of rate
(class N). It is done to training records only, and the annotations say what was drawn, not what a
model thinks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.canonical import RATE_HZ
from ectopy.classes import AAMI
from ectopy.training.inter_patient.training_record import TrainingRecord

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

N, S = AAMI.index("N"), AAMI.index("S")

SEGMENT_BEATS: Final = (60, 260)  # a scenario lasts one to four minutes
STORM: Final = 0.06
"""Share of records that are mostly ectopic from end to end, where the median beat misleads."""

SHARES: Final = {"as it is": 0.35, "premature": 0.25, "fibrillation": 0.25, "sinus": 0.15}
KINDS: Final = {"bigeminy": 0.24, "singles": 0.24, "couplets": 0.24, "runs": 0.23, "storm": 0.05}
"""Shares of the patterns of premature beats."""

FLUTTER: Final = 0.25  # share of flutter in what is drawn as fibrillation
REGULAR: Final = 0.05  # median step of log RR below which a rhythm is regular
SHORTEST_S: Final = 0.24  # no supraventricular rhythm conducts faster than 250 a minute

P_WINDOW: Final = np.arange(-30, -7)  # canonical samples before R that hold the P wave
_TAPER: Final = 4  # samples over which a change of the P wave fades in and out


@dataclass
class Plan:
    """What happens to each beat.

    Attributes
    ----------
    factor : ndarray of float64, shape (n_beats,)
        Of the RR interval that ends at the beat.
    y : ndarray of int64, shape (n_beats,)
        New classes.
    p_wave : ndarray of float64, shape (n_beats,)
        Of the P wave's amplitude; NaN leaves the beat untouched.
    waves : ndarray of bool, shape (n_beats,)
        Where fibrillatory waves are added.
    fibrillation : ndarray of float32, shape (n_beats,)
        1 in atrial fibrillation that was drawn, 0 in another rhythm that was, else NaN.
    """

    factor: Float64
    y: Int64
    p_wave: Float64
    waves: npt.NDArray[np.bool_]
    fibrillation: Float32


def plan(y: Int64, rr_s: Float64, rng: np.random.Generator) -> Plan:
    """Draw a scenario for each stretch of a record."""
    n = len(y)
    drawn = Plan(
        np.ones(n),
        y.copy(),
        np.full(n, np.nan),
        np.zeros(n, dtype=bool),
        np.full(n, np.nan, np.float32),
    )
    change = np.abs(np.diff(np.log(rr_s), prepend=np.log(rr_s[:1])))
    start = 0
    if np.median(change) < REGULAR and rng.random() < STORM:
        _premature(drawn, slice(0, n), y == N, rng, kind="storm")
        return drawn
    while start < n - 20:
        own = slice(start, min(start + int(rng.integers(*SEGMENT_BEATS)), n))
        normal = y[own] == N
        regular = np.median(change[own]) < REGULAR and normal.mean() > 0.9
        scenario = rng.choice(list(SHARES), p=list(SHARES.values()))
        if len(normal) < 20:
            pass
        elif scenario == "fibrillation":
            _fibrillation(drawn, own, normal, rr_s[own], rng)
        elif regular and scenario == "premature":
            _premature(drawn, own, normal, rng)
        elif regular and scenario == "sinus":
            _sinus(drawn, own, rng)
        start = own.stop
    return drawn


def _premature(
    drawn: Plan,
    own: slice,
    normal: npt.NDArray[np.bool_],
    rng: np.random.Generator,
    kind: str | None = None,
) -> None:
    """Premature atrial beats: bigeminy, singles, short runs, tachycardia, or hardly anything else.

    The storm is the rhythm of a sick sinus node: short runs, long pauses, few sinus beats.
    """
    m = len(normal)
    factor, early = np.ones(m), np.zeros(m, dtype=bool)
    kind = kind or str(rng.choice(list(KINDS), p=list(KINDS.values())))
    longest = int(rng.integers(2, 16))
    pause = rng.uniform(1.2, 2.4)
    p_wave = rng.choice([1.0, 1.0, 0.4, 0.0, -0.7])  # as it was, small, hidden, inverted
    at = int(rng.integers(2, 12))
    while at < m - 3:
        run = 1
        if kind == "couplets":
            run = int(rng.integers(1, 4))
        elif kind == "runs":
            run = int(np.exp(rng.uniform(np.log(3), np.log(80))))
        elif kind == "storm":
            run = int(rng.integers(1, longest + 1))
        run = min(run, m - 3 - at)
        part = slice(at, at + run)
        slowest = 0.75 if kind == "runs" and run > 2 else 0.86
        prematurity = rng.uniform(0.45, slowest)
        factor[part] = prematurity * np.exp(rng.normal(0, 0.02, run))
        early[part] = True
        # The sinus node's pause: long where it is sick.
        factor[at + run] = rng.uniform(1.0, pause if kind == "storm" else 1.35 if run < 3 else 1.6)
        drawn.p_wave[own][part] = p_wave if rng.random() < 0.8 else 1.0
        apart = {"bigeminy": (1, 4), "storm": (1, 3)}.get(kind, (3, 25))
        at += run + int(rng.integers(*apart))
    alone = normal & np.append(True, normal[:-1]) & np.append(normal[1:], True)
    drawn.factor[own] = np.where(normal, factor, 1.0)
    drawn.y[own] = np.where(early & alone, S, drawn.y[own])
    drawn.fibrillation[own] = 0


def _fibrillation(
    drawn: Plan,
    own: slice,
    normal: npt.NDArray[np.bool_],
    rr_s: Float64,
    rng: np.random.Generator,
) -> None:
    """Make it atrial fibrillation or flutter, with no P wave or hardly any; the beats stay N."""
    m = len(normal)
    flutter = rng.random() < FLUTTER
    factor = _flutter(m, rng) / rr_s if flutter else _irregular(m, rng)
    drawn.factor[own] = np.where(normal, factor, 1.0)
    left = 0.0 if flutter else rng.choice([0.0, 0.0, 0.15])
    drawn.p_wave[own] = np.where(normal, left, np.nan)
    drawn.waves[own] = rng.random() < 0.7
    drawn.fibrillation[own] = 1


def _irregular(m: int, rng: np.random.Generator) -> Float64:
    """Draw factors of RR intervals without order, around a rate that wanders slowly.

    At times they gather around two values, as where the AV node has two pathways.
    """
    period, phase = rng.uniform(20, 120), rng.uniform(0, 2 * np.pi)
    rate = np.exp(rng.uniform(0, 0.15) * np.sin(np.arange(m) * 2 * np.pi / period + phase))
    factor = np.exp(rng.normal(0, rng.uniform(0.10, 0.32), m)) * rate * rng.uniform(0.65, 1.3)
    if rng.random() < 0.4:
        factor[rng.random(m) < rng.uniform(0.1, 0.4)] *= rng.uniform(0.6, 0.8)
    return np.asarray(factor)


def _flutter(m: int, rng: np.random.Generator) -> Float64:
    """Draw RR intervals (s) of flutter: every second to fifth wave conducted, in stretches."""
    ratios = rng.choice([2, 3, 4, 4, 5], m)
    same = rng.random(m) < rng.choice([0.3, 0.8, 0.95])  # as for the beat before
    since = np.maximum.accumulate(np.where(same, 0, np.arange(m)))
    wave_s = rng.uniform(0.19, 0.26)
    return np.asarray(ratios[since] * wave_s * np.exp(rng.normal(0, 0.02, m)))


def _sinus(drawn: Plan, own: slice, rng: np.random.Generator) -> None:
    """Breathing, a drift of rate, sometimes a pause; the beats stay what they are."""
    m = own.stop - own.start
    beat = np.arange(m)
    breathing = rng.uniform(0.03, 0.15) * np.sin(
        beat * 2 * np.pi / rng.uniform(4, 14) + rng.uniform(0, 6)
    )
    drift = rng.uniform(-0.3, 0.3) * np.sin(beat * 2 * np.pi / m)
    drawn.factor[own] = np.exp(breathing + drift)
    drawn.fibrillation[own] = 0
    if rng.random() < 0.3:
        drawn.factor[own.start + int(rng.integers(3, m - 3))] *= rng.uniform(1.5, 2.2)


def rewrite(record: TrainingRecord, rng: np.random.Generator) -> TrainingRecord:
    """Give a record another rhythm; its signal's length differs, its number of beats does not."""
    signal, at = record.signal, record.at
    rr = np.diff(at, prepend=at[:1] - 100)
    drawn = plan(record.y, np.clip(rr / RATE_HZ, 0.2, 3.0), rng)
    changed = _scale_p(signal, at, drawn.p_wave)
    shortest = np.minimum(SHORTEST_S * RATE_HZ, rr)
    wanted = np.maximum(rr * drawn.factor, shortest)
    moved = at[0] + np.concatenate([[0.0], np.cumsum(wanted[1:])])
    old, new = _time_map(at, moved, signal.shape[1])
    grid = np.arange(int(new[-1]))
    source = np.interp(grid, new, old)
    own = np.arange(signal.shape[1])
    warped = np.stack([np.interp(source, own, lead) for lead in changed]).astype(np.float32)
    if drawn.waves.any():
        warped += _waves(warped, grid, moved, drawn.waves, rng)
    told = np.where(np.isnan(drawn.fibrillation), record.fibrillation, drawn.fibrillation)
    return replace(record, signal=warped, at=moved, y=drawn.y, fibrillation=told)


def _scale_p(signal: Float32, at: Float64, factor: Float64) -> Float32:
    """Scale what rises above the straight line under each P wave."""
    changed = signal.copy()
    margin = 2 * len(P_WINDOW)
    chosen = np.flatnonzero(~np.isnan(factor) & (at > margin) & (at < signal.shape[1] - margin))
    if not len(chosen):
        return changed
    where = np.rint(at[chosen]).astype(np.int64)[:, None] + P_WINDOW
    place = np.arange(len(P_WINDOW))
    taper = np.minimum(1, np.minimum(place, place[::-1]) / _TAPER)
    ramp = place / place[-1]
    for number, lead in enumerate(signal):
        values = lead[where]
        line = values[:, :1] + (values[:, -1:] - values[:, :1]) * ramp
        changed[number][where] = values + (values - line) * (factor[chosen][:, None] - 1) * taper
    return changed


def _time_map(at: Float64, moved: Float64, n: int) -> tuple[Float64, Float64]:
    """Map time piecewise: P to QRS rigid, T to P elastic, QRS to T giving way only at the last."""
    rr, wanted = np.diff(at), np.diff(moved)
    systole = np.minimum(0.30 * RATE_HZ, 0.4 * rr)
    atrial = np.minimum(0.19 * RATE_HZ, 0.3 * rr)
    elastic = rr - systole - atrial
    shrunk = np.maximum(elastic + wanted - rr, 0.15 * elastic)
    rest = np.maximum(wanted - shrunk - atrial, 2.0)
    scale = wanted / (rest + shrunk + atrial)
    rest, shrunk = rest * scale, shrunk * scale
    old = np.stack([at[:-1], at[:-1] + systole, at[:-1] + systole + elastic], axis=1).ravel()
    new = np.stack([moved[:-1], moved[:-1] + rest, moved[:-1] + rest + shrunk], axis=1).ravel()
    old = np.concatenate([[0.0], old, [at[-1], n - 1.0]])
    new = np.concatenate([[moved[0] - at[0]], new, [moved[-1], moved[-1] + n - 1 - at[-1]]])
    rising = np.arange(len(new)) * 1e-6  # np.interp wants increasing abscissae
    return np.maximum.accumulate(old), np.maximum.accumulate(new + rising)


def _waves(
    signal: Float32,
    grid: Int64,
    at: Float64,
    on: npt.NDArray[np.bool_],
    rng: np.random.Generator,
) -> Float32:
    """Fibrillatory waves: 4.5 to 8 Hz, wandering, at most a tenth of the QRS."""
    where = np.interp(grid, at, on.astype(np.float64))
    knots = np.arange(0, len(grid) + 64, 64)
    rate = rng.uniform(4.5, 8) + 0.8 * np.interp(grid, knots, rng.standard_normal(len(knots)))
    phase = 2 * np.pi * np.cumsum(rate) / RATE_HZ
    height = [rng.uniform(0, 0.10) * np.percentile(np.abs(lead), 99) for lead in signal]
    waves = [h * where * np.sin(phase + rng.uniform(0, 2 * np.pi)) for h in height]
    return np.asarray(waves, dtype=np.float32)
