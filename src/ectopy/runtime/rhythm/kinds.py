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
        Text of the WFDB rhythm annotation (``+``) it begins with; ``(ND``, ``(OTHER`` and
        ``(STACH`` are ours, for want of one in use.
    means : str
        What was seen where it is told.
    """

    key: str
    title: str
    mark: str
    means: str


RHYTHMS: Final = (
    RhythmKind("none", "not decided", "(ND", "no or poor signal, too few beats, or doubtful ones"),
    RhythmKind("other", "unnamed rhythm", "(OTHER", "none of these: irregular, or much ectopy"),
    RhythmKind("sinus", "sinus-like rhythm", "(N", "regular, normal beats; P waves are not proven"),
    RhythmKind("brady", "sinus-like bradycardia", "(SBR", "the same, slow; or a 2:1 block"),
    RhythmKind(
        "tachy", "sinus-like tachycardia", "(STACH", "the same, fast; or flutter with a block"
    ),
    RhythmKind("t", "ventricular trigeminy", "(T", "every third beat ventricular"),
    RhythmKind("b", "ventricular bigeminy", "(B", "every second beat ventricular"),
    RhythmKind("ab", "atrial bigeminy", "(AB", "every second beat supraventricular"),
    RhythmKind("ivr", "idioventricular rhythm", "(IVR", "ventricular beats in a row, not fast"),
    RhythmKind("svt", "supraventricular tachycardia", "(SVTA", "a fast supraventricular run"),
    RhythmKind("af", "atrial fibrillation", "(AFIB", "RR intervals irregular through and through"),
    RhythmKind("paced", "paced rhythm", "(P", "pacing spikes before enough beats"),
    RhythmKind("vt", "ventricular tachycardia", "(VT", "a fast ventricular run"),
    RhythmKind("vf", "ventricular fibrillation or flutter", "(VFL", "fast waves without beats"),
)
"""In this order everywhere: a rhythm is the place of its kind in here. Where several hold, a later
one goes before an earlier one."""

KEYS: Final = tuple(kind.key for kind in RHYTHMS)
(
    NONE,
    OTHER,
    SINUS,
    BRADYCARDIA,
    TACHYCARDIA,
    TRIGEMINY,
    BIGEMINY,
    ATRIAL_BIGEMINY,
    IDIOVENTRICULAR,
    SUPRAVENTRICULAR,
    AF,
    PACED,
    VENTRICULAR,
    VF,
) = range(len(RHYTHMS))
