"""Who does the work: processes of this machine, or a Dask cluster; archive and studies ask both."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["Done", "Processes", "Runner"]

if TYPE_CHECKING:
    from ectopy.runners.base import Done, Runner
    from ectopy.runners.processes import Processes
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Done": "ectopy.runners.base",
            "Processes": "ectopy.runners.processes",
            "Runner": "ectopy.runners.base",
        },
    )
