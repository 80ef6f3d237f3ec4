"""What of an annotation file EC57 compares: beats, and the periods that excuse their absence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import to_classes
from ectopy.errors import ConfigError
from ectopy.evaluation.ec57.periods import Periods, fibrillation, in_fibrillation, shutdown
from ectopy.recordings.annotations import Annotations

Int64 = npt.NDArray[np.int64]

NO_CLASS: Final = 5
"""Class of a flutter wave (``!``) outside ``[`` and ``]``: to ``bxb`` it is a beat of no class."""


@dataclass(frozen=True)
class Beats:
    """The beats of one annotator that are compared, and the periods in which others are not.

    Attributes
    ----------
    samples, classes : ndarray of int64, shape (n_beats,)
        Where each beat is, and its AAMI class or `NO_CLASS`.
    fibrillation, shutdown : Periods
        Ventricular fibrillation, and where the annotator could read neither lead.
    """

    samples: Int64
    classes: Int64
    fibrillation: Periods
    shutdown: Periods

    @classmethod
    def of(
        cls, annotations: Annotations, side: str, escape: str, fs_hz: float, window: int
    ) -> Beats:
        """Take what counts out of annotations, at the rate ``fs_hz``."""
        if not (annotations.fs_hz > 0 and fs_hz > 0):
            raise ConfigError(
                f"the {side} annotations count in {annotations.fs_hz} Hz, expected a positive rate"
            )
        samples = np.asarray(annotations.samples, dtype=np.int64)
        if (np.diff(samples) < 0).any():
            raise ConfigError(f"the {side} annotations are not in time order; sort them first")
        if annotations.fs_hz != fs_hz:
            samples = np.rint(samples * (fs_hz / annotations.fs_hz)).astype(np.int64)
        symbols = np.asarray(annotations.symbols)
        classes = np.where(symbols == "!", NO_CLASS, to_classes(symbols, escape=escape))
        inside = in_fibrillation(symbols)
        beat = (classes >= 0) & ~inside
        return cls(
            samples[beat],
            classes[beat],
            fibrillation(samples, inside, beat),
            shutdown(
                samples,
                symbols,
                annotations.subtypes,
                inside,
                beat,
                window,
                to_the_end=side == "reference",
            ),
        )


def to_samples(seconds: float, fs_hz: float) -> int:
    """Seconds as samples, halves up, as WFDB rounds them."""
    return int(seconds * fs_hz + 0.5)
