"""The figures of a study: one registry from file name to the function that draws it."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "FIGURES",
    "Picture",
    "write",
]

if TYPE_CHECKING:
    from ectopy.report.figures.registry import FIGURES, Picture, write
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "FIGURES": "ectopy.report.figures.registry",
            "Picture": "ectopy.report.figures.registry",
            "write": "ectopy.report.figures.registry",
        },
    )
