"""Runs, pauses and couplets as lists, the most important first, each row with its strip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ectopy.analysis.events import Event
from ectopy.analysis.report.strip_choice import Strip, listed_couplets, ranked
from ectopy.analysis.result import Result
from ectopy.classes import AAMI

LISTS: Final = (
    ("Ventricular runs", "VEB", "run"),
    ("Supraventricular runs", "SVEB", "run"),
    ("Pauses", "RR", "pause"),
    ("Ventricular couplets", "VEB", "couplet"),
    ("Supraventricular couplets", "SVEB", "couplet"),
)
"""What is listed, in the order of what a reader has to see first."""

ORDER: Final = {
    "run": "the longest first",
    "pause": "the longest first",
    "couplet": "the shortest interval first",
}


@dataclass(frozen=True)
class Row:
    """One event.

    Attributes
    ----------
    event : Event
        The event.
    strip : int or None
        Number of the strip that shows all of it, or where it begins.
    between : str
        Classes of its first and last beat, of a pause those it lies between.
    """

    event: Event
    strip: int | None
    between: str


@dataclass(frozen=True)
class EventList:
    """The most important events of a kind.

    Attributes
    ----------
    title, kind, order : str
        What is listed, and in which order.
    rows : list of Row
        Those shown.
    total, certain : int
        How many there are, and how many of them are certain.
    """

    title: str
    kind: str
    order: str
    rows: list[Row]
    total: int
    certain: int


def lists(result: Result, strips: Sequence[Strip]) -> Iterator[EventList]:
    """List what there is of each kind; certain events come before uncertain ones."""
    most, beats = result.summary.settings.listed, result.beats
    told = result.intervals.told(result.events)
    for title, of, kind in LISTS:
        found = ranked(told, of, kind)
        if found and most:
            first = found[: most if kind != "couplet" else listed_couplets(most)]
            rows = [
                Row(
                    event,
                    shown_in(event, strips),
                    f"{AAMI[beats.classes[event.first]]} and {AAMI[beats.classes[event.last]]}",
                )
                for event in first
            ]
            certain = sum(event.certain for event in found)
            yield EventList(title, kind, ORDER[kind], rows, len(found), certain)


def shown_in(event: Event, strips: Sequence[Strip]) -> int | None:
    """Give the number of the first strip that shows an event, from 1: whole, or else its begin."""
    begin, end = event.start_s, event.start_s + event.duration_s
    whole = (i for i, s in enumerate(strips, 1) if s.start_s <= begin and end <= s.stop_s)
    part = (
        i
        for i, s in enumerate(strips, 1)
        if s.start_s <= begin < s.stop_s < end and end - begin > s.stop_s - s.start_s
    )
    return next(whole, None) or next(part, None)
