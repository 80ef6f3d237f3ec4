"""A recording as its labels were made of it, and any of its beats as a question to the networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.canonical import RATE_HZ
from ectopy.beats.detection.paced_rhythm import PACED
from ectopy.beats.features import groups
from ectopy.beats.features.context import (
    CHAIN_AHEAD,
    CHAIN_BEHIND,
    Seen,
    describe,
    in_rhythm,
)
from ectopy.beats.features.fibrillation_gate import GATE_BEATS
from ectopy.beats.features.noise import doubt
from ectopy.beats.features.rr_intervals import marks
from ectopy.explain.contributions import Asked, Question
from ectopy.runtime.bundle import Setting
from ectopy.runtime.classifier import BeatClassifier, SeenBeats
from ectopy.runtime.labels import BeatLabels, believed
from ectopy.runtime.lead_pairs import heard, in_doubt, pairs
from ectopy.runtime.networks import Member
from ectopy.runtime.rhythm.beat_by_beat import BeatRhythm

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
UInt8 = npt.NDArray[np.uint8]

NEAR_BEATS: Final = 256
"""Beats before and after one among which the patient's usual ones are looked for: some minutes, so
that the usual interval is that of the hour."""

FEWEST_BEATS: Final = 8
"""Usual beats without which all beats nearby have to tell what is usual."""


@dataclass(frozen=True)
class Look:
    """Beats of a recording as far as the signal says, and what the whole of it says.

    In the setting ``past`` the beats between two gaps are a recording of their own.

    Attributes
    ----------
    seen : Seen
        All beats, of the sides that the setting's members read.
    spiked : ndarray of bool, shape (n_beats,)
        Where a pacing spike stands before the beat.
    marks : ndarray of float64, optional
        Quantiles of all intervals, where the setting reads them.
    factors : ndarray of float64, shape (5,), optional
        How much likelier each class is than usual, where the setting believes it.
    labels : BeatLabels
        What the classifier makes of them.
    noise : ndarray of float64, shape (n_beats,)
        How far noise moves the odds of S (`ectopy.beats.features.noise.doubt`).
    rhythm : BeatRhythm, optional
        What their times tell of fibrillation, where the weights ask for it.
    """

    seen: Seen
    spiked: Bool
    marks: Float64 | None
    factors: Float64 | None
    labels: BeatLabels
    noise: Float64
    rhythm: BeatRhythm | None

    @property
    def pacing(self) -> UInt8:
        """Whether the rhythm is paced at each beat (`ectopy.beats.detection.paced_rhythm`)."""
        none = np.zeros(len(self.spiked), dtype=np.uint8)
        return none if self.labels.pacing is None else self.labels.pacing

    @classmethod
    def of(cls, classifier: BeatClassifier, setting: Setting, parts: Sequence[SeenBeats]) -> Look:
        """Put together what was seen of a recording with the whole of it to follow.

        Parameters
        ----------
        classifier : BeatClassifier
            That looked at them.
        setting : {"past", "whole"}
            Which labels are to be explained.
        parts : sequence of SeenBeats
            From `BeatClassifier.look` in that setting; at least one beat.
        """
        scores = list(classifier.score(parts, setting))
        spiked = np.concatenate([part.spiked for part in parts])
        seen = Seen.join([part.seen for part in parts])
        seen = replace(seen, at=np.maximum.accumulate(seen.at))
        believes = classifier.bundle.manifest[setting]["adapt"]
        return cls(
            seen,
            spiked,
            marks(seen.at / RATE_HZ, seen.lost) if setting == "whole" else None,
            believed(np.concatenate(scores)) if believes else None,
            classifier.decide(scores, parts, setting),
            doubt(np.concatenate([part.noise for part in parts], axis=1)),
            classifier.rhythm(seen.at, seen.lost, setting),
        )


@dataclass(frozen=True)
class Usual:
    """What is usual near a beat.

    Attributes
    ----------
    beats : ndarray of int64, shape (n_usual,)
        Which beats they are.
    normal : bool
        True where these are beats surely called N; False where there are too few, and all count.
    own : ndarray of float32, shape (n_columns,)
        Measures of the beat, of the past alone.
    those : ndarray of float32, shape (n_usual, n_columns)
        Measures of the usual beats.
    """

    beats: npt.NDArray[np.int64]
    normal: bool
    own: Float32
    those: Float32


def question(
    classifier: BeatClassifier, setting: Setting, look: Look, beat: int, sure: Bool
) -> tuple[Question, Usual]:
    """Ask about a beat.

    Parameters
    ----------
    classifier : BeatClassifier
        The one that labelled it.
    setting : {"past", "whole"}
        How.
    look : Look
        The recording.
    beat : int
        Which one.
    sure : ndarray of bool, shape (n_beats,)
        Beats that are surely N.

    Returns
    -------
    Question
        What decided can be asked of it.
    Usual
        What was taken as usual.
    """
    n = len(look.seen)
    near = np.arange(max(beat - NEAR_BEATS, 0), min(beat + NEAR_BEATS + 1, n))
    usual = near[sure[near] & (near != beat)]
    normal = len(usual) >= FEWEST_BEATS
    if not normal:
        usual = near
    first = max(int(near[0]) - CHAIN_BEHIND - max(GATE_BEATS), 0)
    last = min(int(near[-1]) + 1 + CHAIN_AHEAD + max(GATE_BEATS), n)
    around = look.seen[first:last]
    told_by_rhythm = in_rhythm(around, whole=look.marks)
    members = classifier.members(setting)
    best, *others = pairs(around.on.shape[1])
    sides = describe(around.of(best), told_by_rhythm)
    looks = [member.looks(sides[-1 if member.two_sided else 0]) for member in members]

    def ask(pair: tuple[int, ...]) -> list[Asked]:
        own = sides if pair == best else describe(around.of(pair), told_by_rhythm)
        read = [-1 if member.two_sided else 0 for member in members]
        return [
            _asked(member, own[side], sides[side], looked, beat - first, usual - first)
            for member, side, looked in zip(members, read, looks, strict=True)
        ]

    chosen = classifier.bundle.manifest[setting]
    asked = ask(best)
    alone = Question(tuple(asked), chosen, None, False)
    by_times = None
    if look.rhythm is not None:
        those = look.rhythm.log_odds(usual)
        those = those[~np.isnan(those)]
        by_times = (
            float(look.rhythm.log_odds(np.array([beat]))[0]),
            float(np.median(those)) if len(those) else np.nan,
        )
    there = [pair for pair in (best, *others) if heard(around.of(pair))[beat - first]]
    if others and (best not in there or in_doubt(alone.as_it_is())[0]):
        more = [one for pair in there if pair != best for one in ask(pair)]
        asked = asked + more if best in there or not more else more
    made = bool(look.spiked[beat] and look.pacing[beat] == PACED)
    told = Usual(usual, normal, sides[0][beat - first], sides[0][usual - first])
    if look.marks is not None and len(sides) == 1:  # the one side reads the whole recording
        told = replace(told, own=_past(told.own[None])[0], those=_past(told.those))
    return Question(tuple(asked), chosen, look.factors, made, by_times), told


def lead_alone(
    classifier: BeatClassifier, setting: Setting, look: Look, beat: int, lead: int
) -> Float64:
    """Give the probabilities (5,) of a beat as one lead alone would have it, spikes aside."""
    first = max(beat - CHAIN_BEHIND - max(GATE_BEATS), 0)
    near = look.seen[first : beat + CHAIN_AHEAD + max(GATE_BEATS) + 1]
    rhythm = None if look.rhythm is None else look.rhythm[first : first + len(near)]
    scores = classifier.weigh(near.of((lead,)), setting, look.marks, rhythm)[[beat - first]]
    asked = Question((), classifier.bundle.manifest[setting], look.factors, False)
    return np.asarray(asked.finished(scores, np.ones((1, 2), dtype=bool))[0])


def _past(features: Float32) -> Float32:
    """Leave out what only the whole recording tells."""
    names = {column.name for column in groups.columns(False)}
    return features[:, [column.name in names for column in groups.columns(True)]]


def _asked(
    member: Member,
    features: Float32,
    best: Float32,
    looks: Float32,
    beat: int,
    usual: npt.NDArray[np.int64],
) -> Asked:
    around = np.stack(member.averaged(looks))
    alone = np.zeros(len(features), np.float32)
    alone[beat] = 1
    weight = np.stack(member.averaged(alone))[:, beat]
    return Asked(
        member,
        features[beat],
        np.median(features[usual], axis=0),
        best[beat],
        np.median(best[usual], axis=0),
        float(looks[beat]),
        around[:, beat],
        np.median(around[:, usual], axis=1),
        weight,
    )
