"""Labelled beats: the table that everything else is told from."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

from ectopy.beats.features.outlines import LEADS, NUMBERS
from ectopy.classes import AAMI

Int64 = npt.NDArray[np.int64]
Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LabelledBeats:
    """Beats of one recording, in time order.

    Attributes
    ----------
    samples : ndarray of int64, shape (n_beats,)
        Sample index of each R peak.
    classes : ndarray of int64, shape (n_beats,)
        Index of the likeliest class in `ectopy.classes.AAMI`.
    probabilities : ndarray of float32, shape (n_beats, 5)
        Calibrated probability of each class.
    uncertain : ndarray of bool, shape (n_beats,)
        True where the class should not be relied on: the model is in doubt, or the signal is.
    strength : ndarray of float32, shape (n_beats,)
        How sure the detector is that there is a beat, about 1 for a clear one.
    quality : ndarray of uint8, shape (n_beats,)
        State of the signal there, an index into `ectopy.beats.conditioning.quality.STATES`.
    outlines : ndarray of int8, shape (n_beats, LEADS * NUMBERS), optional
        What it looks like, see `ectopy.beats.features.outlines`; zeros where nobody looked.
    template : ndarray of int16, shape (n_beats,), optional
        Which of the templates of its class it is of, 1 for the largest; 0 in none, and in pieces
        and streams, since templates are of a whole recording.
    pacing : ndarray of uint8, shape (n_beats,), optional
        Whether the rhythm is paced there, an index into
        `ectopy.beats.detection.paced_rhythm.PACING`; 0 where nobody looked.

    Examples
    --------
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> beats = ectopy.analyze(recording).beats
    >>> beats[beats.symbols == "V"].samples.shape == (np.count_nonzero(beats.classes == 2),)
    True
    """

    samples: Int64
    classes: Int64
    probabilities: Float32
    uncertain: npt.NDArray[np.bool_]
    strength: Float32
    quality: npt.NDArray[np.uint8]
    outlines: npt.NDArray[np.int8] = field(
        default_factory=lambda: np.zeros((0, LEADS * NUMBERS), np.int8)
    )
    template: npt.NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    pacing: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))

    def __post_init__(self) -> None:
        """Fill in zeros for what was not given."""
        for name in ("outlines", "template", "pacing"):
            given = getattr(self, name)
            if not len(given):
                none = np.zeros((len(self.samples), *given.shape[1:]), given.dtype)
                object.__setattr__(self, name, none)

    def __len__(self) -> int:
        """Count the beats."""
        return len(self.samples)

    def __getitem__(self, index: slice | npt.NDArray[np.bool_]) -> LabelledBeats:
        """Select beats by a slice or a mask."""
        return LabelledBeats(*(getattr(self, field.name)[index] for field in fields(self)))

    @property
    def symbols(self) -> npt.NDArray[np.str_]:
        """AAMI letter of each beat."""
        return np.array(AAMI)[self.classes]

    @classmethod
    def empty(cls) -> LabelledBeats:
        """Give a table without beats."""
        none = np.zeros(0, dtype=np.int64)
        return cls(
            none,
            none,
            np.zeros((0, len(AAMI)), dtype=np.float32),
            none.astype(bool),
            none.astype(np.float32),
            none.astype(np.uint8),
        )

    @classmethod
    def join(cls, parts: list[LabelledBeats]) -> LabelledBeats:
        """Put tables one after another."""
        if not parts:
            return cls.empty()
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))
