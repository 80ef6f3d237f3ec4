"""What readers do with a labelled recording: they look, correct, and sign; nothing is lost."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = ["Edit", "Labels", "Store", "fold", "relabel", "undo"]

if TYPE_CHECKING:
    from ectopy.review.changes import relabel, undo
    from ectopy.review.edits import Edit
    from ectopy.review.labels import Labels, fold
    from ectopy.review.store import Store
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "Edit": "ectopy.review.edits",
            "Labels": "ectopy.review.labels",
            "Store": "ectopy.review.store",
            "fold": "ectopy.review.labels",
            "relabel": "ectopy.review.changes",
            "undo": "ectopy.review.changes",
        },
    )
