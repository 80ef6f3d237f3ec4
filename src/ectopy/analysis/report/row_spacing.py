"""How far apart the rows of the 12-lead page are, so that tall beats meet neither row nor edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.report.ecg_paper import MM_PER_MV

Float64 = npt.NDArray[np.float64]

EDGE_MM: Final = 12  # least paper above and below a row: names stand there, and a pulse of 1 mV
MEDIAN_MM: Final = 15  # the same for median beats, whose names stand above them
AIR_MM: Final = 1  # between what is drawn and what it must not meet
MORE_MM: Final = 23
"""Most paper that is added to all rows: the page must still fit on Letter, lying."""
FIRST: Final = (6, 7, 3, 4, 5, 0, 1, 2)
"""Who gets it first: median beats, which would be cut; the last row, which would run into the
rhythm strip; then what is between the rows, where readers are used to beats that cross."""


@dataclass(frozen=True)
class RowSpacing:
    """Where the rows are, in mm.

    Attributes
    ----------
    above, below : tuple of int
        Paper above the level of the first row and below that of the last, of the 3 x 4 leads, of
        the rhythm strip and of the median beats.
    between : tuple of int
        From the level of one of the three rows to that of the next.
    """

    above: tuple[int, int, int]
    below: tuple[int, int, int]
    between: tuple[int, int]


def row_spacing(
    rows: Sequence[Sequence[Float64]], rhythm: Float64, medians: Sequence[Float64]
) -> RowSpacing:
    """Give each row the paper that its beats need, in the order `FIRST` as long as there is some.

    Parameters
    ----------
    rows : sequence of sequences of ndarray of float64
        What is drawn in each of the three rows, column by column, in mV from the row's level.
    rhythm : ndarray of float64
        The strip below.
    medians : sequence of ndarray of float64
        A beat a lead; none where no median beats are drawn.
    """
    up = np.array([[_mm(part) for part in row] for row in rows])
    down = np.array([[_mm(-part) for part in row] for row in rows])
    together = (down[:-1] + up[1:]).max(axis=1)
    needed = np.array(
        [
            up[0].max(),
            *together,
            down[-1].max(),
            _mm(rhythm),
            _mm(-rhythm),
            max(map(_mm, medians), default=0.0),
            max((_mm(-part) for part in medians), default=0.0),
        ]
    )
    least = np.array([EDGE_MM, *[2 * EDGE_MM + 1] * 2, *[EDGE_MM] * 3, MEDIAN_MM, MEDIAN_MM])
    more = np.maximum(np.ceil(needed + AIR_MM) - least, 0)
    given = np.zeros_like(more)
    for place in FIRST:
        given[place] = min(more[place], MORE_MM - given.sum())
    top, one, two, bottom, *others = (least + given).astype(int).tolist()
    return RowSpacing((top, others[0], others[2]), (bottom, others[1], others[3]), (one, two))


def _mm(samples: Float64) -> float:
    """Give how far a trace reaches above its level."""
    known = samples[np.isfinite(samples)]
    return max(0.0, float(known.max())) * MM_PER_MV if len(known) else 0.0
