"""The summary of one recording: what a Holter report says, as one JSON document with a schema."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "Summary",
]

if TYPE_CHECKING:
    from ectopy.analysis.summary.model import Summary
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Summary": "ectopy.analysis.summary.model",
        },
    )
