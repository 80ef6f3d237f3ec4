"""Rhythm from beat times: the packaged trees, and episodes from what they say."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["RhythmResult", "RhythmSettings", "rhythm_of"]

if TYPE_CHECKING:
    from ectopy.runtime.rhythm.episodes import RhythmResult, rhythm_of
    from ectopy.runtime.rhythm.settings import RhythmSettings
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "RhythmResult": "ectopy.runtime.rhythm.episodes",
            "RhythmSettings": "ectopy.runtime.rhythm.settings",
            "rhythm_of": "ectopy.runtime.rhythm.episodes",
        },
    )
