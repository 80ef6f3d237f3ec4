"""From raw leads to what is searched and measured: band, canonical form, quality by second."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "LeadQuality",
    "Quality",
    "QualityLimits",
    "assess",
    "band_pass",
    "normalise",
    "survey",
]

if TYPE_CHECKING:
    from ectopy.beats.conditioning.qrs_band import band_pass, normalise
    from ectopy.beats.conditioning.quality import LeadQuality, Quality, assess, survey
    from ectopy.beats.conditioning.quality_limits import QualityLimits
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "LeadQuality": "ectopy.beats.conditioning.quality",
            "Quality": "ectopy.beats.conditioning.quality",
            "QualityLimits": "ectopy.beats.conditioning.quality_limits",
            "assess": "ectopy.beats.conditioning.quality",
            "band_pass": "ectopy.beats.conditioning.qrs_band",
            "normalise": "ectopy.beats.conditioning.qrs_band",
            "survey": "ectopy.beats.conditioning.quality",
        },
    )
