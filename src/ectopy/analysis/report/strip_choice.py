"""Which seconds of a recording to show: the most important events, each as a strip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import ECTOPIC, Event, Intervals
from ectopy.analysis.report.wording import duration
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.statistics import fastest_run, heart_rate, longest_pause, longest_run
from ectopy.beats.conditioning.quality import GOOD
from ectopy.beats.detection.paced_rhythm import NOT_PACED
from ectopy.classes import AAMI
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import AF, RHYTHMS, VF

LEAD_IN: Final = 0.25
"""Share of a strip shown before an event that is longer than the strip."""

FURTHER: Final = (("VEB", "run", 3), ("SVEB", "run", 2), ("RR", "pause", 2))
"""Events shown beside the longest and fastest, before any example of something else."""

MOST_OF_RHYTHM: Final = 4
"""Episodes of ventricular fibrillation whose onsets are shown."""

SAME_S: Final = 1.0
"""Strips that begin so close to each other are the same."""


@dataclass(frozen=True)
class Strip:
    """A stretch of signal to show.

    Attributes
    ----------
    title : str
        What it shows.
    start_s, stop_s : float
        From when to when, in s from the start of the recording.

    Examples
    --------
    >>> from ectopy.analysis.report import Strip
    >>> Strip("Longest run of VEB", 12.0, 19.0).start_s
    12.0
    """

    title: str
    start_s: float
    stop_s: float


@dataclass(frozen=True)
class _Wanted:
    """Something worth a strip: a row of the report's figures (``told``), or only an example."""

    title: str
    begin_s: float
    end_s: float
    told: bool = False
    kept: bool = False
    """True where its place is reserved, however long the list."""
    listed: bool = False
    """True for a row of the report's lists, which is shown unless all of it is already."""


def choose(
    intervals: Intervals,
    events: list[Event],
    rhythm: RhythmCourse,
    duration_s: float,
    settings: Settings,
) -> list[Strip]:
    """Choose the strips, the most important first.

    Onsets of ventricular fibrillation come first, then ventricular runs (the longest and the
    fastest), onset and end of atrial fibrillation (the longest episode and the first),
    supraventricular runs, the longest pause, the lowest and highest rate, a few more runs and
    pauses, couplets, bigeminy and trigeminy, singles of each class, the first seconds, and as many
    of the other runs and pauses as there is room for.
    Certain events in clean signal are chosen before others, and a title says where there were none.
    The lowest and highest rate have their places kept. An example is left out where its seconds are
    shown already; what the report tells a figure of is then named there.

    Examples
    --------
    >>> from ectopy.analysis.report import choose
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> result = ectopy.analyze(recording)
    >>> strips = choose(result.intervals, result.events, result.rhythm, 60, ectopy.Settings())
    >>> strips[0].title
    'Longest and fastest VEB run: 4 beats at 100/min'
    """
    length = min(settings.strip_s, duration_s)
    wanted = list(_wanted(intervals, events, rhythm, settings))
    kept = sum(want.kept for want in wanted)
    strips: list[Strip] = []
    for want in wanted:
        kept -= want.kept
        inside = want.end_s - want.begin_s <= length
        start = (
            (want.begin_s + want.end_s - length) / 2 if inside else want.begin_s - LEAD_IN * length
        )
        start = float(np.clip(start, 0, max(0.0, duration_s - length)))
        shown = next((i for i, strip in enumerate(strips) if _shows(strip, want, start)), None)
        near = any(abs(start - strip.start_s) <= length / 2 for strip in strips)
        if want.told and shown is not None:
            other = strips[shown]
            title = f"{other.title}; {want.title[0].lower()}{want.title[1:]}"
            strips[shown] = Strip(title, other.start_s, other.stop_s)
        elif len(strips) + kept < settings.strips and (
            want.told or not near or (want.listed and shown is None)
        ):
            strips.append(Strip(want.title, start, start + length))
    return strips


def ranked(events: Sequence[Event], of: str, kind: str) -> list[Event]:
    """Give the events of a kind, the most important first.

    Certain ones, then those of more beats, then pauses that are longer, then faster ones.
    """
    found = [event for event in events if event.of == of and event.kind == kind]

    def weight(event: Event) -> tuple[bool, int, float, float]:
        long = event.duration_s if kind == "pause" else 0.0
        return event.certain, event.n_beats, long, event.rate_bpm or 0.0

    return sorted(found, key=weight, reverse=True)


def listed_couplets(most: int) -> int:
    """Give how many couplets are listed where so many runs are: half as many."""
    return (most + 1) // 2


def _shows(strip: Strip, want: _Wanted, start_s: float) -> bool:
    whole = strip.start_s <= want.begin_s and want.end_s <= strip.stop_s
    return whole or abs(strip.start_s - start_s) < SAME_S


def _wanted(
    intervals: Intervals, events: list[Event], rhythm: RhythmCourse, settings: Settings
) -> Iterator[_Wanted]:
    by_kind: dict[tuple[str, str], list[Event]] = {}
    events = intervals.told(events)  # what is withheld is not shown either
    for event in events:
        by_kind.setdefault((event.of, event.kind), []).append(event)
    for onset, end in rhythm.episodes(VF)[:MOST_OF_RHYTHM].tolist():
        title = f"{RHYTHMS[VF].title[0].upper()}{RHYTHMS[VF].title[1:]}: {duration(end - onset)}"
        yield _Wanted(title, onset, onset, told=True)
    yield from _extremes(by_kind, "VEB")
    yield from _fibrillation(rhythm)
    yield from _extremes(by_kind, "SVEB")
    pause = longest_pause(events)
    if pause:
        title = f"Longest pause: {pause.duration_s:.2f} s"
        yield _Wanted(title, pause.start_s, pause.start_s + pause.duration_s, told=True)
    rate = heart_rate(intervals, settings)
    for title, moment in (
        ("Lowest heart rate", rate.lowest),
        ("Highest heart rate", rate.highest),
    ):
        if moment:
            end = moment.time_s + 60 * settings.rate_window_beats / moment.bpm
            title = f"{title}: {moment.bpm:.0f}/min"
            yield _Wanted(title, moment.time_s, end, told=True, kept=True)
    further = [
        (count, [_titled(event) for event in ranked(events, of, kind)[: settings.strips]])
        for of, kind, count in FURTHER
    ]
    for count, wanted in further:
        yield from wanted[: count + 1]  # the first one is told already
    clean = _Cleanness(intervals, settings.strip_s)
    for kind in ("couplet", "bigeminy", "trigeminy"):
        for name in ECTOPIC.values():
            found = by_kind.get((name, kind), [])
            if kind == "couplet" and settings.listed:  # one of those listed
                found = ranked(found, name, kind)[: listed_couplets(settings.listed)]
            if found:
                shares = clean.around([e.start_s + e.duration_s / 2 for e in found])
                best = max(
                    zip(found, shares.tolist(), strict=True),
                    key=lambda pair: (pair[0].certain, pair[1], pair[0].n_beats),
                )[0]
                yield _told(f"{name} {kind}", best, told=False)
    beats = intervals.beats
    paced = beats.pacing > NOT_PACED
    for letter, name in (*ECTOPIC.items(), ("F", "Fusion beat"), ("Q", "Paced or unclassifiable")):
        shown = beats.classes == AAMI.index(letter)
        of_class = np.flatnonzero(shown & ~paced if letter in ECTOPIC else shown)
        if len(of_class):
            at = intervals.times_s[of_class]
            likely = beats.probabilities[of_class, AAMI.index(letter)]
            order = np.lexsort((likely, clean.around(at), ~beats.uncertain[of_class]))
            top = int(order[-1])
            doubt = ", uncertain" if beats.uncertain[of_class[top]] else ""
            yield _Wanted(f"{name}{doubt}", float(at[top]), float(at[top]))
    yield _Wanted("First seconds", 0.0, 0.0)
    # The others in turn, so that none of them crowds out another.
    rest = zip_longest(*(wanted[count + 1 :] for count, wanted in further))
    yield from filter(None, chain.from_iterable(rest))


def _extremes(by_kind: dict[tuple[str, str], list[Event]], of: str) -> Iterator[_Wanted]:
    """Show the longest and the fastest run, certain ones if there are any."""
    runs = by_kind.get((of, "run"), [])
    runs = [run for run in runs if run.certain] or runs
    longest, fastest = longest_run(runs), fastest_run(runs)
    if longest and longest is fastest:
        yield _told(f"Longest and fastest {of} run", longest)
    elif longest and fastest:
        yield _told(f"Longest {of} run", longest)
        yield _told(f"Fastest {of} run", fastest)


def _fibrillation(rhythm: RhythmCourse) -> Iterator[_Wanted]:
    """Show onset and end of the longest episode of atrial fibrillation, and of the first."""
    spans = rhythm.episodes(AF)
    if not len(spans):
        return
    longest = int(np.argmax(spans[:, 1] - spans[:, 0]))
    for number in dict.fromkeys((longest, 0)):
        onset, end = spans[number].tolist()
        which = "longest" if number == longest else "first"
        about = f", {which} of {len(spans):,} episodes" if len(spans) > 1 else ""
        told = f"atrial fibrillation ({duration(end - onset)}{about})"
        if onset > 0:
            yield _Wanted(f"Onset of {told}", onset, onset, told=True)
        if end < rhythm.end_s[-1]:
            yield _Wanted(f"End of {told}", end, end, told=True)
        if onset <= 0 and end >= rhythm.end_s[-1]:
            yield _Wanted("Atrial fibrillation throughout", 0.0, 0.0, told=True)


class _Cleanness:
    """Tells how clean strips would be: the share of their beats certain and in good signal."""

    def __init__(self, intervals: Intervals, length_s: float) -> None:
        good = ~intervals.beats.uncertain & (intervals.beats.quality == GOOD)
        self._before = np.r_[0, np.cumsum(good)]
        self._times, self._half = intervals.times_s, length_s / 2

    def around(self, middle_s: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Give the share for strips around these times, from 0 to 1."""
        middle = np.asarray(middle_s, dtype=np.float64)
        first = np.searchsorted(self._times, middle - self._half)
        last = np.searchsorted(self._times, middle + self._half)
        share: npt.NDArray[np.float64] = (self._before[last] - self._before[first]) / np.maximum(
            last - first, 1
        )
        return share


def _titled(event: Event) -> _Wanted:
    """Show a run or pause as one of several."""
    if event.kind == "pause":
        end = event.start_s + event.duration_s
        return _Wanted(f"Pause: {event.duration_s:.2f} s", event.start_s, end, listed=True)
    return replace(_told(f"{event.of} {event.kind}", event, told=False), listed=True)


def _told(title: str, event: Event, *, told: bool = True) -> _Wanted:
    if event.kind == "couplet":  # a rate of one interval would look like one of a rhythm
        text = f"{title}: {1000 * event.duration_s:.0f} ms apart"
    else:
        text = f"{title}: {event.n_beats} beats"
    if event.rate_bpm and event.kind != "couplet":
        text += f" at {event.rate_bpm:.0f}/min"
    if event.uncertain:
        text += f", {event.uncertain} uncertain" if event.certain else ", uncertain"
    return _Wanted(text, event.start_s, event.start_s + event.duration_s, told)
