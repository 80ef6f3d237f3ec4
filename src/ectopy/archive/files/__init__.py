"""Where an archive is kept: a folder or an object store, with names that are created once."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["open_files"]

if TYPE_CHECKING:
    from ectopy.archive.files.open import open_files
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "open_files": "ectopy.archive.files.open",
        },
    )
