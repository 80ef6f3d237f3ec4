"""From a recording to labelled beats, events and a summary: all pieces, joined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Unpack

from ectopy.analysis.events import find_events, measure
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.overwrite import signal_fingerprint
from ectopy.analysis.pieces import Cancel, Work
from ectopy.analysis.request import Request, RequestOptions
from ectopy.analysis.result import Result
from ectopy.analysis.rhythm.course import course_of
from ectopy.analysis.summary.build import summarise
from ectopy.analysis.tables import Events, Rhythms
from ectopy.analysis.templates import grouped
from ectopy.analysis.unmarked import restless, unmarked
from ectopy.beats.conditioning.calibration import of_all_leads
from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.conditioning.quality import Quality
from ectopy.recordings.clock import Clock
from ectopy.recordings.given import Given

Progress = Callable[[float, float], None]
"""Called now and then with how much of the work is done, and how much there is, in s of signal."""


def analyze(
    request: Request | Given,
    *,
    cancel: Cancel | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
    **stated: Unpack[RequestOptions],
) -> Result:
    """Label every beat of a recording and sum it up.

    Parameters
    ----------
    request : Request, path, Recording, wfdb.Record or array_like
        What to label, or what a `Request` is made of.
    cancel : Cancel, optional
        Set it to stop.
    progress : callable, optional
        Called with the seconds done, and those there are.
    threads : int, optional
        Pieces worked on side by side; by default as many as there are cores, four at most.
    **stated
        Attributes of `Request`, as ``fs_hz``, ``lead``, ``weights``, ``setting``, ``settings`` or
        ``classifier``; they go before those of a request that is given.

    Returns
    -------
    Result
        The beats and all that is told of them.

    Raises
    ------
    Cancelled
        If ``cancel`` was set.
    EctopyError
        If the recording cannot be opened or read, it has no such lead, its sampling rate is too
        low, or there are no such weights.

    Examples
    --------
    >>> import numpy as np
    >>> from ectopy.analysis.analyze import analyze
    >>> from ectopy.recordings.simulation.simulate import simulate
    >>> recording, _ = simulate(60, rng=np.random.default_rng(0))
    >>> result = analyze(recording, setting="past")
    >>> result.summary.beats == len(result.beats)
    True
    """
    request = Request.of(request, **stated)
    work = Work(request)
    parts, qualities = [], []
    with one_thread:  # once around all: changing it for every piece sets BLAS's threads spinning
        for piece in work.pieces(cancel, threads):
            parts.append(piece.beats)
            qualities.append(piece.quality)
            if progress:
                progress(piece.done_s, piece.of_s)
    recording, labeller, settings = work.recording, work.labeller, request.settings
    beats = grouped(LabelledBeats.join(parts))
    quality = Quality.join(qualities, len(recording.leads))
    states = quality.states[labeller.found_on].min(axis=0)  # one good lead is enough
    pulses = sorted(work.pulses, key=lambda pulse: (pulse.lead, pulse.start))
    instead = of_all_leads(pulses, labeller.found_on)
    missed = unmarked(
        beats.samples,
        restless(quality, labeller.found_on),
        labeller.second,
        settings.pause_s * recording.fs_hz,
    )
    intervals = measure(beats, recording.fs_hz, states, labeller.second, settings, instead, missed)
    events = find_events(intervals, settings)
    course = course_of(intervals, recording.duration_s, settings)
    return Result(
        name=recording.name,
        fs_hz=recording.fs_hz,
        n_samples=recording.n_samples,
        start=recording.start,
        intervals=intervals,
        rhythm=Rhythms(course, Clock(recording.start, recording.duration_s)),
        events=Events(events),
        quality=quality,
        summary=summarise(
            recording,
            intervals,
            events,
            quality,
            labeller,
            work.survey,
            work.labelled_by,
            pulses,
            missed,
            course,
        ),
        leading=labeller.leads[0],
        recording=recording,
        signal_sha256=signal_fingerprint(recording),
    )
