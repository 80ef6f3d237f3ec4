"""Columns of times in a table: how they are written, their unit, their step, when they begin."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.recordings.formats.budget import HIGHEST_HZ, LOWEST_HZ

_SHARE_WITHOUT_GAPS: Final = 0.98
_TIME: Final = r"(?P<h>\d{1,2}):(?P<mi>\d{1,2}):(?P<s>\d{1,2}(?:[.,]\d+)?)"
_ZONE: Final = r"(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
_STYLES: Final = tuple(
    re.compile(rf"^['\[ ]*{style}['\] ]*$")
    for style in (
        rf"(?P<y>\d{{4}})[-/.](?P<mo>\d{{1,2}})[-/.](?P<d>\d{{1,2}})[T ]+{_TIME}{_ZONE}",
        rf"(?P<d>\d{{1,2}})\.(?P<mo>\d{{1,2}})\.(?P<y>\d{{4}})[T ]+{_TIME}",
        rf"{_TIME} (?P<d>\d{{2}})/(?P<mo>\d{{2}})/(?P<y>\d{{4}})",  # rdsamp of the WFDB package
        rf"\d{{1,2}}/\d{{1,2}}/\d{{4}}[T ]+{_TIME}",  # nobody knows which is the month
        r"(?:(?P<h>\d+):)?(?P<mi>\d{1,2}):(?P<s>\d{1,2}(?:[.,]\d+)?)",
    )
)
"""Ways to write a moment, for `re` and for the RE2 of pyarrow alike."""
_DATE: Final = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
_EPOCH_S: Final = (1e9, 4.1e9)
"""Seconds since 1970 that a recording can have: 2001 to 2099; some recorders count from 2000."""
_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"), 1e-3),
    **dict.fromkeys(("us", "µs", "μs", "usec", "micros", "microsecond", "microseconds"), 1e-6),
    **dict.fromkeys(("ns", "nsec", "nanos", "nanosecond", "nanoseconds"), 1e-9),
    **dict.fromkeys(("min", "mins", "minutes"), 60.0),
    **dict.fromkeys(("h", "hours"), 3600.0),
}  # fmt: skip
TIME_UNITS: Final = frozenset(_UNITS)
_USUAL_HZ: Final = (50.0, 5000.0)
"""Rates by which the unit of times that do not say it is told; the units cannot be confused."""


@dataclass(frozen=True)
class Times:
    """A column of times from which gaps can be told.

    Attributes
    ----------
    column : int
        Which one.
    step_s : float
        Usual step from row to row in seconds.
    jitter_s : float
        How much longer a step may look because times are rounded.
    unit_s : float
        Seconds of the unit of a column of numbers.
    style : str
        For times as text: the pattern of hours ``h``, minutes, seconds and perhaps a date.
    start : datetime, optional
        When the first row was taken, where the column says so.
    utc : bool
        Whether that is in UTC, as seconds since 1970 are.
    """

    column: int
    step_s: float
    jitter_s: float = 0.0
    unit_s: float = 1.0
    style: str = ""
    start: datetime | None = None
    utc: bool = False

    @property
    def dated(self) -> bool:
        """Tell whether each row has a date, so that midnight does not look like a step back."""
        return not self.style or "(?P<y>" in self.style


def is_moment(word: str) -> bool:
    """Tell a clock time, a date, or both."""
    return (":" in word and any(s.match(word) for s in _STYLES)) or bool(_DATE.match(word))


def is_date(column: Sequence[str]) -> bool:
    """Tell whether all words are dates without a time."""
    return bool(column) and all(_DATE.match(word) for word in column)


def style_of(column: Sequence[str]) -> re.Pattern[str] | None:
    """Give the way in which all words of a column are written as moments, or None."""
    if not column or ":" not in column[0]:
        return None
    return next((s for s in _STYLES if all(s.match(word) for word in column)), None)


def from_text(at: int, column: Sequence[str], style: re.Pattern[str], date: str) -> Times | None:
    """Judge a column of moments as text; ``date`` is that of the first row in another column."""
    import pyarrow as pa

    seconds = seconds_of_text(pa.array(column), style.pattern)
    if "(?P<y>" not in style.pattern:
        seconds = unwrapped(seconds, None)
    found = _steps(seconds)
    if found is None:
        return None
    start = None
    day = _DATE.match(date)
    try:
        if "(?P<y>" in style.pattern:
            start = datetime(1970, 1, 1) + timedelta(seconds=round(float(seconds[0]), 6))
        elif day:
            midnight = datetime(int(day[1]), int(day[2]), int(day[3]))
            start = midnight + timedelta(seconds=round(float(seconds[0]), 6))
    except (ValueError, OverflowError):  # no such day
        start = None
    return Times(at, *found, style=style.pattern, start=start)


def from_numbers(
    at: int,
    values: npt.NDArray[np.float64],
    words: Sequence[str],
    notes: list[str],
    name: str,
    *,
    guess: bool = False,
) -> Times | None:
    """Judge a column of times as numbers; ``words`` are those of its name and unit.

    Where they name no unit, times since 1970 tell theirs by their size, and others (if a ``guess``
    is wanted) by the rate.
    """
    found = _steps(values)
    if found is None:
        return None
    step, jitter = found
    unit = next((_UNITS[word] for word in reversed(words) if word in _UNITS), None)
    if unit is None:
        unit = 1.0 if LOWEST_HZ <= 1 / step <= HIGHEST_HZ else None
        low, high = _USUAL_HZ
        for said, size in (("milli", 1e-3), ("micro", 1e-6), ("nano", 1e-9)):
            if unit is not None or not low <= 1 / (step * size) <= high:
                continue
            if _EPOCH_S[0] <= values[0] * size <= _EPOCH_S[1]:
                unit = size
            elif guess and step != 1:  # steps of exactly one are counts as likely as times
                unit = size
                notes.append(f"the times in column {name!r} were taken as {said}seconds")
        if unit is None:
            return None
    first = float(values[0]) * unit
    epoch = _EPOCH_S[0] <= first <= _EPOCH_S[1]
    start = datetime.fromtimestamp(round(first, 6), UTC).replace(tzinfo=None) if epoch else None
    return Times(at, step * unit, jitter * unit, unit, start=start, utc=epoch)


def _steps(times: npt.NDArray[np.float64]) -> tuple[float, float] | None:
    """Give the mean step without the gaps, and how much the steps differ by rounding.

    Rounded times make the steps uneven, so that their median is no rate; and times rounded so far
    that several rows share one (Excel drops the milliseconds) tell it by whole stretches only.
    """
    steps = np.diff(times)
    if len(steps) < 2 or not (np.isfinite(steps).all() and (steps >= 0).all() and steps.any()):
        return None
    if (steps == 0).mean() > 1 - _SHARE_WITHOUT_GAPS:
        at = np.flatnonzero(steps)
        lengths, rises = np.diff(at), steps[at[1:]]
        near = rises <= 1.5 * np.median(rises) if len(rises) else np.zeros(0, dtype=bool)
        if not near.any():
            return None
        return float(rises[near].sum() / lengths[near].sum()), float(rises[near].max())
    middle = float(np.median(steps[steps > 0]))
    near = steps <= 1.5 * middle
    if near.mean() < _SHARE_WITHOUT_GAPS:  # times rounded to steps about as long as the true one
        near = steps <= 2.5 * middle
    return float(steps[near].mean()), float(np.ptp(steps[near]))


def seconds_of_text(column: Any, style: str) -> npt.NDArray[np.float64]:
    """Give the seconds of moments as text: since 1970 where they have a date, else since midnight.

    Parameters
    ----------
    column : pyarrow.Array of str
    style : str
        Pattern whose groups are the parts.
    """
    import pyarrow as pa
    from pyarrow import compute as pc

    parts = pc.extract_regex(column, style)
    names = [field.name for field in parts.type]

    def part(name: str) -> npt.NDArray[np.float64]:
        words = pc.replace_substring(pc.struct_field(parts, name), ",", ".")
        words = pc.if_else(pc.equal(words, ""), "0", words)
        return np.asarray(pc.cast(words, pa.float64()).to_numpy(zero_copy_only=False))

    seconds = part("mi") * 60 + part("s")
    if "h" in names:
        seconds += part("h") * 3600
    if "y" in names:
        month = (part("y") - 1970) * 12 + part("mo") - 1
        there = np.isfinite(month)
        months = np.where(there, month, 0).astype(np.int64).astype("datetime64[M]")
        days = months.astype("datetime64[D]").astype(np.int64) + part("d") - 1
        seconds += np.where(there, days, np.nan) * 86400
    return seconds


def unwrapped(seconds: npt.NDArray[np.float64], before: float | None) -> npt.NDArray[np.float64]:
    """Let clock times go on after midnight, from the time before them if there is one."""
    if before is None:
        before = float(seconds[0]) if len(seconds) else 0.0
    back = np.diff(seconds, prepend=math.fmod(before, 86400)) < -43200
    return seconds + 86400 * (np.cumsum(back) + before // 86400)
