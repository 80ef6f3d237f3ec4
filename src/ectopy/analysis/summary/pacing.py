"""What is told of pacing, and what is therefore not told of ectopic beats.

A paced ventricle beats like a ventricular ectopic one, and a heart that a pacemaker follows is
early or late by its rules: counts, runs and burden of a paced stretch would be wrong, so they are
withheld.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Intervals
from ectopy.analysis.summary.model import Pacing
from ectopy.beats.detection.paced_rhythm import NOT_PACED, PACED, SUSPECTED
from ectopy.recordings.clock import Clock

Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

SHORTEST_S: Final = 60.0
"""Seconds of usable signal outside a paced rhythm below which nothing is told of ectopic beats."""


@dataclass(frozen=True)
class Withheld:
    """What is not told of ectopic beats.

    Attributes
    ----------
    why : str
        As one sentence, without its full stop.
    all : bool
        True where no figure is told at all.
    """

    why: str
    all: bool


def pacing(intervals: Intervals, duration_s: float, *, looked: bool) -> Pacing:
    """Sum up the pacing of a recording; ``looked`` is whether its spikes could be seen at all."""
    states = intervals.beats.pacing
    counts = np.bincount(states, minlength=PACED + 1).tolist()
    starts, ends = _stretches(intervals, duration_s)
    found = "paced" if counts[PACED] else "suspected" if counts[SUSPECTED] else "none"
    return Pacing(
        verdict=found if looked or found != "none" else "not looked for",
        beats=counts[PACED],
        percent=round(100 * counts[PACED] / len(states), 3) if len(states) else None,
        suspected_beats=counts[SUSPECTED],
        seconds=round(float((ends - starts).sum()), 3),
        since_s=round(float(starts[0]), 3) if len(starts) else None,
        until_s=round(float(ends[-1]), 3) if len(ends) else None,
    )


def withhold(
    intervals: Intervals, duration_s: float, usable: Bool, second_s: float, found: Pacing
) -> tuple[float, Withheld | None]:
    """Tell how many usable seconds ectopic beats are counted from, and what is withheld.

    Parameters
    ----------
    intervals : Intervals
        The beats.
    duration_s : float
        Length of the recording.
    usable : ndarray of bool, shape (n_seconds,)
        Grid seconds in which beats could be found.
    second_s : float
        Length of a grid second.
    found : Pacing
        From `pacing`.
    """
    starts, ends = _stretches(intervals, duration_s)
    middles = (np.arange(len(usable)) + 0.5) * second_s
    inside = np.searchsorted(starts, middles, "right") > np.searchsorted(ends, middles, "right")
    # The last second may be cut short.
    usable_s = min(float((usable & ~inside).sum()) * second_s, duration_s)
    if not len(starts):
        return usable_s, None
    name = "paced" if found.verdict == "paced" else "perhaps paced"
    if usable_s < SHORTEST_S:
        why = f"withheld: the rhythm is {name}, and a paced beat looks like a ventricular one"
        return usable_s, Withheld(why, all=True)
    where = f"the {name} rhythm ({found.seconds:,.0f} s of {duration_s:,.0f} s)"
    return usable_s, Withheld(f"withheld in {where}, told for the rest alone", all=False)


def warning(found: Pacing, n_beats: int, clock: Clock) -> str | None:
    """Say that the rhythm is paced, or may be: the first thing that a reader has to know."""
    if found.since_s is None or found.until_s is None:
        return None
    since, until = clock.text(found.since_s), clock.text(found.until_s)
    if found.verdict == "paced":
        some = f"{found.beats:,} of {n_beats:,} beats, between {since} and {until}"
        where = f"all {n_beats:,} beats" if found.beats == n_beats else some
        return (
            f"paced rhythm ({where}): "
            "beats with a pacing spike are called Q, the others there are uncertain, and "
            "ventricular and supraventricular figures are withheld there"
        )
    return (
        f"pacing is suspected ({found.suspected_beats:,} of {n_beats:,} beats, between {since} and "
        f"{until}): too few beats have what may be a pacing spike to be sure, so labels there are "
        "uncertain, and ventricular and supraventricular figures are withheld there"
    )


def _stretches(intervals: Intervals, duration_s: float) -> tuple[Float64, Float64]:
    """Give begin and end of each stretch, in s: a beat lasts until the next one."""
    inside = intervals.beats.pacing > NOT_PACED
    edges = np.diff(np.r_[0, inside.astype(np.int8), 0])
    times = np.r_[intervals.times_s, duration_s]
    starts = times[np.flatnonzero(edges == 1)]
    if len(inside) and inside[0]:
        starts[0] = 0.0  # what came before the first beat is its rhythm too
    return starts, times[np.flatnonzero(edges == -1)]
