"""How much the rhythm at a beat looks like fibrillation: of a whole recording, or of its past."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features import irregularity
from ectopy.beats.features.rr_intervals import intervals
from ectopy.runtime.rhythm.fibrillation import FibrillationModel
from ectopy.runtime.rhythm.settings import RhythmSettings

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

FEWEST: Final = 8
"""Beats without a gap of which nothing is said."""
AHEAD: Final = 2
"""Later beats that count where only the past does, as for all that is told of a beat then."""
AT_ONCE: Final = 4096  # beats described at a time, to bound the memory


@dataclass(frozen=True, eq=False)
class BeatRhythm:
    """Beats of a recording, in order, and what tells fibrillation from their times.

    Attributes
    ----------
    model : FibrillationModel
        The trees.
    times_s : ndarray of float64, shape (n_beats,)
        Ascending; two may be equal.
    lost : ndarray of bool, shape (n_beats,)
        Where signal was lost since the beat before.
    whole : ndarray of float64, shape (n_beats,), optional
        Log-odds at each beat, where all of the recording counts.
    """

    model: FibrillationModel
    times_s: Float64
    lost: Bool
    whole: Float64 | None = None

    @classmethod
    def of_whole(cls, model: FibrillationModel, times_s: Float64, lost: Bool) -> BeatRhythm:
        """Tell it of a whole recording: both sides of a beat count."""
        told = cls(model, times_s, lost)
        whole = np.full(len(times_s), np.nan)
        for first, last in told.runs:
            if last - first >= FEWEST:
                own = np.append(0.0, np.cumsum(told._rr[first : last - 1]))
                whole[first:last] = np.interp(own, *model.score(own))
        return replace(told, whole=whole)

    def __getitem__(self, part: slice) -> BeatRhythm:
        """Select beats in a row; where only the past counts, those before are forgotten."""
        whole = None if self.whole is None else self.whole[part]
        return BeatRhythm(self.model, self.times_s[part], self.lost[part], whole)

    def log_odds(self, beats: Int64) -> Float64:
        """Give the log-odds of fibrillation at some beats, NaN where too few are around."""
        if self.whole is not None:
            return self.whole[beats]
        found = np.full(len(beats), np.nan)
        for begin in range(0, len(beats), AT_ONCE):
            own = beats[begin : begin + AT_ONCE]
            first = self._first[own]
            last = np.minimum(own + AHEAD, self._last[own])  # beats; as many intervals before it
            known = np.flatnonzero(last - first + 1 >= FEWEST)
            if len(known):
                measures = irregularity.describe_at(
                    self._rr, last[known] - 1, first[known], last[known]
                )
                found[begin + known] = self.model.logits(measures)
        return found

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """First beat of each run without a gap, and one past its last."""
        n = len(self.times_s)
        apart = np.diff(self.times_s) > RhythmSettings().rhythm_gap_s
        cuts = (np.flatnonzero(apart | self.lost[1:]) + 1).tolist()
        return list(zip([0, *cuts], [*cuts, n], strict=True)) if n else []

    @cached_property
    def _rr(self) -> Float64:
        return intervals(self.times_s, self.lost)[1:]

    @cached_property
    def _first(self) -> Int64:
        return np.repeat([first for first, _ in self.runs], [b - a for a, b in self.runs])

    @cached_property
    def _last(self) -> Int64:
        return np.repeat([last - 1 for _, last in self.runs], [b - a for a, b in self.runs])
