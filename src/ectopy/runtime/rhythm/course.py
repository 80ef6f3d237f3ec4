"""`RhythmCourse`: which rhythm there is when, from the start of a recording to its end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


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

    def seconds(self, kind: int) -> float:
        """Time in a kind of rhythm, seconds."""
        return round(float(np.diff(self.of(kind), axis=1).sum()), 6)

    @classmethod
    def nothing(cls, duration_s: float) -> RhythmCourse:
        """Give the course of a recording in which nothing is decided."""
        from ectopy.runtime.rhythm.kinds import NONE

        lasts = duration_s > 0
        return cls(
            np.zeros(int(lasts)),
            np.full(int(lasts), duration_s),
            np.full(int(lasts), NONE),
            np.full(int(lasts), np.nan, dtype=np.float32),
            np.full(int(np.ceil(duration_s)), np.nan, dtype=np.float32),
        )
