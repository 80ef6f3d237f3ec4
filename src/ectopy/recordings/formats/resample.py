"""Leads of different rates on one time line: band-limited, and the same in pieces as in one go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from ectopy.recordings.recording import Float32

Float64 = npt.NDArray[np.float64]

_REACH: Final = 24
"""Samples of the slower lead on each side that a new sample is made of."""
_BETA: Final = 8.0
"""Of the Kaiser window: 80 dB, flat up to 0.45 of the slower rate with the reach above."""
_LARGEST: Final = 10_000
"""Numerator and denominator of a ratio of rates; the filter grows with them."""
_PIECE: Final = 1 << 19  # new samples made at once
_COLUMNS: Final = 64  # new samples, or more, that are made of one window
_TOGETHER: Final = 1 << 15  # new samples that stay in the processor's cache
_LEAST_WEIGHT: Final = 0.3  # of the samples that are there, below which the nearest one is taken


def ratio(high_hz: float, low_hz: float) -> Fraction | None:
    """Give how many samples of the higher rate there are for one of the lower, or None.

    None where the two have no ratio of numbers up to 10,000, so that no filter of a fair size fits.
    """
    if not 0 < low_hz <= high_hz:
        return None
    found = Fraction(high_hz / low_hz).limit_denominator(_LARGEST)
    near = abs(float(found) * low_hz / high_hz - 1) < 1e-9
    return found if near and found.numerator <= _LARGEST else None


@dataclass(frozen=True)
class Part:
    """Leads of one rate among those of a recording.

    Attributes
    ----------
    rows : sequence of int
        Where they stand among all leads.
    read : callable
        ``read(start, stop)`` gives samples at their own rate, (n_leads, n), missing ones NaN.
    n_samples : int
        How many there are, at their own rate.
    ratio : Fraction
        Samples of the recording for one of their own, 1 or more.
    """

    rows: Sequence[int]
    read: Callable[[int, int], Float32]
    n_samples: int
    ratio: Fraction


def join(parts: Sequence[Part]) -> Callable[[int, int], Float32]:
    """Give one reader of all leads at the highest rate."""
    if len(parts) == 1 and parts[0].ratio == 1:
        return parts[0].read
    readers = tuple(p.read if p.ratio == 1 else _Resampler(p).read for p in parts)
    return _Joined(tuple(tuple(p.rows) for p in parts), readers)


@dataclass(frozen=True)
class _Joined:
    """Reads leads of several rates, each with a reader of its own."""

    rows: tuple[tuple[int, ...], ...]
    readers: tuple[Callable[[int, int], Float32], ...]

    def __call__(self, start: int, stop: int) -> Float32:
        n_leads = sum(len(rows) for rows in self.rows)
        out = np.empty((n_leads, max(stop - start, 0)), dtype=np.float32)
        for rows, reader in zip(self.rows, self.readers, strict=True):
            out[list(rows)] = reader(start, stop)
        return out


def resampled(samples: Float32, high_hz: float, low_hz: float) -> Float32:
    """Bring the samples of one lead, shape (n,), from a lower rate to a higher one."""
    found = ratio(high_hz, low_hz)
    if found is None:
        raise ValueError(f"no simple ratio of {high_hz:g} to {low_hz:g} Hz")
    part = Part((0,), lambda start, stop: samples[None, start:stop], len(samples), found)
    (made,) = _Resampler(part).read(0, round(len(samples) * found))
    return np.asarray(made, dtype=np.float32)


@dataclass(frozen=True)
class _Resampler:
    """A windowed sinc in polyphase form (Crochiere and Rabiner, 1983), sample by sample the same.

    Each new sample is a sum over the samples within reach, divided by the sum of the weights of
    those that are there: the ends of the recording and of its gaps neither ring nor droop. A new
    sample is missing where the old one nearest to it is.
    """

    part: Part

    @cached_property
    def _weights(self) -> Float64:
        """Weights of the samples around each phase, shape (samples within reach, phases)."""
        up = self.part.ratio.numerator
        apart = np.arange(up) / up - np.arange(-_REACH, _REACH + 1)[:, None]
        inside = np.sqrt(np.maximum(1 - (apart / _REACH) ** 2, 0.0))
        weights = np.where(np.abs(apart) <= _REACH, np.sinc(apart) * np.i0(_BETA * inside), 0.0)
        return np.asarray(weights / weights.sum(axis=0))  # a constant stays what it is

    def read(self, start: int, stop: int) -> Float32:
        out = np.empty((len(self.part.rows), max(stop - start, 0)), dtype=np.float32)
        for begin in range(start, stop, _PIECE):
            end = min(begin + _PIECE, stop)
            out[:, begin - start : end - start] = self._piece(begin, end)
        return out

    def _piece(self, start: int, stop: int) -> Float32:
        up, down = self.part.ratio.numerator, self.part.ratio.denominator
        first, last = start * down // up - _REACH, (stop - 1) * down // up + _REACH + 1
        low, high = min(max(first, 0), self.part.n_samples), min(last, self.part.n_samples)
        old = np.full((len(self.part.rows), last - first), np.nan)
        if high > low:
            old[:, low - first : high - first] = self.part.read(low, high)
        there = np.isfinite(old)
        whole = bool(there.all())
        old[~there] = 0.0
        new = self._filtered(old, start, stop - start)
        if not whole:
            at = np.arange(start, stop) * down
            nearest = (2 * at + up) // (2 * up)
            # The last sample stands for all of the time up to the next, which never comes.
            nearest[at // up == self.part.n_samples - 1] = self.part.n_samples - 1
            nearest -= first
            share = self._filtered(there.astype(np.float64), start, stop - start)
            # Within rounding of the whole weight: exactly as where no sample is missing.
            share[np.abs(share - 1) < 1e-9] = 1.0
            few = share < _LEAST_WEIGHT
            share[few] = 1.0
            new /= share
            new = np.where(few, old[:, nearest], new)
            new[~there[:, nearest]] = np.nan
        return new.astype(np.float32)

    def _filtered(self, old: Float64, start: int, n: int) -> Float64:
        """Give ``n`` new samples from ``start`` on; ``old`` begins `_REACH` before the first's.

        Sample by sample the products are added in the same order, wherever a piece begins: a
        matrix product, or a filter of a library, would not promise that.
        """
        up, down = self.part.ratio.numerator, self.part.ratio.denominator
        turns = -(-_COLUMNS // up)
        at = start * down % up + np.arange(turns * up) * down
        behind, weights = at // up, self._weights[:, at % up, None]
        # Rows of windows, one for each so many new samples; a window reaches over all of them.
        rows = -(-n // len(at))
        width, step = int(behind[-1]) + 2 * _REACH + 1, turns * down
        lacking = max((rows - 1) * step + width - old.shape[1], 0)
        windows = sliding_window_view(np.pad(old, ((0, 0), (0, lacking))), width, axis=1)
        windows = windows[:, ::step].swapaxes(1, 2)
        out = np.zeros((len(old), rows, len(at)))
        together = max(_TOGETHER // len(at), 1)
        for row in range(0, rows, together):
            part = np.ascontiguousarray(windows[:, :, row : row + together])
            new = np.zeros((len(old), len(at), part.shape[2]))
            for j, weight in enumerate(weights):
                product = part[:, behind + j]
                product *= weight
                new += product
            out[:, row : row + together] = new.swapaxes(1, 2)
        return out.reshape(len(old), -1)[:, :n]
