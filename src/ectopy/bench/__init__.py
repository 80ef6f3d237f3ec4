"""How long things take on this machine, and how runs compare."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "LabelTimes",
    "measure_labelling",
]

if TYPE_CHECKING:
    from ectopy.bench.label import LabelTimes
    from ectopy.bench.label import measure as measure_labelling
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "LabelTimes": "ectopy.bench.label",
            "measure_labelling": "ectopy.bench.label:measure",
        },
    )
