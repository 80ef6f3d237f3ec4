"""From raw leads to what is searched and measured: band, canonical form, quality by second."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "FLAT",
    "GOOD",
    "MISSING",
    "NOISY",
    "SATURATED",
    "STATES",
    "LeadQuality",
    "Pulse",
    "Quality",
    "QualityLimits",
    "assess",
    "canonical_signal",
    "find_pulses",
    "positions",
    "survey",
]

if TYPE_CHECKING:
    from ectopy.beats.conditioning.calibration import Pulse, find_pulses
    from ectopy.beats.conditioning.canonical import canonical as canonical_signal
    from ectopy.beats.conditioning.canonical import positions
    from ectopy.beats.conditioning.quality import (
        FLAT,
        GOOD,
        MISSING,
        NOISY,
        SATURATED,
        STATES,
        LeadQuality,
        Quality,
        assess,
        survey,
    )
    from ectopy.beats.conditioning.quality_limits import QualityLimits
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "FLAT": "ectopy.beats.conditioning.quality",
            "GOOD": "ectopy.beats.conditioning.quality",
            "LeadQuality": "ectopy.beats.conditioning.quality",
            "MISSING": "ectopy.beats.conditioning.quality",
            "NOISY": "ectopy.beats.conditioning.quality",
            "Pulse": "ectopy.beats.conditioning.calibration",
            "Quality": "ectopy.beats.conditioning.quality",
            "QualityLimits": "ectopy.beats.conditioning.quality_limits",
            "SATURATED": "ectopy.beats.conditioning.quality",
            "STATES": "ectopy.beats.conditioning.quality",
            "assess": "ectopy.beats.conditioning.quality",
            "canonical_signal": "ectopy.beats.conditioning.canonical:canonical",
            "find_pulses": "ectopy.beats.conditioning.calibration",
            "positions": "ectopy.beats.conditioning.canonical",
            "survey": "ectopy.beats.conditioning.quality",
        },
    )
