"""Weighted ridge regression from sums by fold: leaving a fold out is a subtraction."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]


class RidgeSums:
    """Sums over beats, by fold, that the regression of targets on hidden units needs.

    Parameters
    ----------
    folds : int
        Groups of records.
    n_hidden, n_targets : int
        Hidden units, to which a one is added for the bias, and targets.
    ridge : float
        Penalty, as a share of the number of beats.

    Examples
    --------
    >>> from ectopy.training.inter_patient import RidgeSums
    >>> sums = RidgeSums(folds=2, n_hidden=1, n_targets=1, ridge=1e-6)
    >>> x = np.arange(10, dtype=np.float32)[:, None]
    >>> for fold in (0, 1):
    ...     sums.add(fold, x, 2 * x + 1, np.ones(10, dtype=np.float32))
    >>> sums.solve()[-1].round(2).ravel()
    array([2., 1.], dtype=float32)
    """

    def __init__(self, folds: int, n_hidden: int, n_targets: int, ridge: float) -> None:
        self.size = n_hidden + 1
        self.ridge = ridge
        self.products = np.zeros((folds, self.size, self.size + n_targets), np.float32)
        self.beats = np.zeros(folds)

    def add(self, fold: int, hidden: Float32, target: Float32, weight: Float32) -> None:
        """Add beats: hidden (n, n_hidden), target (n, n_targets) and weight (n,)."""
        one = np.ones((len(hidden), 1), np.float32)
        hidden = np.concatenate([hidden, one], axis=1)
        weighted = hidden * weight[:, None]
        self.products[fold] += weighted.T @ np.concatenate([hidden, target], axis=1)
        self.beats[fold] += len(hidden)

    def solve(self) -> Float32:
        """Solve without each fold and, last, with all of them.

        Returns
        -------
        ndarray of float32, shape (folds + 1, n_hidden + 1, n_targets)
            Weights, the last row the bias; zeros where no beats are left.
        """
        total, beats = self.products.sum(axis=0), self.beats.sum()
        without = [
            self._solve(total - own, beats - less)
            for own, less in zip(self.products, self.beats, strict=True)
        ]
        return np.stack([*without, self._solve(total, beats)])

    def _solve(self, products: Float32, beats: float) -> Float32:
        from scipy.linalg import solve

        gram = products[:, : self.size].astype(np.float64)
        gram[np.diag_indices(self.size)] += self.ridge * max(beats, 1)
        found = solve(gram, products[:, self.size :], assume_a="pos")
        return np.asarray(found, dtype=np.float32)
