"""Templates: the beats of each class that look alike, and what is told of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.arrow import listed, table
from ectopy.analysis.events import Intervals
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.summary.statistics import percent
from ectopy.analysis.tables import Rows
from ectopy.beats.clusters import cluster
from ectopy.classes import AAMI

if TYPE_CHECKING:
    import pyarrow as pa

    from ectopy.analysis.report.strips import EcgStrip
    from ectopy.analysis.result import Result

Int64 = npt.NDArray[np.int64]
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

MEMBERS: Final = 20
"""Beats of a template that are looked at again, evenly spread over it."""
RECENT: Final = 8
"""Intervals before a beat that tell how early it is."""


def grouped(beats: LabelledBeats) -> LabelledBeats:
    """Find the templates of a whole recording's beats, class by class."""
    template = np.zeros(len(beats), dtype=np.int16)
    for letter in range(len(AAMI)):
        own = beats.classes == letter
        if own.any():
            template[own] = cluster(beats.outlines[own])
    return replace(beats, template=template)


@dataclass(frozen=True, eq=False)
class Template:
    """Beats of one class that look alike.

    Attributes
    ----------
    of : str
        Their class: ``N``, ``S``, ``V``, ``F`` or ``Q``.
    number : int
        1 for the largest of the class; 0 for its beats that are like no others, or of a form
        too rare to stand among the first twelve.
    count : int
        Beats.
    uncertain : int
        How many of them are uncertain.
    share_percent : float
        Of the beats of the class.
    rr_s : float or None
        Median interval from the beat before, in s, from good signal.
    early_percent : float or None
        How much shorter that is than the mean of the eight before, in the median; below 0 for
        late beats.
    first_s : float
        When the first is, in s from the start.
    members : ndarray of int64, shape (n_members,)
        Rows of some of them in the table of beats, evenly spread.
    source : Result
        Whose it is; drawings read its recording.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> template = ectopy.analyze(recording).templates[0]
    >>> template.of, template.number, template.median_mv.shape
    ('N', 1, (2, 200))
    """

    of: str
    number: int
    count: int
    uncertain: int
    share_percent: float
    rr_s: float | None
    early_percent: float | None
    first_s: float
    members: Int64 = field(repr=False)
    source: Result = field(repr=False)

    @property
    def median_mv(self) -> Float32:
        """Median of the members, (n_leads, n) in mV at 250 Hz: the leading lead and one more.

        Raises
        ------
        ConfigError
            If the recording is not at hand.
        """
        from ectopy.analysis.report.overlay import overlay

        return overlay(self).median_mv

    def plot(self) -> EcgStrip:
        """Draw the members under their median on ECG paper.

        Raises
        ------
        ConfigError
            If the recording is not at hand.

        Examples
        --------
        >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
        >>> ectopy.analyze(recording).templates[0].plot()
        <strip of simulated: template N 1>
        """
        from ectopy.analysis.report.overlay import plot

        return plot(self)


class Templates(Rows[Template]):
    """The templates of a result, class by class, the largest first: a list, and its table.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> templates = ectopy.analyze(recording).templates
    >>> [(template.of, template.number) for template in templates][:2]
    [('N', 1), ('S', 1)]
    >>> templates.to_pandas()[["class", "template", "count"]].shape == (len(templates), 3)
    True
    """

    def to_arrow(self) -> pa.Table:
        """Give a row a template.

        Columns: ``class`` and ``template``, as in the table of beats; ``count`` and ``uncertain``
        beats; ``share_percent`` of the class; ``rr_s`` and ``early_percent``, medians; ``first_s``.
        """

        def column(name: str, kind: type) -> pa.Array:
            return listed([getattr(template, name) for template in self], kind)

        return table(
            {
                "class": column("of", str),
                "template": column("number", int),
                "count": column("count", int),
                "uncertain": column("uncertain", int),
                **{
                    name: column(name, float)
                    for name in ("share_percent", "rr_s", "early_percent", "first_s")
                },
            }
        )


def templates(result: Result) -> Templates:
    """Tell the templates of a result, of each class the beats in none last."""
    intervals, beats = result.intervals, result.intervals.beats
    early = _early(intervals)
    rr_s = np.where(intervals.clear, intervals.rr_s, np.nan)
    found = Templates()
    for letter, name in enumerate(AAMI):
        own = np.flatnonzero(beats.classes == letter)
        order = np.argsort(beats.template[own], kind="stable")
        numbers, starts = np.unique(beats.template[own][order], return_index=True)
        groups = np.split(own[order], starts[1:])
        for number, group in sorted(
            zip(numbers.tolist(), groups, strict=False), key=lambda pair: pair[0] or np.inf
        ):
            spread = np.linspace(0, len(group) - 1, min(MEMBERS, len(group)))
            found.append(
                Template(
                    of=name,
                    number=number,
                    count=len(group),
                    uncertain=int(np.count_nonzero(beats.uncertain[group])),
                    share_percent=percent(len(group), len(own)) or 0.0,
                    rr_s=_median(rr_s[group], 3),
                    early_percent=_median(100 * early[group], 1),
                    first_s=round(float(intervals.times_s[group[0]]), 3),
                    members=group[np.rint(spread).astype(np.int64)],
                    source=result,
                )
            )
    return found


def _early(intervals: Intervals) -> Float64:
    """Give by what share each interval is shorter than the mean of those before; NaN if unknown."""
    good = intervals.clear & ~np.isnan(intervals.rr_s)
    total, known = (
        np.r_[0.0, np.cumsum(values)] for values in (np.where(good, intervals.rr_s, 0.0), good)
    )
    here = np.arange(len(good))
    begin = np.maximum(here - RECENT, 0)
    n = known[here] - known[begin]
    mean = (total[here] - total[begin]) / np.maximum(n, 1)
    sure = good & (n >= RECENT / 2)
    return np.where(sure, 1 - intervals.rr_s / np.maximum(mean, 1e-9), np.nan)


def _median(values: Float64, digits: int) -> float | None:
    known = values[~np.isnan(values)]
    return round(float(np.median(known)), digits) if len(known) else None
