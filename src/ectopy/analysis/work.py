"""`Work`: an opened request, read piece by piece, looked at, and labelled."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Final

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
from ectopy.analysis.piece import Cancel, Piece, check
from ectopy.analysis.plan import plan
from ectopy.analysis.request import Request
from ectopy.analysis.summary.model import LabelledBy
from ectopy.beats.conditioning.calibration import Pulse
from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.conditioning.quality import LeadQuality, Quality, ranked, survey
from ectopy.beats.detection.r_peaks import Detector
from ectopy.errors import ConfigError
from ectopy.explain.whole import Whole
from ectopy.recordings.stretches import Stretch
from ectopy.runtime.bundle import Bundle
from ectopy.runtime.classifier import BeatClassifier, SeenBeats, apart
from ectopy.runtime.rhythm.strip_told import StripTold

Float32 = npt.NDArray[np.float32]

READING: Final = 0.45
"""Share of the work of the setting ``whole`` that is done once every beat was looked at: four
networks are asked after that."""


class Work:
    """An opened request: the recording, its leads in order, and what labels it.

    Parameters
    ----------
    request : Request
        What to label.
    look_only : bool
        Look at the beats and label none, see `seen`; where nothing was recorded there are none.
    keep_whole : bool
        Keep what the whole recording says of its beats, in the setting ``whole``.

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
    whole : Whole or None
        What all of its beats say of each, once they are labelled, where that is to be kept.

    Raises
    ------
    EctopyError
        If the recording cannot be opened, it has no such lead, or there are no such weights.
    """

    def __init__(
        self, request: Request, *, look_only: bool = False, keep_whole: bool = False
    ) -> None:
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
        self.whole: Whole | None = None
        self._keep_whole = keep_whole
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
            if self._keep_whole and parts:
                self.whole = Whole.of(classifier, parts, scores)
            for look, part in waiting:
                check(cancel)
                of = slice(at, at := at + len(part.peaks.samples))
                beats = table(part.peaks, part.quality, part.doubted, part.outlines, labels, of)
                start_s, stop_s = look.stretch.begin / fs_hz, look.stretch.end / fs_hz
                seconds = look.quality, look.fibrillation
                yield Piece(start_s, stop_s, beats, *seconds, of_s, of_s)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def seen(
        self, threads: int | None = None, within: tuple[int, int] | None = None
    ) -> list[list[SeenBeats]]:
        """Look at all beats, of a request that was made with ``look_only``, and label none.

        Parameters
        ----------
        threads : int, optional
            As for `pieces`.
        within : tuple of int, optional
            The stretches that hold these samples are looked at alone, see `stretched`.

        Returns
        -------
        list of list of SeenBeats
            Between stretches in which nothing was recorded, and in the setting ``past``, which does
            not look across those, where there is no beat for long.
        """
        runs: list[list[SeenBeats]] = [[]]
        wanted = None if within is None else self._within(within)
        for look in self._looks(threads, None, wanted):
            assert isinstance(look.found, Waiting)
            if not look.stretch.recorded:
                runs.append([])
            elif look.found.beats is not None:
                runs[-1].append(look.found.beats)
        if self.labeller.setting == "past":
            runs = [some for run in runs for some in apart(run)]
        return [run for run in runs if run]

    def looks(
        self, part: int, of: int, threads: int | None = None, cancel: Cancel | None = None
    ) -> Iterator[Look]:
        """Look at the pieces that begin in one of so many equal stretches, in order."""
        begins = [one.begin for one in self._parts()]
        ends = [self.recording.n_samples * k / of for k in (part, part + 1)]
        yield from self._looks(threads, cancel, range(*(bisect_left(begins, end) for end in ends)))

    def stretched(self, within: tuple[int, int]) -> tuple[int, int]:
        """Give the samples of the stretches that hold some, first and one past the last."""
        parts, wanted = self._parts(), self._within(within)
        return parts[wanted[0]].begin, parts[wanted[-1]].end

    def _within(self, within: tuple[int, int]) -> range:
        """Give the places of the stretches that hold some samples."""
        parts = self._parts()
        begins, ends = [part.begin for part in parts], [part.end for part in parts]
        return range(bisect_right(ends, within[0]), bisect_left(begins, within[1]))

    def _looks(
        self, threads: int | None, cancel: Cancel | None, wanted: range | None
    ) -> Iterator[Look]:
        workers = _at_once(threads)
        with one_thread, ThreadPoolExecutor(workers) as pool:
            yield from self._read(pool, workers, cancel, wanted)

    def _parts(self) -> list[Stretch]:
        recording, labeller = self.recording, self.labeller
        if labeller.given is not None and not labeller.look_only:
            # Beats were seen there, whatever the file says.
            recording = replace(recording, recorded=None)
        return plan(recording, labeller.second, labeller.behind_s, labeller.ahead_s)

    def _read(
        self,
        pool: ThreadPoolExecutor,
        workers: int,
        cancel: Cancel | None,
        wanted: range | None = None,
    ) -> Iterator[Look]:
        """Read stretches in order, by default all; find the beats, label them or have them wait."""
        recording, labeller = self.recording, self.labeller
        second, parts = labeller.second, self._parts()
        ends = [part.end for part in parts]
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
        wanted = range(len(parts)) if wanted is None else wanted
        asked = known = bisect_right(ends, parts[wanted[0]].start) if wanted else 0
        last = bisect_left(ends, parts[wanted[-1]].stop) + 1 if wanted else 0
        for number in wanted:
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
            while len(labelling) > (workers if number != wanted[-1] else 0):
                yield labelling.popleft().result()


def _at_once(threads: int | None) -> int:
    """Give how many pieces are worked on side by side."""
    if threads is not None and threads < 1:
        raise ConfigError(f"threads is {threads}, expected at least 1")
    return threads or min(4, os.cpu_count() or 1)
