"""`Split`: training, validation and test beats, with the leak ruled out or named."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError, LeakError

Int64 = npt.NDArray[np.int64]
Names = npt.NDArray[np.str_]

INTRA: Final = "intra-patient"
"""The only name that a split sharing a record may have."""


@dataclass(frozen=True)
class Split:
    """Positions of the beats of each part.

    Attributes
    ----------
    train, validation, test : ndarray of int64
        Positions in the data set, rising, without a common beat.
    protocol : str
        Name of its protocol, or `INTRA` where that protocol turned out to share patients.
    shares_patients : bool
        True where the test beats' patients are, or may be, in training too.
    notes : tuple of str
        What a reader of a result must be told, one sentence each.
    apart : bool
        Whether the protocol promises that no two parts share an owner.
    owners : ndarray of str, optional
        Whose each beat of the data set is, by record or by subject, to check the promise against;
        None where nobody knows. Not kept.

    Raises
    ------
    LeakError
        If parts share a beat; if an owner is in the test part and in another while the protocol
        is not called intra-patient; if owners are unknown and something is promised; or if
        ``shares_patients`` is not what the owners say.

    Examples
    --------
    >>> from ectopy.datasets import PROTOCOLS
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> (split,) = PROTOCOLS["pooled"].splits(data, np.random.default_rng(0))
    >>> split.shares_patients, np.intersect1d(split.train, split.test).size
    (True, 0)
    """

    train: Int64
    validation: Int64
    test: Int64
    protocol: str
    shares_patients: bool
    notes: tuple[str, ...] = ()
    apart: bool = False
    owners: InitVar[Names | None] = None

    def __post_init__(self, owners: Names | None) -> None:
        """Refuse a split that leaks, or that is called what it is not."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        beats = np.concatenate(list(parts.values()))
        if len(np.unique(beats)) != len(beats):
            raise LeakError(f"the {self.protocol} split has a beat in two parts, or twice in one")
        if owners is None:
            if self.apart or not self.shares_patients:
                raise LeakError(
                    f"a split cannot be called {self.protocol} without patients, because nothing "
                    "shows that it shares none"
                )
            return
        records = {name: set(owners[index].tolist()) for name, index in parts.items()}
        shared = sorted(records["test"] & (records["train"] | records["validation"]))
        if shared and self.protocol != INTRA:
            raise LeakError(
                f"the split called {self.protocol} has {len(shared)} records in test and training "
                f"alike ({', '.join(shared[:3])}); only {INTRA!r} may share a record"
            )
        if bool(shared) != self.shares_patients:
            raise LeakError(
                f"the {self.protocol} split says shares_patients={self.shares_patients}, but "
                f"{len(shared)} records are in test and training alike"
            )
        both = sorted(records["train"] & records["validation"])
        if both and self.apart:
            raise LeakError(
                f"the {self.protocol} split has record {both[0]} in training and validation alike"
            )

    @property
    def label(self) -> str:
        """What figures call the protocol: it says intra-patient wherever patients are shared."""
        if not self.shares_patients or self.protocol == INTRA:
            return self.protocol
        return f"{self.protocol}, {INTRA}"


def stratified(y: Int64, index: Int64, share: float, rng: np.random.Generator) -> Int64:
    """Draw a share of some beats, the same share of every class.

    Classes get whole beats by the largest remainder, and a class always leaves one beat behind:
    of the two training beats of ECG5000's last class, a fifth is none.

    Parameters
    ----------
    y : ndarray of int64, shape (n_beats,)
        Classes of the whole data set.
    index : ndarray of int64
        Beats to draw from.
    share : float
        From 0 to below 1.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    ndarray of int64
        Positions of the drawn beats, rising.
    """
    if not 0 <= share < 1:
        raise ConfigError(f"a share of beats is {share}, expected from 0 to below 1")
    shuffled = rng.permutation(index)
    labels = y[shuffled]
    counts = np.bincount(labels)
    exact = counts * share
    taken = np.floor(exact).astype(np.int64)
    missing = round(len(index) * share) - int(taken.sum())
    taken[np.argsort(taken - exact, kind="stable")[: max(missing, 0)]] += 1
    taken = np.minimum(taken, np.maximum(counts - 1, 0))
    order = np.argsort(labels, kind="stable")  # by class, still shuffled within
    rank = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.sort(shuffled[order[rank < np.repeat(taken, counts)]])


# Deals of records that are tried; the best of so many is close to even, and cheap to find.
_TRIES: Final = 300
# A class with fewer beats than this (Q has 8 in DS1) has nothing to be evened out.
_FEW: Final = 50


def choose(counts: Int64, share: float, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Choose about ``share`` of some owners, and of each class's beats with them.

    Parameters
    ----------
    counts : ndarray of int64, shape (n_owners, n_classes)
        Beats of each.
    share : float
        From 0 to below 1.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    ndarray of bool, shape (n_owners,)
        True for the chosen.
    """
    n = len(counts)
    size = min(max(round(n * share), 1), n - 1) if share > 0 else 0
    tries = np.argsort(rng.random((_TRIES, n)), axis=1) < size
    best = int(np.argmin(_unevenness(tries[:, None, :], counts, np.array([share]))))
    return np.asarray(tries[best])


def best_deal(counts: Int64, folds: int, rng: np.random.Generator) -> Int64:
    """Deal owners, counts as for `choose`, to folds of like number with classes spread evenly."""
    tries: Int64 = np.argsort(rng.random((_TRIES, len(counts))), axis=1) % folds
    members = tries[:, None, :] == np.arange(folds)[:, None]
    best = int(np.argmin(_unevenness(members, counts, np.full(folds, 1 / folds))))
    return np.asarray(tries[best])


def _unevenness(
    members: npt.NDArray[np.bool_], counts: Int64, shares: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Sum the squared distance of each class's share from the wanted one, for each try."""
    common = counts[:, counts.sum(axis=0) >= _FEW]
    got = (members @ common) / np.maximum(common.sum(axis=0), 1)  # tries, folds, classes
    distance: npt.NDArray[np.float64] = ((got - shares[:, None]) ** 2).sum(axis=(1, 2))
    return distance
