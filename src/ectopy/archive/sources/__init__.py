"""The recordings that sources name: folders, lists, patterns, on a file system or elsewhere."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["Told", "identifier"]

if TYPE_CHECKING:
    from ectopy.archive.sources.found import Told, identifier
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Told": "ectopy.archive.sources.found",
            "identifier": "ectopy.archive.sources.found",
        },
    )
