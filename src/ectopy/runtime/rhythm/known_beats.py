"""`KnownBeats`: beats with their labels, as the rules of a rhythm ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ectopy.beats.detection.paced_rhythm import NOT_PACED
from ectopy.classes import AAMI

Bool = npt.NDArray[np.bool_]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class KnownBeats:
    """Beats of one recording with their labels, in time order.

    Attributes
    ----------
    times_s : ndarray of float64, shape (n_beats,)
        Ascending.
    probabilities : ndarray of float32, shape (n_beats, 5)
        Of N, S, V, F and Q.
    classes : ndarray of int64, shape (n_beats,)
        Places in `ectopy.classes.AAMI`.
    uncertain : ndarray of bool, shape (n_beats,)
        Whose class should not be relied on.
    joined : ndarray of bool, shape (n_beats,)
        Whether a beat follows the one before it, with no signal lost between.
    clear : ndarray of bool, shape (n_beats,)
        Whether the signal was good all along that interval.
    pacing : ndarray of uint8, shape (n_beats,)
        As `ectopy.beats.detection.paced_rhythm.PACING` has it.
    """

    times_s: Float64
    probabilities: Float32
    classes: Int64
    uncertain: Bool
    joined: Bool
    clear: Bool
    pacing: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Count the beats."""
        return len(self.times_s)

    def of(self, letter: str) -> Bool:
        """Tell which beats are of a class."""
        return np.asarray(self.classes == AAMI.index(letter))

    def certain(self, first: Int64, last: Int64, needed: int) -> Bool:
        """Tell which groups count: enough certain beats, more than half, and none of them paced.

        As `ectopy.analysis.events.Event` has it, so that a rhythm and the events agree.
        """
        doubt, paced = self._doubt, self._paced
        uncertain = doubt[last + 1] - doubt[first]
        sure = last - first + 1 - uncertain
        free = paced[last + 1] == paced[first]
        return np.asarray((sure >= needed) & (sure > uncertain) & free)

    def rate(self, first: Int64, last: Int64) -> Float64:
        """Give the mean rate within groups of two beats and more, beats a minute."""
        return np.asarray(60 * (last - first) / (self.times_s[last] - self.times_s[first]))

    @cached_property
    def _doubt(self) -> Int64:
        return np.append(0, np.cumsum(self.uncertain))

    @cached_property
    def _paced(self) -> Int64:
        return np.append(0, np.cumsum(self.pacing > NOT_PACED))
