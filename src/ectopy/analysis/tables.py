"""The tables of a result: beats, rhythm, events and hours, as Arrow or pandas."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Self, SupportsIndex, TypeVar, overload

import numpy as np
import numpy.typing as npt

from ectopy.analysis.arrow import coded, listed, numbers, table, words
from ectopy.analysis.events import Event, Intervals
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.summary.model import Hour
from ectopy.classes import AAMI
from ectopy.errors import MissingExtraError
from ectopy.recordings.clock import Clock
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import KEYS

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")


class Table:
    """What has rows, and gives them to Arrow and pandas."""

    def to_arrow(self) -> pa.Table:
        """Give the rows as a `pyarrow.Table`."""
        raise NotImplementedError

    def to_pandas(self) -> Any:
        """Give the rows as a `pandas.DataFrame`.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        try:
            import pandas  # noqa: F401, pyarrow imports it without saying what is missing
        except ImportError as error:
            raise MissingExtraError(
                "a table for pandas needs pandas, which ectopy does not bring; install it with: "
                "pip install pandas; or take to_arrow(), which needs nothing more"
            ) from error
        return self.to_arrow().to_pandas()

    def to_list(self) -> list[dict[str, Any]]:
        """Give the rows as dictionaries; what is empty is None."""
        rows: list[dict[str, Any]] = self.to_arrow().to_pylist()
        return rows


class Rhythms(RhythmCourse, Table):
    """Which rhythm there is when, in a result: `RhythmCourse`, and its table.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> rhythm = ectopy.analyze(recording).rhythm
    >>> rhythm.to_arrow().column_names
    ['onset_s', 'end_s', 'duration_s', 'clock', 'rhythm', 'probability']
    >>> rhythm.to_list()[0]["onset_s"], rhythm.to_list()[-1]["end_s"]
    (0.0, 60.0)
    """

    clock: Clock

    def __init__(self, course: RhythmCourse, clock: Clock) -> None:
        super().__init__(*(getattr(course, one.name) for one in fields(RhythmCourse)))
        object.__setattr__(self, "clock", clock)

    def __repr__(self) -> str:
        """Tell the time in each kind of rhythm."""
        told = ", ".join(
            f"{self.seconds(kind):.0f} s {KEYS[kind]}" for kind in np.unique(self.kind).tolist()
        )
        return f"<{len(self)} spans of rhythm: {told or 'nothing'}>"

    def at(self, times_s: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Give the kind of rhythm at each of some times in seconds; after the end, the last."""
        place = np.searchsorted(self.onset_s, times_s, side="right") - 1
        return self.kind[np.maximum(place, 0)]

    def to_arrow(self) -> pa.Table:
        """Give a row a span.

        Columns: ``onset_s`` and ``end_s`` from the start, each span ending where the next begins;
        ``duration_s``; ``clock``, the time of day of the onset where that is known; ``rhythm`` (see
        `ectopy.runtime.rhythm.kinds.RHYTHMS`); ``probability``, its mean over the span, empty where
        nothing was decided.
        """
        began = [self.clock.text(at) for at in self.onset_s.tolist()] if self.clock.start else None
        return table(
            {
                "onset_s": numbers(np.round(self.onset_s, 3)),
                "end_s": numbers(np.round(self.end_s, 3)),
                "duration_s": numbers(np.round(self.end_s - self.onset_s, 3)),
                "clock": words(began or [None] * len(self)),
                "rhythm": coded(self.kind, KEYS),
                "probability": numbers(
                    np.round(self.probability.astype(np.float64), 4), np.isnan(self.probability)
                ),
            }
        )


class Beats(LabelledBeats, Table):
    """Every beat of a result: `LabelledBeats`, and their table.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(30, rng=np.random.default_rng(0))
    >>> beats = ectopy.analyze(recording).beats
    >>> beats.to_arrow().column_names[:4]
    ['sample', 'time_s', 'class', 'uncertain']
    >>> len(beats.to_pandas()) == len(beats)
    True
    """

    intervals: Intervals
    rhythm: Rhythms

    def __getitem__(self, index: slice | npt.NDArray[np.bool_]) -> Beats:
        """Select beats by a slice or a mask, each with the interval before it in the recording."""
        intervals = self.intervals
        chosen = super().__getitem__(index)
        return Beats(
            Intervals(chosen, intervals.fs_hz, intervals.rr_s[index], intervals.clear[index]),
            self.rhythm,
        )

    def __init__(self, intervals: Intervals, rhythm: Rhythms) -> None:
        super().__init__(*(getattr(intervals.beats, one.name) for one in fields(LabelledBeats)))
        object.__setattr__(self, "intervals", intervals)
        object.__setattr__(self, "rhythm", rhythm)

    def __repr__(self) -> str:
        """Count them by class."""
        counts = np.bincount(self.classes, minlength=len(AAMI)).tolist()
        by_class = ", ".join(f"{n:,} {x}" for x, n in zip(AAMI, counts, strict=True) if n)
        return (
            f"<{len(self):,} beats: {by_class or 'none'}; {int(self.uncertain.sum()):,} uncertain>"
        )

    def to_arrow(self) -> pa.Table:
        """Give a row a beat.

        Columns: ``sample``; ``time_s`` from the start; ``class`` (AAMI letter); ``uncertain``;
        ``p_N`` to ``p_Q``, calibrated probabilities; ``rr_s`` from the beat before, empty across
        lost signal; ``strength`` of the detection; ``quality`` of the signal (see
        `ectopy.beats.conditioning.quality.STATES`); ``template`` of the class, 0 for none (see
        `ectopy.analysis.templates.Template`); ``rhythm`` at the beat (see
        `ectopy.runtime.rhythm.kinds.RHYTHMS`).
        """
        from ectopy.beats.conditioning.quality import STATES

        rr_s = self.intervals.rr_s
        columns = {
            "sample": numbers(self.samples),
            "time_s": numbers(np.round(self.intervals.times_s, 4)),
            "class": coded(self.classes, AAMI),
            "uncertain": numbers(self.uncertain),
        }
        for i, letter in enumerate(AAMI):
            columns[f"p_{letter}"] = numbers(np.round(self.probabilities[:, i], 4))
        columns["rr_s"] = numbers(np.round(rr_s, 4), np.isnan(rr_s))
        columns["strength"] = numbers(np.round(self.strength, 3))
        columns["quality"] = coded(self.quality, STATES)
        columns["template"] = numbers(self.template)
        columns["rhythm"] = coded(self.rhythm.at(self.intervals.times_s), KEYS)
        return table(columns)


class Rows(list[T], Table):
    """A list of rows, of which a slice is a table too."""

    @overload
    def __getitem__(self, index: SupportsIndex) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: SupportsIndex | slice) -> T | Self:
        """Give a row, or a table of some."""
        if isinstance(index, slice):
            return type(self)(super().__getitem__(index))
        return super().__getitem__(index)


class Events(Rows[Event]):
    """The events of a result, in order of time: a list, and its table.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(30, rng=np.random.default_rng(0))
    >>> events = ectopy.analyze(recording).events
    >>> len(events.to_pandas()) == len(events)
    True
    """

    def to_arrow(self) -> pa.Table:
        """Give a row an event.

        Columns: ``kind`` and ``of`` (see `ectopy.analysis.events.Event`); ``start_s`` and
        ``duration_s`` from first to last R peak; ``beats``; ``first_beat`` and ``last_beat``, rows
        of the table of beats, counted from 0; ``uncertain``, how many of the beats are;
        ``certain``, whether the event counts; ``rate_bpm`` within a couplet or run, else empty.
        """
        rates = [None if e.rate_bpm is None else round(e.rate_bpm, 1) for e in self]
        return table(
            {
                "kind": words([event.kind for event in self]),
                "of": words([event.of for event in self]),
                "start_s": listed([round(event.start_s, 4) for event in self], float),
                "duration_s": listed([round(event.duration_s, 4) for event in self], float),
                "beats": listed([event.n_beats for event in self], int),
                "first_beat": listed([event.first for event in self], int),
                "last_beat": listed([event.last for event in self], int),
                "uncertain": listed([event.uncertain for event in self], int),
                "certain": listed([event.certain for event in self], bool),
                "rate_bpm": listed(rates, float),
            }
        )


class Hours(Rows[Hour]):
    """The hours of a recording: a list of `Hour`, and its table.

    Examples
    --------
    >>> recording, _ = ectopy.simulate(30, rng=np.random.default_rng(0))
    >>> ectopy.analyze(recording).hourly.to_pandas()[["hour", "N", "hr_mean"]].shape
    (1, 3)
    """

    def to_arrow(self) -> pa.Table:
        """Give a row an hour.

        Columns: ``hour`` from 0; ``clock``, its time of day where that is known; ``N`` to ``Q``,
        certain beats of each class; ``uncertain``, further beats; ``hr_mean``, ``hr_min`` and
        ``hr_max`` in beats per minute; ``usable_percent`` of its seconds; ``af_percent``,
        fibrillation as a share of those in which the rhythm is decided; ``veb_couplets``,
        ``veb_runs``, ``sveb_couplets``, ``sveb_runs`` and ``pauses`` that begin in it.
        """

        def column(name: str, kind: type) -> pa.Array:
            return listed([getattr(hour, name) for hour in self], kind)

        counts = {x: [hour.certain.get(x, 0) for hour in self] for x in AAMI}
        rates = ("hr_mean", "hr_min", "hr_max", "usable_percent", "af_percent")
        events = ("veb_couplets", "veb_runs", "sveb_couplets", "sveb_runs", "pauses")
        return table(
            {
                "hour": column("hour", int),
                "clock": column("clock", str),
                **{letter: listed(n, int) for letter, n in counts.items()},
                "uncertain": column("uncertain", int),
                **{name: column(name, float) for name in rates},
                **{name: column(name, int) for name in events},
            }
        )
