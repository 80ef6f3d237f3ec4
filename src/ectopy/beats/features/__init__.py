"""What describes a beat: its shape, its intervals, how early it is."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "Seen",
    "describe",
    "look",
    "outline",
]

if TYPE_CHECKING:
    from ectopy.beats.features.context import Seen, describe, look
    from ectopy.beats.features.outlines import outline
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Seen": "ectopy.beats.features.context",
            "describe": "ectopy.beats.features.context",
            "look": "ectopy.beats.features.context",
            "outline": "ectopy.beats.features.outlines",
        },
    )
