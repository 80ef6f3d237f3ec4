"""What each beat looks like, in so few numbers that those of a fortnight stay in memory.

The QRS and the beginning of the T wave of two leads, at 64 Hz, centred on the energy of the QRS, so
that a detector that marks now one flank and now the other does not make two forms of one. Size,
level and slope drop out: what is kept says how the beat goes up and down, not how far, and not how
the baseline wanders.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.conditioning.segments import segments

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
Int8 = npt.NDArray[np.int8]

LEADS: Final = 2
"""Leads that are looked at: what the second one does not tell apart, a third rarely does."""
NUMBERS: Final = 24
"""Of each lead, at `RATE_HZ`: 0.11 s before the centre to 0.25 s after it."""
RATE_HZ: Final = 64.0

_FINE: Final = 2  # steps in one of the outline's: where the QRS is centred, at 128 Hz
_BEFORE: Final = 7  # of its numbers stand before the centre
_SNAP_S: Final = 0.08  # that a mark may be off the centre
_WIDEST_HZ: Final = 27.0  # what is kept of the signal: half its height there, nothing at 50 Hz
_SLOPES: Final = 13  # fine steps over which the energy of slopes is summed: 100 ms, a QRS
_CALM_HZ: Final = 200.0  # a signal of twice that is averaged over neighbours first: it costs less
_LEAST_MV: Final = 2e-5  # below that there is no beat, only how numbers are rounded
_CHUNK: Final = 2048  # beats at a time: the arrays stay in the processor's cache


def outline(signal_mv: Float32, fs_hz: float, r_peaks: npt.ArrayLike) -> Int8:
    """Outline beats.

    Parameters
    ----------
    signal_mv : ndarray of float32, shape (n_leads, n_samples)
        ECG, of which the first `LEADS` leads are looked at; NaN where samples are missing.
    fs_hz : float
        Sampling rate in Hz.
    r_peaks : array_like of int, shape (n_beats,)
        Sample indices of the R peaks; anywhere on the QRS will do.

    Returns
    -------
    ndarray of int8, shape (n_beats, LEADS * NUMBERS)
        One lead after the other, the largest of both 127; zeros for a lead that is not there or
        has missing samples.

    Examples
    --------
    >>> from ectopy.beats.features import outline
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> outline(recording.read(), recording.fs_hz, reference.samples).shape == (len(reference), 48)
    True
    """
    leads = np.atleast_2d(np.asarray(signal_mv, dtype=np.float32))[:LEADS]
    peaks = np.asarray(r_peaks, dtype=np.int64)
    found = np.zeros((len(peaks), LEADS * NUMBERS), dtype=np.int8)
    fewer = max(1, int(fs_hz / _CALM_HZ))
    if fewer > 1:
        whole = leads.shape[1] // fewer * fewer
        leads = leads[:, :whole].reshape(len(leads), -1, fewer).mean(axis=2)
    if not leads.size:
        return found
    with one_thread:
        for start in range(0, len(peaks), _CHUNK):
            here = slice(start, start + _CHUNK)
            found[here] = _some(leads, fs_hz / fewer, peaks[here] / fewer)
    return found


def _some(leads: Float32, fs_hz: float, at: npt.NDArray[np.float64]) -> Int8:
    matrix, reach = _smooth(fs_hz)
    first = np.rint(at).astype(np.int64) - reach
    fine = np.empty((len(leads), len(at), matrix.shape[1]), np.float32)
    for lead, rows in zip(leads, fine, strict=True):
        np.matmul(segments(lead, first, len(matrix)), matrix, out=rows)
        rows[~np.isfinite(rows.sum(axis=1))] = 0
    centre = _centres(fine)
    whole = np.floor(centre).astype(np.int64)
    part = (centre - whole).astype(np.float32)[:, None]
    kept, line = np.zeros((len(at), LEADS, NUMBERS), np.float32), _line()
    starts = np.arange(len(at)) * fine.shape[2] + whole - _FINE * _BEFORE
    for number, rows in enumerate(fine):
        near = segments(rows.ravel(), starts, _FINE * NUMBERS)
        ours = kept[:, number]
        np.subtract(near[:, 1::_FINE], near[:, ::_FINE], out=ours)
        ours *= part
        ours += near[:, ::_FINE]
        ours -= (ours @ line.T) @ line
    flat = kept.reshape(len(at), -1)
    largest = np.maximum(flat.max(axis=1), -flat.min(axis=1))
    flat *= np.where(largest > _LEAST_MV, 127 / np.maximum(largest, _LEAST_MV), 0)[:, None]
    return np.rint(flat, out=flat).astype(np.int8)


def _centres(fine: Float32) -> npt.NDArray[np.float64]:
    """Give for each beat (n_leads, n_beats, n_fine) where the energy of its slopes is largest."""
    snap = round(_SNAP_S * RATE_HZ * _FINE)
    zero = _zero()
    first, last = zero - snap - _SLOPES, zero + snap + _SLOPES + 1
    slopes = np.diff(fine[:, :, first : last + 1], axis=2)
    energy = np.einsum("ijk,ijk->jk", slopes, slopes) @ _triangle(last - first)
    inner = energy[:, 1:-1].argmax(axis=1)
    row = np.arange(len(energy))
    before, top, after = (energy[row, inner + step] for step in range(3))
    clear = (top > before) & (top > after)
    curve = np.minimum(before - 2 * top + after, -1e-20)
    moved = inner + np.clip(0.5 * (before - after) / curve, -0.5, 0.5) - snap + 0.5
    return np.where(clear, zero + moved, float(zero))


@cache
def _line() -> Float32:
    """Give level and slope of a beat, of unit length: what wander of the baseline adds to it."""
    slope = np.arange(NUMBERS) - (NUMBERS - 1) / 2
    rows = np.stack([np.ones(NUMBERS), slope])
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(unit, dtype=np.float32)


def _zero() -> int:
    """Place of the mark among the fine steps, with room to move."""
    return _FINE * _BEFORE + round(_SNAP_S * RATE_HZ * _FINE) + _SLOPES


@cache
def _triangle(length: int) -> Float32:
    """Sum energies of so many slopes around each inner place, the nearest most."""
    half = _SLOPES - 1
    weight = 1 - np.abs(np.arange(-half, half + 1)) / _SLOPES
    matrix = np.zeros((length, length - 2 * half), np.float32)
    for column in range(matrix.shape[1]):
        matrix[column : column + len(weight), column] = weight
    return matrix


@cache
def _smooth(fs_hz: float) -> tuple[Float32, int]:
    """Write smoothing and resampling of a beat as a matrix; also give the samples before its mark.

    A Gaussian: no ringing around a steep QRS, and half a beat's length is all the room it needs.
    """
    n_fine = _zero() + _FINE * (NUMBERS - _BEFORE) + round(_SNAP_S * RATE_HZ * _FINE) + 2
    times = (np.arange(n_fine) - _zero()) / (RATE_HZ * _FINE)
    sigma_s = np.sqrt(np.log(2) / 2) / (np.pi * _WIDEST_HZ)
    reach = int(np.ceil((-times[0] + 3 * sigma_s) * fs_hz))
    after = int(np.ceil((times[-1] + 3 * sigma_s) * fs_hz))
    samples = np.arange(-reach, after + 1) / fs_hz
    # A slow signal has few samples within the Gaussian: wide enough for two of them.
    weight = np.exp(-0.5 * ((samples[:, None] - times) / max(sigma_s, 0.6 / fs_hz)) ** 2)
    weight[weight < 1e-6] = 0  # numbers too small for their format multiply very slowly
    return (weight / weight.sum(axis=0)).astype(np.float32), reach
