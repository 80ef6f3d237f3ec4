"""Which leads may speak at which beat: told from the quality of the seconds around it.

A lead that is missing or flat says nothing. The seconds beside a lost one are lost too: beats in
them are cut off, and steps reach into them. A lead that is noisy or clipped is heard with the
others, for half a beat's shape is more than none, but makes no label a certain one: to leave such
leads out where another is good made labels worse (docs/results/leads.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.quality import FLAT, GOOD

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]
Bool = npt.NDArray[np.bool_]

BREAK_S: Final = 60.0
"""Behind so long without a beat nothing counts that averages of beats would look back to."""
REACH_S: Final = 0.1
"""To either side of an R peak: the QRS complex, whose seconds' quality is the beat's."""


def widened(states: UInt8) -> UInt8:
    """Give the states of seconds, (n_leads, n_seconds), those beside lost ones as lost as these."""
    lost = np.where(states >= FLAT, states, GOOD)
    wide: UInt8 = states.copy()
    np.maximum(wide[:, 1:], lost[:, :-1], out=wide[:, 1:])
    np.maximum(wide[:, :-1], lost[:, 1:], out=wide[:, :-1])
    return wide


def beat_states(states: UInt8, samples: Int64, second: int) -> UInt8:
    """Tell the state of each lead at each beat: the worst under its QRS complex.

    Parameters
    ----------
    states : ndarray of uint8, shape (n_leads, n_seconds)
        Quality from sample 0 on.
    samples : ndarray of int64, shape (n_beats,)
        R peaks.
    second : int
        Samples in a grid second.

    Returns
    -------
    ndarray of uint8, shape (n_leads, n_beats)
    """
    wide, last = widened(states), states.shape[1] - 1
    reach = round(REACH_S * second)
    before, after = (np.clip((samples + by) // second, 0, last) for by in (-reach, reach))
    found: UInt8 = np.maximum(wide[:, before], wide[:, after])
    return found


@dataclass(frozen=True, eq=False)
class LeadVotes:
    """Which leads are heard at some beats.

    Attributes
    ----------
    heard : ndarray of bool, shape (n_leads, n_beats)
        Leads that are there.
    lost : ndarray of bool, shape (n_beats,)
        True where all leads were lost, or `BREAK_S` passed, since the beat before, or since the
        first of the seconds: that interval is not known.
    """

    heard: Bool
    lost: Bool

    @classmethod
    def of(cls, states: UInt8, samples: Int64, second: int) -> LeadVotes:
        """Take them from the quality of seconds, given as for `beat_states`."""
        heard = beat_states(states, samples, second) < FLAT
        gone = np.concatenate([[0], np.cumsum(states.min(axis=0) >= FLAT)])
        at = np.clip(samples // second, 0, states.shape[1] - 1)
        since = np.diff(samples, prepend=0) >= BREAK_S * second
        before = np.concatenate([[0], at[:-1]]) if len(at) else at
        return cls(heard, (gone[at + 1] - gone[before] > 0) | since)

    @classmethod
    def all(cls, n_leads: int, n_beats: int) -> LeadVotes:
        """Hear every lead everywhere."""
        return cls(np.ones((n_leads, n_beats), dtype=bool), np.zeros(n_beats, dtype=bool))

    def __getitem__(self, part: slice | Bool) -> LeadVotes:
        """Select beats."""
        return LeadVotes(self.heard[:, part], self.lost[part])


def withheld(signal_mv: Float32, states: UInt8, second: int) -> Float32:
    """Give the signal without what leads show while they are lost: there it is missing (NaN)."""
    if (states < FLAT).all():
        return signal_mv
    kept = signal_mv.copy()
    for lead, lost in zip(kept, states >= FLAT, strict=True):
        for at in np.flatnonzero(lost).tolist():
            lead[at * second : (at + 1) * second] = np.nan
    return kept
