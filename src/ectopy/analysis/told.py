"""From labelled beats to all that is told of them: one way for new labels and for changed ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Intervals, find_events, measure
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.rhythm.course import course_of
from ectopy.analysis.summary.background import Background
from ectopy.analysis.summary.build import summarise
from ectopy.analysis.summary.model import Summary
from ectopy.analysis.tables import Events, Rhythms
from ectopy.analysis.templates import grouped
from ectopy.analysis.unmarked import across_fibrillation, restless, unmarked
from ectopy.beats.conditioning.quality import Quality


class Told(NamedTuple):
    """What is told of labelled beats.

    Attributes
    ----------
    intervals : Intervals
        The beats, each with its template and its RR interval.
    rhythm : Rhythms
        Which rhythm there is when.
    events : Events
        Ectopic episodes and pauses.
    summary : Summary
        The Holter summary.
    """

    intervals: Intervals
    rhythm: Rhythms
    events: Events
    summary: Summary


def measured(
    beats: LabelledBeats, quality: Quality, background: Background
) -> tuple[Intervals, npt.NDArray[np.int64]]:
    """Measure the intervals of a recording's beats, and tell before which beats were not marked.

    Parameters
    ----------
    beats : LabelledBeats
        All beats, in order.
    quality : Quality
        Of all seconds of all leads.
    background : Background
        What else is known of the recording.
    """
    settings = background.settings
    missed = unmarked(
        beats.samples,
        restless(quality, list(background.found_on)),
        background.second,
        settings.pause_s * background.fs_hz,
    )
    intervals = measure(
        beats,
        background.fs_hz,
        background.best(quality),
        background.second,
        settings,
        np.asarray(background.pulses, dtype=np.int64),
        missed,
        across_fibrillation(beats.samples / background.fs_hz, background.vf_spans_s),
    )
    return intervals, missed


def told(beats: LabelledBeats, quality: Quality, background: Background) -> Told:
    """Find the templates of a recording's beats, measure their intervals, and go on from there.

    Parameters
    ----------
    beats : LabelledBeats
        All beats, in order.
    quality : Quality
        Of all seconds of all leads.
    background : Background
        What else is known of the recording.
    """
    return told_of(*measured(grouped(beats), quality, background), quality, background)


def told_of(
    intervals: Intervals,
    missed: npt.NDArray[np.int64],
    quality: Quality,
    background: Background,
) -> Told:
    """Find rhythm and events in intervals, and sum up.

    Parameters
    ----------
    intervals : Intervals
        All beats, each with its template.
    missed : ndarray of int64
        Beats before which others were not marked: both are from `measured`.
    quality : Quality
        Of all seconds of all leads.
    background : Background
        What else is known of the recording.
    """
    settings = background.settings
    events = find_events(intervals, settings)
    course = course_of(
        intervals, background.duration_s, settings, background.vf_spans_s, background.strip
    )
    summary = summarise(background, intervals, events, quality, missed, course)
    return Told(intervals, Rhythms(course, background.clock), Events(events), summary)
