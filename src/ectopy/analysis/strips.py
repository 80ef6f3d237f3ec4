"""Which seconds of a recording to show: the most important events, each as a strip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from ectopy.analysis.events import ECTOPIC, Event, Rhythm
from ectopy.analysis.measures import heart_rate
from ectopy.analysis.settings import Settings
from ectopy.classes import AAMI

LEAD_IN: Final = 0.25
"""Share of a strip shown before an event that is longer than the strip."""


@dataclass(frozen=True)
class Strip:
    """A stretch of signal to show.

    Attributes
    ----------
    title : str
        What it shows.
    start_s, stop_s : float
        From when to when, in s from the start of the recording.
    """

    title: str
    start_s: float
    stop_s: float


def choose(
    rhythm: Rhythm, events: list[Event], duration_s: float, settings: Settings
) -> list[Strip]:
    """Choose the strips, the most important first, no two of the same seconds.

    Runs come first (the longest and the fastest), then pauses, couplets, bigeminy and trigeminy,
    singles of each class, the lowest and highest rate, and the first seconds.
    """
    length = min(settings.strip_s, duration_s)
    strips: list[Strip] = []
    for title, begin, end in _wanted(rhythm, events, settings):
        if len(strips) >= settings.strips:
            break
        inside = end - begin <= length
        start = (begin + end - length) / 2 if inside else begin - LEAD_IN * length
        start = float(np.clip(start, 0, max(0.0, duration_s - length)))
        if all(abs(start - other.start_s) > length / 2 for other in strips):
            strips.append(Strip(title, start, start + length))
    return strips


def _wanted(
    rhythm: Rhythm, events: list[Event], settings: Settings
) -> Iterator[tuple[str, float, float]]:
    by_kind: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        by_kind.setdefault((event.of, event.kind), []).append(event)
    trusted = ~rhythm.beats.uncertain

    def sure(event: Event) -> float:
        return float(trusted[event.first : event.last + 1].mean())

    for name in ECTOPIC.values():
        runs = by_kind.get((name, "run"), [])
        if runs:
            longest = max(runs, key=lambda e: (e.n_beats, sure(e)))
            fastest = max(runs, key=lambda e: (sure(e) > 0.5, e.rate_bpm or 0))
            yield _told(f"Longest {name} run", longest)
            yield _told(f"Fastest {name} run", fastest)
    long = max(by_kind.get(("RR", "pause"), []), key=lambda e: e.duration_s, default=None)
    if long:
        yield (
            f"Longest pause: {long.duration_s:.2f} s",
            long.start_s,
            long.start_s + long.duration_s,
        )
    for kind in ("couplet", "bigeminy", "trigeminy"):
        for name in ECTOPIC.values():
            found = by_kind.get((name, kind), [])
            if found:
                best = max(found, key=lambda e: (sure(e), e.n_beats))
                yield _told(f"{name} {kind}", best)
    for letter, name in (*ECTOPIC.items(), ("F", "Fusion beat"), ("Q", "Paced or unclassifiable")):
        of_class = np.flatnonzero(rhythm.beats.classes == AAMI.index(letter))
        if len(of_class):
            # The surest of the class speaks for it.
            top = of_class[rhythm.beats.probabilities[of_class, AAMI.index(letter)].argmax()]
            at = float(rhythm.times_s[top])
            yield name, at, at
    rate = heart_rate(rhythm, settings)
    for title, moment in (
        ("Lowest heart rate", rate.lowest),
        ("Highest heart rate", rate.highest),
    ):
        if moment:
            yield f"{title}: {moment.bpm:.0f}/min", moment.time_s, moment.time_s + settings.strip_s
    yield "First seconds", 0.0, 0.0


def _told(title: str, event: Event) -> tuple[str, float, float]:
    text = f"{title}: {event.n_beats} beats"
    if event.rate_bpm:
        text += f" at {event.rate_bpm:.0f}/min"
    return text, event.start_s, event.start_s + event.duration_s
