"""How a time of a recording is written: by the clock where its start is known, else as elapsed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError

DAY_S: Final = 86400
_TIME: Final = re.compile(r"(?:day (\d+) +)?(?:(\d+):)?(\d+):([0-5]?\d(?:\.\d+)?)( elapsed)?")


@dataclass(frozen=True)
class Clock:
    """Writes times of one recording, everywhere in the same way.

    Attributes
    ----------
    start : datetime, optional
        When the first sample was taken. With it a time is the time of day, and the day besides
        (``day 2 00:12:30``; day 1 is that of the start) where the recording runs over midnight.
        Without it a time says that it is elapsed (``0:12:30 elapsed``).
    duration_s : float
        Length of the recording, in s.

    Examples
    --------
    >>> from datetime import datetime
    >>> from ectopy.recordings import Clock
    >>> Clock().text(750)
    '0:12:30 elapsed'
    >>> Clock(datetime(2024, 5, 6, 22), duration_s=90_000).text(9_000)
    'day 2 00:30:00'
    """

    start: datetime | None = None
    duration_s: float = 0.0

    @property
    def began(self) -> str:
        """Date and time of the start; empty where it is not known."""
        return self.start.isoformat(" ", "seconds") if self.start else ""

    @property
    def _midnight_s(self) -> float:
        """Seconds from midnight to the start, so that no date has to be added to."""
        if self.start is None:
            return 0.0
        at = self.start
        return at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6

    def second_of_day(self, second: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Give the time of day, in s from midnight, of seconds from the first sample.

        It means something only where the start is known.
        """
        of_day: npt.NDArray[np.float64] = (np.asarray(second) + self._midnight_s) % DAY_S
        return of_day

    def text(self, second: float, *, seconds: bool = True) -> str:
        """Write a time in full: ``10:12:46``, ``day 2 00:12:30`` or ``0:00:46 elapsed``.

        Parameters
        ----------
        second : float
            Seconds from the first sample.
        seconds : bool
            False leaves the seconds out.
        """
        time = self._time(second, seconds)
        if self.start is None:
            return f"{time} elapsed"
        return f"{self._mark(second)} {time}".strip()

    def seconds(self, text: str) -> float:
        """Read a time as people write it, and as `text` does.

        Parameters
        ----------
        text : str
            Seconds from the first sample (``750.5``); hours, minutes and seconds as this clock
            writes them (``12:31:05``, ``day 2 00:12:30``); or elapsed ones, which say so where
            the time of day is known (``0:12:30 elapsed``).

        Returns
        -------
        float
            Seconds from the first sample; of a time of day within the recording.

        Raises
        ------
        ConfigError
            If it is no time, or a time of day at which nothing was recorded, or more than one day
            has it.

        Examples
        --------
        >>> from datetime import datetime
        >>> from ectopy.recordings import Clock
        >>> clock = Clock(datetime(2024, 5, 6, 22), duration_s=90_000)
        >>> clock.seconds("day 2 00:30:00"), clock.seconds("0:12:30 elapsed")
        (9000.0, 750.0)
        """
        said = text.strip()
        if re.fullmatch(r"\d+(\.\d*)?", said):
            return float(said)
        match = _TIME.fullmatch(said)
        if match is None or (match[2] and int(match[3]) > 59):
            raise ConfigError(
                f"{text!r} is no time in a recording, expected seconds, or hours, minutes and "
                f"seconds as in '{self._like}'"
            )
        time = 3600 * int(match[2] or 0) + 60 * int(match[3]) + float(match[4])
        if self.start is None or match[5]:
            if match[1]:
                raise ConfigError(
                    f"{text!r} names a day, but the recording does not say when it began; give "
                    "the time that has elapsed, as in '0:12:30'"
                )
            return time
        # R peaks a moment before the second that is written for them still have that time.
        found = [
            at
            for day in ([int(match[1]) - 1] if match[1] else range(self._days))
            if -1 < (at := time + day * DAY_S - self._midnight_s) < self.duration_s + 1
        ]
        if not found:
            raise ConfigError(
                f"{text!r} is outside the recording, which runs from {self.text(0)} to "
                f"{self.text(self.duration_s)}; time that has elapsed is written '0:12:30 elapsed'"
            )
        if len(found) > 1:
            raise ConfigError(
                f"{text!r} is on {len(found)} days of the recording; say which, as in "
                f"'{self.text(found[0])}'"
            )
        return max(found[0], 0.0)

    @property
    def _days(self) -> int:
        """Days that the recording touches."""
        return int((self._midnight_s + self.duration_s) // DAY_S) + 1

    @property
    def _like(self) -> str:
        """A time of this recording, as an example."""
        return self.text(self.duration_s / 2) if self.duration_s else "00:12:30"

    def ticks(self, begin_s: float, end_s: float, step_s: int) -> list[tuple[float, str]]:
        """Place the ticks of an axis on round times.

        Parameters
        ----------
        begin_s, end_s : float
            The stretch of the axis, in seconds from the first sample.
        step_s : int
            Seconds between two ticks; from a minute on, seconds are not written.

        Returns
        -------
        list of tuple of float and str
            Each tick's time from the first sample, and its label. The first says ``elapsed`` or
            the day, and so does every one on a new day.
        """
        ahead = self._midnight_s
        first = math.ceil((begin_s + ahead - 1e-6) / step_s)
        last = math.floor((end_s + ahead + 1e-6) / step_s)
        out, before = [], ""
        for number in range(first, last + 1):
            at = number * step_s - ahead
            label, mark = self._time(at, step_s < 60), self._mark(at)
            if mark != before:
                label = f"{mark} {label}"
            out.append((at, label))
            before = mark
        return out

    def _time(self, second: float, seconds: bool) -> str:
        whole = math.floor(second + self._midnight_s + 1e-6)
        if self.start is not None:
            whole %= DAY_S
        hours = f"{whole // 3600:02d}" if self.start is not None else f"{whole // 3600}"
        text = f"{hours}:{whole // 60 % 60:02d}"
        return f"{text}:{whole % 60:02d}" if seconds else text

    def _mark(self, second: float) -> str:
        if self.start is None:
            return "elapsed"
        ahead = self._midnight_s + 1e-6
        if ahead + self.duration_s < DAY_S:
            return ""
        return f"day {math.floor((second + ahead) / DAY_S) + 1}"
