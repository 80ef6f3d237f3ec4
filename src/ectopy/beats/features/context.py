"""Signal and R peaks to what the beat model reads: the beat, the patient's usual beat, the rhythm.

One implementation for training and for labelling. Each lead is seen from 0.33 s before to 0.38 s
after the beat's centre and compared with the patient's own usual beat: a running mean of recent
beats that were neither premature nor unlike the others, which survives records where most beats
are ectopic. Amplitudes are ratios to that usual beat, so gain drops out. What comes out is not
samples but measures (likeness, P wave, width, amplitude): on left-out patients they did better
than the networks on samples that were tried (docs/results/interpatient.md).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from ectopy.beats.conditioning.canonical import RATE_HZ, canonical, positions, snap
from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.conditioning.segments import segments
from ectopy.beats.features.prematurity import sinus
from ectopy.beats.features.rr_intervals import LONG_S, rhythm, sinus_weight, windows
from ectopy.beats.features.shape import BEFORE, LENGTH, N_MEASURES, QRS, measures

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

USUAL_BEATS: Final = 64
USUAL_S: Final = 60.0
"""How far back the patient's usual beat is averaged: beats and seconds, whichever is less."""

UNLIKE: Final = 0.35
"""Relative QRS distance at which a beat counts 1/e towards the usual beat."""

CHUNK: Final = 2048  # beats at a time: the arrays stay in the processor's cache

HISTORY_S: Final = max(LONG_S, 2 * USUAL_S)

RECENT_BEATS: Final = 24
"""Over which each measure's mean and mean square tell what is usual for it."""

_BLOCK: Final = 64  # beats whose windows one matrix product averages; divides `USUAL_BEATS`
_MIDDLE: Final = LENGTH // 10  # of every fifth sample, an even number of them


def inputs(
    signal_mv: npt.ArrayLike, fs_hz: float, r_peaks: npt.ArrayLike, *, two_sided: bool = False
) -> Float32:
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

    Returns
    -------
    ndarray of float32, shape (n_beats, n_features)
        Rhythm, then the measures of the leads: mean, largest and smallest over the leads, those of
        the previous and of the next beat, recent mean and mean square; last, the sifted rhythm
        (`ectopy.beats.features.prematurity`).
    """
    return from_canonical(
        canonical(signal_mv, fs_hz), positions(r_peaks, fs_hz), two_sided=two_sided
    )


def from_canonical(signal: Float32, at: Float64, *, two_sided: bool = False) -> Float32:
    """Prepare a canonical signal (n_leads, n) with R peaks on the canonical grid, as `inputs`."""
    if not len(at):
        some = np.array([100.0, 200.0, 300.0])
        return from_canonical(np.zeros((1, 400), np.float32), some, two_sided=two_sided)[:0]
    with one_thread:
        return _from_canonical(signal, at, two_sided)


def _from_canonical(signal: Float32, at: Float64, two_sided: bool) -> Float32:
    at = snap(signal, at)
    times = at / RATE_HZ
    weight = sinus_weight(times).astype(np.float32)
    span = windows(times, USUAL_BEATS, USUAL_S, two_sided)
    measured = np.empty((len(signal), N_MEASURES, len(at)), np.float32)
    on = np.empty((len(signal), len(at)), dtype=bool)
    for start in range(0, len(at), CHUNK):
        chunk = _Chunk(at, weight, span, start, USUAL_BEATS if two_sided else 0)
        own = slice(start, start + chunk.n_beats)
        for number, lead in enumerate(signal):
            measured[number, :, own], on[number, own] = chunk.measure(lead)
    parts = [rhythm(times, two_sided), _over_leads(measured, on).T, sinus(times)]
    features = np.empty((len(at), sum(part.shape[1] for part in parts)), np.float32)
    for start in range(0, len(at), CHUNK):
        own = slice(start, start + CHUNK)
        np.concatenate([part[own] for part in parts], axis=1, out=features[own])
    return features


class _Chunk:
    """Some beats in turn, those around them, and whose average the usual beat of each is.

    A usual beat is an average over a window, weighted by another average over windows; so beats
    are cut up to two windows before the first, and the first average is taken up to one before.

    Parameters
    ----------
    at, weight : ndarray, shape (n_all_beats,)
        Centres of all beats on the canonical grid, and how surely each is not premature.
    span : tuple of ndarray of int64, shape (n_all_beats,)
        First and one-past-last beat of each one's window.
    start : int
        First beat of the chunk; it has `CHUNK` beats, or what is left.
    ahead : int
        Beats that a window reaches ahead.
    """

    def __init__(
        self, at: Float64, weight: Float32, span: tuple[Int64, Int64], start: int, ahead: int
    ) -> None:
        n_all = len(at)
        self.n_beats = min(CHUNK, n_all - start)
        blocks = -(-self.n_beats // _BLOCK)
        # Beats that are cut, by number; beyond the recording's ends the last one repeats, in no
        # window.
        number = np.arange(start - 2 * USUAL_BEATS, start + blocks * _BLOCK + max(2 * ahead, 1))
        self.near = np.clip(number, 0, n_all - 1)
        self.at, self.weight = at[self.near], weight[self.near]
        self.blocks = blocks
        self.width = USUAL_BEATS + _BLOCK + ahead
        averaged = blocks + (USUAL_BEATS + ahead) // _BLOCK
        self.rough = slice(USUAL_BEATS, USUAL_BEATS + averaged * _BLOCK)
        whose = self.near[self.rough].reshape(averaged, 1, _BLOCK)
        begin = (number[0] + _BLOCK * np.arange(averaged))[:, None, None]
        place = np.arange(self.width, dtype=np.int32)[:, None]
        first, last = ((edge[whose] - begin).astype(np.int32) for edge in span)
        self.inside = ((place >= first) & (place < last)).astype(np.float32)
        self.surely = self.inside * self._blocks(self.weight)[..., None]
        self.sure = (self.surely.sum(axis=1) + np.float32(1e-6)).ravel()

    def _blocks(self, values: Float32) -> Float32:
        """Give the values (..., n) that the windows of each block are in: (..., blocks, width)."""
        return sliding_window_view(values, self.width, axis=-1)[..., ::_BLOCK, :]

    def _sums(self, values: Float32, shares: Float32) -> Float32:
        """Sum values (n, n_cut) over windows, by shares (blocks, width, _BLOCK)."""
        blocks = self._blocks(values)[:, : len(shares)].transpose(1, 0, 2)
        return (blocks @ shares).transpose(1, 0, 2).reshape(len(values), -1)

    def measure(self, lead: Float32) -> tuple[Float32, npt.NDArray[np.bool_]]:
        """Measure the beats in one lead (N_MEASURES, n_beats), and tell where it is on."""
        beats = _cut(lead, self.at)
        qrs = beats[QRS, self.rough]
        rough = self._sums(beats[QRS], self.surely) / self.sure
        size = np.einsum("ij,ij->j", rough, rough) + np.einsum("ij,ij->j", qrs, qrs)
        rough -= qrs
        unlike = np.einsum("ij,ij->j", rough, rough) / (size + np.float32(1e-9))
        likely = self.weight.copy()
        likely[self.rough] *= np.exp(unlike * np.float32(-1 / UNLIKE**2))
        likely += np.float32(1e-3)
        skip = USUAL_BEATS // _BLOCK
        used = slice(skip, skip + self.blocks)
        shares = self.inside[used] * self._blocks(likely)[used, :, None]
        sums = self._sums(beats[:, USUAL_BEATS:], shares)[:, : self.n_beats]
        usual = sums[:LENGTH] / (sums[LENGTH] + np.float32(1e-6))
        own = 2 * USUAL_BEATS
        return measures(beats[:LENGTH, own - 1 : own + self.n_beats + 1], usual)


def _cut(lead: Float32, at: Float64) -> Float32:
    """Cut beats around fractional centres by linear interpolation, each less its median.

    Returns
    -------
    ndarray of float32, shape (LENGTH + 1, n_beats)
        The last row is ones, so that what sums beats sums weights too.
    """
    whole = np.floor(at).astype(np.int64)
    part = (at - whole).astype(np.float32)
    beats = np.ascontiguousarray(segments(lead, whole - BEFORE, LENGTH + 1).T)
    beats[:-1] += part * np.diff(beats, axis=0)
    some = np.sort(np.ascontiguousarray(beats[:-1:5].T), axis=1)  # np.median is far slower
    beats[:-1] -= (some[:, _MIDDLE - 1] + some[:, _MIDDLE]) / 2
    beats[-1] = 1
    return beats


def _over_leads(measured: Float32, on: npt.NDArray[np.bool_]) -> Float32:
    """Pool measures (n_leads, k, n_beats) over the leads that are on, and look around each beat.

    Returns
    -------
    ndarray of float32, shape (7 * k, n_beats)
    """
    seen = (on | ~on.any(axis=0))[:, None]
    if seen.all():
        mean, largest, smallest = measured.mean(axis=0), measured.max(axis=0), measured.min(axis=0)
    else:
        mean = np.where(seen, measured, 0).sum(axis=0) / seen.sum(axis=0, dtype=np.float32)
        largest = np.where(seen, measured, -np.inf).max(axis=0)
        smallest = np.where(seen, measured, np.inf).min(axis=0)
    before = np.concatenate([mean[:, :1], mean[:, :-1]], axis=1)
    following = np.concatenate([mean[:, 1:], mean[:, -1:]], axis=1)
    recent = _recent(np.concatenate([mean, mean**2]))
    return np.concatenate([mean, largest, smallest, before, following, recent], dtype=np.float32)


def _recent(rows: Float32) -> Float64:
    """Mean of the last `RECENT_BEATS` beats, this one included; shape (k, n_beats) as given."""
    sums = np.cumsum(rows, axis=1, dtype=np.float64)
    sums[:, RECENT_BEATS:] -= sums[:, :-RECENT_BEATS].copy()
    return np.asarray(sums / (np.minimum(np.arange(rows.shape[1]) + 1, RECENT_BEATS) + 1e-6))
