"""From an archive of recordings to one data set of labels: planned, worked off, proved complete."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["Archive", "plan"]

if TYPE_CHECKING:
    from ectopy.archive.planning import plan
    from ectopy.archive.store import Archive
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Archive": "ectopy.archive.store",
            "plan": "ectopy.archive.planning",
        },
    )
