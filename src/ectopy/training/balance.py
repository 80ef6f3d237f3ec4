"""Balancing the classes of a training part: SMOTE and the alternatives people compare it with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.models.inputs import NO_FEATURES, Features
from ectopy.training.recipe import Balance

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

_NEIGHBOURS = 5  # SMOTE's own default (Chawla et al. 2002) and imbalanced-learn's


@dataclass(frozen=True)
class Draw:
    """The beats of one epoch, in the order they are trained on, as positions; no copies yet.

    Attributes
    ----------
    first : ndarray of int64, shape (n,)
        Training beats.
    second : ndarray of int64, shape (n,), optional
        For each, the beat of its class to move towards; None where no beat is interpolated.
    gap : ndarray of float32, shape (n,), optional
        How far, 0 (``first`` itself) to 1.
    """

    first: Int64
    second: Int64 | None = None
    gap: Float32 | None = None

    def __len__(self) -> int:
        """Count the beats."""
        return len(self.first)


class TrainingBeats:
    """A training part and the way beats are drawn from it, epoch by epoch.

    Only beats that it was given can come out of it, alone or, with SMOTE, as points on the line
    between two of one class: give it the training part of a split and nothing else.

    Parameters
    ----------
    X : ndarray of float32, shape (n_beats, n_samples) or (n_beats, n_samples, n_leads)
        Training beats.
    y : ndarray of int64, shape (n_beats,)
        Their classes.
    n_classes : int
        Classes there are, also those without a training beat.
    method : str
        ``none``; ``oversample`` (copies); ``smote`` (imbalanced-learn, once, in memory);
        ``smote-on-the-fly`` (the same interpolation drawn anew each epoch, in no memory);
        ``class-weights`` (all beats once, rare classes weigh more); ``balanced-batches`` (every
        batch holds the classes in equal numbers).
    strength : float
        0 leaves the classes as they are, 1 makes them equal; between, the target count of a
        class is n_largest ** strength * n ** (1 - strength).
    per_epoch : int, optional
        Beats an epoch; by default as many as there are after balancing.
    copies : int
        Times that number of beats.
    batch_size : int
        Beats a batch, for ``balanced-batches``.
    rng : numpy.random.Generator
        Source of SMOTE's random numbers.
    features : mapping of str to ndarray, shapes (n_beats, n_values)
        Taken along, and interpolated as the signal is; neighbours are found by the signal alone.

    Raises
    ------
    ConfigError
        If SMOTE is asked for where a class has a single beat, or a batch is smaller than the
        number of classes it has to hold, or ``smote`` is asked for with features.
    """

    def __init__(
        self,
        X: Float32,
        y: Int64,
        n_classes: int,
        *,
        method: Balance = "none",
        strength: float = 1.0,
        per_epoch: int | None = None,
        copies: int = 1,
        batch_size: int = 32,
        rng: np.random.Generator,
        features: Features = NO_FEATURES,
    ) -> None:
        if method == "smote" and features:
            raise ConfigError(
                f"balance = 'smote' makes beats without the features ({', '.join(features)}) that "
                "the model asks for; set balance = 'smote-on-the-fly', which interpolates both"
            )
        self.method = method
        self.n_classes = n_classes
        self.batch_size = batch_size
        counts = np.bincount(y, minlength=n_classes)
        target = np.where(
            counts > 0,
            counts.max() ** strength * np.maximum(counts, 1.0) ** (1 - strength),
            0,
        ).round()
        self.neighbours: npt.NDArray[np.int32] | None = None
        if method in ("smote", "smote-on-the-fly"):
            for label in np.flatnonzero((counts == 1) & (target > counts)):
                raise ConfigError(
                    f"balance = {method!r}: class {label} has one training beat, SMOTE needs two; "
                    "use balance = 'oversample' or another split"
                )
        if method == "smote":
            X, y = _smote(X, y, counts, target.astype(int), rng)
            counts = np.bincount(y, minlength=n_classes)
        elif method == "smote-on-the-fly":
            self.neighbours = _neighbours(X, y, counts, target)
        self.X, self.y, self.features = X, y, features
        self.counts = counts
        self.target = target if method in ("oversample", "smote-on-the-fly") else counts
        if method == "balanced-batches":
            if batch_size < np.count_nonzero(counts):
                raise ConfigError(
                    f"balance = 'balanced-batches' with batch_size = {batch_size}: a batch must "
                    f"hold each of the {np.count_nonzero(counts)} classes at least once"
                )
            self.target = np.where(counts > 0, counts.sum() / np.count_nonzero(counts), 0).round()
        self.per_epoch = copies * (per_epoch or int(self.target.sum()))
        weight = np.ones(n_classes)
        if method == "class-weights":
            weight = np.where(counts > 0, target / np.maximum(counts, 1), 0)
            weight /= (weight * counts).sum() / counts.sum()  # the mean weight of a beat is 1
        self.weight = weight.astype(np.float32)

    def balanced_counts(self) -> list[int]:
        """Beats of each class that an epoch holds, on average."""
        share = self.target / self.target.sum()
        return [int(n) for n in np.rint(share * self.per_epoch)]

    def draw(self, rng: np.random.Generator) -> Draw:
        """Choose the beats of one epoch and their order."""
        if self.method == "balanced-batches":
            return Draw(self._batches(rng))
        if self.method == "oversample":
            return Draw(self._proportional(rng))
        if self.method == "smote-on-the-fly":
            return self._interpolated(rng)
        order = rng.permutation(len(self.y))
        while len(order) < self.per_epoch:
            order = np.concatenate([order, rng.permutation(len(self.y))])
        return Draw(order[: self.per_epoch])

    def beats(self, draw: Draw, part: slice) -> tuple[Float32, Int64, Float32]:
        """Give a part of an epoch: beats (a copy), classes and weights."""
        y = self.y[draw.first[part]]
        return _between(self.X, draw, part), y, self.weight[y]

    def features_of(self, draw: Draw, part: slice) -> dict[str, Float32]:
        """Give the features of the same beats (copies)."""
        return {name: _between(values, draw, part) for name, values in self.features.items()}

    def _class_counts(self, rng: np.random.Generator) -> Int64:
        """Share an epoch's beats among the classes by their targets, fractions by lot."""
        share = self.target / self.target.sum() * self.per_epoch
        whole: Int64 = np.floor(share).astype(np.int64)
        rest = share - whole
        missing = self.per_epoch - int(whole.sum())
        if missing:
            lucky = rng.choice(self.n_classes, missing, replace=False, p=rest / rest.sum())
            whole[lucky] += 1
        return whole

    def _proportional(self, rng: np.random.Generator) -> Int64:
        picks = [
            _cycle(np.flatnonzero(self.y == label), count, rng)
            for label, count in enumerate(self._class_counts(rng))
        ]
        order: Int64 = rng.permutation(np.concatenate(picks))
        return order

    def _batches(self, rng: np.random.Generator) -> Int64:
        present = np.flatnonzero(self.counts)
        n_batches = -(-self.per_epoch // self.batch_size)
        # Column j of every batch is of class present[(j + turn) % k]: as equal as division allows.
        columns = [present[j % len(present)] for j in range(self.batch_size)]
        grid = np.empty((n_batches, self.batch_size), dtype=np.int64)
        for label in present:
            mine = [j for j, c in enumerate(columns) if c == label]
            pool = np.flatnonzero(self.y == label)
            grid[:, mine] = _cycle(pool, n_batches * len(mine), rng).reshape(n_batches, -1)
        return grid.reshape(-1)[: self.per_epoch]

    def _interpolated(self, rng: np.random.Generator) -> Draw:
        assert self.neighbours is not None
        first = self._proportional(rng)
        # As in SMOTE every real beat may come once as it is; what exceeds them is interpolated.
        label = self.y[first]
        excess = 1 - self.counts[label] / np.maximum(self.target[label], 1)
        made = rng.random(len(first)) < excess
        column = rng.integers(0, self.neighbours.shape[1], len(first))
        second = self.neighbours[first, column].astype(np.int64)
        gap = np.where(made, rng.random(len(first)), 0).astype(np.float32)
        return Draw(first, second, gap)


def _between(values: Float32, draw: Draw, part: slice) -> Float32:
    """Take the rows of a part of an epoch, moved towards their second rows where they have one."""
    rows = values[draw.first[part]]
    if draw.second is not None and draw.gap is not None:
        step = values[draw.second[part]]
        step -= rows
        step *= draw.gap[part].reshape(-1, *[1] * (values.ndim - 1))
        rows += step
    return rows


def _cycle(pool: Int64, count: int, rng: np.random.Generator) -> Int64:
    """Draw ``count`` of ``pool``: all of them equally often, the remainder without repeats."""
    if count == 0 or len(pool) == 0:
        return np.empty(0, dtype=np.int64)
    rounds = -(-count // len(pool))
    shuffled = [rng.permutation(pool) for _ in range(rounds)]
    return np.concatenate(shuffled)[:count]


def _smote(
    X: Float32, y: Int64, counts: Int64, target: Int64, rng: np.random.Generator
) -> tuple[Float32, Int64]:
    from imblearn.over_sampling import SMOTE

    wanted = {int(c): int(target[c]) for c in np.flatnonzero(target > counts)}
    if not wanted:
        return X, y
    neighbours = min(_NEIGHBOURS, min(int(counts[c]) for c in wanted) - 1)
    sampler = SMOTE(
        sampling_strategy=wanted,
        k_neighbors=neighbours,
        random_state=int(rng.integers(2**31)),
    )
    new_X, new_y = sampler.fit_resample(X.reshape(len(X), -1), y)
    new_X = new_X.reshape(-1, *X.shape[1:])
    return new_X.astype(np.float32, copy=False), new_y.astype(np.int64, copy=False)


def _neighbours(
    X: Float32, y: Int64, counts: Int64, target: npt.NDArray[np.float64]
) -> npt.NDArray[np.int32]:
    """Give the nearest beats of the same class, for each beat of a class that is short."""
    from sklearn.neighbors import NearestNeighbors

    table = np.repeat(np.arange(len(y), dtype=np.int32)[:, None], _NEIGHBOURS, axis=1)
    for label in np.flatnonzero(target > counts):
        pool = np.flatnonzero(y == label)
        k = min(_NEIGHBOURS, len(pool) - 1)
        flat = X[pool].reshape(len(pool), -1)
        search = NearestNeighbors(n_neighbors=k + 1).fit(flat)
        found = search.kneighbors(flat, return_distance=False)[:, 1:]
        # Where there are fewer than five, they take turns.
        table[pool] = pool[found][:, np.arange(_NEIGHBOURS) % k]
    return table
