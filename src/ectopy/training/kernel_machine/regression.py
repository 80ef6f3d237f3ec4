"""Kernel logistic regression: class scores that are linear in similarity to known beats."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

_RANK = 1e-10  # eigenvalues below this share of the largest are rounding


def squared_distances(A: Float64, B: Float64) -> Float64:
    """Give squared distances (n_a, n_b) of rows (n_a, n_features) and (n_b, n_features)."""
    d = (A**2).sum(axis=1)[:, None] + (B**2).sum(axis=1) - 2 * A @ B.T
    return np.asarray(np.maximum(d, 0))


def gaussian_kernel(A: Float64, B: Float64) -> Float64:
    """Give exp(-distance^2), shape (n_a, n_b): 1 for equal rows, towards 0 for unlike ones."""
    return np.asarray(np.exp(-squared_distances(A, B)))


def solve_logistic(
    V: Float64, centres: Float64, y: Int64, n_classes: int, strength: float
) -> tuple[Float64, Float64]:
    """Solve kernel logistic regression.

    Parameters
    ----------
    V : ndarray, shape (n_beats, n_features)
        Beats, scaled so that their similarity falls as it should.
    centres : ndarray, shape (n_centres, n_features)
        Beats they are compared with.
    y : ndarray of int64, shape (n_beats,)
        Classes; at least two of them.
    n_classes : int
        Classes there are; those without a beat get scores that all but rule them out.
    strength : float
        Inverse of the ridge penalty.

    Returns
    -------
    weights : ndarray, shape (n_centres, n_classes)
        Class scores are ``gaussian_kernel(beats, centres) @ weights + biases``.
    biases : ndarray, shape (n_classes,)

    Examples
    --------
    >>> from ectopy.training.kernel_machine import solve_logistic
    >>> V = np.array([[0.0], [0.1], [1.0], [1.1]])
    >>> weights, biases = solve_logistic(V, V, np.array([0, 0, 1, 1]), 2, strength=10.0)
    >>> weights.shape, biases.shape
    ((4, 2), (2,))
    """
    from sklearn.linear_model import LogisticRegression

    # In the coordinates T of the centres' own space, the kernel's penalty is the plain one.
    values, vectors = np.linalg.eigh(gaussian_kernel(centres, centres))
    kept = values > _RANK * values[-1]
    T = vectors[:, kept] / np.sqrt(values[kept])
    solved = LogisticRegression(C=strength, max_iter=1000).fit(gaussian_kernel(V, centres) @ T, y)
    coefficients, bias = solved.coef_, solved.intercept_
    if len(solved.classes_) == 2:  # one row for two classes: half the difference each way
        coefficients = np.vstack([-coefficients, coefficients]) / 2
        bias = np.concatenate([-bias, bias]) / 2
    weights = np.zeros((len(centres), n_classes))
    weights[:, solved.classes_] = T @ coefficients.T
    biases = np.full(n_classes, bias.min() - 10.0)
    biases[solved.classes_] = bias
    return weights, biases
