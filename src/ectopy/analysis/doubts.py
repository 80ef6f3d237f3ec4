"""Beats that no model can be certain of, because of what the signal around them is."""

from __future__ import annotations

from math import ceil

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.lead_votes import BREAK_S
from ectopy.beats.detection.faint import REACH_S, faint_stretches
from ectopy.beats.detection.r_peaks import Peaks
from ectopy.beats.detection.ventricular_fibrillation import LATE_S, VentricularFibrillation


def doubts_behind_s(definition: VentricularFibrillation) -> int:
    """Give the seconds before a beat that tell whether it is doubted, here or for lost signal."""
    fibrillation_s = definition.vf_gap_s + definition.vf_evidence_s + LATE_S
    return ceil(max(fibrillation_s, REACH_S, BREAK_S)) + 1


def doubts_ahead_s(definition: VentricularFibrillation) -> int:
    """Give the seconds after a beat that tell whether it is doubted."""
    return ceil(max(definition.vf_gap_s + LATE_S + 1, REACH_S))


def doubted(
    peaks: Peaks, fibrillation: npt.NDArray[np.float64], second: int
) -> npt.NDArray[np.bool_]:
    """Tell which beats are doubted, whatever a model says of them.

    Parameters
    ----------
    peaks : Peaks
        The beats, and those around them.
    fibrillation : ndarray of float64, shape (n, 2)
        Onset and end of each ventricular fibrillation, in samples like the beats.
    second : int
        Samples in a grid second.

    Returns
    -------
    ndarray of bool, shape (n_beats,)
        True within fibrillation, where there are no beats, so that none can be relied on; and where
        many are faint.
    """
    within = fibrillating(peaks.samples, fibrillation)
    return np.asarray(within | faint_stretches(peaks.strength, peaks.samples, second))


def fibrillating(
    samples: npt.NDArray[np.int64], fibrillation: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Tell which samples are within ventricular fibrillation, given as for `doubted`."""
    return np.asarray(np.searchsorted(fibrillation.ravel(), samples) % 2 == 1)
