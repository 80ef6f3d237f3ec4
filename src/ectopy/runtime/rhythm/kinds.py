"""The rhythms that are told: one line each, with WFDB's mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class RhythmKind:
    """A rhythm.

    Attributes
    ----------
    key : str
        Short name, as tables and summaries have it.
    title : str
        Its name in words.
    mark : str
        Text of the WFDB rhythm annotation (``+``) it begins with.
    """

    key: str
    title: str
    mark: str


RHYTHMS: Final = (
    RhythmKind("none", "not decided", "(ND"),
    RhythmKind("other", "no named arrhythmia", "(N"),
    RhythmKind("af", "atrial fibrillation", "(AFIB"),
)
"""In this order everywhere: a rhythm is the place of its kind in here."""

KEYS: Final = tuple(kind.key for kind in RHYTHMS)
NONE, OTHER, AF = (KEYS.index(key) for key in ("none", "other", "af"))
