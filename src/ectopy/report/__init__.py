"""Figures, HTML reports and model cards, from results only."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "Results",
    "write_study_outputs",
]

if TYPE_CHECKING:
    from ectopy.report.outputs import write_study_outputs
    from ectopy.report.results import Results
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Results": "ectopy.report.results",
            "write_study_outputs": "ectopy.report.outputs",
        },
    )
