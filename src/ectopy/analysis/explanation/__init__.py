"""Why a beat has its label: what was measured, what decided, in the words of a reader."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["BeatExplanation"]

if TYPE_CHECKING:
    from ectopy.analysis.explanation.model import BeatExplanation
else:
    __getattr__, __dir__ = lazy(__name__, {"BeatExplanation": "ectopy.analysis.explanation.model"})
