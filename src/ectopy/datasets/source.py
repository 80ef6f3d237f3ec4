"""`Source`: what the registry knows of a data set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ectopy.datasets.dataset import BeatDataset
from ectopy.datasets.locate import Database


@dataclass(frozen=True)
class Source:
    """One entry of the registry.

    Attributes
    ----------
    summary : str
        One line for ``ectopy data list``.
    load : callable
        ``load(data_dir, **options)`` gives the `BeatDataset`.
    database : Database, optional
        The files it is read from; None for made signals, which need none.
    options : tuple of str
        Names of the settings that ``load`` takes.
    """

    summary: str
    load: Callable[..., BeatDataset]
    database: Database | None = None
    options: tuple[str, ...] = ()
