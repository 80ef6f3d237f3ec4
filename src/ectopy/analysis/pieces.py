"""A recording in labelled pieces, in order, on all cores, with progress and a way to stop."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Final, Protocol, Unpack

import numpy as np
import numpy.typing as npt

from ectopy.analysis.among import label_among
from ectopy.analysis.given_labels import GivenLabels
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.labeller import (
    FIND_AHEAD_S,
    FIND_BEHIND_S,
    Found,
    Labeller,
    Waiting,
    name_of,
    table,
)
from ectopy.analysis.looked import Look
from ectopy.analysis.plan import plan
from ectopy.analysis.request import Request, RequestOptions
from ectopy.analysis.summary.model import LabelledBy
from ectopy.beats.conditioning.calibration import Pulse
from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.conditioning.quality import LeadQuality, Quality, ranked, survey
from ectopy.beats.detection.r_peaks import Detector
from ectopy.errors import Cancelled, ConfigError
from ectopy.recordings.given import Given
from ectopy.recordings.stretches import Stretch
from ectopy.runtime.bundle import Bundle
from ectopy.runtime.classifier import BeatClassifier, SeenBeats, apart
from ectopy.runtime.rhythm.strip_told import StripTold

Float32 = npt.NDArray[np.float32]

READING: Final = 0.45
"""Share of the work of the setting ``whole`` that is done once every beat was looked at: four
networks are asked after that."""


class Cancel(Protocol):
    """Anything that says when to stop: `threading.Event`, `multiprocessing.Event`."""

    def is_set(self) -> bool:
        """Tell whether to stop."""
        ...


@dataclass(frozen=True)
class Piece:
    """A stretch of a recording.

    Attributes
    ----------
    start_s, stop_s : float
        From when to when, in s from the start of the recording.
    beats : LabelledBeats
        Its beats.
    quality : Quality
        Of its seconds.
    fibrillation : ndarray of float32, shape (n_seconds,)
        How much each of them looks like ventricular fibrillation or flutter, in log-odds:
        `ectopy.beats.detection.VentricularFibrillation` makes alarms and spans of them.
    done_s, of_s : float
        How much of the work is done by now, in seconds of signal, and how much there is.
    labelled : bool
        False where it holds nothing and only tells the progress: with the whole recording, all
        of it is read before the first beat is labelled.

    Examples
    --------
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> for piece in ectopy.pieces(ectopy.Request(recording, setting="past")):
    ...     print(f"{piece.start_s:g} to {piece.stop_s:g} s: {len(piece.beats)} beats")
    0 to 60 s: 76 beats
    """

    start_s: float
    stop_s: float
    beats: LabelledBeats
    quality: Quality
    fibrillation: Float32
    done_s: float
    of_s: float
    labelled: bool = True


def pieces(
    request: Request | Given,
    *,
    cancel: Cancel | None = None,
    threads: int | None = None,
    **stated: Unpack[RequestOptions],
) -> Iterator[Piece]:
    """Label a recording piece by piece.

    Parameters
    ----------
    request : Request, path, Recording, wfdb.Record or array_like
        What to label, or what a `Request` is made of.
    cancel : Cancel, optional
        Set it to stop; the next piece then raises `Cancelled`. To stop asking does as well.
    threads : int, optional
        Pieces worked on side by side; by default as many as there are cores, four at most.
    **stated
        Attributes of `Request`, as for `ectopy.analysis.analyze.analyze`.

    Yields
    ------
    Piece
        In order, without a gap. With the setting ``whole`` others come before, which hold
        nothing and tell the progress; so what is joined from all of them is the whole.

    Raises
    ------
    Cancelled
        If ``cancel`` was set.
    EctopyError
        If the recording cannot be read or labelled.

    Examples
    --------
    >>> import numpy as np
    >>> from ectopy.analysis.pieces import pieces
    >>> from ectopy.recordings.simulation.simulate import simulate
    >>> recording, _ = simulate(60, rng=np.random.default_rng(0))
    >>> sum(len(piece.beats) for piece in pieces(recording, setting="past")) > 40
    True
    """
    return Work(Request.of(request, **stated)).pieces(cancel, threads)


class Work:
    """An opened request: the recording, its leads in order, and what labels it.

    Parameters
    ----------
    request : Request
        What to label.
    look_only : bool
        Look at the beats and label none, see `seen`; where nothing was recorded there are none.

    Attributes
    ----------
    recording : Recording
        The recording.
    bundle : Bundle
        The weights.
    survey : list of LeadQuality
        How each lead looks.
    labeller : Labeller
        Labels pieces of it.
    pulses : list of Pulse
        Calibration pulses in what was read so far, in any order.
    strip : StripTold or None
        What the signal of a short recording as a whole says of its rhythm, once all of it was read
        in the setting ``whole``.

    Raises
    ------
    EctopyError
        If the recording cannot be opened, it has no such lead, or there are no such weights.
    """

    def __init__(self, request: Request, *, look_only: bool = False) -> None:
        self.recording = recording = request.open()
        if not recording.leads:
            raise ConfigError(f"{recording.name} has no lead, expected at least one ECG lead")
        labels = None
        if request.annotations is not None:
            labels = GivenLabels.read(Path(request.annotations), recording)
        given = request.r_peaks if labels is None else labels.samples
        if (
            given is not None
            and len(given)
            and not 0 <= given[0] <= given[-1] < recording.n_samples
        ):
            raise ConfigError(
                f"R peaks span samples {given[0]} to {given[-1]}, but {recording.name} has "
                f"{recording.n_samples}; they must come from the same recording"
            )
        classifier = request.classifier
        if isinstance(classifier, BeatClassifier):
            self.bundle = classifier.bundle
        else:
            self.bundle = Bundle.load(request.weights)
        try:
            detector = Detector(recording.fs_hz, self.bundle.detector)
        except ConfigError as error:
            raise ConfigError(f"{recording.name} cannot be labelled: {error}") from error
        self.pulses: list[Pulse] = []
        self.strip: StripTold | None = None
        self.survey: list[LeadQuality] = survey(recording, request.settings)
        order = ranked(self.survey)
        if request.lead is not None:
            leading = recording.lead_index(request.lead)
            order = [leading, *(i for i in order if i != leading)]
        self.labeller = Labeller(
            tuple(order),
            request.settings,
            labels or classifier or BeatClassifier(self.bundle),
            detector,
            request.setting,
            given,
            look_only=look_only,
        )

    @property
    def labelled_by(self) -> LabelledBy:
        """Tell what labels it."""
        labeller = self.labeller
        if isinstance(labeller.classifier, GivenLabels):
            given = labeller.classifier
            return LabelledBy(name=given.name, sha256=given.sha256, setting=None, r_peaks="given")
        ours = isinstance(labeller.classifier, BeatClassifier)
        return LabelledBy(
            name=name_of(labeller.classifier),
            sha256=self.bundle.checksum if ours else None,
            setting=labeller.setting,
            r_peaks=self.bundle.detector.stem if labeller.given is None else "given",
        )

    def pieces(
        self, cancel: Cancel | None, threads: int | None, looked: Iterable[Look] | None = None
    ) -> Iterator[Piece]:
        """Label the pieces in order, several at a time; what was not recorded takes no time.

        What was ``looked`` at already, all of it in order, is not read again.
        """
        workers = _at_once(threads)
        recording = self.recording
        fs_hz, of_s = recording.fs_hz, recording.duration_s
        n_leads = len(recording.leads)
        none = LabelledBeats.empty(), Quality.join([], n_leads), np.zeros(0, dtype=np.float32)
        waiting: list[tuple[Look, Waiting]] = []
        pool = ThreadPoolExecutor(workers)
        try:
            for look in self._read(pool, workers, cancel) if looked is None else looked:
                self.pulses += look.pulses
                found, seconds = look.found, (look.quality, look.fibrillation)
                start_s, stop_s = look.stretch.begin / fs_hz, look.stretch.end / fs_hz
                if isinstance(found, LabelledBeats):
                    yield Piece(start_s, stop_s, found, *seconds, stop_s, of_s)
                else:
                    waiting.append((look, found))
                    yield Piece(start_s, stop_s, *none, READING * stop_s, of_s, labelled=False)
            if not waiting:
                return
            classifier = self.labeller.classifier
            assert isinstance(classifier, BeatClassifier)
            parts = [part.beats for _, part in waiting if part.beats is not None]
            self.strip = StripTold.of(parts, of_s)
            n_beats, scores = sum(map(len, parts)), []
            for scored in classifier.score(parts, "whole", pool.map):
                check(cancel)
                scores.append(scored)
                done = READING + (1 - READING) * sum(map(len, scores)) / n_beats
                yield Piece(of_s, of_s, *none, done * of_s, of_s, labelled=False)
            labels, at = classifier.decide(scores, parts, "whole"), 0
            for look, part in waiting:
                check(cancel)
                of = slice(at, at := at + len(part.peaks.samples))
                beats = table(part.peaks, part.quality, part.doubted, part.outlines, labels, of)
                start_s, stop_s = look.stretch.begin / fs_hz, look.stretch.end / fs_hz
                seconds = look.quality, look.fibrillation
                yield Piece(start_s, stop_s, beats, *seconds, of_s, of_s)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def seen(self, threads: int | None = None) -> list[list[SeenBeats]]:
        """Look at all beats, of a request that was made with ``look_only``, and label none.

        Returns
        -------
        list of list of SeenBeats
            Between stretches in which nothing was recorded, and in the setting ``past``, which does
            not look across those, where there is no beat for long.
        """
        runs: list[list[SeenBeats]] = [[]]
        for look in self.looks(threads):
            assert isinstance(look.found, Waiting)
            if not look.stretch.recorded:
                runs.append([])
            elif look.found.beats is not None:
                runs[-1].append(look.found.beats)
        if self.labeller.setting == "past":
            runs = [some for run in runs for some in apart(run)]
        return [run for run in runs if run]

    def looks(
        self,
        threads: int | None = None,
        cancel: Cancel | None = None,
        part: int = 0,
        of: int = 1,
    ) -> Iterator[Look]:
        """Look at the pieces that begin in one of so many equal stretches, in order."""
        workers = _at_once(threads)
        with one_thread, ThreadPoolExecutor(workers) as pool:
            yield from self._read(pool, workers, cancel, part, of)

    def _read(
        self,
        pool: ThreadPoolExecutor,
        workers: int,
        cancel: Cancel | None,
        stretch: int = 0,
        of: int = 1,
    ) -> Iterator[Look]:
        """Read the pieces in order, find the beats, and label them or have them wait."""
        recording, labeller = self.recording, self.labeller
        second = labeller.second
        if labeller.given is not None and not labeller.look_only:
            # Beats were seen there, whatever the file says.
            recording = replace(recording, recorded=None)
        parts = plan(recording, second, labeller.behind_s, labeller.ahead_s)
        begins, ends = [part.begin for part in parts], [part.end for part in parts]
        own = [bisect_left(begins, recording.n_samples * k / of) for k in (stretch, stretch + 1)]
        reading = Lock()  # files are read by one thread at a time

        def find(stretch: Stretch) -> Found:
            check(cancel)
            if not stretch.recorded:
                return labeller.nothing(len(recording.leads), stretch.end - stretch.begin)
            start = max(0, stretch.begin - FIND_BEHIND_S * second)
            with reading:
                signal = recording.read(start, stretch.end + FIND_AHEAD_S * second)
            with one_thread:  # stretches are worked on side by side already
                return labeller.find(signal, start, (stretch.begin, stretch.end))

        def label(number: int, around: dict[int, Found]) -> Look:
            check(cancel)
            with one_thread:
                labelled = label_among(
                    labeller, parts[number], {parts[i]: around[i] for i in around}
                )
            here = around[number]
            return Look(parts[number], labelled, here.quality, here.fibrillation, here.pulses)

        finding: deque[Future[Found]] = deque()
        labelling: deque[Future[Look]] = deque()
        found: dict[int, Found] = {}
        last = bisect_left(ends, parts[own[1] - 1].stop) + 1 if own[0] < own[1] else 0
        asked = known = bisect_right(ends, parts[own[0]].start) if own[0] < own[1] else 0
        for number in range(*own):
            check(cancel)
            part = parts[number]
            needed = bisect_left(ends, part.stop) + 1  # and the last one that its labels depend on
            while asked < min(needed + workers, last):
                finding.append(pool.submit(find, parts[asked]))
                asked += 1
            while known < needed:
                found[known] = finding.popleft().result()
                known += 1
            found = {i: piece for i, piece in found.items() if ends[i] > part.start}
            labelling.append(pool.submit(label, number, {i: found[i] for i in found if i < needed}))
            while len(labelling) > (workers if number + 1 < own[1] else 0):
                yield labelling.popleft().result()


def _at_once(threads: int | None) -> int:
    """Give how many pieces are worked on side by side."""
    if threads is not None and threads < 1:
        raise ConfigError(f"threads is {threads}, expected at least 1")
    return threads or min(4, os.cpu_count() or 1)


def check(cancel: Cancel | None) -> None:
    """Raise `Cancelled` where that was asked for."""
    if cancel is not None and cancel.is_set():
        raise Cancelled("the labelling was cancelled")
