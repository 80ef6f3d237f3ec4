"""How long things take on this machine, and how runs compare."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "LabelTimes",
    "time_labelling",
]

if TYPE_CHECKING:
    from ectopy.bench.label import LabelTimes, time_labelling
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "LabelTimes": "ectopy.bench.label",
            "time_labelling": "ectopy.bench.label",
        },
    )
