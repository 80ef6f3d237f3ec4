"""`RhythmCourse`: which rhythm there is when, from the start of a recording to its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.runtime.rhythm.kinds import AF, NONE, VENTRICULAR

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

GOES_ON: Final = {AF: (VENTRICULAR,)}
"""A rhythm that is taken to go on in the atria while others stand before it: an episode of it is
one, though runs of ventricular beats part its spans."""


@dataclass(frozen=True, eq=False)
class RhythmCourse:
    """Spans of a rhythm that follow each other without a gap.

    Attributes
    ----------
    onset_s, end_s : ndarray of float64, shape (n_spans,)
        From 0 to the end of the recording; each ends where the next begins.
    kind : ndarray of int64, shape (n_spans,)
        Place of each in `ectopy.runtime.rhythm.kinds.RHYTHMS`; neighbours differ.
    probability : ndarray of float32, shape (n_spans,)
        Mean probability of the rhythm over the span; NaN where nothing is decided.
    af_probability : ndarray of float32, shape (n_seconds,)
        That the rhythm is fibrillation, second by second; NaN where nothing is decided.
    """

    onset_s: Float64
    end_s: Float64
    kind: Int64
    probability: Float32
    af_probability: Float32 = field(repr=False)

    def __len__(self) -> int:
        """Count the spans."""
        return len(self.kind)

    def of(self, kind: int) -> Float64:
        """Onset and end of each span of a kind in seconds, shape (n, 2)."""
        own = self.kind == kind
        return np.stack([self.onset_s[own], self.end_s[own]], axis=1)

    def episodes(self, kind: int) -> Float64:
        """Onset and end of each episode in seconds, shape (n, 2).

        As `of`, but an episode of fibrillation goes on through ventricular tachycardia that
        fibrillation follows: neither burden nor number of episodes changes by the runs within.
        """
        own, within = self.kind == kind, np.isin(self.kind, (kind, *GOES_ON.get(kind, ())))
        number = np.cumsum(np.diff(within, prepend=False) & within)  # of the stretch, from 1
        at = np.flatnonzero(own)
        first = at[np.diff(number[at], prepend=0) > 0]
        last = at[np.diff(number[at], append=-1) != 0]
        return np.stack([self.onset_s[first], self.end_s[last]], axis=1)

    def seconds(self, kind: int) -> float:
        """Time in the spans of a kind, seconds."""
        return round(float(np.diff(self.of(kind), axis=1).sum()), 6)

    @property
    def decided_s(self) -> float:
        """Time in which the rhythm is decided, seconds."""
        total = float(self.end_s[-1] - self.onset_s[0]) if len(self) else 0.0
        return round(total - self.seconds(NONE), 6)

    @classmethod
    def nothing(cls, duration_s: float) -> RhythmCourse:
        """Give the course of a recording in which nothing is decided."""
        lasts = duration_s > 0
        return cls(
            np.zeros(int(lasts)),
            np.full(int(lasts), duration_s),
            np.full(int(lasts), NONE),
            np.full(int(lasts), np.nan, dtype=np.float32),
            np.full(int(np.ceil(duration_s)), np.nan, dtype=np.float32),
        )
