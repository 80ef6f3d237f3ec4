"""From what the networks say of beats to their labels: priors, noise, paced rhythms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.detection.paced_rhythm import PACED, paced
from ectopy.classes import AAMI
from ectopy.runtime.networks import log_softmax

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

USUAL_SHARES: Final = np.array([0.9, 0.03, 0.06, 0.008, 0.002])
"""Shares of N S V F Q in the training records, rounded."""

ADAPT_FROM: Final = np.array([0.0, -1.0, 0.0, -1.0, -2.0])
ADAPT_STRENGTH: Final = 0.8
ADAPT_PRIOR: Final = 0.05  # weight of the usual shares against those of the recording
ADAPT_ROUNDS: Final = 12  # it settles within ten
"""How far a whole recording's own class shares are believed; chosen on DS1 and svdb."""

SPIKE_IS_PACED: Final = 0.95
"""Share of beats with a spike, in a paced rhythm, that MIT-BIH's annotators call paced."""


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
    pacing : ndarray of uint8, shape (n_beats,), optional
        Whether the rhythm is paced, see `ectopy.beats.detection.paced_rhythm.PACING`.

    Examples
    --------
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> classifier = ectopy.BeatClassifier.load()
    >>> labels = classifier.classify(recording.read(), recording.fs_hz, reference.samples)
    >>> labels.probabilities.shape == (len(reference), 5)
    True
    """

    probabilities: Float32
    classes: Int64
    uncertain: npt.NDArray[np.bool_]
    pacing: npt.NDArray[np.uint8] | None = None

    @classmethod
    def none(cls) -> BeatLabels:
        """Give the labels of no beat."""
        none = np.zeros(0, dtype=np.int64)
        return cls(np.zeros((0, len(AAMI)), np.float32), none, none.astype(bool))

    @classmethod
    def join(cls, parts: Sequence[BeatLabels]) -> BeatLabels:
        """Put labels that all tell of pacing one after another."""
        names = [one.name for one in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def decide(logits: Float64, chosen: dict[str, Any], doubt: Float64 | None = None) -> BeatLabels:
    """Turn logits into labels by the settings' prior correction, temperature and threshold.

    Noise hides P waves, so that beats that are S come out as N, and surely. Classes and
    probabilities are left as they are; but a beat is uncertain unless its class would be as
    likely as the threshold asks with the odds of S moved by ``doubt``, shape (n_beats,).
    """
    corrected = (logits + np.asarray(chosen["bias"])) / chosen["temperature"]
    probabilities = np.exp(log_softmax(corrected))
    classes = probabilities.argmax(axis=1)
    sure = probabilities
    if doubt is not None and doubt.any():
        corrected[:, AAMI.index("S")] += doubt
        sure = np.exp(log_softmax(corrected))
    return BeatLabels(
        probabilities.astype(np.float32),
        classes.astype(np.int64),
        sure[np.arange(len(sure)), classes] < chosen["uncertain_below"],
    )


def mark_paced(
    labels: BeatLabels, spiked: npt.NDArray[np.bool_], *, whole: bool = False
) -> BeatLabels:
    """In a paced rhythm call beats with a spike Q, and all others uncertain, as where suspected."""
    return marked(labels, spiked, paced(spiked, whole=whole))


def marked(
    labels: BeatLabels, spiked: npt.NDArray[np.bool_], rhythm: npt.NDArray[np.uint8]
) -> BeatLabels:
    """Do as `mark_paced`, where it is known at which beats the rhythm is paced."""
    if not rhythm.any():
        return replace(labels, pacing=rhythm)
    made = (rhythm == PACED) & spiked
    probabilities = labels.probabilities.copy()
    probabilities[made] = called_paced(probabilities[made])
    return BeatLabels(
        probabilities,
        probabilities.argmax(axis=1).astype(np.int64),
        np.where(made, False, labels.uncertain | (rhythm > 0)),
        rhythm,
    )


def called_paced(probabilities: Float32) -> Float32:
    """Give the probabilities of beats with a spike in a paced rhythm."""
    called = probabilities * np.float32(1 - SPIKE_IS_PACED)
    called[:, AAMI.index("Q")] += np.float32(SPIKE_IS_PACED)
    return called


def adapt(logits: Float64) -> Float64:
    """Take the classes' shares from the whole recording (Saerens, Latinne and Decaestecker 2002).

    Where most beats are ectopic, one more is likely; in a record without ectopy it is not. The
    shares and the probabilities are estimated in turn until they agree.
    """
    return believe(logits, believed(logits))


def believed(logits: Float64) -> Float64:
    """Tell how much likelier each class is in this recording than usual: factors, shape (5,)."""
    start = np.exp(log_softmax(logits + ADAPT_FROM))
    shares = start.mean(axis=0)
    factors = np.ones(len(AAMI))
    for _ in range(ADAPT_ROUNDS):
        factors = (shares / USUAL_SHARES) ** ADAPT_STRENGTH
        adapted = start * factors
        adapted /= adapted.sum(axis=1, keepdims=True)
        shares = (adapted.mean(axis=0) + ADAPT_PRIOR * USUAL_SHARES) / (1 + ADAPT_PRIOR)
    return factors


def believe(logits: Float64, factors: Float64) -> Float64:
    """Weigh the classes of beats by how likely they are in their recording: log probabilities."""
    adapted = np.exp(log_softmax(logits + ADAPT_FROM)) * factors
    adapted /= adapted.sum(axis=1, keepdims=True)
    return np.asarray(np.log(adapted + 1e-9))
