"""What describes a beat: its shape, its intervals, how early it is."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "InRhythm",
    "Seen",
    "describe",
    "in_rhythm",
    "look",
    "outline",
]

if TYPE_CHECKING:
    from ectopy.beats.features.context import InRhythm, Seen, describe, in_rhythm, look
    from ectopy.beats.features.outlines import outline
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "InRhythm": "ectopy.beats.features.context",
            "Seen": "ectopy.beats.features.context",
            "describe": "ectopy.beats.features.context",
            "in_rhythm": "ectopy.beats.features.context",
            "look": "ectopy.beats.features.context",
            "outline": "ectopy.beats.features.outlines",
        },
    )
