"""What describes a beat: its shape, its intervals, how early it is."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "gated",
    "intervals",
    "sinus",
]

if TYPE_CHECKING:
    from ectopy.beats.features.fibrillation_gate import gated
    from ectopy.beats.features.prematurity import sinus
    from ectopy.beats.features.rr_intervals import intervals
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "gated": "ectopy.beats.features.fibrillation_gate",
            "intervals": "ectopy.beats.features.rr_intervals",
            "sinus": "ectopy.beats.features.prematurity",
        },
    )
