"""Signal and R peaks to what the beat model reads: the beat, the patient's usual beat, the rhythm.

One implementation for training and for labelling. Each lead is seen from 0.33 s before to 0.38 s
after the beat's centre and compared with the patient's own usual beat: a running mean of recent
beats that were neither premature nor unlike the others, which survives records where most beats
are ectopic. Amplitudes are ratios to that usual beat, so gain drops out. What comes out is not
samples but measures (likeness, P wave, width, amplitude): on left-out patients they did better
than the networks on samples that were tried (docs/results/interpatient.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from ectopy.beats.canonical import BAND_REACH_S, RATE_HZ, canonical, positions, snap
from ectopy.beats.rhythm import LONG_S, rhythm, sinus_weight, window_mean, windows
from ectopy.beats.sinus import sinus

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

BEFORE: Final = 42
AFTER: Final = 48
LENGTH: Final = BEFORE + AFTER
"""Canonical samples of a beat: 0.33 s before (a long PR) to 0.38 s after its centre."""

_QRS: Final = slice(BEFORE - 10, BEFORE + 11)  # 80 ms either side
_P: Final = slice(BEFORE - 36, BEFORE - 9)  # 280 to 70 ms before
_ST: Final = slice(BEFORE + 12, LENGTH)
_WIDE: Final = slice(BEFORE - 20, BEFORE + 24)  # where the width of the QRS is measured

USUAL_BEATS: Final = 64
USUAL_S: Final = 60.0
"""How far back the patient's usual beat is averaged: beats and seconds, whichever is less."""

UNLIKE: Final = 0.35
"""Relative QRS distance at which a beat counts 1/e towards the usual beat."""

CHUNK: Final = 2048  # beats at a time: the arrays stay in the processor's cache

HISTORY_S: Final = max(LONG_S, 2 * USUAL_S)

N_MEASURES: Final = 21


RECENT_BEATS: Final = 24
"""Over which each measure's mean and mean square tell what is usual for it."""

FLAT: Final = 0.05
"""Share of the usual QRS height: a lead that moves less than that around a beat is off."""


@dataclass(frozen=True)
class BeatInputs:
    """What the model reads of each beat.

    Attributes
    ----------
    features : ndarray of float32, shape (n_beats, n_features)
        Rhythm, then the measures of the leads: mean, largest and smallest over the leads, those of
        the previous and of the next beat, recent mean and mean square; last, the sifted rhythm
        (`ectopy.beats.sinus`).
    at : ndarray of float64, shape (n_beats,)
        Beat centres on the canonical grid.
    """

    features: Float32
    at: Float64


def inputs(
    signal_mv: npt.ArrayLike, fs_hz: float, r_peaks: npt.ArrayLike, *, two_sided: bool = False
) -> BeatInputs:
    """Prepare a recording, or a piece of one.

    Parameters
    ----------
    signal_mv : array_like, shape (n_leads, n_samples)
        ECG in mV (any gain and polarity do); NaN where samples are missing.
    fs_hz : float
        Sampling rate in Hz.
    r_peaks : array_like of int, shape (n_beats,)
        Sample indices of the R peaks, ascending; anywhere on the QRS will do.
    two_sided : bool
        Use later beats too, as far as the recording goes (the whole-recording setting).
    """
    return from_canonical(
        canonical(signal_mv, fs_hz), positions(r_peaks, fs_hz), two_sided=two_sided
    )


def from_canonical(signal: Float32, at: Float64, *, two_sided: bool = False) -> BeatInputs:
    """Prepare a canonical signal (n_leads, n) with R peaks on the canonical grid."""
    if not len(at):
        some = from_canonical(np.zeros((1, 400), np.float32), np.array([100.0, 200.0, 300.0]))
        return BeatInputs(some.features[:0], np.zeros(0))
    at = snap(signal, at)
    times = at / RATE_HZ
    weight = sinus_weight(times)
    first, last = windows(times, USUAL_BEATS, USUAL_S, two_sided)
    measured = np.empty((len(signal), len(at), N_MEASURES), np.float32)
    on = np.empty((len(signal), len(at)), dtype=bool)
    for start in range(0, len(at), CHUNK):
        own = slice(start, start + CHUNK)
        for number, lead in enumerate(signal):
            measured[number, own], on[number, own] = _lead(lead, at, weight, first, last, start)
    columns = [rhythm(times, two_sided), _over_leads(measured, on), sinus(times)]
    return BeatInputs(np.concatenate(columns, axis=1), at)


def _over_leads(measured: Float32, on: npt.NDArray[np.bool_]) -> Float32:
    """Pool measures (n_leads, n_beats, k) over the leads that are on, and look around each beat."""
    seen = (on | ~on.any(axis=0))[:, :, None]
    share = seen.astype(np.float32)
    mean = (measured * share).sum(axis=0) / share.sum(axis=0)
    largest = np.where(seen, measured, -np.inf).max(axis=0)
    smallest = np.where(seen, measured, np.inf).min(axis=0)
    n = len(mean)
    own = np.arange(n)
    following, before = mean[np.minimum(own + 1, n - 1)], mean[np.maximum(own - 1, 0)]
    since, until = np.maximum(own + 1 - RECENT_BEATS, 0), own + 1
    recent = window_mean(np.concatenate([mean, mean**2], axis=1), np.ones(n), since, until)
    columns = [mean, largest, smallest, before, following, recent]
    return np.concatenate(columns, axis=1).astype(np.float32)


def _lead(
    lead: Float32,
    at: Float64,
    weight: Float64,
    first: Int64,
    last: Int64,
    start: int,
) -> tuple[Float32, npt.NDArray[np.bool_]]:
    """Measure beats ``start`` to ``start + CHUNK`` of one lead, and tell where the lead is on."""
    stop = min(start + CHUNK, len(at))
    # A usual beat is an average over windows, weighted by another average over windows.
    low = int(first[max(int(first[start]), 0)])
    high = int(min(max(int(last[int(last[stop - 1]) - 1]), stop + 1), len(at)))
    part = slice(low, high)
    own = slice(start - low, stop - low)
    beats = _cut(lead, at[part])
    beats -= np.median(beats[:, ::5], axis=1, keepdims=True)
    lo = np.maximum(first[part] - low, 0)
    hi = np.minimum(last[part] - low, high - low)
    rough = window_mean(beats[:, _QRS].astype(np.float64), weight[part], lo, hi)
    size = (rough**2).sum(axis=1) + (beats[:, _QRS] ** 2).sum(axis=1) + 1e-9
    unlike = ((beats[:, _QRS] - rough) ** 2).sum(axis=1) / size
    likely = weight[part] * np.exp(-unlike / UNLIKE**2) + 1e-3
    usual = window_mean(beats.astype(np.float64), likely, lo[own], hi[own]).astype(np.float32)
    follow = np.minimum(np.arange(own.start, own.stop) + 1, len(beats) - 1)
    before = np.maximum(np.arange(own.start, own.stop) - 1, 0)
    mine = beats[own]
    gain = 2.5 * np.sqrt((usual[:, _QRS] ** 2).mean(axis=1)) + np.float32(1e-3)
    measures = _measures(mine, usual, beats[before], beats[follow], gain)
    return measures, np.ptp(mine[:, ::2], axis=1) > FLAT * gain


def _cut(lead: Float32, at: Float64) -> Float32:
    """Cut beats around fractional centres by linear interpolation."""
    whole = np.floor(at).astype(np.int64)
    part = (at - whole).astype(np.float32)[:, None]
    low = int(whole[0]) - BEFORE
    high = int(whole[-1]) + AFTER + 1
    padded = np.pad(
        lead[max(low, 0) : max(high, 1)], (max(-low, 0), max(high - len(lead), 0)), mode="edge"
    )
    rows = sliding_window_view(padded, LENGTH + 1)[whole - BEFORE - low]
    return np.asarray(rows[:, :-1] + part * (rows[:, 1:] - rows[:, :-1]))


def _measures(
    mine: Float32, usual: Float32, before: Float32, after: Float32, gain: Float32
) -> Float32:
    """Likeness, P wave, width and amplitude of each beat; about 1 in size, clipped at 4."""
    qrs, qrs_usual = mine[:, _QRS], usual[:, _QRS]
    p = mine[:, _P]
    difference = mine - usual
    height, height_usual = np.ptp(qrs, axis=1), np.ptp(qrs_usual, axis=1)
    width, width_usual = _width(mine), _width(usual)
    area, area_usual = np.abs(qrs).mean(axis=1), np.abs(qrs_usual).mean(axis=1)
    steep = np.abs(np.diff(qrs, axis=1)).max(axis=1)
    steep_usual = np.abs(np.diff(qrs_usual, axis=1)).max(axis=1)
    columns = [
        _likeness(qrs, qrs_usual), _likeness(qrs, before[:, _QRS]), _likeness(qrs, after[:, _QRS]),
        _likeness(p, usual[:, _P]), _likeness(mine, usual),
        _likeness(p, before[:, _P]), _likeness(p, after[:, _P]),
        _rms(difference[:, _P]) / gain, usual[:, _P].std(axis=1) / gain, p.std(axis=1) / gain,
        _rms(difference[:, _QRS]) / gain, _rms(difference[:, _ST]) / gain,
        _log(height) - _log(height_usual), width, width_usual, width - width_usual,
        _log(area) - _log(area_usual), _log(steep) - _log(steep_usual),
        _log(area_usual) - _log(height_usual), _log(area) - _log(height),
        _log(np.ptp(after[:, _QRS], axis=1)) - _log(height_usual),
    ]  # fmt: skip
    return np.asarray(np.clip(np.stack(columns, axis=1), -4, 4), dtype=np.float32)


def _likeness(a: Float32, b: Float32) -> Float32:
    """Correlation of two rows."""
    a = a - a.mean(axis=1, keepdims=True)
    b = b - b.mean(axis=1, keepdims=True)
    ab, aa, bb = (np.einsum("ij,ij->i", x, y) for x, y in ((a, b), (a, a), (b, b)))
    return np.asarray(ab / np.sqrt(aa * bb + 1e-9), dtype=np.float32)


def _width(beats: Float32) -> Float32:
    """Spread of the slope around its middle, in units of 50 ms: wide QRS, large figure."""
    slope = np.abs(np.diff(beats[:, _WIDE], axis=1)) + 1e-6
    time = np.arange(slope.shape[1], dtype=np.float32) / np.float32(RATE_HZ)
    total = slope.sum(axis=1)
    middle = slope @ time / total
    variance = slope @ time**2 / total - middle**2
    return np.asarray(np.sqrt(np.maximum(variance, 0)) * np.float32(20))


def _rms(rows: Float32) -> Float32:
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", rows, rows) / rows.shape[1]))


def _log(values: Float32) -> Float32:
    return np.asarray(np.log(values + np.float32(1e-3)))


__all__ = ["BAND_REACH_S", "BeatInputs", "from_canonical", "inputs"]
