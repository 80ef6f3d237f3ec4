"""From a recording to beats: R peaks, windows, AAMI classes, RR and context features."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "Peaks",
    "Quality",
    "Window",
    "cluster",
    "detect",
    "records_named",
    "survey",
    "to_classes",
]

if TYPE_CHECKING:
    from ectopy.beats.aami import records_named, to_classes
    from ectopy.beats.clusters import cluster
    from ectopy.beats.conditioning.quality import Quality, survey
    from ectopy.beats.detection.r_peaks import Peaks, detect
    from ectopy.beats.windows import Window
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Peaks": "ectopy.beats.detection.r_peaks",
            "Quality": "ectopy.beats.conditioning.quality",
            "Window": "ectopy.beats.windows",
            "cluster": "ectopy.beats.clusters",
            "detect": "ectopy.beats.detection.r_peaks",
            "records_named": "ectopy.beats.aami",
            "survey": "ectopy.beats.conditioning.quality",
            "to_classes": "ectopy.beats.aami",
        },
    )
