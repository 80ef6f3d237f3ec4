"""From a `Recording` to labelled beats and a summary, piece by piece, on all cores."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Event, Rhythm, find_events, measure
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.labeller import Classifier, Found, Labeller, load_classifier
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.build import summarise
from ectopy.analysis.summary.model import Summary
from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.conditioning.quality import LeadQuality, Quality, survey
from ectopy.beats.detection.r_peaks import AHEAD_S, BEHIND_S, Detector, Peaks
from ectopy.errors import ConfigError
from ectopy.recordings.recording import Recording

PIECE_SAMPLES = 1_800_000
"""Samples of all leads labelled at once (7 MB); with the threads' number it bounds the memory."""

LONGEST_S, SHORTEST_S = 3600, 300
"""Seconds of a piece: the classifier looks back minutes, so short pieces waste its time."""

Float32 = npt.NDArray[np.float32]
Progress = Callable[[float], None]
"""Called now and then with the seconds of signal that are done."""
Labelled = tuple[LabelledBeats, Quality]


@dataclass(frozen=True)
class Analysis:
    """What was found in one recording.

    Attributes
    ----------
    recording : Recording
        The recording.
    beats : LabelledBeats
        Every beat.
    rhythm : Rhythm
        The beats with their RR intervals.
    events : list of Event
        Ectopic episodes and pauses, in order of time.
    quality : Quality
        Signal quality of each second of each lead.
    summary : Summary
        The Holter summary.
    leading : int
        Index of the lead that the R peaks are marked on.
    """

    recording: Recording
    beats: LabelledBeats
    rhythm: Rhythm
    events: list[Event]
    quality: Quality
    summary: Summary
    leading: int


def analyze(
    recording: Recording,
    *,
    lead: str | None = None,
    model: str = "default",
    settings: Settings | None = None,
    classifier: Classifier | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Analysis:
    """Label every beat of a recording and sum it up.

    Parameters
    ----------
    recording : Recording
        From `ectopy.recordings.open.open_recording`, the simulator or an array.
    lead : str, optional
        Name of the leading lead; by default the one with the best signal.
    model : {"default", "ds1"}
        Packaged networks: the ones for use, or those trained on MIT-BIH's DS1 alone, which are
        the ones for any figure on DS2.
    settings : Settings, optional
        Thresholds.
    classifier : Classifier, optional
        Another classifier than the packaged one.
    progress : callable, optional
        Called with the seconds done.
    threads : int, optional
        Pieces labelled side by side; by default as many as there are cores, four at most.

    Returns
    -------
    Analysis
        The beats and all that is told of them.

    Raises
    ------
    ConfigError
        If the recording has no such lead, or its sampling rate is too low.
    """
    settings = settings or Settings()
    labeller, survey_ = prepare(recording, lead, model, settings, classifier)
    parts, qualities = [], []
    with one_thread:  # pieces run side by side already
        for part, quality in _labelled(recording, labeller, progress, threads):
            parts.append(part)
            qualities.append(quality)
    beats, quality = LabelledBeats.join(parts), Quality.join(qualities, len(recording.leads))
    states = quality.states[labeller.found_on].min(axis=0)  # one good lead is enough
    rhythm = measure(beats, recording.fs_hz, states, labeller.second, settings)
    events = find_events(rhythm, settings)
    summary = summarise(recording, rhythm, events, quality, labeller, survey_, model)
    return Analysis(recording, beats, rhythm, events, quality, summary, labeller.leads[0])


def prepare(
    recording: Recording,
    lead: str | None,
    model: str,
    settings: Settings,
    classifier: Classifier | None,
) -> tuple[Labeller, list[LeadQuality]]:
    """Choose the leads and load the networks."""
    if not recording.leads:
        raise ConfigError(f"{recording.name} has no lead, expected at least one ECG lead")
    classifier = classifier or load_classifier(model)
    detector = Detector(recording.fs_hz, model if model == "ds1" else "default")
    found = survey(recording, settings)
    order = sorted(range(len(found)), key=lambda i: -found[i].score)
    if lead is not None:
        leading = recording.lead_index(lead)
        order = [leading, *(i for i in order if i != leading)]
    return Labeller(tuple(order), settings, classifier, detector), found


def _labelled(
    recording: Recording, labeller: Labeller, progress: Progress | None, threads: int | None
) -> Iterator[Labelled]:
    """Label the pieces in order, several at a time."""
    second, n_samples = labeller.second, recording.n_samples
    piece_s = PIECE_SAMPLES // (second * len(recording.leads))
    step = int(np.clip(piece_s, SHORTEST_S, LONGEST_S)) * second
    bounds = [(a, min(a + step, n_samples)) for a in range(0, n_samples, step)]
    behind = labeller.classifier.behind_s * second
    ahead = labeller.classifier.ahead_s * second
    reading = Lock()  # files are read by one thread at a time

    def find(number: int) -> tuple[Found, Float32]:
        begin, end = bounds[number]
        start = max(0, begin - BEHIND_S * second)
        with reading:
            signal = recording.read(start, end + AHEAD_S * second)
        found = labeller.find(signal, start, (begin, end))
        return found, signal[:, begin - start : end - start]

    def label(number: int, around: dict[int, tuple[Found, Float32]]) -> Labelled:
        begin, end = bounds[number]
        order = sorted(around)
        offset, known = bounds[order[0]][0], bounds[order[-1]][1]
        start, stop = max(offset, begin - behind), min(known, end + ahead)
        signal = np.concatenate([around[i][1] for i in order], axis=1)
        peaks = Peaks.join([around[i][0].peaks for i in order])
        near = peaks.select((peaks.samples >= start) & (peaks.samples < stop))
        quality = around[number][0].quality
        beats = labeller.label(
            signal[:, start - offset : stop - offset],
            start,
            near,
            quality.states[labeller.leads[0]],
            (begin, end),
        )
        return beats, quality

    reach_back, reach_on = -(-behind // step), -(-ahead // step)
    workers = threads or min(4, os.cpu_count() or 1)
    pool = ThreadPoolExecutor(workers)
    finding: deque[Future[tuple[Found, Float32]]] = deque()
    labelling: deque[Future[Labelled]] = deque()
    found: dict[int, tuple[Found, Float32]] = {}
    asked = known = given = 0
    try:
        for number in range(len(bounds)):
            needed = min(number + reach_on + 1, len(bounds))
            while asked < min(needed + workers, len(bounds)):
                finding.append(pool.submit(find, asked))
                asked += 1
            while known < needed:
                found[known] = finding.popleft().result()
                known += 1
            found = {i: piece for i, piece in found.items() if i >= number - reach_back}
            labelling.append(pool.submit(label, number, {i: found[i] for i in found if i < needed}))
            while len(labelling) > (workers if number + 1 < len(bounds) else 0):
                yield labelling.popleft().result()
                given += 1
                if progress:
                    progress(bounds[given - 1][1] / second)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
