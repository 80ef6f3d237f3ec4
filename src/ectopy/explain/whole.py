"""`Whole`: what the whole of a recording says of its beats, so that one is explained without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.canonical import RATE_HZ
from ectopy.beats.detection.paced_rhythm import paced
from ectopy.beats.features.context import CHAIN_AHEAD, CHAIN_BEHIND, Seen
from ectopy.beats.features.fibrillation_gate import GATE_BEATS
from ectopy.beats.features.noise import doubt
from ectopy.beats.features.rr_intervals import marks
from ectopy.errors import DataFormatError
from ectopy.explain.question import NEAR_BEATS, Look
from ectopy.files import atomic_path
from ectopy.runtime.classifier import BeatClassifier, SeenBeats
from ectopy.runtime.labels import believe, believed, decide, marked
from ectopy.runtime.rhythm.beat_by_beat import BeatRhythm

Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

BEHIND = CHAIN_BEHIND + max(GATE_BEATS)
AHEAD = CHAIN_AHEAD + max(GATE_BEATS)
"""Beats around one that its probabilities depend on, beside what `Whole` holds."""


@dataclass(frozen=True, eq=False)
class Whole:
    """What the setting ``whole`` read from all beats of a recording.

    Attributes
    ----------
    at : ndarray of float64, shape (n_beats,)
        Centres of the beats on the canonical grid, ascending.
    lost : ndarray of bool, shape (n_beats,)
        Where signal was lost since the beat before.
    spiked : ndarray of bool, shape (n_beats,)
        Where a pacing spike stands before the beat.
    log_odds : ndarray of float64, shape (n_beats,) or (0,)
        Of fibrillation at each beat, by the times of all; none where the weights do not ask.
    factors : ndarray of float64, shape (5,) or (0,)
        How much likelier each class is than usual; none where the weights do not believe it.
    """

    at: Float64
    lost: Bool
    spiked: Bool
    log_odds: Float64
    factors: Float64

    def __len__(self) -> int:
        """Count the beats."""
        return len(self.at)

    @classmethod
    def of(
        cls, classifier: BeatClassifier, parts: Sequence[SeenBeats], scores: Sequence[Float64]
    ) -> Whole:
        """Put it together from what was seen of all beats, and their scores."""
        at = np.maximum.accumulate(np.concatenate([part.seen.at for part in parts]))
        lost = np.concatenate([part.seen.lost for part in parts])
        rhythm = classifier.rhythm(at, lost, "whole")
        believes = classifier.bundle.manifest["whole"]["adapt"]
        return cls(
            at,
            lost,
            np.concatenate([part.spiked for part in parts]),
            np.zeros(0) if rhythm is None or rhythm.whole is None else rhythm.whole,
            believed(np.concatenate(scores)) if believes else np.zeros(0),
        )

    def around(self, beat: int) -> tuple[int, int]:
        """Give the first beat that has to be looked at to explain one, and one past the last."""
        first, last = beat - NEAR_BEATS - BEHIND, beat + NEAR_BEATS + AHEAD
        return max(first, 0), min(last + 1, len(self))

    def look(
        self, classifier: BeatClassifier, parts: Sequence[SeenBeats], first: int
    ) -> tuple[Look, slice]:
        """Put together what was seen of some beats in a row, of which this is the whole.

        Parameters
        ----------
        classifier : BeatClassifier
            That looked at them, in the setting ``whole``.
        parts : sequence of SeenBeats
            What it saw; at least one beat.
        first : int
            Place of the first of them among all beats.

        Returns
        -------
        Look
            As if all had been looked at, but for the beats at its edges.
        slice
            Those whose labels are the ones that they have among all.
        """
        n = sum(map(len, parts))
        here = slice(first, first + n)
        seen = replace(Seen.join([part.seen for part in parts]), at=self.at[here])
        spiked = np.concatenate([part.spiked for part in parts])
        whole = marks(self.at / RATE_HZ, self.lost)
        rhythm = None
        if len(self.log_odds):
            assert classifier.bundle.rhythm is not None
            times_s = self.at / RATE_HZ
            rhythm = BeatRhythm(classifier.bundle.rhythm, times_s, self.lost, self.log_odds)[here]
        factors = self.factors if len(self.factors) else None
        scores = classifier.weigh(seen, "whole", whole, rhythm)
        scores = scores if factors is None else believe(scores, factors)
        moved = doubt(np.concatenate([part.noise for part in parts], axis=1))
        labels = decide(scores, classifier.bundle.manifest["whole"], moved)
        labels = marked(labels, spiked, paced(self.spiked, whole=True)[here])
        inner = slice(
            BEHIND if first else 0,
            n if here.stop == len(self) else max(n - AHEAD, 0),
        )
        return Look(seen, spiked, whole, factors, labels, moved, rhythm), inner

    def save(self, path: Path) -> None:
        """Write it into a file, whole or not at all."""
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **vars(self))

    @classmethod
    def load(cls, path: Path) -> Whole:
        """Read what `save` wrote.

        Raises
        ------
        DataFormatError
            If it is none of ours, or damaged.
        """
        try:
            with path.open("rb") as file, np.load(file) as held:
                return cls(**{name: held[name] for name in cls.__dataclass_fields__})
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise DataFormatError(
                f"{path} cannot be read; have the recording analysed again"
            ) from error
