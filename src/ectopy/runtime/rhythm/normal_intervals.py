"""How regular beats of one kind are among the others: intervals from one to the next like it.

Early beats and the pauses after them make a rhythm irregular that is none in itself. Between them,
from one normal beat to the next, a sinus rhythm changes little, and so does a supraventricular run;
fibrillation is irregular there too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from ectopy.beats.features.irregularity import STRIDE
from ectopy.runtime.rhythm.known_beats import KnownBeats

Bool = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
T = TypeVar("T", bound=np.generic)

AROUND: Final = 30
"""Beats before and after a place that are looked at."""
BLOCK: Final = 20_000  # places looked at together
FEWEST: Final = 5
"""Steps, or intervals, below which nothing is said."""


REGULAR_STEP: Final = 0.06
REGULAR_SPREAD: Final = 0.1
OTHERS: Final = 0.05
AGAINST: Final = 6.0
"""Where so large a share of the beats is not normal, and those alike are so regular, log-odds of
fibrillation are lowered by this, which no bounded evidence of `FibrillationModel` outweighs. Chosen
on DS1 and svdb, and on the Long-Term AF Database, where 2 % of the places in fibrillation have so
small a step."""


class NormalIntervals(NamedTuple):
    """What the beats around each of some places show.

    Attributes
    ----------
    at : ndarray of int64, shape (n_places,)
        Beats, every `STRIDE`-th.
    step : ndarray of float32, shape (n_places,)
        Median change from one interval to the next, over their median, where the beats are all N,
        or all S; NaN of too few.
    spread : ndarray of float32, shape (n_places,)
        Interquartile range of those intervals, over their median; NaN of too few.
    normal : ndarray of float32, shape (n_places,)
        Share of the beats that are N.
    """

    at: Int64
    step: Float32
    spread: Float32
    normal: Float32

    def against(self, n_beats: int) -> Float64:
        """Give what speaks against fibrillation at each beat, as `AGAINST` says."""
        with np.errstate(invalid="ignore"):
            regular = np.where(
                np.isnan(self.step), self.spread <= REGULAR_SPREAD, self.step <= REGULAR_STEP
            )
        told = np.where(regular & (self.normal <= 1 - OTHERS), AGAINST, 0.0)
        return self.spread_out(told, n_beats)

    def spread_out(self, values: npt.NDArray[T], n_beats: int) -> npt.NDArray[T]:
        """Give each beat the value of the place before it."""
        return np.repeat(values, np.diff(np.append(self.at, n_beats)))


def normal_intervals(beats: KnownBeats, seen: Bool | None = None) -> NormalIntervals:
    """Look at the intervals around every `STRIDE`-th beat, of all beats or those ``seen`` alone."""
    n = len(beats)
    seen = np.ones(n, dtype=bool) if seen is None else seen
    at = np.arange(0, n, STRIDE, dtype=np.int64)
    normal, early = beats.of("N") & seen, beats.of("S") & seen
    alike = (normal[1:] & normal[:-1]) | (early[1:] & early[:-1])
    nn = np.full(n, np.nan, dtype=np.float32)  # by the beat that ends it
    step = np.full(n, np.nan, dtype=np.float32)
    rr = np.diff(beats.times_s)
    nn[1:] = np.where(alike & beats.joined[1:], rr, np.nan)
    step[1:] = np.abs(np.diff(nn))
    low, median, high = _quantiles(nn, at, (0.25, 0.5, 0.75))
    (middle,) = _quantiles(step, at, (0.5,))
    spread = (high - low) / median
    return NormalIntervals(at, middle / median, spread, _share(normal, seen, at))


def _quantiles(values: Float32, at: Int64, wanted: Sequence[float]) -> Float32:
    """Give quantiles of the values around each place, NaN of too few; shape (n_wanted, n_places).

    Block by block, so that two weeks fit in memory.
    """
    padded = np.pad(values, AROUND, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1)
    found = np.full((len(wanted), len(at)), np.nan, dtype=np.float32)
    for begin in range(0, len(at), BLOCK):
        ordered = np.sort(windows[at[begin : begin + BLOCK]], axis=1)  # NaN last
        count = np.count_nonzero(~np.isnan(ordered), axis=1)
        enough = np.flatnonzero(count >= FEWEST)
        for row, q in zip(found, wanted, strict=True):
            place = (q * (count[enough] - 1)).astype(np.int64)
            row[begin + enough] = ordered[enough, place]
    return found


def _share(own: Bool, of: Bool, at: Int64) -> Float32:
    last, first = np.minimum(at + AROUND + 1, len(own)), np.maximum(at - AROUND, 0)
    n_own, n = (np.append(0, np.cumsum(some)) for some in (own, of))
    there = np.maximum(n[last] - n[first], 1)
    return np.asarray((n_own[last] - n_own[first]) / there, dtype=np.float32)
