"""The band of the QRS complex at a nominal 100 Hz, at a local amplitude of one.

Both steps look only a few seconds around each sample, and treat missing samples (NaN) as
absent rather than as zero.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]

NOMINAL_HZ = 100
"""Samples in a grid second; the true rate is within half a sample in a second of it."""

TAPS_S = 0.5
"""Half-length, in s, of the filter: a local mean over a second is what is taken away."""

LOW_PASS_HZ = 40.0
"""Upper edge: above the QRS complex's energy (5 to 30 Hz), below the mains."""

LOW_PASS_TAPS_S = 0.06
"""Half-length, in s, of the low-pass part."""

HOP = 50
"""Network samples in one block of the amplitude envelope (0.5 s)."""

BACK, AHEAD = 12, 4
"""Envelope blocks before and after the current one that set the local amplitude."""

RANK = 0.75
"""Quantile of the envelope taken as the amplitude: beats, though pauses and one artefact pass."""

FLOOR_MV = 0.02
"""Amplitude below which the signal is not stretched further: noise of a disconnected lead."""

CLIP = 4.0
"""Local amplitudes at which an artefact is cut off."""


def band_pass(leads_mv: Float32, second: int) -> Float32:
    """Filter 1 to 40 Hz and resample to `NOMINAL_HZ` samples for every ``second`` samples.

    Parameters
    ----------
    leads_mv : ndarray of float32, shape (..., n_samples)
        Leads, from the start of a grid second.
    second : int
        Samples in a grid second: the sampling rate, rounded.

    Returns
    -------
    ndarray of float32, shape (..., NOMINAL_HZ * ceil(n_samples / second))
    """
    *leads, n = leads_mv.shape
    blocks = -(-n // second)
    if not leads_mv.size:
        return np.zeros((*leads, NOMINAL_HZ * blocks), dtype=np.float32)
    low, mean = _kernels(second)
    half = (len(low) - second) // 2
    ends = [(0, 0)] * len(leads) + [(half, half + blocks * second - n)]
    padded = np.pad(leads_mv, ends, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(low), axis=-1)[..., ::second, :]
    windows = windows.reshape(-1, len(low))
    out: Float32 = windows @ (low - mean)
    gaps = np.flatnonzero(np.isnan(out[:, 0]))
    if len(gaps):  # a window with a missing sample: both means over what is there
        there = ~np.isnan(windows[gaps])
        held, weight = np.where(there, windows[gaps], 0), there.astype(np.float32)
        near, wide = weight @ low, weight @ mean
        # Half of the near mean's weight has to be there, or the sample counts as missing.
        known = near > 0.5
        level = held @ mean / np.where(known, wide, 1)
        out[gaps] = np.where(known, held @ low / np.where(known, near, 1) - level, 0)
    flat: Float32 = out.reshape(*leads, -1)
    return flat


def normalise(band: Float32, lost: npt.NDArray[np.bool_] | None = None) -> Float32:
    """Divide by the local amplitude: a high quantile of the peaks from 6 s before to 2.5 s after.

    Parameters
    ----------
    band : ndarray of float32, shape (n,)
        What `band_pass` gives; whole grid seconds.
    lost : ndarray of bool, shape (n // NOMINAL_HZ,), optional
        Seconds in which the lead is off: they come out as zero and set no amplitude.

    Returns
    -------
    ndarray of float32, shape (n,)
        Beats reach about one, whatever the gain; clipped at `CLIP`.
    """
    blocks = np.abs(band).reshape(-1, HOP)
    off = np.zeros(len(blocks), dtype=bool)
    if lost is not None:
        off = np.repeat(lost, NOMINAL_HZ // HOP)
    peak = np.where(off, 0, blocks.max(axis=1))
    peak = np.maximum(peak, np.append(peak[1:], 0))  # over a second, to hold a beat at 60 a minute
    peak[off] = np.inf
    around = np.pad(peak, (BACK, AHEAD), constant_values=np.inf)
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(around, BACK + AHEAD + 1), axis=1)
    known = np.maximum(np.isfinite(windows).sum(axis=1), 1)
    chosen = windows[np.arange(len(windows)), np.int64(RANK * (known - 1))]
    chosen[np.isinf(chosen)] = 0
    amplitude = np.maximum(chosen, FLOOR_MV)
    # A straight line from each block's middle to the next one's.
    ends = np.pad(amplitude, 1, mode="edge").astype(np.float32)
    along = (np.arange(HOP, dtype=np.float32) / HOP)[None, :]
    local = (ends[:-1, None] + np.diff(ends)[:, None] * along).ravel().astype(np.float32)
    scaled: Float32 = np.clip(band / local[HOP // 2 : HOP // 2 + len(band)], -CLIP, CLIP)
    scaled.reshape(-1, HOP)[off] = 0
    return scaled


@lru_cache(maxsize=8)
def _kernels(second: int) -> tuple[Float32, Float32]:
    """Give the low-pass and the local mean as matrices from a padded second to `NOMINAL_HZ`."""
    half = int(np.ceil(TAPS_S * second))
    taken = (np.arange(second + 2 * half) - half) / second
    apart = taken[:, None] - np.arange(NOMINAL_HZ)[None, :] / NOMINAL_HZ
    low = np.sinc(2 * LOW_PASS_HZ * apart) * _hann(apart, LOW_PASS_TAPS_S)
    mean = _hann(apart, TAPS_S)
    return (low / low.sum(axis=0)).astype(np.float32), (mean / mean.sum(axis=0)).astype(np.float32)


def _hann(apart: npt.NDArray[np.float64], half: float) -> npt.NDArray[np.float64]:
    weight: npt.NDArray[np.float64] = np.where(
        np.abs(apart) < half, np.cos(np.pi * apart / (2 * half)) ** 2, 0.0
    )
    return weight
