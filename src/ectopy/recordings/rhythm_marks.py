"""Rhythm marks of an annotation file: where episodes of a rhythm begin and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.recordings.annotations import Annotations

Int64 = npt.NDArray[np.int64]

FIBRILLATION: Final = ("(AFIB",)
FLUTTER: Final = ("(AFL",)


@dataclass(frozen=True, eq=False)
class Spans:
    """Episodes in samples, apart and in time order.

    Attributes
    ----------
    first, last : ndarray of int64, shape (n,)
        Where each begins, and where it ends (the mark that ends it, or the end of the record).
    """

    first: Int64
    last: Int64

    def __len__(self) -> int:
        """Count the episodes."""
        return len(self.first)

    def hold(self, samples: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Say which samples are within an episode (its end is outside)."""
        at = np.asarray(samples, dtype=np.int64)
        before = np.searchsorted(self.first, at, side="right") - 1
        return (before >= 0) & (at < np.append(self.last, 0)[before])


def rhythm_spans(
    annotations: Annotations, marks: Sequence[str] = FIBRILLATION, *, stop: int = 0
) -> Spans:
    """Find the episodes of a rhythm: a mark (symbol ``+``) stands until the next of another kind.

    Parameters
    ----------
    annotations : Annotations
        With rhythm marks such as ``(AFIB`` in ``aux``.
    marks : sequence of str
        How the texts of the rhythm begin; several kinds make one, `FIBRILLATION` and `FLUTTER` say.
    stop : int
        End of the record in samples, for an episode that no mark ends; it ends at the last
        annotation if that is later.
    """
    at_mark = np.flatnonzero(annotations.symbols == "+")
    own = np.zeros(len(at_mark), dtype=bool)
    for text in marks:
        own |= np.char.startswith(annotations.aux[at_mark], text)
    begins, ends = _edges(own)
    samples = annotations.samples[at_mark]
    end = max(stop, int(annotations.samples.max(initial=0)))
    return Spans(samples[begins], np.append(samples, end)[ends])


def fibrillation_spans(annotations: Annotations, *, stop: int = 0) -> Spans:
    """Find the episodes of ventricular fibrillation: ``[`` to ``]``, as `rhythm_spans` does."""
    at_mark = np.flatnonzero(np.isin(annotations.symbols, ("[", "]")))
    begins, ends = _edges(annotations.symbols[at_mark] == "[")
    samples = annotations.samples[at_mark]
    end = max(stop, int(annotations.samples.max(initial=0)))
    return Spans(samples[begins], np.append(samples, end)[ends])


def _edges(inside: npt.NDArray[np.bool_]) -> tuple[Int64, Int64]:
    """Give where runs of True begin, and the place after each."""
    change = np.diff(inside.astype(np.int8), prepend=0, append=0)
    return np.flatnonzero(change == 1), np.flatnonzero(change == -1)
