"""The queue: what a reader must not miss, first things first, and then the least certain beats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ectopy.analysis.events import Event
from ectopy.analysis.result import Result
from ectopy.classes import AAMI
from ectopy.review.labels import Labels
from ectopy.runtime.rhythm.kinds import AF, RHYTHMS, VF

Kind = Literal[
    "ventricular fibrillation",
    "ventricular run",
    "pause",
    "atrial fibrillation",
    "supraventricular run",
    "hour",
    "uncertain beat",
]
BURDEN_HOURS: Final = 3
"""Hours with the most ectopic beats that are shown, of V and of S."""
UNCERTAIN: Final = 200
"""Least certain beats in the queue; when these are done, others follow."""


@dataclass(frozen=True)
class Item:
    """One thing to look at.

    Attributes
    ----------
    key : str
        Names it for as long as it is the same: an event whose beats were changed is another one.
    kind : str
        What it is.
    title : str
        In a reader's words.
    start_s, stop_s : float
        Where to look, in seconds from the start.
    beats : tuple of int
        Samples of the beats that are confirmed by accepting it.
    certain : bool
        Whether it rests on beats that can be relied on.
    done : bool
        Whether it was accepted.
    """

    key: str
    kind: Kind
    title: str
    start_s: float
    stop_s: float
    beats: tuple[int, ...]
    certain: bool
    done: bool


def queue(labels: Labels, result: Result) -> list[Item]:
    """Give all that is to be looked at, in order.

    Parameters
    ----------
    labels : Labels
        As they stand.
    result : Result
        Made of them.
    """
    return [
        *_rhythm(labels, result, VF),
        *_runs(labels, result, "VEB"),
        *_pauses(labels, result),
        *_rhythm(labels, result, AF),
        *_runs(labels, result, "SVEB"),
        *_hours(labels, result),
        *_uncertain(labels, result),
    ]


def _runs(labels: Labels, result: Result, of: str) -> Iterator[Item]:
    """Give the runs: ventricular ones the longest first, others the fastest first."""
    runs = [event for event in result.events if event.kind == "run" and event.of == of]
    if of == "VEB":
        runs.sort(key=lambda event: (-event.n_beats, -(event.rate_bpm or 0)))
    else:
        least = result.summary.settings.tachycardia_bpm
        runs = [event for event in runs if (event.rate_bpm or 0) >= least]
        runs.sort(key=lambda event: -(event.rate_bpm or 0))
    name: Kind = "ventricular run" if of == "VEB" else "supraventricular run"
    for event in runs:
        rate = f" at {event.rate_bpm:.0f}/min" if event.rate_bpm else ""
        yield _event(labels, result, event, name, f"{event.n_beats} {of} in a row{rate}")


def _pauses(labels: Labels, result: Result) -> Iterator[Item]:
    pauses = [event for event in result.events if event.kind == "pause"]
    for event in sorted(pauses, key=lambda event: -event.duration_s):
        yield _event(labels, result, event, "pause", f"pause of {event.duration_s:.1f} s")


def _event(labels: Labels, result: Result, event: Event, kind: Kind, title: str) -> Item:
    samples = result.beats.samples[event.first : event.last + 1]
    first, last = int(samples[0]), int(samples[-1])
    key = f"{event.kind}:{event.of}:{first}:{last}"
    return Item(
        key=key,
        kind=kind,
        title=title if event.certain else f"{title}, uncertain",
        start_s=first / result.fs_hz,
        stop_s=last / result.fs_hz,
        # A pause is one of the signal: its beats may be called anything.
        beats=() if kind == "pause" else tuple(samples.tolist()),
        certain=event.certain,
        done=key in labels.accepted,
    )


def _rhythm(labels: Labels, result: Result, kind: int) -> Iterator[Item]:
    """Give the spans of a rhythm, the longest first."""
    told = RHYTHMS[kind]
    name: Kind = "atrial fibrillation" if kind == AF else "ventricular fibrillation"
    spans = sorted(result.rhythm.of(kind).tolist(), key=lambda span: span[0] - span[1])
    for start_s, stop_s in spans:
        key = f"rhythm:{told.key}:{start_s:.0f}:{stop_s:.0f}"
        title = f"{told.title} for {_lasting(stop_s - start_s)}"
        yield Item(key, name, title, start_s, stop_s, (), True,
                   key in labels.accepted)  # fmt: skip


def _lasting(seconds: float) -> str:
    """Write how long something lasts."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _hours(labels: Labels, result: Result) -> Iterator[Item]:
    """Hours with the most ectopic beats, where there is more than one hour."""
    hours = result.summary.hours
    if len(hours) < 2:
        return
    for letter, of in (("V", "VEB"), ("S", "SVEB")):
        most = sorted(hours, key=lambda hour: -hour.certain.get(letter, 0))[:BURDEN_HOURS]
        for hour in most:
            count = hour.certain.get(letter, 0)
            if not count:
                break
            key = f"hour:{of}:{hour.hour}:{count}"
            stop_s = min(3600.0 * (hour.hour + 1), result.duration_s)
            yield Item(key, "hour", f"{count} {of} in this hour", 3600.0 * hour.hour, stop_s, (),
                       True, key in labels.accepted)  # fmt: skip


def _uncertain(labels: Labels, result: Result) -> Iterator[Item]:
    """Give the least certain beats, by the probability of what they are called."""
    beats = result.beats
    stated = labels.stated[np.flatnonzero(labels.there)]
    open_ = np.flatnonzero(beats.uncertain & ~stated)
    sure = beats.probabilities[open_, beats.classes[open_]]
    for at in open_[np.argsort(sure, kind="stable")[:UNCERTAIN]].tolist():
        sample, letter = int(beats.samples[at]), AAMI[beats.classes[at]]
        likeliest = np.argsort(-beats.probabilities[at], kind="stable")
        other = AAMI[next(one for one in likeliest if one != beats.classes[at])]
        yield Item(f"beat:{sample}", "uncertain beat", f"{letter} or {other}?",
                   sample / result.fs_hz, sample / result.fs_hz, (sample,), False,
                   False)  # fmt: skip
