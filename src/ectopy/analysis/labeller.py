"""The labelling of one piece of signal, for whole files and for streams.

Peaks and quality of a piece depend on `BEHIND_S` and `AHEAD_S` seconds around it (see
`ectopy.beats.detection.r_peaks`), classes on what the classifier asks for on top. So a recording
may be cut anywhere on whole grid seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.settings import Settings
from ectopy.beats.conditioning.qrs_band import band_pass
from ectopy.beats.conditioning.quality import FLAT, GOOD, MISSING, Quality, assess
from ectopy.beats.detection.r_peaks import Detector, Peaks

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]


class BeatLabelsLike(Protocol):
    """What a classifier gives for beats: see `ectopy.runtime.classifier.BeatLabels`."""

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
    """

    behind_s: int
    ahead_s: int
    leads_used: int

    def classify(self, signal_mv: Float32, fs_hz: float, r_peaks: Int64) -> BeatLabelsLike:
        """Label the beats at ``r_peaks`` (samples) in ``signal_mv`` (n_leads, n_samples)."""
        ...


def load_classifier(model: str) -> Classifier:
    """Load a packaged classifier."""
    from ectopy.runtime.classifier import BeatClassifier  # type: ignore[import-not-found,unused-ignore]

    classifier: Classifier = BeatClassifier.load(model)
    return classifier


DETECTOR_LEADS = 2
"""Leads that R peaks are found on: the second one halves the misses (docs/results/r-peaks.md)."""


@dataclass(frozen=True)
class Found:
    """Peaks of a piece, and the quality of its seconds."""

    peaks: Peaks
    quality: Quality


class Labeller:
    """Labels pieces of one recording.

    Parameters
    ----------
    order : tuple of int
        Leads from best to worst. R peaks are found with the first `DETECTOR_LEADS` and marked on
        the first; the classifier gets as many as it uses.
    settings : Settings
        Quality thresholds.
    classifier : Classifier
        Labels the beats.
    detector : Detector
        Finds them.
    """

    def __init__(
        self,
        order: tuple[int, ...],
        settings: Settings,
        classifier: Classifier,
        detector: Detector,
    ) -> None:
        self.leads = list(order[: max(1, classifier.leads_used)])
        self.found_on = list(order[:DETECTOR_LEADS])
        self.settings = settings
        self.classifier = classifier
        self.detector = detector
        self.second = detector.second

    def find(self, signal: Float32, offset: int, keep: tuple[int, int]) -> Found:
        """Find peaks between two samples and judge every second there, from all leads' signal."""
        bands = [band_pass(lead, self.second) for lead in signal]
        quality = assess(signal, self.second, self.settings, bands)
        seen = [bands[lead] for lead in self.found_on]
        peaks = self.detector.piece(signal[self.found_on], offset, keep, seen)
        begin = (keep[0] - offset) // self.second
        end = -(-(keep[1] - offset) // self.second)
        here = quality.between(begin, end)
        # Where every lead used is off, what looks like a beat is noise.
        usable = self.usable(here)
        at = np.clip((peaks.samples - keep[0]) // self.second, 0, len(usable) - 1)
        return Found(peaks.select(usable[at]), here)

    def nothing(self, n_leads: int, n_samples: int) -> tuple[Found, Float32]:
        """Give what `find` would of so many missing samples: no peak, every second missing."""
        seconds = -(-n_samples // self.second)
        none = np.zeros((n_leads, seconds), dtype=np.float32)
        states = np.full((n_leads, seconds), MISSING, dtype=np.uint8)
        empty = np.zeros((n_leads, 0), dtype=np.float32)
        return Found(Peaks.join([]), Quality(states, none, none, none)), empty

    def usable(self, quality: Quality) -> npt.NDArray[np.bool_]:
        """Tell the seconds in which at least one lead that beats are found on is there."""
        return np.asarray(np.min(quality.states[self.found_on], axis=0) < FLAT)

    def label(
        self,
        signal: Float32,
        offset: int,
        peaks: Peaks,
        states: npt.NDArray[np.uint8],
        keep: tuple[int, int],
    ) -> LabelledBeats:
        """Label the peaks between two samples, given signal and peaks around them.

        ``states`` is the quality of the leading lead in the seconds of ``keep``.
        """
        inside = (peaks.samples >= keep[0]) & (peaks.samples < keep[1])
        if not inside.any():
            return LabelledBeats.empty()
        labels = self.classifier.classify(
            signal[self.leads], self.detector.fs_hz, peaks.samples - offset
        )
        samples = peaks.samples[inside]
        quality = states[np.clip((samples - keep[0]) // self.second, 0, len(states) - 1)]
        return LabelledBeats(
            samples=samples,
            classes=np.asarray(labels.classes, dtype=np.int64)[inside],
            probabilities=np.asarray(labels.probabilities, dtype=np.float32)[inside],
            # In bad signal no label is given as a sure one.
            uncertain=np.asarray(labels.uncertain, dtype=bool)[inside] | (quality > GOOD),
            strength=peaks.strength[inside],
            quality=quality,
        )
