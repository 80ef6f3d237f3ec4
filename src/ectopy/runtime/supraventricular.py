"""In fibrillation prematurity means nothing: what is left there of the odds of an S beat.

Two things tell fibrillation at a beat: what the networks' first stage sees in the signal, averaged
over the beats around (`ectopy.beats.features.fibrillation_gate`), and the times of the beats alone
(`ectopy.runtime.rhythm`: trees that learnt from days of other patients' beats). Each is wrong where
the other need not be: the first of a sick sinus node, the second of many atrial ectopic beats. So
both have to agree. A beat is S for coming early out of a rhythm that is none of that, so its odds
are lowered by what fibrillation explains. V beats are told by their shape and stay.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.classes import AAMI
from ectopy.runtime.networks import log_softmax
from ectopy.runtime.rhythm.beat_by_beat import BeatRhythm

Float64 = npt.NDArray[np.float64]

SLACK: Final = 2.0
"""Log-odds of fibrillation that the trees may fall behind the first stage: of half a minute of
beats they are that much too low (strips of the CinC 2017 challenge, A against N and O)."""

STRICT: Final = 2.0
"""Log-odds of S that each one of fibrillation takes, once there are some. Both were chosen on DS1
and svdb left out, and those strips (docs/results/interpatient.md)."""

LEAST: Final = 0.005
"""Probability of S below which nobody asks: it would not become a label."""

S: Final = AAMI.index("S")


def fibrillating(by_times: Float64, by_signal: Float64) -> Float64:
    """Put both together: log-odds of fibrillation as far as both agree.

    The signal alone tells where beats are too few for the other, which then is NaN.
    """
    return np.fmin(by_times + SLACK, by_signal)


def in_question(scores: Float64) -> npt.NDArray[np.bool_]:
    """Tell which beats, by their log probabilities (n_beats, 5), might be called S."""
    return np.asarray(scores[:, S] > np.log(LEAST))


def lowered(scores: Float64, odds: Float64) -> Float64:
    """Take from the odds of S what fibrillation explains.

    Parameters
    ----------
    scores : ndarray of float64, shape (n_beats, 5)
        Log probabilities of the classes.
    odds : ndarray of float64, shape (n_beats,)
        Log-odds of fibrillation.

    Returns
    -------
    ndarray of float64, shape (n_beats, 5)
        Log probabilities.
    """
    moved = scores.copy()
    moved[:, S] -= STRICT * np.logaddexp(0, odds)
    return log_softmax(moved)


def in_rhythm(scores: Float64, rhythm: BeatRhythm, by_signal: Float64) -> Float64:
    """Lower the odds of S of the beats where they count, shape (n_beats, 5).

    Parameters
    ----------
    scores : ndarray of float64, shape (n_beats, 5)
        Log probabilities of the classes.
    rhythm : BeatRhythm
        The same beats.
    by_signal : ndarray of float64, shape (n_beats,)
        Log-odds of fibrillation by the first stage, averaged.
    """
    asked = np.flatnonzero(in_question(scores))
    odds = fibrillating(rhythm.log_odds(asked), by_signal[asked])
    found = scores.copy()
    found[asked] = lowered(scores[asked], odds)
    return found
