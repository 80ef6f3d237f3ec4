"""From a protocol's name to the splits it asks for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ectopy.datasets import BeatDataset
from ectopy.errors import ConfigError
from ectopy.study.config import StudyConfig

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    train: Int64
    validation: Int64
    test: Int64
    protocol: str
    shares_patients: bool


def splits_of(dataset: BeatDataset, config: StudyConfig, protocol: str, seed: int) -> list[Split]:
    """Split a data set as a protocol says.

    Parameters
    ----------
    dataset : BeatDataset
        All beats.
    config : StudyConfig
        For its shares, folds and ``split_seed``.
    protocol : str
        Name of the protocol.
    seed : int
        Seed of the run.

    Returns
    -------
    list of Split
        One, or one a fold for ``patient-wise``.
    """
    origin = seed if config.split_seed is None else config.split_seed
    rng = np.random.default_rng([origin, 0])  # 0: apart from the generator of training
    n = len(dataset)
    if protocol == "official":
        if dataset.part is None:
            raise ConfigError(f"{dataset.name} has no official split; choose another --protocol")
        rest, test = np.flatnonzero(dataset.part == "train"), np.flatnonzero(dataset.part == "test")
    else:
        rest, test = _stratified(np.arange(n), dataset.y, config.test, rng)
    train, validation = _stratified(rest, dataset.y, config.validation, rng)
    return [Split(train, validation, test, protocol, True)]


def _stratified(
    index: Int64, y: Int64, share: float, rng: np.random.Generator
) -> tuple[Int64, Int64]:
    if share == 0:
        return index, index[:0]
    from sklearn.model_selection import train_test_split

    rest, drawn = train_test_split(
        index, test_size=share, stratify=y[index], random_state=int(rng.integers(2**31))
    )
    return rest, drawn
