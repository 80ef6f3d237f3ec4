"""Variability of the intervals between normal beats, by the definitions of the Task Force.

Task Force of the ESC and NASPE: Heart rate variability. Circulation 1996;93:1043-1065.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Intervals
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.model import Variability, VariabilityOf
from ectopy.analysis.summary.spectrum import PART_S, bands, mean_spectrum, ultra_low
from ectopy.classes import AAMI
from ectopy.recordings.clock import DAY_S, Clock

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

FEWEST_NN: Final = 30
"""NN intervals, or changes from one to the next, from which their spread is told."""
_TRIANGULAR_S: Final = 1200.0  # the triangular index needs 20 minutes (Task Force)
_BIN_S: Final = 1 / 128  # of its histogram
_OTHERS: Final = 0.2  # share of beats that are not normal, from which a hint says so
_FIBRILLATION: Final = 1.0  # percent of the time, from which a hint says so
_UNSTEADY: Final = 0.1
"""Share of changes between neighbouring normal intervals above ``nn_change`` from which a hint says
so: by reference labels 0.37 to 0.57 in fibrillation (mitdb 201 and 203, seven records of afdb),
0.08 and less in 37 of 40 others of DS1 and svdb."""


@dataclass(frozen=True)
class _NN:
    """NN intervals, and the changes from one to the next.

    Attributes
    ----------
    at_s, ms : ndarray of float64, shape (n,)
        Time of the beat that ends an interval, and its length in ms.
    pair_at_s, change_ms : ndarray of float64, shape (n_pairs,)
        The same of the change between two NN intervals that are neighbours.
    part : ndarray of int64, shape (n,)
        Five-minute part of the recording; -1 in one that is cut short.
    """

    at_s: Float64
    ms: Float64
    pair_at_s: Float64
    change_ms: Float64
    part: Int64

    def within(self, kept: Bool, pairs: Bool, parts: Bool) -> _NN:
        """Select intervals, changes, and the parts (by number) that lie wholly within."""
        part = self.part[kept]
        whole = np.r_[parts, False][part]
        return _NN(
            self.at_s[kept],
            self.ms[kept],
            self.pair_at_s[pairs],
            self.change_ms[pairs],
            np.where(whole, part, -1),
        )


def variability(
    intervals: Intervals,
    clock: Clock,
    settings: Settings,
    af_percent: float | None = None,
) -> Variability:
    """Measure the variability of intervals between two normal, reliable beats.

    What too few intervals would have to carry is None, and so is a part of five minutes that the
    end of the recording cut short. Without a clock there is no day and no night. How much of the
    time is fibrillation is told by the rhythm, and said as a hint.
    """
    rr, normal = intervals.rr_s, _normal(intervals)
    both = np.r_[False, normal[1:] & normal[:-1]][: len(normal)]
    inside = both & (rr >= settings.nn_shortest_s) & (rr <= settings.nn_longest_s)
    before = np.r_[np.nan, rr[:-1]][: len(rr)]
    steady = np.abs(rr - before) <= settings.nn_change * before
    used = inside & (steady | np.isnan(before))
    pairs = np.flatnonzero(used[1:] & used[:-1]) + 1
    at = intervals.times_s
    part = (at[used] // PART_S).astype(np.int64)
    n_parts = int(clock.duration_s // PART_S)
    found = _NN(
        at[used],
        1000 * rr[used],
        at[pairs],
        1000 * (rr[pairs] - rr[pairs - 1]),
        np.where(part < n_parts, part, -1),
    )
    powers = bands(found.at_s, found.ms, found.part, n_parts)
    whole = _measure(found, powers, intervals.fs_hz)
    day = night = None
    if clock.start is not None:
        ends = clock.second_of_day(PART_S * np.arange(n_parts + 1, dtype=np.float64))
        # The last moment of a part is still within it.
        first, last = at_night(ends[:-1], settings), at_night((ends[1:] - 1) % DAY_S, settings)
        dark, dark_pair = (
            at_night(clock.second_of_day(at), settings) for at in (found.at_s, found.pair_at_s)
        )
        night, day = (
            _measure(found.within(of_beat, of_pair, parts), powers[parts], intervals.fs_hz)
            for of_beat, of_pair, parts in (
                (dark, dark_pair, first & last),
                (~dark, ~dark_pair, ~first & ~last),
            )
        )
    return Variability(
        **whole.model_dump(exclude={"spectrum"}),
        spectrum=whole.spectrum,
        ulf_ms2=ultra_low(found.at_s, found.ms, clock.duration_s),
        day=day,
        night=night,
        hints=_hints(intervals, inside, steady, used, af_percent or 0.0),
    )


def at_night(second_of_day: Float64, settings: Settings) -> Bool:
    """Tell which times of day are at night."""
    begin, end = 3600 * settings.night_begins_h, 3600 * settings.night_ends_h
    after, before = second_of_day >= begin, second_of_day < end
    night: Bool = after & before if begin < end else after | before
    return night


def _normal(intervals: Intervals) -> Bool:
    beats = intervals.beats
    normal: Bool = (beats.classes == AAMI.index("N")) & ~beats.uncertain
    return normal


def _measure(nn: _NN, powers: Float64, fs_hz: float) -> VariabilityOf:
    """Measure these intervals, and the spectra of their parts."""
    whole = nn.part >= 0
    means, sds = _by_part(nn.ms[whole], nn.part[whole])
    enough = len(nn.change_ms) >= FEWEST_NN
    large = int((np.abs(nn.change_ms) > 50).sum())
    return VariabilityOf(
        nn_intervals=len(nn.ms),
        nn_hours=round(float(nn.ms.sum()) / 3.6e6, 2),
        mean_nn_ms=_one(nn.ms.mean()) if len(nn.ms) else None,
        sdnn_ms=_one(nn.ms.std(ddof=1)) if len(nn.ms) >= FEWEST_NN else None,
        sdann_ms=_one(means.std(ddof=1)) if len(means) > 1 else None,
        sdnn_index_ms=_one(sds.mean()) if len(sds) else None,
        rmssd_ms=_one(np.sqrt(np.mean(nn.change_ms**2))) if enough else None,
        nn50=large if enough else None,
        pnn50_percent=_one(100 * large / len(nn.change_ms)) if enough else None,
        triangular_index=_triangular(nn.ms, fs_hz),
        spectrum=mean_spectrum(powers),
    )


def _by_part(values: Float64, parts: Int64) -> tuple[Float64, Float64]:
    """Mean and SD of each part with enough values to have one."""
    count = np.bincount(parts) if len(parts) else np.zeros(0)
    kept = count >= FEWEST_NN
    total, square = (
        np.bincount(parts, values**power) if len(parts) else np.zeros(0) for power in (1, 2)
    )
    mean = total[kept] / count[kept]
    spread = np.maximum(square[kept] / count[kept] - mean**2, 0) * count[kept] / (count[kept] - 1)
    return mean, np.sqrt(spread)


def _triangular(ms: Float64, fs_hz: float) -> float | None:
    """Give all NN intervals by the height of their histogram in bins of 1/128 s.

    Intervals are whole samples, so the bin is the number of them that is nearest to 1/128 s, and
    the height is scaled to it: bins of one and of two samples by turns would make it a chance.
    """
    if ms.sum() < 1000 * _TRIANGULAR_S:
        return None
    samples = np.rint(ms * fs_hz / 1000).astype(np.int64)
    wide = max(1, round(_BIN_S * fs_hz))
    height = np.bincount((samples - samples.min()) // wide).max()
    return _one(len(ms) / height * wide / fs_hz / _BIN_S)


def _hints(
    intervals: Intervals, inside: Bool, steady: Bool, used: Bool, af_percent: float
) -> list[str]:
    """Say why these figures may not be what they are read as."""
    sure = ~intervals.beats.uncertain
    count = np.bincount(intervals.beats.classes[sure], minlength=len(AAMI)) / max(1, sure.sum())
    share = dict(zip(AAMI, count.tolist(), strict=True))
    neighbours = inside[1:] & inside[:-1]
    unsteady = (neighbours & ~steady[1:]).sum() / max(1, neighbours.sum())
    measured = int((~np.isnan(intervals.rr_s)).sum())
    said = []
    if share["Q"] > _OTHERS:
        said.append(f"{100 * share['Q']:.0f} % of the beats are paced or unclassifiable")
    ectopic = share["V"] + share["S"] + share["F"]
    if ectopic > _OTHERS:
        said.append(f"{100 * ectopic:.0f} % of the beats are ectopic")
    if af_percent >= _FIBRILLATION:
        said.append(f"{af_percent:.0f} % of the time is atrial fibrillation")
    elif unsteady > _UNSTEADY and neighbours.sum() >= FEWEST_NN:
        said.append(
            f"{100 * unsteady:.0f} % of the intervals between normal beats differ from the one "
            "before by more than those of a sinus rhythm do; it may be another rhythm"
        )
    if not said and measured >= FEWEST_NN and used.sum() < (1 - _OTHERS) * measured:
        said.append(
            f"only {100 * used.sum() / measured:.0f} % of the intervals are between reliable "
            "normal beats"
        )
    return said


def _one(value: float | np.floating[Any]) -> float:
    return round(float(value), 1)
