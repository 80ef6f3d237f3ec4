"""The labelling of one piece of signal, for whole files and for streams.

Peaks and quality of a piece depend on `FIND_BEHIND_S` and `FIND_AHEAD_S` seconds around it (see
`ectopy.beats.detection.r_peaks`), classes on what the classifier asks for on top. So a recording
may be cut anywhere on whole grid seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ectopy.analysis.doubts import doubted, doubts_ahead_s, doubts_behind_s
from ectopy.analysis.given_labels import GivenLabels
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.settings import Settings
from ectopy.beats.conditioning.calibration import REACH_S, Pulse, find_pulses, without_pulses
from ectopy.beats.conditioning.canonical import RATIO_DENOMINATOR, ratio
from ectopy.beats.conditioning.lead_votes import LeadVotes, beat_states, withheld
from ectopy.beats.conditioning.qrs_band import band_pass
from ectopy.beats.conditioning.quality import FLAT, GOOD, MISSING, Quality, assess
from ectopy.beats.detection.r_peaks import AHEAD_S, BEHIND_S, Detector, Peaks
from ectopy.beats.detection.ventricular_fibrillation import NEVER, fibrillation_log_odds
from ectopy.beats.features.context import LOOK_AHEAD_S, LOOK_BEHIND_S
from ectopy.beats.features.outlines import LEADS, outline
from ectopy.classes import AAMI
from ectopy.errors import ConfigError, ModelError
from ectopy.runtime.bundle import Setting
from ectopy.runtime.classifier import BeatClassifier, SeenBeats

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]


class BeatLabelsLike(Protocol):
    """What a classifier gives for beats: see `ectopy.runtime.labels.BeatLabels`."""

    @property
    def classes(self) -> Int64: ...  # noqa: D102
    @property
    def probabilities(self) -> Float32: ...  # noqa: D102
    @property
    def uncertain(self) -> npt.NDArray[np.bool_]: ...  # noqa: D102


class Classifier(Protocol):
    """What labels beats: `ectopy.runtime.classifier.BeatClassifier`, or a user's own.

    The labels of the beats from a to b may depend only on signal and peaks from ``behind_s``
    before a to ``ahead_s`` after b. ``leads_used`` leads are given to it, the leading one first.
    The summary names it by its ``name``, or else by its class.
    """

    behind_s: int
    ahead_s: int
    leads_used: int

    def classify(self, signal_mv: Float32, fs_hz: float, r_peaks: Int64) -> BeatLabelsLike:
        """Label the beats at ``r_peaks`` (samples) in ``signal_mv`` (n_leads, n_samples)."""
        ...


DETECTOR_LEADS = 8
"""Leads that R peaks are found on, at most: twelve leads hold eight independent ones."""


FIND_BEHIND_S, FIND_AHEAD_S = BEHIND_S + REACH_S, AHEAD_S + REACH_S
"""Seconds of signal around a piece that `Labeller.find` needs: those that the detector looks at,
and those that tell whether there are calibration pulses in them."""


@dataclass(frozen=True)
class Found:
    """Peaks of a piece, the quality of its seconds, and what was looked at.

    Attributes
    ----------
    peaks : Peaks
        R peaks, as samples of the recording.
    quality : Quality
        Of the seconds between the two samples asked for.
    signal : ndarray of float32, shape (n_leads, n_samples)
        The signal between the two samples, without its calibration pulses.
    pulses : list of Pulse
        Calibration pulses that begin between the two samples, as samples of the recording.
    fibrillation : ndarray of float32, shape (n_seconds,)
        How much each second looks like ventricular fibrillation or flutter: log-odds, see
        `fibrillation_log_odds`.
    """

    peaks: Peaks
    quality: Quality
    signal: Float32
    pulses: list[Pulse]
    fibrillation: Float32


@dataclass(frozen=True)
class Waiting:
    """Beats of a piece that are labelled once the whole recording is read."""

    peaks: Peaks
    quality: npt.NDArray[np.uint8]
    outlines: npt.NDArray[np.int8]
    doubted: npt.NDArray[np.bool_]
    """Before which signal was lost, or which `ectopy.analysis.doubts.doubted` tells."""
    beats: SeenBeats | None = None
    """None where there are none."""


class Labeller:
    """Labels pieces of one recording.

    Parameters
    ----------
    order : tuple of int
        Leads from best to worst. R peaks are found with the first `DETECTOR_LEADS` and marked on
        the first of them that is good; the classifier gets as many as it uses.
    settings : Settings
        Quality thresholds.
    classifier : Classifier or GivenLabels
        Labels the beats, or knows their labels.
    detector : Detector
        Finds them.
    setting : {"past", "whole"}, optional
        What labels may depend on; by default the whole recording, if the classifier can.
    r_peaks : ndarray of int64, optional
        The beats, where they are known.
    look_only : bool
        Look at the beats and label none, whatever the setting.

    Raises
    ------
    ConfigError
        If the whole recording is asked for and the classifier only knows the bounded past.
    """

    def __init__(
        self,
        order: tuple[int, ...],
        settings: Settings,
        classifier: Classifier | GivenLabels,
        detector: Detector,
        setting: Setting | None = None,
        r_peaks: Int64 | None = None,
        *,
        look_only: bool = False,
    ) -> None:
        self.leads = list(order[: max(1, classifier.leads_used)])
        self.found_on = list(order[:DETECTOR_LEADS])
        self.settings = settings
        self.classifier = classifier
        self.detector = detector
        self.second = detector.second
        self.given = r_peaks
        ours = isinstance(classifier, BeatClassifier)
        if setting == "whole" and not ours:
            raise ConfigError(
                f"{name_of(classifier)} labels from a bounded past alone, but the setting 'whole' "
                "was asked for; leave it out or ask for 'past'",
                change="setting",
            )
        self.setting: Setting = setting or ("whole" if ours else "past")
        self.look_only, self.waits = look_only, look_only or self.setting == "whole"
        behind_s, ahead_s = classifier.behind_s, classifier.ahead_s
        if self.waits:
            # A piece begins on the canonical grid: at most so many samples later.
            behind_s = LOOK_BEHIND_S + RATIO_DENOMINATOR // self.second + 1
            ahead_s = LOOK_AHEAD_S
        self.behind_s = max(behind_s, doubts_behind_s(settings))
        self.ahead_s = max(ahead_s, doubts_ahead_s(settings))

    def find(self, signal: Float32, offset: int, keep: tuple[int, int]) -> Found:
        """Find peaks between two samples and judge every second there, from all leads' signal.

        ``signal`` is that around them, as far as there is any, as it was recorded.
        """
        pulses = find_pulses(signal, self.detector.fs_hz, offset)
        begin = max(offset, keep[0] - BEHIND_S * self.second)
        signal = without_pulses(signal, pulses)
        signal = signal[:, begin - offset : keep[1] + AHEAD_S * self.second - offset]
        pulses = [one.moved(offset) for one in pulses]
        pulses = [one for one in pulses if keep[0] <= one.start < keep[1]]
        bands = list(band_pass(signal, self.second))
        quality = assess(signal, self.second, self.settings, bands)
        seconds = (keep[0] - begin) // self.second, -(-(keep[1] - begin) // self.second)
        here = quality.between(*seconds)
        own = signal[:, keep[0] - begin : keep[1] - begin]
        seen, judged = [bands[lead] for lead in self.found_on], quality.of(self.found_on)
        fibrillation = fibrillation_log_odds(seen, judged)[slice(*seconds)]
        if self.given is not None:
            samples = self.given[slice(*np.searchsorted(self.given, keep))]
            known = Peaks(samples, np.ones(len(samples), dtype=np.float32))
            return Found(known, here, own, pulses, fibrillation)
        peaks = self.detector.piece(signal[self.found_on], begin, keep, seen, judged.states)
        # Where every lead used is off, what looks like a beat is noise.
        usable = self.usable(here)
        at = np.clip((peaks.samples - keep[0]) // self.second, 0, len(usable) - 1)
        return Found(peaks.select(usable[at]), here, own, pulses, fibrillation)

    def nothing(self, n_leads: int, n_samples: int) -> Found:
        """Give what `find` would of so many missing samples: no peak, every second missing."""
        seconds = -(-n_samples // self.second)
        none = np.zeros((n_leads, seconds), dtype=np.float32)
        states = np.full((n_leads, seconds), MISSING, dtype=np.uint8)
        empty = np.zeros((n_leads, 0), dtype=np.float32)
        never = np.full(seconds, NEVER, dtype=np.float32)
        return Found(Peaks.join([]), Quality(states, none, none, none), empty, [], never)

    def none(self) -> LabelledBeats | Waiting:
        """Give what `label` does where there is no beat."""
        if not self.waits:
            return LabelledBeats.empty()
        none = LabelledBeats.empty()
        return Waiting(Peaks.join([]), none.quality, none.outlines, none.uncertain)

    def usable(self, quality: Quality) -> npt.NDArray[np.bool_]:
        """Tell the seconds in which at least one lead that beats are found on is there."""
        return np.asarray(np.min(quality.states[self.found_on], axis=0) < FLAT)

    def label(
        self,
        signal: Float32,
        offset: int,
        peaks: Peaks,
        states: npt.NDArray[np.uint8],
        fibrillation: Float32,
        keep: tuple[int, int],
    ) -> LabelledBeats | Waiting:
        """Label the peaks between two samples, given signal and peaks around them.

        ``states`` is the quality of all leads in the seconds of the signal, ``fibrillation`` how
        much these look like it. With the whole recording, the beats are only looked at, and wait
        for the others.
        """
        inside = (peaks.samples >= keep[0]) & (peaks.samples < keep[1])
        own = peaks.select(inside)
        if not len(own.samples):
            return self.none()
        fs_hz, near = self.detector.fs_hz, peaks.samples - offset
        outlines = outline(signal[self.found_on[:LEADS]], fs_hz, near[inside])
        states = states[self.leads]
        quality = beat_states(states, near[inside], self.second).min(axis=0)
        if isinstance(self.classifier, GivenLabels):
            # What a reader stated holds, however bad the signal.
            stated = self.classifier.between(*keep)
            return LabelledBeats(
                own.samples,
                stated.classes,
                stated.probabilities,
                stated.uncertain,
                own.strength,
                quality,
                outlines,
            )
        votes = LeadVotes.of(states, near, self.second)
        fibrillating = offset + self.settings.spans_s(fibrillation, self.second)
        doubt = (votes.lost | doubted(peaks, fibrillating, self.second))[inside]
        signal = signal[self.leads]
        if not isinstance(self.classifier, BeatClassifier):
            first = max(0, keep[0] - self.classifier.behind_s * self.second - offset)
            last = keep[1] + self.classifier.ahead_s * self.second - offset
            there = (near >= first) & (near < last)
            labels = self.classifier.classify(signal[:, first:last], fs_hz, near[there] - first)
            _check(labels, int(np.count_nonzero(there)), name_of(self.classifier))
            return table(own, quality, doubt, outlines, labels, inside[there])
        # All pieces lie on one canonical grid.
        step = ratio(fs_hz).denominator
        begin = -(-offset // step) * step
        there = near >= begin - offset
        near, inside, votes = near[there] - (begin - offset), inside[there], votes[there]
        signal = withheld(signal, states, self.second)[:, begin - offset :]
        if not self.waits:
            seen = self.classifier.classify(signal, fs_hz, near, "past", votes)
            return table(own, quality, doubt, outlines, seen, inside)
        beats = self.classifier.look(
            signal,
            fs_hz,
            near,
            self.setting,
            votes,
            begin=begin,
            keep=(keep[0] - begin, keep[1] - begin),
        )
        return Waiting(own, quality, outlines, doubt, beats)


def table(
    peaks: Peaks,
    quality: npt.NDArray[np.uint8],
    doubted: npt.NDArray[np.bool_],
    outlines: npt.NDArray[np.int8],
    labels: BeatLabelsLike,
    of: slice | npt.NDArray[np.bool_],
) -> LabelledBeats:
    """Put together peaks, quality and outlines there, and which of the labels are theirs.

    Where signal was lost since the beat before, nobody knows whether the beat is early: such beats
    are ``doubted``, and so are those of `ectopy.analysis.doubts.doubted`.
    """
    return LabelledBeats(
        samples=peaks.samples,
        classes=np.asarray(labels.classes, dtype=np.int64)[of],
        probabilities=np.asarray(labels.probabilities, dtype=np.float32)[of],
        # In bad signal no label is given as a sure one.
        uncertain=np.asarray(labels.uncertain, dtype=bool)[of] | (quality > GOOD) | doubted,
        strength=peaks.strength,
        quality=quality,
        outlines=outlines,
        pacing=_pacing(labels)[of],
    )


def _pacing(labels: BeatLabelsLike) -> npt.NDArray[np.uint8]:
    """Give what is known of each beat's pacing; a classifier of one's own need not look for it."""
    known = getattr(labels, "pacing", None)
    return np.zeros(len(labels.classes), dtype=np.uint8) if known is None else np.asarray(known)


def _check(labels: BeatLabelsLike, n_beats: int, name: str) -> None:
    """Refuse what a classifier of one's own gives in another shape than is asked for."""
    due = {"classes": (n_beats,), "probabilities": (n_beats, len(AAMI)), "uncertain": (n_beats,)}
    for attribute, shape in due.items():
        found = np.asarray(getattr(labels, attribute, None)).shape
        if found != shape:
            raise ModelError(
                f"{name} gave {attribute} of shape {found} for {n_beats} beats, expected {shape}; "
                "see ectopy.runtime.labels.BeatLabels"
            )
    if n_beats and not 0 <= np.min(labels.classes) <= np.max(labels.classes) < len(AAMI):
        raise ModelError(
            f"{name} gave classes from {np.min(labels.classes)} to {np.max(labels.classes)}, "
            f"expected indices into {' '.join(AAMI)}"
        )


def name_of(classifier: Classifier | GivenLabels) -> str:
    """Give the name that a classifier has, or that of its class."""
    name = getattr(classifier, "name", None)
    return str(name or f"{type(classifier).__module__}.{type(classifier).__qualname__}")
