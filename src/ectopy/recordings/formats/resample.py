"""Leads of different rates on one time line: band-limited, and the same in pieces as in one go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.recordings.recording import Float32

_REACH: Final = 24
"""Samples of the slower lead on each side that a new sample is made of."""
_BETA: Final = 8.0
"""Of the Kaiser window: 80 dB, flat up to 0.45 of the slower rate with the reach above."""
_LARGEST: Final = 10_000
"""Numerator and denominator of a ratio of rates; the filter grows with them."""
_PIECE: Final = 1 << 19  # new samples made at once
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
    readers = [p.read if p.ratio == 1 else _Resampler(p).read for p in parts]
    return _Joined(tuple(tuple(p.rows) for p in parts), tuple(readers))


@dataclass(frozen=True)
class _Joined:
    """Reads leads of several rates, each with a reader of its own."""

    rows: tuple[tuple[int, ...], ...]
    readers: tuple[Callable[[int, int], Float32], ...]

    def __call__(self, start: int, stop: int) -> Float32:
        out = np.empty((sum(map(len, self.rows)), max(stop - start, 0)), dtype=np.float32)
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
    def _filter(self) -> tuple[npt.NDArray[np.float64], int]:
        """Weights, and the place of the middle one, a multiple of the denominator."""
        up, down = self.part.ratio.numerator, self.part.ratio.denominator
        half = _REACH * up
        weights = np.sinc(np.arange(-half, half + 1) / up) * np.kaiser(2 * half + 1, _BETA)
        before = -half % down
        weights = np.concatenate([np.zeros(before), weights])
        weights = np.append(weights, np.zeros(-len(weights) % up)).reshape(-1, up)
        weights /= weights.sum(axis=0)  # of each phase: a constant stays what it is
        return weights.ravel(), before + half

    def read(self, start: int, stop: int) -> Float32:
        out = np.empty((len(self.part.rows), max(stop - start, 0)), dtype=np.float32)
        for begin in range(start, stop, _PIECE):
            end = min(begin + _PIECE, stop)
            out[:, begin - start : end - start] = self._piece(begin, end)
        return out

    def _piece(self, start: int, stop: int) -> Float32:
        from scipy.signal import upfirdn

        up, down = self.part.ratio.numerator, self.part.ratio.denominator
        weights, middle = self._filter
        # A multiple of the denominator, so that the first new sample is one of upfirdn's.
        first = (start * down - middle) // up // down * down
        last = -(-((stop - 1) * down + middle) // up) + 1
        low, high = min(max(first, 0), self.part.n_samples), min(last, self.part.n_samples)
        old = np.full((len(self.part.rows), last - first), np.nan)
        if high > low:
            old[:, low - first : high - first] = self.part.read(low, high)
        there = np.isfinite(old)
        whole = bool(there.all())
        old[~there] = 0.0
        skip = start - (first * up - middle) // down
        wanted = slice(skip, skip + stop - start)

        def filtered(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
            made = upfirdn(weights, values, up=up, down=down, axis=-1)
            return np.asarray(made[:, wanted], dtype=np.float64)

        new = filtered(old)
        if not whole:
            at = np.arange(start, stop) * down
            nearest = (2 * at + up) // (2 * up)
            # The last sample stands for all of the time up to the next, which never comes.
            nearest[at // up == self.part.n_samples - 1] = self.part.n_samples - 1
            nearest -= first
            share = filtered(there.astype(np.float64))
            # Within rounding of the whole weight: exactly as where no sample is missing.
            share[np.abs(share - 1) < 1e-9] = 1.0
            few = share < _LEAST_WEIGHT
            share[few] = 1.0
            new /= share
            new = np.where(few, old[:, nearest], new)
            new[~there[:, nearest]] = np.nan
        return new.astype(np.float32)
