"""Beats with labels, ready for training: find, download, verify, read and split."""

from typing import TYPE_CHECKING

from ectopy.lazy import lazy

__all__ = [
    "DATASETS",
    "PROTOCOLS",
    "BeatDataset",
    "Protocol",
    "Split",
    "database",
    "find_files",
    "load",
]

if TYPE_CHECKING:
    from ectopy.datasets.dataset import BeatDataset
    from ectopy.datasets.locate import find as find_files
    from ectopy.datasets.protocols import PROTOCOLS, Protocol
    from ectopy.datasets.registry import DATASETS, database, load
    from ectopy.datasets.splits import Split
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "BeatDataset": "ectopy.datasets.dataset",
            "DATASETS": "ectopy.datasets.registry",
            "PROTOCOLS": "ectopy.datasets.protocols",
            "Protocol": "ectopy.datasets.protocols",
            "Split": "ectopy.datasets.splits",
            "database": "ectopy.datasets.registry",
            "find_files": "ectopy.datasets.locate:find",
            "load": "ectopy.datasets.registry",
        },
    )
