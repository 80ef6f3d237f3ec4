"""Beats with labels, ready for training: find, download, verify, read and split."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "DATASETS",
    "BeatDataset",
    "Split",
    "database",
    "find_files",
    "load",
    "make_split",
]

if TYPE_CHECKING:
    from ectopy.datasets.dataset import BeatDataset
    from ectopy.datasets.locate import find as find_files
    from ectopy.datasets.registry import DATASETS, database, load
    from ectopy.datasets.splits import Split
    from ectopy.datasets.splits import make as make_split
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "BeatDataset": "ectopy.datasets.dataset",
            "DATASETS": "ectopy.datasets.registry",
            "Split": "ectopy.datasets.splits",
            "database": "ectopy.datasets.registry",
            "find_files": "ectopy.datasets.locate:find",
            "load": "ectopy.datasets.registry",
            "make_split": "ectopy.datasets.splits:make",
        },
    )
