"""From a recording to labelled beats, episodes, burden and a report."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "Answers",
    "Beats",
    "Change",
    "Comparison",
    "ComparisonOptions",
    "Event",
    "Events",
    "Hours",
    "Intervals",
    "LabelledBeats",
    "Looked",
    "Piece",
    "Question",
    "Questions",
    "Request",
    "Result",
    "Settings",
    "Stream",
    "find_events",
    "find_recordings",
    "look",
    "tell",
    "to_annotations",
    "write",
]

if TYPE_CHECKING:
    from ectopy.analysis.analyze import look, tell
    from ectopy.analysis.annotators import Comparison, ComparisonOptions
    from ectopy.analysis.answers import Answers, Change
    from ectopy.analysis.corrections import Question, Questions
    from ectopy.analysis.events import Event, Intervals, find_events
    from ectopy.analysis.inputs import find_recordings
    from ectopy.analysis.labelled_beats import LabelledBeats
    from ectopy.analysis.looked import Looked
    from ectopy.analysis.outputs import to_annotations, write
    from ectopy.analysis.piece import Piece
    from ectopy.analysis.request import Request
    from ectopy.analysis.result import Result
    from ectopy.analysis.settings import Settings
    from ectopy.analysis.stream import Stream
    from ectopy.analysis.tables import Beats, Events, Hours
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Answers": "ectopy.analysis.answers",
            "Beats": "ectopy.analysis.tables",
            "Change": "ectopy.analysis.answers",
            "Comparison": "ectopy.analysis.annotators",
            "ComparisonOptions": "ectopy.analysis.annotators",
            "Event": "ectopy.analysis.events",
            "Events": "ectopy.analysis.tables",
            "Hours": "ectopy.analysis.tables",
            "LabelledBeats": "ectopy.analysis.labelled_beats",
            "Looked": "ectopy.analysis.looked",
            "Piece": "ectopy.analysis.piece",
            "Question": "ectopy.analysis.corrections",
            "Questions": "ectopy.analysis.corrections",
            "Request": "ectopy.analysis.request",
            "Result": "ectopy.analysis.result",
            "Intervals": "ectopy.analysis.events",
            "Settings": "ectopy.analysis.settings",
            "Stream": "ectopy.analysis.stream",
            "find_events": "ectopy.analysis.events",
            "find_recordings": "ectopy.analysis.inputs",
            "look": "ectopy.analysis.analyze",
            "tell": "ectopy.analysis.analyze",
            "to_annotations": "ectopy.analysis.outputs",
            "write": "ectopy.analysis.outputs",
        },
    )
