"""How well the rhythm of strips was told: F1 of each kind, as the 2017 Challenge scored it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.evaluation.intervals import RESAMPLES, quantile_interval, resample_counts

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

COUNTED: Final = 3
"""Kinds whose mean F1 is the Challenge's score: normal, AF, other; noisy strips only take from it.

Clifford et al., Computing in Cardiology 44 (2017)."""


def strip_figures(
    truth: npt.ArrayLike,
    called: npt.ArrayLike,
    kinds: Sequence[str],
    *,
    n_resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Score the kinds that strips were called.

    Parameters
    ----------
    truth, called : array_like of int, shape (n_strips,)
        Places in ``kinds``.
    kinds : sequence of str
        The first `COUNTED` of them count in the mean.
    n_resamples : int
        Of the bootstrap over strips, each of which is taken for one patient.

    Returns
    -------
    dict
        ``f1`` (of each kind, and their ``mean``), ``f1_interval`` likewise (95 %), ``confusion``
        (rows are the truth) and ``strips``. F1 of a kind that is neither there nor called is None.
    """
    n = len(kinds)
    cells = np.asarray(truth, dtype=np.int64) * n + np.asarray(called, dtype=np.int64)
    confusion = np.bincount(cells, minlength=n * n).reshape(n, n)
    drawn = resample_counts(
        confusion[None], np.random.default_rng(0), over="beats", n_resamples=n_resamples
    )
    low, high = quantile_interval(_f1(drawn))
    names = [*kinds, "mean"]
    told = dict(zip(names, _f1(confusion[None])[0], strict=True))
    return {
        "strips": int(confusion.sum()),
        "f1": {name: _number(value) for name, value in told.items()},
        "f1_interval": {
            name: [_number(a), _number(b)] for name, a, b in zip(names, low, high, strict=True)
        },
        "confusion": confusion.tolist(),
    }


def _f1(confusion: Int64) -> Float64:
    """F1 of each kind, and the mean of those that count, shape (n, kinds + 1)."""
    right = np.diagonal(confusion, axis1=1, axis2=2)
    both = confusion.sum(axis=1) + confusion.sum(axis=2)
    with np.errstate(invalid="ignore"):
        of_kind = np.where(both > 0, 2 * right / both, np.nan)
    known = of_kind[:, :COUNTED]
    some = np.isfinite(known)
    mean = np.where(some, known, 0).sum(axis=1) / np.maximum(some.sum(axis=1), 1)
    return np.column_stack([of_kind, np.where(some.any(axis=1), mean, np.nan)])


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
