"""Any lead at any rate, gain and baseline, brought to the one form that the beat model reads."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.conditioning.segments import segments
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

LEVEL_S: Final = 1.75
"""A gap's first and last seconds in which its bridge is level: more than all filters reach."""

RATIO_DENOMINATOR: Final = 500
"""Largest denominator of the resampling ratio; positions use the same ratio, so nothing drifts."""

QRS_BAND_HZ: Final = (7.0, 25.0)
"""Where QRS energy stands out from P, T and muscle; what a beat is centred on."""

_QRS_TAPS: Final = 65
_RESAMPLED: Final = 64  # canonical samples, about, that one row of the resampling product gives
_FILTERED: Final = 128  # and of the band-pass; longer rows multiply more zeros
_ROWS: Final = 512  # rows at a time, so that the products stay in the processor's cache
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
        ECG; NaN where samples are missing: bridged by a straight line, which is level for
        `LEVEL_S` at either end, so that what lies beyond a longer gap changes nothing before it.
    fs_hz : float
        Sampling rate in Hz.

    Returns
    -------
    ndarray of float32, shape (n_leads, n_canonical)

    Examples
    --------
    >>> from ectopy.beats.conditioning import canonical_signal
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> canonical_signal(recording.read(), recording.fs_hz).shape
    (2, 7680)
    """
    leads = np.atleast_2d(np.asarray(signal_mv, dtype=np.float32))
    if not np.isfinite(leads).all():
        leads = np.stack([_bridge(lead, round(LEVEL_S * fs_hz)) for lead in leads])
    step = ratio(fs_hz)
    n_canonical = -(-leads.shape[1] * step.numerator // step.denominator)
    clean = np.empty((len(leads), n_canonical), np.float32)
    with one_thread:
        for number, lead in enumerate(leads):
            clean[number] = _band_pass(_resample(lead, step))
    return clean


def _resample(lead: Float32, step: Fraction) -> Float32:
    """Resample one lead; beyond its ends it goes on along the line from its first to its last."""
    n = len(lead)
    if step == 1 or not n:
        return lead
    matrix, n_in, n_out, reach = _resampling(step.numerator, step.denominator)
    wanted = -(-n * step.numerator // step.denominator)
    blocks = -(-wanted // n_out)
    slope = (float(lead[-1]) - float(lead[0])) / max(n - 1, 1)
    before = lead[0] + slope * np.arange(-reach, 0)
    after = lead[-1] + slope * np.arange(1, _needed(matrix, n_in, blocks) - reach - n + 1)
    padded = np.concatenate([before, lead, after], dtype=np.float32)
    return _products(padded, matrix, n_in, blocks).ravel()[:wanted]


def _band_pass(lead: Float32) -> Float32:
    """Filter one lead, its ends held beyond it."""
    n = len(lead)
    if not n:
        return lead
    matrix, reach, blocks = _band_matrix(), BAND_TAPS // 2, -(-n // _FILTERED)
    after = _needed(matrix, _FILTERED, blocks) - reach - n
    padded = np.pad(lead, (reach, after), mode="edge")
    return _products(padded, matrix, _FILTERED, blocks).ravel()[:n]


def _needed(matrix: Float32, step: int, count: int) -> int:
    """Give the number of samples that `_products` reads: whole rows."""
    return (count - 1 - (-len(matrix) // step)) * step


def _products(signal: Float32, matrix: Float32, step: int, count: int) -> Float32:
    """Multiply ``count`` windows of a signal, ``step`` apart, by a matrix.

    Windows overlap. The signal is folded into rows of ``step`` samples and a window is some rows
    in turn, so that each row is multiplied where it lies: to copy the windows takes longer.

    Returns
    -------
    ndarray of float32, shape (count, matrix.shape[1])
    """
    rows = signal.reshape(-1, step)
    pieces = [matrix[begin : begin + step] for begin in range(0, len(matrix), step)]
    found = np.empty((count, matrix.shape[1]), np.float32)
    for start in range(0, count, _ROWS):
        total = found[start : start + _ROWS]
        for number, piece in enumerate(pieces):
            here = rows[start + number : start + number + len(total), : len(piece)]
            if number:
                total += here @ piece
            else:
                np.matmul(here, piece, out=total)
    return found


def positions(samples: npt.ArrayLike, fs_hz: float) -> Float64:
    """Positions of samples of the original recording on the canonical grid (not rounded).

    Examples
    --------
    >>> from ectopy.beats.conditioning import positions
    >>> positions([100, 350], 250)
    array([ 51.2, 179.2])
    """
    return np.asarray(samples, dtype=np.float64) * float(ratio(fs_hz))


def snap(signal: Float32, at: Float64, heard: npt.NDArray[np.bool_] | None = None) -> Float64:
    """Centre each beat on its QRS energy, all leads together, within 80 ms of where it was put.

    Annotators and detectors put R anywhere on the QRS; RR intervals and templates need one place.

    Parameters
    ----------
    signal : ndarray of float32, shape (n_leads, n)
        Canonical signal.
    at : ndarray of float64, shape (n_beats,)
        R peaks on the canonical grid, ascending.
    heard : ndarray of bool, shape (n_leads, n_beats), optional
        Leads that count at each; by default all.

    Returns
    -------
    ndarray of float64, shape (n_beats,)
        Ascending; a beat without a clear centre stays where it was.
    """
    if not len(at):
        return at
    if heard is None:
        heard = np.ones((len(signal), len(at)), dtype=bool)
    near = [
        _centre(signal, at[start : start + _CHUNK], heard[:, start : start + _CHUNK])
        for start in range(0, len(at), _CHUNK)
    ]
    return np.maximum.accumulate(np.concatenate(near))


def _centre(signal: Float32, at: Float64, heard: npt.NDArray[np.bool_]) -> Float64:
    band, smooth = _qrs_matrices()
    middle = np.rint(at).astype(np.int64)
    first = np.clip(middle, 0, signal.shape[1] - 1) - len(band) // 2
    energy = np.zeros((len(at), smooth.shape[1]), np.float32)
    for lead, here in zip(signal, heard, strict=True):
        own = (segments(lead, first, len(band)) @ band) ** 2 @ smooth
        energy += own if here.all() else own * here[:, None]
    inner = energy[:, 1:-1].argmax(axis=1)
    row = np.arange(len(at))
    before, top, after = (energy[row, inner + k] for k in range(3))
    curve = np.minimum(before - 2 * top + after, -1e-20)
    centre = middle - SNAP + inner + np.clip(0.5 * (before - after) / curve, -0.5, 0.5)
    clear = (top > before) & (top > after)
    return np.where(clear, centre, at)


def _bridge(lead: Float32, level: int) -> Float32:
    """Replace missing samples by lines, ``level`` samples of them level; an empty lead by zeros."""
    known = np.flatnonzero(np.isfinite(lead))
    if not len(known):
        return np.zeros_like(lead)
    values = lead[known]
    long = np.flatnonzero(np.diff(known) > 2 * level)
    bends = np.stack([known[long] + level, known[long + 1] - level], axis=1).ravel()
    held = np.stack([values[long], values[long + 1]], axis=1).ravel()
    at = np.repeat(long + 1, 2)
    known, values = np.insert(known, at, bends), np.insert(values, at, held)
    return np.interp(np.arange(len(lead)), known, values).astype(np.float32)


@cache
def _resampling(up: int, down: int) -> tuple[Float32, int, int, int]:
    """Write the resampling of a block as a matrix: blocks in and out, and the reach around them.

    A short anti-alias filter: flat to 40 Hz, stopped at 88 Hz, all that a 40 Hz band needs.
    """
    half = 5 * max(up, down)  # five canonical samples either side, at the rate of both
    taps = up * _windowed(0.0, 1.0 / max(up, down), np.kaiser(2 * half + 1, 5.0))
    groups = max(1, _RESAMPLED // up)
    n_in, n_out, reach = down * groups, up * groups, half // up + 1
    # Distance of each output from each input, in steps of the rate of both.
    apart = np.arange(n_out)[None, :] * down - (np.arange(n_in + 2 * reach) - reach)[:, None] * up
    matrix = np.where(np.abs(apart) <= half, taps[np.clip(apart + half, 0, 2 * half)], 0.0)
    return matrix.astype(np.float32), n_in, n_out, reach


@cache
def _band_matrix() -> Float32:
    """Write the band-pass of a block as a matrix."""
    low, high = (2 * edge / RATE_HZ for edge in BAND_HZ)
    taps = _windowed(low, high, np.hamming(BAND_TAPS))
    matrix = np.zeros((_FILTERED + BAND_TAPS - 1, _FILTERED), dtype=np.float32)
    for column in range(_FILTERED):
        matrix[column : column + BAND_TAPS, column] = taps[::-1]
    return matrix


def _windowed(low: float, high: float, window: Float64) -> Float64:
    """Linear-phase filter by the window method, edges as shares of half the rate."""
    at = np.arange(len(window)) - (len(window) - 1) / 2
    taps = (high * np.sinc(high * at) - low * np.sinc(low * at)) * window
    middle = 0.0 if low == 0 else (low + high) / 2  # where the gain is one
    scaled: Float64 = taps / np.sum(taps * np.cos(np.pi * at * middle))
    return scaled


@cache
def _qrs_matrices() -> tuple[Float32, Float32]:
    """Write the filters of `snap` as matrices: samples to band, squares of band to energy."""
    low, high = (2 * edge / RATE_HZ for edge in QRS_BAND_HZ)
    taps = _windowed(low, high, np.hamming(_QRS_TAPS))
    triangle = np.convolve(np.ones(_SMOOTH), np.ones(_SMOOTH)) / _SMOOTH**2
    n_energy = 2 * (SNAP + 1) + 1
    n_band = n_energy + len(triangle) - 1

    def matrix(kernel: Float64, n_out: int) -> Float32:
        rows = np.zeros((n_out + len(kernel) - 1, n_out), np.float32)
        for column in range(n_out):
            rows[column : column + len(kernel), column] = kernel[::-1]
        return rows

    return matrix(taps, n_band), matrix(triangle, n_energy)
