"""Alarms of ventricular fibrillation: how soon they come, and how often they are false."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ectopy.beats.detection.ventricular_fibrillation import (
    PACKAGED,
    Alarm,
    VentricularFibrillation,
    Weights,
    fibrillation_log_odds,
)
from ectopy.training.ventricular_fibrillation.records import (
    LEARNT_NOISE_S,
    MARKED,
    SETS,
    Seen,
    mixed,
    seen,
)

SOON_S: Final = 10.0
"""Seconds from the mark within which an alarm is in time, and that edges may be apart."""


@dataclass(frozen=True)
class Episode:
    """A marked episode: its record, when it begins, and how late its alarm was (None: no alarm)."""

    record: str
    begin_s: float
    delay_s: float | None

    @property
    def in_time(self) -> bool:
        """Tell whether there was an alarm within `SOON_S`."""
        return self.delay_s is not None and self.delay_s <= SOON_S


@dataclass(frozen=True)
class AlarmCounts:
    """Alarms on the records of one set.

    Attributes
    ----------
    of : str
        The set.
    records : int
        How many there are.
    hours : float
        How long they are without the marked episodes; of noise, the half that was not learnt.
    episodes : list of Episode
        The marked ones.
    other : list of tuple of str and Alarm
        Alarms that touch no marked episode within `SOON_S`, with their records.
    """

    of: str
    records: int
    hours: float
    episodes: list[Episode]
    other: list[tuple[str, Alarm]]


def count_alarms(
    data: Path,
    sets: Sequence[str] = SETS,
    *,
    weights: Path = PACKAGED,
    settings: VentricularFibrillation | None = None,
    left_out: bool = True,
    noise: bool = True,
) -> list[AlarmCounts]:
    """Count alarms on the databases in a folder.

    Parameters
    ----------
    data : Path
        Holds the databases' folders.
    sets : sequence of str
        Folders, or ``ds1`` and ``ds2`` for parts of ``mitdb``.
    weights : Path
        A file of weights.
    settings : VentricularFibrillation, optional
        When there is an alarm.
    left_out : bool
        Judge each record by weights that did not learn from it.
    noise : bool
        Count on records of DS1 with recorded noise too.

    Raises
    ------
    DataNotFoundError
        If there is no record of a set.
    """
    settings = settings or VentricularFibrillation()
    found = [
        _count(of, seen(data, of), weights, settings, left_out=left_out and of != "ds2")
        for of in sets
    ]
    if noise:
        by_set: dict[str, list[Seen]] = {}
        for one in mixed(data):
            by_set.setdefault(one.of, []).append(one)
        found += [
            _count(of, each, weights, settings, left_out=left_out) for of, each in by_set.items()
        ]
    return found


def _count(
    of: str,
    records: Iterable[Seen],
    weights: Path,
    settings: VentricularFibrillation,
    *,
    left_out: bool,
) -> AlarmCounts:
    n, hours = 0, 0.0
    episodes: list[Episode] = []
    other: list[tuple[str, Alarm]] = []
    for one in records:
        own = Weights.load(weights, without=one.name if left_out else None)
        alarms = settings.alarms(fibrillation_log_odds(one.bands, one.quality, own))
        alarms = [
            Alarm(*(at * one.second_s for at in (each.alarm_s, each.onset_s, each.end_s)))
            for each in alarms
        ]
        if one.noisy.any():
            alarms = [each for each in alarms if each.alarm_s >= LEARNT_NOISE_S]
        episodes += [_episode(one.name, *span, alarms) for span in one.marked]
        other += [(one.name, each) for each in alarms if not _touches(each, one.marked)]
        n, hours = n + 1, hours + one.hours
    return AlarmCounts(of, n, hours, episodes, other)


def _episode(record: str, begin: float, end: float, alarms: list[Alarm]) -> Episode:
    # One that stands when the mark comes is in time.
    delays = [max(0.0, a.alarm_s - begin) for a in alarms if a.alarm_s <= end and a.end_s >= begin]
    return Episode(record, begin, min(delays, default=None))


def _touches(alarm: Alarm, spans: list[tuple[float, float]]) -> bool:
    return any(
        alarm.alarm_s <= end + SOON_S and alarm.end_s >= begin - SOON_S for begin, end in spans
    )


def table(found: list[AlarmCounts]) -> str:
    """Lay out episodes by record, and other alarms by set, as Markdown tables."""
    lines = [
        "| record | episodes | alarmed within 10 s | delays, s | other alarms, from s |",
        "|---|---:|---:|---|---|",
    ]
    every = [episode for counts in found for episode in counts.episodes]
    for counts in found:
        names = {episode.record for episode in counts.episodes}
        if counts.of == MARKED:
            names |= {name for name, _ in counts.other}
        for name in sorted(names):
            own = [episode for episode in counts.episodes if episode.record == name]
            others = [f"{alarm.alarm_s:.0f}" for record, alarm in counts.other if record == name]
            lines.append(
                f"| {name} | {len(own)} | {sum(episode.in_time for episode in own)} | "
                f"{', '.join(map(_delay, own))} | {', '.join(others)} |"
            )
    in_time = [episode.delay_s for episode in every if episode.in_time]
    known = [episode.delay_s for episode in every if episode.delay_s is not None]
    if known:
        lines.append(
            f"| **all** | {len(every)} | {len(in_time)} | median {np.median(known):.1f}, worst "
            f"{max(known):.1f}, never {len(every) - len(known)} | |"
        )
    lines += [
        "",
        "| set | records | hours outside of episodes | other alarms | in 24 hours | where |",
        "|---|---:|---:|---:|---:|---|",
    ]
    clean = [counts for counts in found if counts.of != MARKED and "dB" not in counts.of]
    rows = [(counts.of, [counts]) for counts in found]
    if len(clean) > 1:
        rows.append((f"**all but {MARKED}, no noise added**", clean))
    for name, of in rows:
        hours = sum(counts.hours for counts in of)
        false = [each for counts in of for each in counts.other]
        where = ", ".join(f"{record} ({alarm.alarm_s:.0f} s)" for record, alarm in false)
        shown = where if len(of) == 1 and of[0].of != MARKED else ""
        lines.append(
            f"| {name} | {sum(counts.records for counts in of):,} | {hours:.1f} | {len(false)} | "
            f"{24 * len(false) / hours:.2f} | {shown} |"
        )
    return "\n".join(lines)


def _delay(episode: Episode) -> str:
    return "none" if episode.delay_s is None else f"{episode.delay_s:.1f}"
