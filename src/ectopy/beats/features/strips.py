"""What tells the rhythm of a short strip: its beats' measures, put together in windows of time.

One lead at a time. Nothing here depends on gain, polarity or sampling rate, and no network is
asked: what `look` measured of each beat against the strip's usual one (P wave, QRS, noise), what
`atrial` found before it, and the RR intervals.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.canonical import RATE_HZ
from ectopy.beats.features.atrial import BANDS_HZ, N_ATRIAL
from ectopy.beats.features.shape import N_MEASURES
from ectopy.beats.features.strip_intervals import N_INTERVALS, intervals, quantile

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

USUAL: Final = 0.8  # likeness from which a QRS is the usual one
LONGEST_S: Final = 5.0  # an interval beyond which two beats are no neighbours
TOGETHER: Final = 256  # windows measured at a time, to bound the memory
_QUANTILES: Final = (0.1, 0.5, 0.9)
_N_BEAT: Final = N_MEASURES + N_ATRIAL + 2
_N_WAVES: Final = 5
N_STRIP: Final = 7 + N_INTERVALS + _N_BEAT * (2 + len(_QUANTILES)) + N_ATRIAL + _N_WAVES
FEWEST_BEATS: Final = 5
"""Beats in a window below which it is not measured."""


def measure_strips(
    at: Float64,
    measured: Float32,
    before: Float32,
    noise: Float32,
    lost: Bool,
    on: Bool,
    start: Float64,
    stop: Float64,
) -> Float32:
    """Measure windows of one lead.

    Parameters
    ----------
    at : ndarray of float64, shape (n_beats,)
        Centres of the beats on the canonical grid, ascending.
    measured, before, noise : ndarray of float32, shape (n, n_beats)
        From `ectopy.beats.features.context.look`, `ectopy.beats.features.atrial.atrial` and
        `ectopy.beats.features.noise.noise_at`.
    lost, on : ndarray of bool, shape (n_beats,)
        Where signal was lost since the beat before, and where the lead is on.
    start, stop : ndarray of float64, shape (n_windows,)
        Of the windows, on the canonical grid.

    Returns
    -------
    ndarray of float32, shape (n_windows, N_STRIP)
        Finite; only what has `FEWEST_BEATS` means something.
    """
    rows = np.concatenate([measured, before, noise])
    first, last = np.searchsorted(at, start), np.searchsorted(at, stop)
    parts = [
        _windows(at, rows, lost, on, first[some], last[some], start[some], stop[some])
        for some in (slice(i, i + TOGETHER) for i in range(0, len(start), TOGETHER))
    ]
    return np.concatenate(parts) if parts else np.zeros((0, N_STRIP), np.float32)


def _windows(
    at: Float64,
    rows: Float32,
    lost: Bool,
    on: Bool,
    first: npt.NDArray[np.int64],
    last: npt.NDArray[np.int64],
    start: Float64,
    stop: Float64,
) -> Float32:
    n = last - first
    place = np.arange(max(int(n.max(initial=0)), 2))
    there = np.asarray(place < n[:, None])
    if not len(at):
        return np.zeros((len(start), N_STRIP), np.float32)
    beat = np.minimum(first[:, None] + place, len(at) - 1)
    times = np.where(there, at[beat], np.nan) / RATE_HZ
    rr = np.diff(times, axis=1)
    rr[(rr > LONGEST_S) | lost[beat][:, 1:] | (rr <= 0)] = np.nan
    usual = there & (rows[0][beat] > USUAL)
    seconds = (stop - start) / RATE_HZ
    # The longest time without a beat, from the window's start to its end.
    edges = np.column_stack([start / RATE_HZ, times, stop / RATE_HZ])
    edges = np.maximum.accumulate(np.where(np.isnan(edges), -np.inf, edges), axis=1)
    longest = np.diff(edges, axis=1).max(axis=1)
    heard = there & on[beat]
    count = np.maximum(n, 1)
    told = [
        n, n / seconds, longest, (there & on[beat]).sum(axis=1) / count,
        usual.sum(axis=1) / count, _early_unlike(rr, rows[0][beat], there), seconds,
    ]  # fmt: skip
    counted = np.where(np.any(heard, axis=1, keepdims=True), heard, there)
    values = np.where(counted, rows[:, beat], np.nan).astype(np.float32)  # (rows, windows, beats)
    ordered = np.sort(values, axis=2)
    known = np.maximum(counted.sum(axis=1), 1)
    mean = np.nansum(values, axis=2) / known
    spread = np.sqrt(np.maximum(np.nansum((values - mean[..., None]) ** 2, axis=2) / known, 0))
    beats = [mean, spread, *(quantile(ordered, q) for q in _QUANTILES)]
    # Where the beat before is far, there is no T wave in what lies before this one.
    median = quantile(np.sort(rr, axis=1), 0.5)[:, None]
    far: Bool = np.zeros(there.shape, dtype=bool)
    far[:, 1:] = rr >= median
    far &= counted
    far = np.where(np.any(far, axis=1, keepdims=True), far, counted)
    atrial = values[N_MEASURES : N_MEASURES + N_ATRIAL]
    far_mean = np.where(far, atrial, 0).sum(axis=2) / np.maximum(far.sum(axis=1), 1)
    waves = _waves(np.where(far, np.exp(atrial), 0).sum(axis=2) / np.maximum(far.sum(axis=1), 1))
    found = np.concatenate(
        [
            np.stack(told, axis=1),
            intervals(rr, usual[:, 1:] & usual[:, :-1]),
            np.concatenate(beats).T,
            far_mean.T,
            waves,
        ],
        axis=1,
    )
    found[n < FEWEST_BEATS] = 0
    return np.asarray(np.nan_to_num(found, nan=0, posinf=0, neginf=0), dtype=np.float32)


def _early_unlike(rr: Float64, like: npt.NDArray[np.floating], there: Bool) -> Float64:
    """Give how far beats that are early are unlike the usual one: ventricular ectopics."""
    median = quantile(np.sort(rr, axis=1), 0.5)[:, None]
    early = np.clip(1 - rr / median, 0, 1)
    unlike = np.where(there, 1 - like, 0)[:, 1:]
    return np.asarray(np.nansum(early * unlike, axis=1) / np.maximum(there.sum(axis=1), 1))


def _waves(power: npt.NDArray[np.floating]) -> Float64:
    """Compare bands of what repeats and what does not before a QRS, shape (N_ATRIAL, n)."""
    bands = np.array(BANDS_HZ)
    slow, fast = (bands > 4) & (bands < 10), bands > 11
    _, same, rest = power.reshape(3, len(bands), -1) + 1e-9
    return np.stack(
        [
            np.log(rest[slow].max(axis=0) / rest[fast].mean(axis=0)),
            np.log(rest[slow].sum(axis=0) / same[slow].sum(axis=0)),
            np.log(rest.sum(axis=0) / same.sum(axis=0)),
            rest[slow].max(axis=0) / rest[slow].mean(axis=0),
            bands[rest[: int(slow.sum()) + 1].argmax(axis=0)],
        ],
        axis=1,
    )
