"""`BeatClassifier`: R peaks of any recording to calibrated classes, with the packaged weights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.canonical import BAND_REACH_S, canonical, positions
from ectopy.beats.detection.pacing import paced, spikes
from ectopy.beats.features.context import HISTORY_S, RECENT_BEATS, from_canonical
from ectopy.beats.features.fibrillation_gate import GATE_BEATS, gated
from ectopy.classes import AAMI
from ectopy.errors import ConfigError
from ectopy.runtime.networks import network, settings, weights

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

PAST_BEATS: Final = RECENT_BEATS + 2 + max(GATE_BEATS)
"""Beats back that measures are averaged over, and theirs, and the gates on them."""
USUAL_SHARES: Final = np.array([0.9, 0.03, 0.06, 0.008, 0.002])
"""Shares of N S V F Q in the training records, rounded."""

ADAPT_FROM: Final = np.array([0.0, -1.0, 0.0, -1.0, -2.0])
ADAPT_STRENGTH: Final = 0.8
ADAPT_PRIOR: Final = 0.05  # weight of the usual shares against those of the recording
ADAPT_ROUNDS: Final = 12  # it settles within ten
"""How far a whole recording's own class shares are believed; chosen on DS1 and svdb."""

SPIKE_IS_PACED: Final = 0.95
"""Share of beats with a spike, in a paced rhythm, that MIT-BIH's annotators call paced."""

SLOWEST_S: Final = 2.0  # seconds a beat at 30 a minute; slower hearts lose a little exactness


@dataclass(frozen=True)
class BeatLabels:
    """Labels of the beats of a recording.

    Attributes
    ----------
    probabilities : ndarray of float32, shape (n_beats, 5)
        Calibrated probability of N, S, V, F and Q.
    classes : ndarray of int64, shape (n_beats,)
        Likeliest class, an index into `ectopy.classes.AAMI`.
    uncertain : ndarray of bool, shape (n_beats,)
        True where the model should not decide.
    """

    probabilities: Float32
    classes: Int64
    uncertain: npt.NDArray[np.bool_]


class BeatClassifier:
    """The packaged beat model.

    Two settings, always told apart. `classify` is inductive: the labels of a beat depend on a
    bounded past (`behind_s`) and at most two beats ahead (`ahead_s`), so it streams.
    `classify_recording` reads the whole recording before it labels any beat of it.

    Attributes
    ----------
    name : str
        Name of the weights.
    leads_used : int
        Leads it makes use of; one will do, and more are pooled.
    behind_s, ahead_s : int
        Labels of the beats in [a, b) depend only on signal and peaks within
        [a - behind_s, b + ahead_s), down to 30 beats a minute, but for the recording's true
        start and end.
    settings : dict
        What the weights' settings file says: training data, calibration, thresholds.
    """

    def __init__(self, settings: dict[str, Any], folder: Any = None) -> None:
        self.settings = settings
        self._folder = weights() if folder is None else folder
        self.name: str = settings["name"]
        self.leads_used = 2
        self.behind_s = int(HISTORY_S + PAST_BEATS * SLOWEST_S + 2 * BAND_REACH_S) + 1
        self.ahead_s = 10

    @classmethod
    def load(cls, name: str = "default", folder: Path | None = None) -> BeatClassifier:
        """Load weights by name, from the package or from a study's run folder.

        Parameters
        ----------
        name : str
            "default" (all training data) or "ds1" (MIT-BIH DS1 alone).
        folder : Path, optional
            Where the weights are; by default in the package.

        Raises
        ------
        ModelError
            If there are no such weights.
        """
        return cls(settings(name, folder), folder)

    def classify(
        self, signal_mv: npt.ArrayLike, fs_hz: float, r_peaks: npt.ArrayLike
    ) -> BeatLabels:
        """Label beats from a bounded past (the inductive setting). Thread-safe.

        Parameters
        ----------
        signal_mv : array_like, shape (n_leads, n_samples) or (n_samples,)
            ECG in mV; gain, polarity and lead do not matter. NaN where samples are missing.
        fs_hz : float
            Sampling rate in Hz.
        r_peaks : array_like of int, shape (n_beats,)
            Sample indices of the R peaks, ascending.

        Returns
        -------
        BeatLabels

        Raises
        ------
        ConfigError
            If the peaks are not ascending or lie outside the signal.
        """
        return self._label("inductive", signal_mv, fs_hz, r_peaks)

    def classify_recording(
        self, signal_mv: npt.ArrayLike, fs_hz: float, r_peaks: npt.ArrayLike
    ) -> BeatLabels:
        """Label beats from the whole recording; parameters as for `classify`."""
        return self._label("whole_recording", signal_mv, fs_hz, r_peaks)

    def _label(
        self, setting: str, signal_mv: npt.ArrayLike, fs_hz: float, r_peaks: npt.ArrayLike
    ) -> BeatLabels:
        signal = np.atleast_2d(np.asarray(signal_mv, dtype=np.float32))
        peaks = _checked(r_peaks, signal)
        chosen = self.settings[setting]
        if not len(peaks):
            none = np.zeros(0, dtype=np.int64)
            return BeatLabels(np.zeros((0, len(AAMI)), np.float32), none, none.astype(bool))
        clean, at = canonical(signal, fs_hz), positions(peaks, fs_hz)
        total = np.zeros((len(peaks), len(AAMI)))
        for member in chosen["networks"]:
            stem, two_sided = member["stem"], member["two_sided"]
            features = from_canonical(clean, at, two_sided=two_sided)
            looks = network(self._folder, f"{stem}-fibrillation").logits(features)[:, 0]
            given = gated(features, looks, two_sided=two_sided)
            total += log_softmax(network(self._folder, stem).logits(given).astype(np.float64))
        scores = total / len(chosen["networks"])
        labels = decide(adapt(scores) if chosen["adapt"] else scores, chosen)
        return mark_paced(labels, spikes(signal, fs_hz, peaks))


def decide(logits: Float64, chosen: dict[str, Any]) -> BeatLabels:
    """Turn logits into labels by the settings' prior correction, temperature and threshold."""
    corrected = (logits + np.asarray(chosen["bias"])) / chosen["temperature"]
    probabilities = np.exp(log_softmax(corrected))
    return BeatLabels(
        probabilities.astype(np.float32),
        probabilities.argmax(axis=1).astype(np.int64),
        probabilities.max(axis=1) < chosen["uncertain_below"],
    )


def mark_paced(labels: BeatLabels, spiked: npt.NDArray[np.bool_]) -> BeatLabels:
    """In a paced rhythm call beats with a spike Q, and all others uncertain."""
    rhythm = paced(spiked)
    if not rhythm.any():
        return labels
    made = rhythm & spiked
    probabilities = labels.probabilities.copy()
    probabilities[made] *= np.float32(1 - SPIKE_IS_PACED)
    probabilities[made, AAMI.index("Q")] += np.float32(SPIKE_IS_PACED)
    return BeatLabels(
        probabilities,
        probabilities.argmax(axis=1).astype(np.int64),
        np.where(made, False, labels.uncertain | rhythm),
    )


def adapt(logits: Float64) -> Float64:
    """Take the classes' shares from the whole recording (Saerens, Latinne and Decaestecker 2002).

    Where most beats are ectopic, one more is likely; in a record without ectopy it is not. The
    shares and the probabilities are estimated in turn until they agree.
    """
    start = np.exp(log_softmax(logits + ADAPT_FROM))
    shares = start.mean(axis=0)
    adapted = start
    for _ in range(ADAPT_ROUNDS):
        adapted = start * (shares / USUAL_SHARES) ** ADAPT_STRENGTH
        adapted /= adapted.sum(axis=1, keepdims=True)
        shares = (adapted.mean(axis=0) + ADAPT_PRIOR * USUAL_SHARES) / (1 + ADAPT_PRIOR)
    return np.asarray(np.log(adapted + 1e-9))


def log_softmax(logits: Float64) -> Float64:
    """Logarithms of the probabilities that logits stand for, row by row."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def _checked(r_peaks: npt.ArrayLike, signal: Float32) -> Int64:
    peaks = np.asarray(r_peaks, dtype=np.int64)
    if peaks.ndim != 1 or (np.diff(peaks) < 0).any():
        raise ConfigError("R peaks are not in ascending order; sort the sample indices")
    if len(peaks) and (peaks[0] < 0 or peaks[-1] >= signal.shape[1]):
        raise ConfigError(
            f"R peaks span samples {peaks[0]} to {peaks[-1]}, but the signal has "
            f"{signal.shape[1]}; they must come from the same recording"
        )
    return peaks
