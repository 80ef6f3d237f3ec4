"""Labels while the recording is still running: samples go in, labelled beats come out."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.labeller import FIND_AHEAD_S, FIND_BEHIND_S, Classifier, Labeller
from ectopy.analysis.rhythm.so_far import RhythmSoFar
from ectopy.analysis.settings import Settings
from ectopy.beats.detection.r_peaks import Detector, Peaks
from ectopy.errors import ConfigError
from ectopy.runtime.bundle import Bundle
from ectopy.runtime.classifier import BeatClassifier
from ectopy.runtime.rhythm.course import RhythmCourse

Float32 = npt.NDArray[np.float32]


class Stream:
    """Labels the beats of a signal that arrives bit by bit.

    The setting is ``past``: the labels are those that `ectopy.analysis.analyze.analyze` gives for
    the whole recording with that setting and the same leads. A beat comes out at most `delay_s`
    after its last sample went in; memory holds that much signal and what lies before it, however
    long the stream runs.

    Parameters
    ----------
    fs_hz : float
        Sampling rate in Hz.
    leads : sequence of str, or str
        Names of the leads that will be pushed, in their order, or of the only one.
    lead : str, optional
        The leading lead; the first by default.
    weights : str, Path or Bundle
        A packaged bundle by name, or a folder with one.
    settings : Settings, optional
        Thresholds.
    classifier : Classifier, optional
        Another classifier than the packaged one.

    Raises
    ------
    ConfigError
        If no lead is named, the leading one is not among them, or the sampling rate is too low.

    Examples
    --------
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> stream = ectopy.Stream(recording.fs_hz, leads=recording.leads)
    >>> chunks = np.array_split(recording.read(), 20, axis=1)  # as they come, (n_leads, n) in mV
    >>> found = [beats for chunk in chunks for beats in stream.push(chunk).symbols]
    >>> len(found) + len(stream.finish()) == len(reference)
    True
    """

    def __init__(
        self,
        fs_hz: float,
        leads: str | Sequence[str] = ("ECG",),
        *,
        lead: str | None = None,
        weights: str | Path | Bundle = "default",
        settings: Settings | None = None,
        classifier: Classifier | None = None,
    ) -> None:
        leads = (leads,) if isinstance(leads, str) else tuple(leads)
        if not leads:
            raise ConfigError("a stream was given no lead, expected the name of at least one")
        if lead is not None and lead not in leads:
            raise ConfigError(f"there is no lead {lead!r}; the leads are {', '.join(leads)}")
        leading = leads.index(lead) if lead is not None else 0
        bundle = Bundle.load(weights)
        order = [leading, *(i for i in range(len(leads)) if i != leading)]
        self._labeller = Labeller(
            tuple(order),
            settings or Settings(),
            classifier or BeatClassifier(bundle),
            Detector(fs_hz, bundle.detector),
            "past",
        )
        self._second = self._labeller.second
        none = np.zeros((len(leads), 0), dtype=np.float32)
        self._raw, self._raw_offset = none, 0  # as it came, and the sample index of its first one
        self._signal, self._offset = none, 0  # the same without calibration pulses
        self._waiting: list[Float32] = []
        self._received = self._found_to = self._labelled_to = 0
        self._peaks = Peaks.join([])
        self._states = np.zeros((len(leads), 0), dtype=np.uint8)  # of the seconds kept
        self._fibrillation = np.zeros(0, dtype=np.float32)  # of these
        self._finished = False
        self._rhythm = RhythmSoFar(fs_hz, self._second, self._labeller.settings)

    @property
    def delay_s(self) -> float:
        """Most seconds from a beat to its label: what is looked at after it."""
        step = self._second / self._labeller.detector.fs_hz
        return (FIND_AHEAD_S + self._labeller.ahead_s + 1) * step

    def push(self, samples: npt.ArrayLike) -> LabelledBeats:
        """Take the next samples and give the beats that are decided by now.

        Parameters
        ----------
        samples : array_like, shape (n_leads, n) or (n,) for one lead
            In mV; NaN where missing.
        """
        if self._finished:
            raise ConfigError("this stream was finished; make another for another recording")
        given = np.asarray(samples)
        if given.dtype.kind not in "iufb":
            raise ConfigError(f"samples are {reprlib.repr(samples)}, expected numbers in mV")
        chunk = np.atleast_2d(given.astype(np.float32))
        if chunk.ndim != 2 or len(chunk) != len(self._raw):
            raise ConfigError(f"samples have shape {chunk.shape}, expected ({len(self._raw)}, n)")
        self._waiting.append(chunk)
        self._received += chunk.shape[1]
        ready = (self._received // self._second - FIND_AHEAD_S) * self._second
        return self._advance(ready) if ready > self._found_to else LabelledBeats.empty()

    def finish(self) -> LabelledBeats:
        """Give the last beats, after the last sample."""
        self._finished = True
        return self._advance(self._received)

    def rhythm(self) -> RhythmCourse:
        """Give the rhythm as far as it is decided and was not given yet.

        The rhythm of a moment is told once 200 beats after it are labelled, or ten minutes have
        passed; after `finish`, all that is left. It is told from these beats and the 400 before,
        of labels of the setting ``past``: near its edges an episode may be told otherwise than
        from the finished recording. Ask once a minute or less often.

        Returns
        -------
        RhythmCourse
            Spans that follow those of the last call; none where nothing more is decided.

        Examples
        --------
        >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
        >>> stream = ectopy.Stream(recording.fs_hz, leads=recording.leads)
        >>> beats = stream.push(recording.read())
        >>> len(stream.rhythm())
        0
        >>> rest = stream.finish()
        >>> stream.rhythm().end_s[-1].item()
        60.0
        """
        until = self._received if self._finished else self._labelled_to
        return self._rhythm.told(until, finished=self._finished)

    def _advance(self, found_to: int) -> LabelledBeats:
        """Find peaks up to a sample, and label those with all they need around them."""
        self._raw = np.concatenate([self._raw, *self._waiting], axis=1)
        self._waiting.clear()
        labeller, second = self._labeller, self._second
        if found_to > self._found_to:
            seen = self._raw[:, : found_to + FIND_AHEAD_S * second - self._raw_offset]
            found = labeller.find(seen, self._raw_offset, (self._found_to, found_to))
            self._signal = np.concatenate([self._signal, found.signal], axis=1)
            self._peaks = Peaks.join([self._peaks, found.peaks])
            self._states = np.concatenate([self._states, found.quality.states], axis=1)
            self._fibrillation = np.concatenate([self._fibrillation, found.fibrillation])
            best = found.quality.states[labeller.found_on].min(axis=0)
            self._rhythm.add_seconds(best, found.fibrillation)
            self._found_to = found_to
        ahead = 0 if self._finished else labeller.ahead_s * second
        label_to = self._found_to - ahead
        beats = LabelledBeats.empty()
        behind = labeller.behind_s * second
        if label_to > self._labelled_to:
            start = max(0, self._labelled_to - behind)
            samples = self._peaks.samples
            near = self._peaks.select((samples >= start) & (samples < self._found_to))
            keep = (self._labelled_to, label_to)
            first = (start - self._offset) // second
            labelled = labeller.label(
                self._from(start, self._found_to),
                start,
                near,
                self._states[:, first:],
                self._fibrillation[first:],
                keep,
            )
            assert isinstance(labelled, LabelledBeats)  # nothing waits in the bounded past
            beats = labelled
            self._rhythm.add_beats(beats)
            self._labelled_to = label_to
        self._forget(max(0, self._labelled_to - behind))
        return beats

    def _from(self, begin: int, end: int) -> Float32:
        kept: Float32 = self._signal[:, begin - self._offset : end - self._offset]
        return kept

    def _forget(self, before: int) -> None:
        self._signal = self._signal[:, before - self._offset :].copy()
        gone = (before - self._offset) // self._second
        self._states = self._states[:, gone:].copy()
        self._fibrillation = self._fibrillation[gone:].copy()
        self._offset = before
        self._peaks = self._peaks.select(self._peaks.samples >= before)
        raw_from = max(0, self._found_to - FIND_BEHIND_S * self._second)
        self._raw = self._raw[:, raw_from - self._raw_offset :].copy()
        self._raw_offset = raw_from
