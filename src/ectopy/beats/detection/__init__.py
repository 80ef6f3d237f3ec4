"""Where the beats are: R peaks and pacing spikes."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "Detector",
    "Peaks",
    "detect",
    "paced",
    "spikes",
]

if TYPE_CHECKING:
    from ectopy.beats.detection.paced_rhythm import paced
    from ectopy.beats.detection.pacing import spikes
    from ectopy.beats.detection.r_peaks import Detector, Peaks, detect
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Detector": "ectopy.beats.detection.r_peaks",
            "Peaks": "ectopy.beats.detection.r_peaks",
            "detect": "ectopy.beats.detection.r_peaks",
            "paced": "ectopy.beats.detection.paced_rhythm",
            "spikes": "ectopy.beats.detection.pacing",
        },
    )
