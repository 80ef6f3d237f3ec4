"""Signal and R peaks to what the beat model reads: the beat, the patient's usual beat, the rhythm.

One implementation for training and for labelling. Each beat sees its lead from 0.33 s before to
0.38 s after its centre, and beside it the difference from the patient's own usual beat: a running
mean of recent beats that were neither premature nor unlike the others, which survives records
where most beats are ectopic. Amplitudes are in units of that usual beat's QRS, so gain drops out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from ectopy.beats.canonical import BAND_REACH_S, RATE_HZ, canonical, positions, snap
from ectopy.beats.rhythm import LONG_S, rhythm, sinus_weight, window_mean, windows

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

CLIP: Final = 6.0  # in units of the usual QRS
CHUNK: Final = 2048  # beats at a time: the arrays stay in the processor's cache

HISTORY_S: Final = max(LONG_S, 2 * USUAL_S)
AHEAD_BEATS: Final = 2

N_CHANNELS: Final = 2
N_LEAD_FEATURES: Final = 21


@dataclass(frozen=True)
class BeatInputs:
    """What the model reads of each beat.

    Attributes
    ----------
    beats : ndarray of float32, shape (n_beats, n_leads, LENGTH, 2)
        The beat and its difference from the usual beat.
    leads : ndarray of float32, shape (n_beats, n_leads, n_lead_features)
        Likeness to the usual, previous and next beat; P wave, width and amplitude, each lead.
    rhythm : ndarray of float32, shape (n_beats, n_rhythm_features)
        Interval features.
    at : ndarray of float64, shape (n_beats,)
        Beat centres on the canonical grid.
    """

    beats: Float32
    leads: Float32
    rhythm: Float32
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
        return BeatInputs(
            np.zeros((0, len(signal), LENGTH, N_CHANNELS), np.float32),
            np.zeros((0, len(signal), N_LEAD_FEATURES), np.float32),
            rhythm(np.arange(3.0), two_sided)[:0],
            np.zeros(0),
        )
    at = snap(signal, at)
    times = at / RATE_HZ
    weight = sinus_weight(times)
    first, last = windows(times, USUAL_BEATS, USUAL_S, two_sided)
    beats = np.empty((len(at), len(signal), LENGTH, N_CHANNELS), np.float32)
    features = np.empty((len(at), len(signal), N_LEAD_FEATURES), np.float32)
    for start in range(0, len(at), CHUNK):
        own = slice(start, start + CHUNK)
        for number, lead in enumerate(signal):
            features[own, number] = _lead(
                lead, at, weight, first, last, start, out=beats[own, number]
            )
    return BeatInputs(beats, features, rhythm(times, two_sided), at)


def _lead(
    lead: Float32,
    at: Float64,
    weight: Float64,
    first: Int64,
    last: Int64,
    start: int,
    *,
    out: Float32,
) -> Float32:
    """Write beats ``start`` to ``start + CHUNK`` of one lead to ``out``; give their features."""
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
    gain = 2.5 * np.sqrt((usual[:, _QRS] ** 2).mean(axis=1, keepdims=True)) + 1e-3
    features = _features(mine, usual, beats[before], beats[follow], gain[:, 0])
    np.clip(mine / gain, -CLIP, CLIP, out=out[:, :, 0])
    np.clip((mine - usual) / gain, -CLIP, CLIP, out=out[:, :, 1])
    return features


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


def _features(
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
