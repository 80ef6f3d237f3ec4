"""The figures of a study: one registry from file name to the function that draws it."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "FIGURES",
]

if TYPE_CHECKING:
    from ectopy.report.figures.registry import FIGURES
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "FIGURES": "ectopy.report.figures.registry",
        },
    )
