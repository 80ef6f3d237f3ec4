"""Rhythm from beat times alone: what they are read from, its files, and its score."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["read_beat_times", "write_rhythm"]

if TYPE_CHECKING:
    from ectopy.analysis.rhythm.beat_times import read_beat_times
    from ectopy.analysis.rhythm.outputs import write_rhythm
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "read_beat_times": "ectopy.analysis.rhythm.beat_times",
            "write_rhythm": "ectopy.analysis.rhythm.outputs",
        },
    )
