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
from ectopy.analysis.plan import Piece, plan
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.build import summarise
from ectopy.analysis.summary.model import Summary
from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.conditioning.quality import LeadQuality, Quality, survey
from ectopy.beats.detection.r_peaks import AHEAD_S, BEHIND_S, Detector, Peaks
from ectopy.errors import ConfigError
from ectopy.recordings.recording import Recording

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
    """Label the pieces in order, several at a time; what was not recorded takes no time."""
    second, classifier = labeller.second, labeller.classifier
    cut = plan(recording, second, classifier.behind_s, classifier.ahead_s)
    pieces = cut.pieces
    reading = Lock()  # files are read by one thread at a time

    def find(piece: Piece) -> tuple[Found, Float32]:
        if not piece.recorded:
            return labeller.nothing(len(recording.leads), piece.end - piece.begin)
        start = max(0, piece.begin - BEHIND_S * second)
        with reading:
            signal = recording.read(start, piece.end + AHEAD_S * second)
        found = labeller.find(signal, start, (piece.begin, piece.end))
        return found, signal[:, piece.begin - start : piece.end - start]

    def label(number: int, around: dict[int, tuple[Found, Float32]]) -> Labelled:
        piece, quality = pieces[number], around[number][0].quality
        if not piece.recorded:
            return LabelledBeats.empty(), quality
        start = max(pieces[min(around)].begin, piece.begin - cut.behind)
        stop = min(pieces[max(around)].end, piece.end + cut.ahead)
        peaks = Peaks.join([around[i][0].peaks for i in sorted(around)])
        near = peaks.select((peaks.samples >= start) & (peaks.samples < stop))
        beats = labeller.label(
            _assemble({pieces[i]: around[i][1] for i in around}, start, stop),
            start,
            near,
            quality.states[labeller.leads[0]],
            (piece.begin, piece.end),
        )
        return beats, quality

    workers = threads or min(4, os.cpu_count() or 1)
    pool = ThreadPoolExecutor(workers)
    finding: deque[Future[tuple[Found, Float32]]] = deque()
    labelling: deque[Future[Labelled]] = deque()
    found: dict[int, tuple[Found, Float32]] = {}
    asked = known = given = 0
    try:
        for number in range(len(pieces)):
            needed = cut.needed(number)
            while asked < min(needed + workers, len(pieces)):
                finding.append(pool.submit(find, pieces[asked]))
                asked += 1
            while known < needed:
                found[known] = finding.popleft().result()
                known += 1
            found = {i: piece for i, piece in found.items() if i >= cut.oldest(number)}
            labelling.append(pool.submit(label, number, {i: found[i] for i in found if i < needed}))
            while len(labelling) > (workers if number + 1 < len(pieces) else 0):
                yield labelling.popleft().result()
                given += 1
                if progress:
                    progress(pieces[given - 1].end / second)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _assemble(signals: dict[Piece, Float32], start: int, stop: int) -> Float32:
    """Put the signals of pieces together from one sample to another; a gap's are missing."""
    n_leads = len(next(iter(signals.values())))
    out = np.empty((n_leads, stop - start), dtype=np.float32)
    for piece, signal in signals.items():
        begin, end = max(piece.begin, start), min(piece.end, stop)
        if begin < end:
            part = signal[:, begin - piece.begin : end - piece.begin] if piece.recorded else np.nan
            out[:, begin - start : end - start] = part
    return out
