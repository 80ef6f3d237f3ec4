"""Power of the intervals between normal beats by frequency, by the bands of the Task Force.

Task Force of the ESC and NASPE: Heart rate variability. Circulation 1996;93:1043-1065. Intervals
are not resampled, which would take power from high frequencies: G. B. Moody, Spectral analysis of
heart rate without resampling, Computers in Cardiology 1993;20:715-718.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.summary.model import Spectrum
from ectopy.recordings.clock import DAY_S

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

PART_S: Final = 300
"""Length of the parts of SDANN, the SDNN index and the spectra, in s."""
WHOLE_DAY_H: Final = 18.0
"""Hours of NN intervals from which figures are those of a day (Task Force)."""
_ULF_HZ: Final = 0.003
_BANDS_HZ: Final = (0.04, 0.15, 0.4)  # upper ends of VLF, LF and HF
_LEAST_MS: Final = 0.9 * 1000 * PART_S
"""NN intervals of a part, added up, from which there is a spectrum: gaps move power between bands,
of a swing in LF a tenth into HF where a twelfth of the intervals is missing."""
_MEAN_S: Final = 10.0  # NN intervals are averaged so long for ULF: 0.3 % of the power is lost there


def bands(at_s: Float64, nn_ms: Float64, part: Int64, n_parts: int) -> Float64:
    """Give the power of the parts of a recording that NN intervals fill, by band.

    Parameters
    ----------
    at_s, nn_ms : ndarray, shape (n,)
        Time of the beat that ends an interval, in s, and the length of the interval in ms.
    part : ndarray of int, shape (n,)
        Part of five minutes that it is in; -1 for none.
    n_parts : int
        How many there are.

    Returns
    -------
    ndarray, shape (n_parts, 3)
        VLF, LF and HF in ms²; NaN where NN intervals leave out more than a tenth of a part.
    """
    given = np.full((n_parts, len(_BANDS_HZ)), np.nan)
    whole = part >= 0
    filled = np.bincount(part[whole], nn_ms[whole], minlength=n_parts) >= _LEAST_MS
    kept = np.r_[filled, False][part]  # -1 is none
    part, ms, at = part[kept], nn_ms[kept], at_s[kept]
    if not len(part):
        return given
    starts = np.flatnonzero(np.diff(part, prepend=-1))
    turns = at / PART_S - part
    taper = np.sin(np.pi * turns) ** 2  # Hann: drifts do not leak into the bands
    edges = np.rint(np.array((0.0, *_BANDS_HZ)) * PART_S).astype(np.int64)
    power = periodogram(turns, _level(ms, turns, starts), taper, starts, int(edges[-1]))
    # A tapered sine stands in several bins: they add up to its power after this.
    count = np.diff(np.r_[starts, len(part)])
    total, square = (np.add.reduceat(taper**n, starts) for n in (1, 2))
    power /= (count * square / total**2)[:, None]
    given[part[starts]] = np.add.reduceat(power, edges[:-1], axis=1)
    return given


def mean_spectrum(powers: Float64) -> Spectrum | None:
    """Average the powers of parts, shape (n_parts, 3); those that are NaN are left out."""
    there = powers[~np.isnan(powers[:, 0])]
    if not len(there):
        return None
    vlf, lf, hf = there.mean(axis=0).tolist()
    return Spectrum(
        parts=len(there),
        vlf_ms2=round(vlf, 1),
        lf_ms2=round(lf, 1),
        hf_ms2=round(hf, 1),
        lf_hf=round(lf / hf, 2) if hf > 0 else None,
    )


def _level(values: Float64, at: Float64, starts: Int64) -> Float64:
    """Take mean and linear trend out of every group."""
    lengths = np.diff(np.r_[starts, len(values)])
    of = np.repeat(np.arange(len(starts)), lengths)
    x, y = (each - (np.add.reduceat(each, starts) / lengths)[of] for each in (at, values))
    spread = np.maximum(np.add.reduceat(x * x, starts), 1e-12)
    level: Float64 = y - (np.add.reduceat(x * y, starts) / spread)[of] * x
    return level


def periodogram(
    turns: Float64, values: Float64, weights: Float64, starts: Int64, n_frequencies: int
) -> Float64:
    """Give the power of unevenly spaced values at whole numbers of turns (Lomb 1976), by group.

    Parameters
    ----------
    turns : ndarray, shape (n,)
        Time of each value, as a share of the length of its group.
    values, weights : ndarray, shape (n,)
        Without their mean; how much each counts.
    starts : ndarray of int, shape (n_groups,)
        Where each group begins.
    n_frequencies : int
        Up to so many turns a length.

    Returns
    -------
    ndarray, shape (n_groups, n_frequencies)
        At 1, 2, ... turns: half the square of the amplitude of the sine and cosine that fit best.
    """
    step = np.exp(2j * np.pi * turns)
    wave = np.ones(len(turns), dtype=np.complex128)
    total = np.add.reduceat(weights, starts)
    weighted = weights * values
    fits = np.zeros((n_frequencies + 1, len(starts)), dtype=np.complex128)
    doubled = np.zeros((2 * n_frequencies + 1, len(starts)), dtype=np.complex128)
    for k in range(1, 2 * n_frequencies + 1):  # each turn from the one before: no sine is asked for
        wave *= step
        if k <= n_frequencies:
            fits[k] = np.add.reduceat(weighted * wave, starts)
        if k % 2 == 0:
            doubled[k] = np.add.reduceat(weights * wave, starts)
    twice = doubled[2::2]
    cc, ss, cs = (total + twice.real) / 2, (total - twice.real) / 2, twice.imag / 2
    yc, ys = fits[1:].real, fits[1:].imag
    free = cc * ss - cs * cs
    power = np.where(
        free > 1e-9 * total**2,
        (ss * yc**2 + cc * ys**2 - 2 * cs * yc * ys) / np.where(free > 0, free, 1),
        0.0,
    )
    given: Float64 = (power / total).T
    return given


def ultra_low(at_s: Float64, nn_ms: Float64, duration_s: float) -> float | None:
    """Give the power in ms² up to 0.003 Hz, the mean of the days that NN intervals fill for 18 h.

    Parameters
    ----------
    at_s, nn_ms : ndarray, shape (n,)
        Time of the beat that ends an interval, in s, and the length of the interval in ms.
    duration_s : float
        Length of the recording.
    """
    days = max(1, int(duration_s // DAY_S))
    length = min(duration_s, DAY_S)
    powers = []
    for day in range(days):
        here = slice(*np.searchsorted(at_s, [day * DAY_S, day * DAY_S + length]))
        ms, at = nn_ms[here], at_s[here] - day * DAY_S
        if ms.sum() < 3.6e6 * WHOLE_DAY_H:
            continue
        bins = (at // _MEAN_S).astype(np.int64)
        count, total = np.bincount(bins), np.bincount(bins, ms)
        there = np.flatnonzero(count)
        mean = total[there] / count[there]
        turns = (there.astype(np.float64) + 0.5) * (_MEAN_S / length)
        ones, first = np.ones(len(there)), np.zeros(1, dtype=np.int64)
        power = periodogram(turns, mean - mean.mean(), ones, first, int(_ULF_HZ * length))
        powers.append(float(power.sum()))
    return round(float(np.mean(powers)), 1) if powers else None
