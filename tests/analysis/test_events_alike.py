"""Events that are found all at once are those that are found one by one."""

from __future__ import annotations

import numpy as np
import pytest

from ectopy.analysis.events import ECTOPIC, Event, Intervals, find_events
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.settings import Settings
from ectopy.classes import AAMI
from ectopy.runtime.rhythm.groups import patterns, rows

FS_HZ = 250.0


def random_beats(rng: np.random.Generator, n: int) -> Intervals:
    samples = np.cumsum(rng.integers(60, 900, n))
    classes = rng.choice(5, n, p=[0.4, 0.25, 0.3, 0.03, 0.02])
    beats = LabelledBeats(
        samples=samples,
        classes=classes,
        probabilities=np.eye(5, dtype=np.float32)[classes],
        uncertain=rng.random(n) < 0.3,
        strength=np.ones(n, np.float32),
        quality=np.zeros(n, np.uint8),
        pacing=(rng.random(n) < 0.02).astype(np.uint8),
    )
    rr_s = np.diff(samples, prepend=np.nan) / FS_HZ
    rr_s[rng.random(n) < 0.05] = np.nan
    return Intervals(beats, FS_HZ, rr_s, rng.random(n) < 0.9)


def one_by_one(intervals: Intervals, settings: Settings) -> list[Event]:
    """Find them by what `Event` says of each."""
    beats, found = intervals.beats, []
    joined = ~np.isnan(intervals.rr_s)

    def told(kind: str, of: str, first: int, last: int, needed: int) -> None:
        start, stop = (int(beats.samples[i]) / FS_HZ for i in (first, last))
        uncertain = int(beats.uncertain[first : last + 1].sum())
        sure = last - first + 1 - uncertain
        rest = needed == 0 or (sure >= needed and sure > uncertain)
        certain = rest and not (needed and beats.pacing[first : last + 1].any())
        rate = 60 * (last - first) / (stop - start) if kind in ("couplet", "run") else None
        found.append(
            Event(kind, of, first, last, start, stop - start, uncertain, certain, rate)  # type: ignore[arg-type]
        )

    for letter, name in ECTOPIC.items():
        own = beats.classes == AAMI.index(letter)
        for first, last in zip(*(x.tolist() for x in rows(own, joined)), strict=True):
            length = last - first + 1
            is_run = length >= max(3, settings.run_beats)
            kind = "single" if length == 1 else "run" if is_run else "couplet"
            told(kind, name, first, last, settings.run_beats if is_run else min(length, 2))
        for cycle, kind in ((2, "bigeminy"), (3, "trigeminy")):
            n = settings.pattern_cycles
            for first, last in zip(
                *(x.tolist() for x in patterns(own, beats.classes == 0, joined, cycle, n)),
                strict=True,
            ):
                told(kind, name, first, last, cycle * n)
    for beat in range(len(beats)):
        if intervals.clear[beat] and intervals.rr_s[beat] >= settings.pause_s:
            told("pause", "RR", beat - 1, beat, 0)
    return sorted(found, key=lambda event: (event.first, event.last))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 40, 4000])
@pytest.mark.parametrize("run_beats", [3, 5])
def test_events_are_those_found_one_by_one(n: int, run_beats: int) -> None:
    intervals = random_beats(np.random.default_rng(n + run_beats), n)
    settings = Settings(run_beats=run_beats, pause_s=2.0)
    events = find_events(intervals, settings)
    assert events == one_by_one(intervals, settings)
    if n == 4000:
        assert {event.kind for event in events} >= {"single", "couplet", "run", "pause"}
        for event in events:  # what JSON and tables are made of
            assert type(event.first) is int
            assert type(event.certain) is bool
            assert type(event.start_s) is float
