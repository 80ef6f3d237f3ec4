"""The patient's usual beat in one lead: a running mean of beats neither premature nor unlike it."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from ectopy.beats.conditioning.segments import segments
from ectopy.beats.features.shape import BEFORE, LENGTH, QRS

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

USUAL_BEATS: Final = 64
USUAL_S: Final = 60.0
"""How far back the patient's usual beat is averaged: beats and seconds, whichever is less."""

UNLIKE: Final = 0.35
"""Relative QRS distance at which a beat counts 1/e towards the usual beat."""

BLOCK: Final = 64  # beats whose windows one matrix product averages; divides `USUAL_BEATS`
_MIDDLE: Final = LENGTH // 10  # of every fifth sample, an even number of them


class UsualBeat:
    """The patient's usual beat at each beat of a chunk, from the past or from both sides.

    Parameters
    ----------
    near : ndarray of int64, shape (n_cut,)
        Beats that are cut.
    begin : int
        Number of the first, which may be before the recording.
    weight : ndarray of float32, shape (n_cut,)
        How surely each is not premature.
    span : tuple of ndarray of int64, shape (n_all_beats,)
        First and one-past-last beat of each one's window.
    blocks : int
        Blocks of beats in the chunk.
    ahead : int
        Beats that a window reaches ahead.
    """

    def __init__(
        self,
        near: Int64,
        begin: int,
        weight: Float32,
        span: tuple[Int64, Int64],
        blocks: int,
        ahead: int,
    ) -> None:
        self.weight, self.blocks = weight, blocks
        self.width = USUAL_BEATS + BLOCK + ahead
        averaged = blocks + (USUAL_BEATS + ahead) // BLOCK
        self.rough = slice(USUAL_BEATS, USUAL_BEATS + averaged * BLOCK)
        whose = near[self.rough].reshape(averaged, 1, BLOCK)
        before = (begin + BLOCK * np.arange(averaged))[:, None, None]
        place = np.arange(self.width, dtype=np.int32)[:, None]
        first, last = ((edge[whose] - before).astype(np.int32) for edge in span)
        self.inside = ((place >= first) & (place < last)).astype(np.float32)
        self.surely, self.sure = self._surely(weight)

    def _surely(self, weight: Float32) -> tuple[Float32, Float32]:
        """Give each beat's share in the first averages, and what the shares come to."""
        surely = self.inside * self._blocks(weight)[: len(self.inside), :, None]
        return surely, (surely.sum(axis=1) + np.float32(1e-6)).ravel()

    def _blocks(self, values: Float32) -> Float32:
        """Give the values (..., n) that the windows of each block are in: (..., blocks, width)."""
        return sliding_window_view(values, self.width, axis=-1)[..., ::BLOCK, :]

    def _sums(self, values: Float32, shares: Float32) -> Float32:
        """Sum values (n, n_cut) over windows, by shares (blocks, width, BLOCK)."""
        blocks = self._blocks(values)[:, : len(shares)].transpose(1, 0, 2)
        return (blocks @ shares).transpose(1, 0, 2).reshape(len(values), -1)

    def of(self, beats: Float32, heard: Bool) -> Float32:
        """Average the beats that were cut, with a row of ones below them, to usual ones.

        Only those beats count at which the lead is ``heard``, shape (n_cut,).
        """
        surely, sure, every = self.surely, self.sure, heard.all()
        if not every:
            surely, sure = self._surely(self.weight * heard)
        qrs = beats[QRS, self.rough]
        rough = self._sums(beats[QRS], surely) / sure
        size = np.einsum("ij,ij->j", rough, rough) + np.einsum("ij,ij->j", qrs, qrs)
        rough -= qrs
        unlike = np.einsum("ij,ij->j", rough, rough) / (size + np.float32(1e-9))
        likely = self.weight.copy()
        likely[self.rough] *= np.exp(unlike * np.float32(-1 / UNLIKE**2))
        likely += np.float32(1e-3)
        if not every:
            likely *= heard
        skip = USUAL_BEATS // BLOCK
        used = slice(skip, skip + self.blocks)
        shares = self.inside[used] * self._blocks(likely)[used, :, None]
        sums = self._sums(beats[:, USUAL_BEATS:], shares)
        usual: Float32 = sums[:LENGTH] / (sums[LENGTH] + np.float32(1e-6))
        return usual


def cut(lead: Float32, at: Float64) -> Float32:
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
