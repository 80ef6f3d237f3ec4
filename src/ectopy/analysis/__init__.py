"""From a recording to labelled beats, episodes, burden and a report."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "Analysis",
    "Event",
    "LabelledBeats",
    "Rhythm",
    "Settings",
    "Stream",
    "find_events",
    "find_recordings",
    "to_annotations",
    "write",
]

if TYPE_CHECKING:
    from ectopy.analysis.analyze import Analysis
    from ectopy.analysis.events import Event, Rhythm, find_events
    from ectopy.analysis.inputs import find_recordings
    from ectopy.analysis.labelled_beats import LabelledBeats
    from ectopy.analysis.outputs import to_annotations, write
    from ectopy.analysis.settings import Settings
    from ectopy.analysis.stream import Stream
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Analysis": "ectopy.analysis.analyze",
            "Event": "ectopy.analysis.events",
            "LabelledBeats": "ectopy.analysis.labelled_beats",
            "Rhythm": "ectopy.analysis.events",
            "Settings": "ectopy.analysis.settings",
            "Stream": "ectopy.analysis.stream",
            "find_events": "ectopy.analysis.events",
            "find_recordings": "ectopy.analysis.inputs",
            "to_annotations": "ectopy.analysis.outputs",
            "write": "ectopy.analysis.outputs",
        },
    )
