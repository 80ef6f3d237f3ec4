"""What was measured of a beat, read from what the beat model reads, beside what is usual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ectopy.beats.features import groups
from ectopy.beats.features.prematurity import N_SINUS
from ectopy.explain.contributions import Question
from ectopy.explain.question import Usual

Float32 = npt.NDArray[np.float32]

_OWN = len(groups.rhythm_columns(False))  # where the measures begin, as means over leads


@dataclass(frozen=True)
class Measured:
    """A measure of the beat, and of the usual beats nearby.

    Attributes
    ----------
    own, usual : float
        Of the beat, and the median of the others.
    low, high : float
        Within which nine in ten of the others are.
    """

    own: float
    usual: float
    low: float
    high: float

    @property
    def ratio(self) -> float:
        """Own to usual, of a measure that is a size."""
        return self.own / self.usual if self.usual > 0 else float("nan")


@dataclass(frozen=True)
class Facts:
    """What was measured of a beat.

    Attributes
    ----------
    interval_ms, usual_interval_ms : float
        From the centre of the QRS before to that of this beat; and the same of usual beats.
    early, pause : float
        How much sooner than due the beat came, and how much later than due the next one, as shares
        of the due interval.
    both : float
        Both intervals as a share of two due ones: 1 for a full compensatory pause.
    p_likeness, p_size, qrs_likeness, qrs_height, qrs_width, qrs_slope, st_t : Measured
        As `ectopy.beats.features.groups.MEASURES` has them, means over leads; height and slope as
        ratios to the usual beat.
    large_steps : float
        Share of the last 64 intervals that are unlike the one before.
    fibrillation : float
        How much the rhythm looks like fibrillation, from 0 to 1: prematurity counts by the rest.
    """

    interval_ms: float
    usual_interval_ms: float
    early: float
    pause: float
    both: float
    p_likeness: Measured
    p_size: Measured
    qrs_likeness: Measured
    qrs_height: Measured
    qrs_width: Measured
    qrs_slope: Measured
    st_t: Measured
    large_steps: float
    fibrillation: float

    @property
    def due_ms(self) -> float:
        """The interval that was due."""
        return self.interval_ms / (1 - self.early)

    @classmethod
    def of(cls, question: Question, usual: Usual) -> Facts:
        """Read them from what was asked about."""

        def measured(place: int, *, log: bool = False) -> Measured:
            column = usual.those[:, _OWN + place]
            low, middle, high = np.quantile(column, (0.05, 0.5, 0.95))
            found = np.array([usual.own[_OWN + place], middle, low, high], dtype=np.float64)
            return Measured(*(np.exp(found) if log else found).tolist())

        sifted = usual.own[-N_SINUS:].astype(np.float64)
        interval_s = float(np.exp(np.float64(usual.own[0])))
        looks = np.mean([one.around[1] for one in question.asked])
        return cls(
            interval_ms=1000 * interval_s,
            usual_interval_ms=1000 * float(np.exp(np.median(np.float64(usual.those[:, 0])))),
            early=1 - float(np.exp(sifted[groups.DUE])),
            pause=float(np.exp(sifted[groups.PAUSE])) - 1,
            both=float(np.exp(sifted[groups.BOTH_INTERVALS])),
            p_likeness=measured(groups.P_LIKENESS),
            p_size=measured(groups.P_SIZE),
            qrs_likeness=measured(groups.QRS_LIKENESS),
            qrs_height=measured(groups.QRS_HEIGHT, log=True),
            qrs_width=measured(groups.WIDTH),
            qrs_slope=measured(groups.SLOPE, log=True),
            st_t=measured(groups.ST_T_DIFFERENCE),
            large_steps=float(sifted[groups.LARGE_STEPS]),
            fibrillation=float(1 / (1 + np.exp(-looks))),
        )
