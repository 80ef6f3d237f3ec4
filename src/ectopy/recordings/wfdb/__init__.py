"""WFDB files as they are stored: headers, signal files, annotation words; no scaling, no choice."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "Header",
    "read_header",
]

if TYPE_CHECKING:
    from ectopy.recordings.wfdb.header import Header, read_header
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Header": "ectopy.recordings.wfdb.header",
            "read_header": "ectopy.recordings.wfdb.header",
        },
    )
