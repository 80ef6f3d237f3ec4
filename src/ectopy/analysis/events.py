"""What happens in a rhythm: ectopic singles, couplets and runs, bigeminy and trigeminy, pauses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.settings import Settings
from ectopy.beats.conditioning.quality import FLAT, GOOD
from ectopy.beats.detection.paced_rhythm import NOT_PACED
from ectopy.classes import AAMI
from ectopy.runtime.rhythm.groups import patterns, rows

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Kind = Literal["single", "couplet", "run", "bigeminy", "trigeminy", "pause"]

ECTOPIC: Final = {"V": "VEB", "S": "SVEB"}
"""Classes whose episodes are told, with EC57's names for them."""


@dataclass(frozen=True, eq=False)
class Intervals:
    """Beats with their intervals, ready to be searched.

    Attributes
    ----------
    beats : LabelledBeats
        All beats.
    fs_hz : float
        Sampling rate in Hz.
    rr_s : ndarray of float64, shape (n_beats,)
        Interval from the beat before, in s; NaN for the first, and wherever signal was lost or
        the interval is outside the settings' limits.
    clear : ndarray of bool, shape (n_beats,)
        True where the signal was good all along that interval and the ventricles did not
        fibrillate, so that its length can be trusted.

    Examples
    --------
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> intervals = ectopy.analyze(recording).intervals
    >>> round(60 / float(np.nanmean(intervals.rr_s)))
    76
    """

    beats: LabelledBeats
    fs_hz: float
    rr_s: Float64
    clear: Bool

    @property
    def times_s(self) -> Float64:
        """Time of each beat from the start of the recording, in s."""
        return self.beats.samples / self.fs_hz

    @cached_property
    def doubt(self) -> Int32:
        """Number of uncertain beats before each beat, and in all: shape (n_beats + 1,)."""
        before = np.zeros(len(self.beats) + 1, dtype=np.int32)
        np.cumsum(self.beats.uncertain, out=before[1:])
        return before

    @cached_property
    def paced(self) -> Int32:
        """Number of beats in a paced rhythm, or one that may be, as `doubt` counts them."""
        before = np.zeros(len(self.beats) + 1, dtype=np.int32)
        np.cumsum(self.beats.pacing > NOT_PACED, out=before[1:])
        return before

    def paced_within(self, event: Event) -> bool:
        """Tell whether any beat of an event is in a paced rhythm, or one that may be."""
        return bool(self.paced[event.last + 1] > self.paced[event.first])

    def told(self, events: Sequence[Event]) -> list[Event]:
        """Leave out the ectopic events of a paced rhythm, which are withheld."""
        return [e for e in events if e.kind == "pause" or not self.paced_within(e)]


@dataclass(frozen=True)
class Event:
    """One event, from its first to its last beat.

    Attributes
    ----------
    kind : str
        ``single``, ``couplet``, ``run``, ``bigeminy``, ``trigeminy`` or ``pause``.
    of : str
        ``VEB``, ``SVEB``, or ``RR`` for a pause.
    first, last : int
        Indices of its beats in the table.
    start_s, duration_s : float
        From the first to the last R peak.
    uncertain : int
        How many of its beats are uncertain.
    certain : bool
        Whether it can be counted: enough of its beats are certain to make such an event, and more
        than half of them, and none is in a paced rhythm. A pause rests on the signal alone, and is
        always certain.
    rate_bpm : float or None
        Mean rate within a run.

    Examples
    --------
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> event = ectopy.analyze(recording).events[0]
    >>> event.kind, event.of, round(event.start_s)
    ('single', 'SVEB', 10)
    """

    kind: Kind
    of: str
    first: int
    last: int
    start_s: float
    duration_s: float
    uncertain: int
    certain: bool
    rate_bpm: float | None = None

    @property
    def n_beats(self) -> int:
        """Beats from the first to the last."""
        return self.last - self.first + 1


def measure(
    beats: LabelledBeats,
    fs_hz: float,
    lost: npt.NDArray[np.uint8],
    second: int,
    settings: Settings,
    pulses: Int64 | None = None,
    unmarked: Int64 | None = None,
    fibrillating: Bool | None = None,
) -> Intervals:
    """Measure RR intervals, leaving out those across lost signal.

    Parameters
    ----------
    beats : LabelledBeats
        The labelled beats.
    fs_hz : float
        Sampling rate in Hz.
    lost : ndarray of uint8, shape (n_seconds,)
        Quality of the best lead used in each grid second.
    second : int
        Samples in a grid second.
    settings : Settings
        Limits of an interval.
    pulses : ndarray of int64, optional
        Samples where the recorder wrote calibration pulses instead of the heart, ascending.
    unmarked : ndarray of int64, optional
        Beats before which others were not marked: `ectopy.analysis.unmarked.unmarked`.
    fibrillating : ndarray of bool, shape (n_beats,), optional
        True where there is ventricular fibrillation in the interval before a beat, which then is
        neither a pause nor a rate: `ectopy.analysis.unmarked.fibrillating`.
    """
    rr = np.full(len(beats), np.nan)
    clear = np.zeros(len(beats), dtype=bool)
    if len(beats) > 1:
        rr[1:] = np.diff(beats.samples) / fs_hz
        gone = np.r_[0, np.cumsum(lost >= FLAT)]
        poor = np.r_[0, np.cumsum(lost > GOOD)]
        at = np.minimum(beats.samples // second, len(lost) - 1)
        across = gone[at[1:] + 1] - gone[at[:-1]] > 0
        clear[1:] = poor[at[1:] + 1] - poor[at[:-1]] == 0
        odd = (rr[1:] < settings.shortest_rr_s) | (rr[1:] > settings.longest_rr_s)
        if pulses is not None:
            within = np.searchsorted(pulses, beats.samples)
            across |= within[1:] > within[:-1]
        rr[1:][across | odd] = np.nan
        if unmarked is not None:
            rr[unmarked] = np.nan
        if fibrillating is not None:
            clear &= ~fibrillating
    return Intervals(beats, fs_hz, rr, clear)


def find_events(intervals: Intervals, settings: Settings) -> list[Event]:
    """Find every event, in order of time.

    Returns
    -------
    list of Event
        An ectopic beat is counted once, as a single or within a couplet or run; bigeminy and
        trigeminy describe stretches of singles and are told besides. Events of uncertain beats
        are among them, and say so.

    Examples
    --------
    >>> from ectopy.analysis import find_events
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> result = ectopy.analyze(recording)
    >>> others = find_events(result.intervals, ectopy.Settings(pause_s=1.0))
    >>> len(others) >= len(result.events)
    True
    """
    events: list[Event] = []
    classes = intervals.beats.classes
    for letter, name in ECTOPIC.items():
        ectopic = classes == AAMI.index(letter)
        events += _groups(intervals, ectopic, name, settings)
        for cycle, kind in ((2, "bigeminy"), (3, "trigeminy")):
            events += _pattern(intervals, ectopic, name, cycle, kind, settings)  # type: ignore[arg-type]
    # In noise, a missed beat is likelier than a pause.
    late = np.flatnonzero(intervals.clear & (intervals.rr_s >= settings.pause_s))
    events += _events(intervals, ["pause"] * len(late), "RR", late - 1, late, np.zeros_like(late))
    return sorted(events, key=lambda event: (event.first, event.last))


def _groups(intervals: Intervals, ectopic: Bool, name: str, settings: Settings) -> list[Event]:
    """Ectopic beats in a row; a lost interval between two ends the row."""
    first, last = rows(ectopic, ~np.isnan(intervals.rr_s))
    length, least = last - first + 1, settings.run_beats
    kind = np.minimum(length, 3) - 1
    kind[(kind == 2) & (length < least)] = 1  # a longer minimum leaves short rows as couplets
    names: tuple[Kind, ...] = ("single", "couplet", "run")
    needed = np.where(kind == 2, least, np.minimum(length, 2))
    return _events(intervals, [names[i] for i in kind.tolist()], name, first, last, needed)


def _pattern(
    intervals: Intervals, ectopic: Bool, name: str, cycle: int, kind: Kind, settings: Settings
) -> list[Event]:
    """Every second (or third) beat ectopic, the others normal, for at least the set cycles."""
    normal = intervals.beats.classes == AAMI.index("N")
    cycles = settings.pattern_cycles
    first, last = patterns(ectopic, normal, ~np.isnan(intervals.rr_s), cycle, cycles)
    return _events(
        intervals, [kind] * len(first), name, first, last, np.full(len(first), cycle * cycles)
    )


def _events(
    intervals: Intervals, kinds: list[Kind], of: str, first: Int64, last: Int64, needed: Int64
) -> list[Event]:
    """Describe events, each of which as many certain beats as needed make a certain one."""
    samples, doubt, paced = intervals.beats.samples, intervals.doubt, intervals.paced
    start = samples[first] / intervals.fs_hz
    duration = samples[last] / intervals.fs_hz - start
    uncertain = doubt[last + 1] - doubt[first]
    sure = last - first + 1 - uncertain
    certain = (sure >= needed) & (sure > uncertain) & (paced[last + 1] == paced[first])
    certain |= needed == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = 60 * (last - first) / duration
    columns = (first, last, start, duration, uncertain, certain, rate)
    table: Any = zip(kinds, *(one.tolist() for one in columns), strict=True)
    return [
        Event(
            kind, of, begin, end, start_s, lasts_s, doubtful, rests,
            bpm if kind in ("couplet", "run") and lasts_s > 0 else None,
        )
        for kind, begin, end, start_s, lasts_s, doubtful, rests, bpm in table
    ]  # fmt: skip
