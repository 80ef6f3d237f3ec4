"""Studies of windows of single beats: a model of the registry, trained and tested on them."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "WindowStudy",
]

if TYPE_CHECKING:
    from ectopy.study.windows.settings import WindowStudy
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "WindowStudy": "ectopy.study.windows.settings",
        },
    )
