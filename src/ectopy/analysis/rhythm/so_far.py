"""The rhythm of a recording that is still running, from what is known so far."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import measure
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.rhythm.course import course_of
from ectopy.analysis.settings import Settings
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.steady import first_of_each

AHEAD_BEATS: Final = 200
"""Beats after a moment that its rhythm waits for: the longest window that fibrillation is told from
reaches 120 intervals, and the smoothing settles within some 80 more."""
BEHIND_BEATS: Final = 400
"""Beats before it that are looked at again."""
LONGEST_S: Final = 600.0
"""Seconds it waits at most: where there are few beats, more of them would never come."""

States = npt.NDArray[np.uint8]
Float32 = npt.NDArray[np.float32]


class RhythmSoFar:
    """Beats go in as they are labelled, spans come out once enough beats follow them.

    Parameters
    ----------
    fs_hz : float
        Sampling rate in Hz.
    second : int
        Samples in a grid second.
    settings : Settings
        Definitions.
    """

    def __init__(self, fs_hz: float, second: int, settings: Settings) -> None:
        self._fs_hz, self._second, self._settings = fs_hz, second, settings
        self._beats = LabelledBeats.empty()
        self._states = np.zeros(0, dtype=np.uint8)
        self._fibrillation = np.zeros(0, dtype=np.float32)
        self._begin = self._told = 0  # grid seconds: of the first state kept, and told so far

    def add_beats(self, beats: LabelledBeats) -> None:
        """Take the next beats."""
        self._beats = LabelledBeats.join([self._beats, beats])

    def add_seconds(self, states: States, fibrillation: Float32) -> None:
        """Take the states of the next seconds, and how much they look like fibrillation."""
        self._states = np.concatenate([self._states, states])
        self._fibrillation = np.concatenate([self._fibrillation, fibrillation])

    def told(self, until: int, *, finished: bool) -> RhythmCourse:
        """Give the spans that are decided by now and were not given yet.

        Parameters
        ----------
        until : int
            Sample up to which beats are labelled.
        finished : bool
            Whether there will be no more.
        """
        samples, second = self._beats.samples, self._second
        stop = until // second if not finished else -(-until // second)
        if not finished:
            waits = samples[-AHEAD_BEATS] if len(samples) >= AHEAD_BEATS else 0
            stop = max(int(waits) // second, stop - int(LONGEST_S * self._fs_hz) // second)
        begin_s, end_s = (edge * second / self._fs_hz for edge in (self._told, stop))
        if stop <= self._told:
            return _between(RhythmCourse.nothing(end_s), end_s, end_s, 0)
        origin = self._begin * second
        own = replace(self._beats, samples=samples - origin)
        intervals = measure(own, self._fs_hz, self._states, second, self._settings)
        origin_s, duration_s = origin / self._fs_hz, (until - origin) / self._fs_hz
        vf_spans_s = self._settings.spans_s(self._fibrillation, second / self._fs_hz)
        course = course_of(intervals, duration_s, self._settings, vf_spans_s)
        course = replace(course, onset_s=course.onset_s + origin_s, end_s=course.end_s + origin_s)
        if finished:
            end_s = until / self._fs_hz
        found = _between(course, begin_s, end_s, self._told - self._begin)
        self._told = stop
        self._forget()
        return found

    def _forget(self) -> None:
        before = int(np.searchsorted(self._beats.samples, self._told * self._second))
        first = max(before - BEHIND_BEATS, 0)
        if first == 0:
            return
        begin = int(self._beats.samples[first]) // self._second
        self._beats = self._beats[slice(first, None)]
        self._states = self._states[begin - self._begin :]
        self._fibrillation = self._fibrillation[begin - self._begin :]
        self._begin = begin


def _between(course: RhythmCourse, begin_s: float, end_s: float, first: int) -> RhythmCourse:
    """Cut a course: spans that reach in, and seconds from the first one on."""
    inside = (course.end_s > begin_s) & (course.onset_s < end_s)
    kind = course.kind[inside]
    assert first_of_each(kind).all()
    return RhythmCourse(
        np.maximum(course.onset_s[inside], begin_s),
        np.minimum(course.end_s[inside], end_s),
        kind,
        course.probability[inside],
        course.af_probability[first : first + int(np.ceil(end_s - begin_s))],
    )
