"""What four seconds of a lead look like, to tell fibrillating ventricles from beats and from noise.

All measures are of the band from 1 to 40 Hz at `NOMINAL_HZ` (`qrs_band.band_pass`), row by row, so
that a second is described alike whatever is described with it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.qrs_band import NOMINAL_HZ

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

WINDOW_S: Final = 4
"""Seconds looked at: some twenty waves of fibrillation, three beats at 45 a minute."""
SAMPLES: Final = WINDOW_S * NOMINAL_HZ

BANDS_HZ: Final = ((1.0, 2.0), (2.0, 3.5), (3.5, 7.0), (7.0, 12.0), (12.0, 40.0))
PEAK_HZ: Final = (1.5, 10.0)  # where the waves' own frequency is looked for
LOUD_MV: Final = 0.5
"""Root mean square from which a louder signal tells nothing more: gains differ."""
HALF_PERIOD: Final = (3, 60)  # samples; the shortest and the longest half wave
LAGS: Final = (10, 100)  # samples in which a signal may repeat itself: 60 to 600 a minute
BOXES: Final = 20  # to a side, of the plane of the signal and itself 200 ms later
LATER: Final = 20

MEASURES: Final = (
    "within_1_hz",
    "within_half_hz",
    "centre_hz",
    "width_hz",
    *(f"share_{low:g}_{high:g}_hz" for low, high in BANDS_HZ),
    "leakage",
    "usual_wave",
    "mean_size",
    "usual_slope",
    "mean_slope",
    "repeats",
    "crossings",
    "peakedness",
    "loudness",
    "unevenness",
    "one_sidedness",
    "plane",
)
"""Names of what `describe` gives.

Spectrum: the share of its power within 1 and 0.5 Hz of the strongest frequency, its centre and
width, its parts (decimal logarithm). ``leakage``: what is left of a wave after its half period is
added (Kuo and Dillman 1978). ``usual_wave``: median size of a tenth of a second against the
largest. ``mean_size``, ``one_sidedness``, ``peakedness``: first, third and fourth moment, in root
mean squares. ``usual_slope``, ``mean_slope``: against the steepest. ``repeats``: highest
autocorrelation within a second. ``crossings``: of zero, a second. ``loudness``: decimal logarithm
of the root mean square in mV, up to `LOUD_MV`. ``unevenness``: loudest against quietest half
second. ``plane``: share of the plane that the signal and its delayed self visit (Amann 2007).
"""

_HERTZ: Final = np.fft.rfftfreq(SAMPLES, 1 / NOMINAL_HZ).astype(np.float32)
_TAPER: Final = np.hanning(SAMPLES).astype(np.float32)


def describe(windows: Float32) -> Float32:
    """Describe windows of `WINDOW_S`.

    Parameters
    ----------
    windows : ndarray of float32, shape (n, SAMPLES)
        In mV, as `band_pass` gives them.

    Returns
    -------
    ndarray of float32, shape (n, len(MEASURES))
    """
    x = windows - windows.mean(axis=1, keepdims=True)
    size, slope = np.abs(x), np.abs(np.diff(x, axis=1))
    power = np.abs(np.fft.rfft(x * _TAPER, axis=1)) ** 2
    power[:, : _bin(1.0)] = 0
    power[:, _bin(40.0) + 1 :] = 0
    columns = [
        *_spectrum(power),
        _leakage(x, size, slope),
        *_sizes(x, size, slope),
        _repeats(power),
        np.count_nonzero(np.diff(x > 0, axis=1), axis=1) / WINDOW_S,
        *_moments(x),
        _plane(x),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _bin(hertz: float) -> int:
    return round(hertz * WINDOW_S)


def _spectrum(power: Float32) -> list[Float32]:
    share = power / (power.sum(axis=1, keepdims=True) + 1e-12)
    low, high = _bin(PEAK_HZ[0]), _bin(PEAK_HZ[1])
    near = share[:, low - 1 : high] + share[:, low : high + 1] + share[:, low + 1 : high + 2]
    peak = low + near.argmax(axis=1)
    upto = np.pad(share.cumsum(axis=1), ((0, 0), (1, 0)))
    row = np.arange(len(share))

    def within(reach: int) -> Float32:
        around: Float32 = upto[row, peak + reach + 1] - upto[row, peak - reach]
        return around

    # Sums, not matrix products: those round differently with the number of rows.
    centre = (share * _HERTZ).sum(axis=1)
    width = np.sqrt(np.maximum((share * _HERTZ**2).sum(axis=1) - centre**2, 0))
    parts = [np.log10(upto[:, _bin(b)] - upto[:, _bin(a)] + 1e-4) for a, b in BANDS_HZ]
    return [within(_bin(1.0)), within(_bin(0.5)), centre, width, *parts]


def _leakage(x: Float32, size: Float32, slope: Float32) -> Float32:
    half = np.rint(np.pi * size.sum(axis=1) / (slope.sum(axis=1) + 1e-6)).astype(np.int64)
    half = np.clip(half, *HALF_PERIOD)[:, None]
    before = np.arange(SAMPLES) - half
    earlier = np.take_along_axis(x, np.maximum(before, 0), axis=1)
    known = before >= 0
    left = (np.abs(x + earlier) * known).sum(axis=1)
    whole = ((size + np.abs(earlier)) * known).sum(axis=1)
    leakage: Float32 = left / (whole + 1e-6)
    return leakage


def _sizes(x: Float32, size: Float32, slope: Float32) -> list[Float32]:
    tenths = np.sort(size.reshape(len(x), -1, NOMINAL_HZ // 10).max(axis=-1), axis=1)
    tenth = tenths.shape[1]
    ranked = np.partition(slope, (SAMPLES // 2, int(0.95 * SAMPLES), SAMPLES - 5), axis=1)
    return [
        tenths[:, tenth // 2] / (tenths[:, int(0.93 * tenth)] + 1e-4),
        size.mean(axis=1) / (np.sqrt((x * x).mean(axis=1)) + 1e-5),
        ranked[:, SAMPLES // 2] / (ranked[:, int(0.95 * SAMPLES)] + 1e-6),
        slope.mean(axis=1) / (ranked[:, SAMPLES - 5] + 1e-6),
    ]


def _repeats(power: Float32) -> Float32:
    likeness = np.fft.irfft(power, axis=1)
    found: Float32 = likeness[:, slice(*LAGS)].max(axis=1) / (likeness[:, 0] + 1e-12)
    return found


def _moments(x: Float32) -> list[Float32]:
    squares = x * x
    loud = np.sqrt(squares.mean(axis=1)) + 1e-5
    halves = np.sqrt(squares.reshape(len(x), 2 * WINDOW_S, -1).mean(axis=-1))
    return [
        np.log((squares * squares).mean(axis=1) / loud**4 + 1e-9),
        np.log10(np.minimum(loud, LOUD_MV)),
        np.log(halves.max(axis=1) / (halves.min(axis=1) + 1e-3)),
        np.abs((squares * x).mean(axis=1)) / loud**3,
    ]


def _plane(x: Float32) -> Float32:
    low, high = x.min(axis=1, keepdims=True), x.max(axis=1, keepdims=True)
    box = ((x - low) * (BOXES / (high - low + 1e-6))).astype(np.int64).clip(0, BOXES - 1)
    visited = np.zeros((len(x), BOXES * BOXES), dtype=bool)
    np.put_along_axis(visited, box[:, :-LATER] * BOXES + box[:, LATER:], True, axis=1)
    share: Float32 = visited.mean(axis=1)
    return share
