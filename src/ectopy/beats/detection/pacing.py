"""Pacing spikes: a beat that a pacemaker made is neither normal nor ectopic.

The spike lasts under 2 ms and is smoothed by every recorder, but what is left of it is still the
sharpest thing before a QRS. The rules are strict, because to call a rhythm paced that is not would
cost every label in it: of MIT-BIH's four paced records they find 107 and most of 217, and miss 102
and 104, whose spikes are faint or run into the QRS. Below 200 Hz nothing is left to see.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.segments import segments
from ectopy.beats.features.rr_intervals import window_mean

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

SLOWEST_HZ: Final = 200.0
BEFORE_S: Final = (0.25, 0.02)  # from an atrial spike to just before the R peak
STEP_S: Final = 0.004  # over which sharpness (the second difference) is taken

SHARP: Final = 10.0  # times the median sharpness of the same stretch
ALONE_S: Final = 0.03
ALONE: Final = 5.2
"""Times the sharpness left once the sharpest 30 ms are set aside: a spike stands alone, the onset
of a QRS does not (record 124, with a late R peak: 4.9 at most in nine beats of ten)."""
APART_S: Final = 0.006
RETURN: Final = 1.6
"""A spike comes back: 6 ms before and after it the level differs by little more than its bend. At
the corner where a QRS begins it differs by far more."""
SMALLEST: Final = 0.03  # of the height of the QRS
FLOOR_MV: Final = 0.004  # of the median sharpness: one step of an 8-bit recorder

_CHUNK: Final = 2048  # beats at a time, so that the stretches stay in the processor's cache

RECENT_BEATS: Final = 128
PACED_SHARE: Final = 0.33
"""Share of recent beats with a spike that makes a rhythm paced; others stay well below it."""


def spikes(signal_mv: Float32, fs_hz: float, r_peaks: Int64) -> Bool:
    """Tell which beats have a pacing spike before them, in any lead.

    Parameters
    ----------
    signal_mv : ndarray of float32, shape (n_leads, n_samples)
        ECG as recorded, not filtered.
    fs_hz : float
        Sampling rate; below `SLOWEST_HZ` no beat has a spike.
    r_peaks : ndarray of int64, shape (n_beats,)
        R peaks.

    Returns
    -------
    ndarray of bool, shape (n_beats,)

    Examples
    --------
    >>> from ectopy.beats.detection import spikes
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> np.count_nonzero(spikes(recording.read(), recording.fs_hz, reference.samples)).item()
    0
    """
    found = np.zeros(len(r_peaks), dtype=bool)
    if fs_hz < SLOWEST_HZ or not len(r_peaks):
        return found
    for start in range(0, len(r_peaks), _CHUNK):
        own = slice(start, start + _CHUNK)
        for lead in signal_mv:
            found[own] |= _sharp(lead, fs_hz, r_peaks[own])
    return found


def _sharp(lead: Float32, fs_hz: float, r_peaks: Int64) -> Bool:
    step = max(1, round(STEP_S * fs_hz))
    begin, end = round(BEFORE_S[0] * fs_hz), round(BEFORE_S[1] * fs_hz)
    apart = max(2 * step, round(APART_S * fs_hz))
    length = begin - end + 2 * apart
    before = _known(segments(lead, r_peaks - begin - apart, length))
    inner = before[:, apart - step : length - apart + step]
    bend = np.abs(2 * inner[:, step:-step] - inner[:, 2 * step :] - inner[:, : -2 * step])
    row = np.arange(len(bend))
    sharpest = bend.argmax(axis=1)
    top, at = bend[row, sharpest], apart + sharpest
    rise = np.abs(before[row, at + apart] - before[row, at - apart])
    # The R peak and what follows; the few beats that pass are looked at more closely.
    beats = _known(segments(lead, r_peaks, round(0.1 * fs_hz))[:, ::2])
    height = np.ptp(beats, axis=1) + np.float32(1e-3)
    likely: Bool = (rise < RETURN * top) & (top > SMALLEST * height)
    top, ordered = top[likely], np.sort(bend[likely], axis=1)
    usual = ordered[:, ordered.shape[1] // 2] + FLOOR_MV
    others = ordered[:, -max(4, round(ALONE_S * fs_hz))] + FLOOR_MV / 10
    likely[likely] = (top > SHARP * usual) & (top > ALONE * others)
    return likely


def _known(rows: Float32) -> Float32:
    return rows if np.isfinite(rows).all() else np.nan_to_num(rows)


def paced(spiked: Bool) -> Bool:
    """Tell at which beats the recent rhythm is a paced one, shape (n_beats,).

    Examples
    --------
    >>> from ectopy.beats.detection import paced
    >>> paced(np.ones(100, dtype=bool))[-1].item()
    True
    """
    own = np.arange(len(spiked))
    share = window_mean(
        spiked.astype(np.float64),
        np.ones(len(spiked)),
        np.maximum(own + 1 - RECENT_BEATS, 0),
        own + 1,
    )
    # A handful of beats is no rhythm yet.
    return np.asarray((share > PACED_SHARE) & (np.cumsum(spiked) >= 4))
