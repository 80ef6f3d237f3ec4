"""Any lead at any rate, gain and baseline, brought to the one form that the beat model reads."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

RATE_HZ: Final = 128.0
"""Canonical rate: QRS, P and T live below 40 Hz, and 128 Hz is the slowest common recorder."""

BAND_HZ: Final = (0.6, 40.0)
"""Pass band: above respiration and electrode drift, below mains and most of muscle."""

BAND_TAPS: Final = 385
"""Length of the linear-phase band-pass: 3 s, so a beat depends on 1.5 s of signal either side."""

BAND_REACH_S: Final = BAND_TAPS // 2 / RATE_HZ

RATIO_DENOMINATOR: Final = 500
"""Largest denominator of the resampling ratio; positions use the same ratio, so nothing drifts."""

QRS_BAND_HZ: Final = (7.0, 25.0)
"""Where QRS energy stands out from P, T and muscle; what a beat is centred on."""

_QRS_TAPS: Final = 65
_SMOOTH: Final = 7  # two boxes of 7 samples: a triangle of about 100 ms, the length of a QRS
_CHUNK: Final = 4096  # beats at a time, so that the windows stay in the processor's cache
SNAP: Final = 10  # samples (80 ms) that a given R peak may move to the centre of its QRS energy


def ratio(fs_hz: float) -> Fraction:
    """Resampling ratio to the canonical rate.

    Raises
    ------
    ConfigError
        If the rate is outside 20 Hz to 20 kHz.
    """
    if not 20 <= fs_hz <= 20_000:
        raise ConfigError(f"sampling rate is {fs_hz} Hz; an ECG is expected at 20 to 20,000 Hz")
    return Fraction(RATE_HZ / fs_hz).limit_denominator(RATIO_DENOMINATOR)


def canonical(signal_mv: npt.ArrayLike, fs_hz: float) -> Float32:
    """Resample to `RATE_HZ` and band-pass, with no delay.

    Parameters
    ----------
    signal_mv : array_like, shape (n_leads, n_samples) or (n_samples,)
        ECG; NaN where samples are missing (bridged by a straight line).
    fs_hz : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of float32, shape (n_leads, n_canonical)
    """
    from scipy.signal import oaconvolve, resample_poly

    leads = np.atleast_2d(np.asarray(signal_mv, dtype=np.float32))
    if not np.isfinite(leads).all():
        leads = np.stack([_bridge(lead) for lead in leads])
    step = ratio(fs_hz)
    if step != 1:
        window = _antialias(step.numerator, step.denominator)
        leads = resample_poly(
            leads, step.numerator, step.denominator, axis=1, window=window, padtype="line"
        )
    reach = BAND_TAPS // 2
    padded = np.pad(leads.astype(np.float32, copy=False), ((0, 0), (reach, reach)), mode="edge")
    filtered = oaconvolve(padded, _band()[None], mode="valid", axes=1)
    return np.asarray(filtered, dtype=np.float32)


def positions(samples: npt.ArrayLike, fs_hz: float) -> Float64:
    """Positions of samples of the original recording on the canonical grid (not rounded)."""
    return np.asarray(samples, dtype=np.float64) * float(ratio(fs_hz))


def snap(signal: Float32, at: Float64) -> Float64:
    """Centre each beat on its QRS energy, all leads together, within 80 ms of where it was put.

    Annotators and detectors put R anywhere on the QRS; RR intervals and templates need one place.

    Parameters
    ----------
    signal : ndarray of float32, shape (n_leads, n)
        Canonical signal.
    at : ndarray of float64, shape (n_beats,)
        R peaks on the canonical grid, ascending.

    Returns
    -------
    ndarray of float64, shape (n_beats,)
        Ascending; a beat without a clear centre stays where it was.
    """
    if not len(at):
        return at
    near = [_centre(signal, at[start : start + _CHUNK]) for start in range(0, len(at), _CHUNK)]
    return np.maximum.accumulate(np.concatenate(near))


def _centre(signal: Float32, at: Float64) -> Float64:
    band, smooth = _qrs_matrices()
    reach = len(band) // 2
    middle = np.rint(at).astype(np.int64)
    offsets = np.arange(-reach, reach + 1)
    energy = np.zeros((len(at), smooth.shape[1]), np.float32)
    for lead in signal:
        energy += (lead[np.clip(middle[:, None] + offsets, 0, len(lead) - 1)] @ band) ** 2 @ smooth
    inner = energy[:, 1:-1].argmax(axis=1)
    row = np.arange(len(at))
    before, top, after = (energy[row, inner + k] for k in range(3))
    curve = np.minimum(before - 2 * top + after, -1e-20)
    centre = middle - SNAP + inner + np.clip(0.5 * (before - after) / curve, -0.5, 0.5)
    clear = (top > before) & (top > after)
    return np.where(clear, centre, at)


def _bridge(lead: Float32) -> Float32:
    """Replace missing samples by straight lines; an empty lead by zeros."""
    known = np.flatnonzero(np.isfinite(lead))
    if not len(known):
        return np.zeros_like(lead)
    return np.interp(np.arange(len(lead)), known, lead[known]).astype(np.float32)


@cache
def _antialias(up: int, down: int) -> Float64:
    """Short anti-alias filter: flat to 40 Hz, stopped at 88 Hz, all that a 40 Hz band needs."""
    from scipy.signal import firwin

    taps = 2 * 5 * max(up, down) + 1  # five canonical samples either side
    return np.asarray(firwin(taps, 1.0 / max(up, down), window=("kaiser", 5.0)), dtype=np.float64)


@cache
def _band() -> Float32:
    from scipy.signal import firwin

    return np.asarray(firwin(BAND_TAPS, BAND_HZ, fs=RATE_HZ, pass_zero=False), dtype=np.float32)


@cache
def _qrs_matrices() -> tuple[Float32, Float32]:
    """Write the filters of `snap` as matrices: samples to band, squares of band to energy."""
    from scipy.signal import firwin

    taps = firwin(_QRS_TAPS, QRS_BAND_HZ, fs=RATE_HZ, pass_zero=False)
    triangle = np.convolve(np.ones(_SMOOTH), np.ones(_SMOOTH)) / _SMOOTH**2
    n_energy = 2 * (SNAP + 1) + 1
    n_band = n_energy + len(triangle) - 1

    def matrix(kernel: Float64, n_out: int) -> Float32:
        rows = np.zeros((n_out + len(kernel) - 1, n_out), np.float32)
        for column in range(n_out):
            rows[column : column + len(kernel), column] = kernel[::-1]
        return rows

    return matrix(taps, n_band), matrix(triangle, n_energy)
