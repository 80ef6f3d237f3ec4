"""The hours of a recording as tables: one of a day, and day by day where there are more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from ectopy.analysis.result import Result
from ectopy.analysis.rhythm.within import fibrillation_percent
from ectopy.analysis.summary.model import Hour
from ectopy.classes import AAMI
from ectopy.recordings.clock import DAY_S, Clock

HOUR_S: Final = 3600
LONGEST_TABLE: Final = 26
"""Hours that still stand in one table: a day, and what a recorder runs on for."""
_COUNTS: Final = ("veb_couplets", "veb_runs", "sveb_couplets", "sveb_runs", "pauses", "uncertain")


@dataclass(frozen=True)
class Line:
    """One hour, or the sum of several.

    Attributes
    ----------
    start_s : float
        Its begin, in s from the start of the recording.
    counts : dict of str to int
        ``beats``, ``V``, ``S``, ``uncertain`` and the events that begin in it.
    mean, least, most : float or None
        Heart rate: mean, lowest and highest.
    usable_percent : float or None
        Share of its seconds.
    af_percent : float or None
        Atrial fibrillation, as a share of the time in which the rhythm is decided.
    """

    start_s: float
    counts: dict[str, int]
    mean: float | None
    least: float | None
    most: float | None
    usable_percent: float | None
    af_percent: float | None


@dataclass(frozen=True)
class Table:
    """Hours that stand together, with their sum."""

    title: str
    lines: list[Line]
    total: Line


def tables(result: Result, clock: Clock) -> list[Table]:
    """Give the hours in one table, or by day where there are more than a day's."""
    hours = result.summary.hours
    if len(hours) <= LONGEST_TABLE:
        return [_table("By hour", result, hours)]
    seconds = HOUR_S * np.arange(len(hours), dtype=np.float64)
    ahead = float(clock.second_of_day(np.zeros(1))[0]) if clock.start is not None else 0.0
    day = ((seconds + ahead) // DAY_S).astype(int)
    return [
        _table(
            _day(number, clock),
            result,
            [hour for hour, of in zip(hours, day.tolist(), strict=True) if of == number],
        )
        for number in range(int(day[-1]) + 1)
    ]


def _day(number: int, clock: Clock) -> str:
    """Name a day of the recording, with its date where the calendar has one."""
    try:
        date = clock.start and f" ({(clock.start + timedelta(days=number)).date()})"
    except OverflowError:
        date = ""
    return f"Day {number + 1}{date or ''}"


def whole(result: Result) -> Line:
    """Sum up all hours."""
    return _total(result, result.summary.hours)


def _table(title: str, result: Result, hours: list[Hour]) -> Table:
    lines = [
        Line(
            HOUR_S * hour.hour,
            _counts(hour),
            hour.hr_mean,
            hour.hr_min,
            hour.hr_max,
            hour.usable_percent,
            hour.af_percent,
        )
        for hour in hours
    ]
    return Table(title, lines, _total(result, hours))


def _counts(hour: Hour) -> dict[str, int]:
    counts = {name: getattr(hour, name) for name in _COUNTS}
    beats = sum(hour.certain.values()) + hour.uncertain
    return {"beats": beats, **{letter: hour.certain[letter] for letter in AAMI}, **counts}


def _total(result: Result, hours: list[Hour]) -> Line:
    """Sum up hours that follow one another; their mean rate is that of their intervals."""
    intervals = result.intervals
    begin, end = HOUR_S * hours[0].hour, HOUR_S * (hours[-1].hour + 1)
    here = slice(*np.searchsorted(intervals.times_s, [begin, end]))
    rr = intervals.rr_s[here][intervals.clear[here] & ~np.isnan(intervals.rr_s[here])]
    fibrillation = float(fibrillation_percent(result.rhythm, np.array([begin, end]))[0])
    counts = [_counts(hour) for hour in hours]
    lengths = [min(HOUR_S, result.duration_s - HOUR_S * hour.hour) for hour in hours]
    usable = [
        (hour.usable_percent, length)
        for hour, length in zip(hours, lengths, strict=True)
        if hour.usable_percent is not None
    ]
    weight = sum(length for _, length in usable)
    return Line(
        begin,
        {name: sum(count[name] for count in counts) for name in counts[0]},
        round(60 / float(rr.mean()), 1) if len(rr) else None,
        min((hour.hr_min for hour in hours if hour.hr_min is not None), default=None),
        max((hour.hr_max for hour in hours if hour.hr_max is not None), default=None),
        sum(share * length for share, length in usable) / weight if weight > 0 else None,
        None if np.isnan(fibrillation) else fibrillation,
    )
