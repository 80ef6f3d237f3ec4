"""Where the beats are: R peaks, pacing spikes; where none are: ventricular fibrillation."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "Detector",
    "Peaks",
    "VentricularFibrillation",
    "detect",
    "fibrillation_log_odds",
    "paced",
    "spikes",
]

if TYPE_CHECKING:
    from ectopy.beats.detection.paced_rhythm import paced
    from ectopy.beats.detection.pacing import spikes
    from ectopy.beats.detection.r_peaks import Detector, Peaks, detect
    from ectopy.beats.detection.ventricular_fibrillation import (
        VentricularFibrillation,
        fibrillation_log_odds,
    )
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Detector": "ectopy.beats.detection.r_peaks",
            "Peaks": "ectopy.beats.detection.r_peaks",
            "VentricularFibrillation": "ectopy.beats.detection.ventricular_fibrillation",
            "detect": "ectopy.beats.detection.r_peaks",
            "fibrillation_log_odds": "ectopy.beats.detection.ventricular_fibrillation",
            "paced": "ectopy.beats.detection.paced_rhythm",
            "spikes": "ectopy.beats.detection.pacing",
        },
    )
