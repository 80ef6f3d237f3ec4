"""Cut a recording into beats of one length: from the R peak on, or around it."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import MissingExtraError

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

RATE_HZ: Final = 125.0
"""Rate of the cut beats (Kachuee et al. 2018)."""

LENGTH: Final = 187
"""Samples of a cut beat, as in the Kaggle CSVs; 1.5 s at 125 Hz."""

WINDOW_S: Final = 10.0
"""Stretch of signal that is scaled to [0, 1] as one."""

PERIODS: Final = 1.2
"""A beat is kept for this many median RR intervals after its R peak."""

VERSION: Final = 2
"""Raise it whenever a cut, or the reading before it, gives other samples; caches are redone."""


def resample(signal_mv: npt.ArrayLike, fs_hz: float, fs_out_hz: float = RATE_HZ) -> Float32:
    """Resample one lead by a polyphase filter.

    Parameters
    ----------
    signal_mv : array_like, shape (n,)
        Samples of one lead; missing ones (NaN) are bridged by a straight line first.
    fs_hz, fs_out_hz : float
        Rates in Hz.

    Returns
    -------
    ndarray of float32, shape (ceil(n * fs_out_hz / fs_hz),)

    Raises
    ------
    MissingExtraError
        If SciPy is not installed.
    """
    try:
        from scipy.signal import resample_poly
    except ImportError as error:
        raise MissingExtraError(
            "cutting beats for a model of a study needs scipy, which the light install leaves "
            'out; install it with: pip install "ectopy[train]"'
        ) from error
    signal = np.asarray(signal_mv, dtype=np.float32)
    if not len(signal):
        return signal
    missing = np.isnan(signal)
    if missing.any():
        known = np.flatnonzero(~missing)
        bridge = np.interp(np.flatnonzero(missing), known, signal[known]) if len(known) else 0.0
        signal = signal.copy()
        signal[missing] = bridge
    # Rates such as 360 or 257.5 Hz are exact small ratios to 125; 1e4 bounds the filter's length.
    ratio = Fraction(fs_out_hz / fs_hz).limit_denominator(10_000)
    if ratio == 1:
        return signal
    # The filter passes a constant with a ripple of 6e-4, so the mean goes around it; the line
    # between the ends is taken out and put back, so that neither end rings.
    mean = np.float32(signal.mean(dtype=np.float64))
    out = resample_poly(signal - mean, ratio.numerator, ratio.denominator, padtype="line")
    return np.asarray(out + mean, dtype=np.float32)


def kachuee(
    signal_mv: npt.ArrayLike,
    fs_hz: float,
    r_peaks: npt.ArrayLike,
    *,
    n_samples: int = LENGTH,
    fs_out_hz: float = RATE_HZ,
    window_s: float = WINDOW_S,
) -> Float32:
    """Cut beats from their R peak on, zero-padded, as the Kaggle heartbeat CSVs were.

    The lead is resampled to 125 Hz and each 10-second window scaled to [0, 1]. A beat starts at
    its R peak and lasts 1.2 times the median RR interval of its window; the rest of its 187
    samples is zero. Where the paper leaves it open: RR intervals between peaks of the same
    window count; a window with fewer than two peaks takes the median of the whole recording; a
    beat that runs over its window's end goes on in the signal, scaled as its own window and
    clipped to [0, 1].

    Two traps of this cut are part of it: the beat's own P wave is missing, and the padding tells
    the heart rate.

    Parameters
    ----------
    signal_mv : array_like, shape (n,)
        One lead in mV.
    fs_hz : float
        Its rate in Hz.
    r_peaks : array_like of int, shape (n_beats,)
        R peaks in samples of ``signal_mv``, rising.
    n_samples : int
        Length of a cut beat.
    fs_out_hz : float
        Rate of a cut beat in Hz.
    window_s : float
        Length of a scaling window in seconds.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_samples)
        In [0, 1].

    References
    ----------
    Kachuee, Fazeli, Sarrafzadeh, ECG Heartbeat Classification: A Deep Transferable
    Representation, IEEE ICHI 2018.
    """
    signal, r, window = _prepare(signal_mv, fs_hz, r_peaks, fs_out_hz, window_s)
    if not len(r):
        return np.empty((0, n_samples), dtype=np.float32)
    low, high = _window_range(signal, round(window_s * fs_out_hz))
    kept = np.rint(PERIODS * _median_rr(r, window)).astype(np.int64)
    offsets = np.arange(n_samples)
    index = r[:, None] + offsets
    inside = (offsets < kept[:, None]) & (index < len(signal))
    beats = _scale(signal[np.minimum(index, len(signal) - 1)], low[window], high[window])
    return np.where(inside, beats, np.float32(0))


def centred(
    signal_mv: npt.ArrayLike,
    fs_hz: float,
    r_peaks: npt.ArrayLike,
    *,
    n_samples: int = LENGTH,
    fs_out_hz: float = RATE_HZ,
    window_s: float = WINDOW_S,
) -> Float32:
    """Cut beats with the R peak in the middle, so that the beat's own P wave is in.

    At 187 samples and 125 Hz a beat reaches from 0.74 s before the R peak to 0.74 s after it.
    Scaling is that of `kachuee`; nothing is padded except at the ends of the recording, where
    the first or last sample is repeated.

    Parameters
    ----------
    signal_mv, fs_hz, r_peaks, n_samples, fs_out_hz, window_s
        As for `kachuee`.

    Returns
    -------
    ndarray of float32, shape (n_beats, n_samples)
        In [0, 1]; the R peak is at ``n_samples // 2``.
    """
    signal, r, window = _prepare(signal_mv, fs_hz, r_peaks, fs_out_hz, window_s)
    if not len(r):
        return np.empty((0, n_samples), dtype=np.float32)
    low, high = _window_range(signal, round(window_s * fs_out_hz))
    index = r[:, None] + np.arange(n_samples) - n_samples // 2
    return _scale(signal[np.clip(index, 0, len(signal) - 1)], low[window], high[window])


def _prepare(
    signal_mv: npt.ArrayLike,
    fs_hz: float,
    r_peaks: npt.ArrayLike,
    fs_out_hz: float,
    window_s: float,
) -> tuple[Float32, Int64, Int64]:
    """Resample the lead; give it, the R peaks at the new rate, and the window of each."""
    signal = resample(signal_mv, fs_hz, fs_out_hz)
    peaks = np.asarray(r_peaks, dtype=np.float64)
    if len(peaks) and not len(signal):
        raise ValueError(f"{len(peaks)} R peaks were given with an empty signal")
    # svdb 860 has an annotation one past its last sample, hence the clipping.
    r = np.clip(np.rint(peaks * (fs_out_hz / fs_hz)).astype(np.int64), 0, max(len(signal) - 1, 0))
    return signal, r, r // round(window_s * fs_out_hz)


def _window_range(signal: Float32, length: int) -> tuple[Float32, Float32]:
    starts = np.arange(0, len(signal), length)
    return np.minimum.reduceat(signal, starts), np.maximum.reduceat(signal, starts)


def _scale(beats: Float32, low: Float32, high: Float32) -> Float32:
    span = high - low
    span = np.where(span > 0, span, np.float32(1))  # a flat window becomes zeros
    beats -= low[:, None]
    beats /= span[:, None]
    return np.clip(beats, 0, 1, out=beats)


# RR interval of a beat that is alone in its recording: longer than any cut, so nothing is padded.
_NO_PADDING: Final = 1e9


def _median_rr(r: Int64, window: Int64) -> npt.NDArray[np.float64]:
    """Give each beat the median RR interval of its window, in samples."""
    n_windows = int(window[-1]) + 1 if len(window) else 0
    rr = np.diff(r)
    same = window[1:] == window[:-1]
    everywhere = float(np.median(rr)) if len(rr) else _NO_PADDING
    rr, owner = rr[same], window[1:][same]
    order = np.lexsort((rr, owner))
    rr, owner = rr[order].astype(np.float64), owner[order]
    count = np.bincount(owner, minlength=n_windows)
    begin = np.cumsum(count) - count
    median = np.full(n_windows, everywhere)
    some = count > 0
    lower = rr[begin[some] + (count[some] - 1) // 2]
    upper = rr[begin[some] + count[some] // 2]
    median[some] = (lower + upper) / 2
    return median[window]
