"""Studies of whole records: the beat model trained on some, and scored on others by EC57."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "RecordStudy",
]

if TYPE_CHECKING:
    from ectopy.study.records.settings import RecordStudy
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "RecordStudy": "ectopy.study.records.settings",
        },
    )
