"""Is one model better than another on new patients? Paired tests with the record as the unit.

Beats of one record are no independent trials, so both tests exchange the two models within whole
records: under the hypothesis that they are equally good, which of the two made a record's labels
does not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.evaluation.intervals import LEVEL, RESAMPLES, quantile_interval

Float64 = npt.NDArray[np.float64]

PERMUTATIONS: Final = 10_000  # a p of 0.05 then has a standard error of 0.002
_EXACT: Final = 13  # up to here all 2**n exchanges are tried


def compare_pooled(
    counts_a: npt.ArrayLike,
    counts_b: npt.ArrayLike,
    statistic: Callable[[npt.NDArray[Any]], Float64],
    rng: np.random.Generator,
    *,
    level: float = LEVEL,
    n_permutations: int = PERMUTATIONS,
    n_resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Compare a gross figure, such as the SVEB F1 of all records pooled.

    Parameters
    ----------
    counts_a, counts_b : array_like of int, shape (n_records, *cells)
        Counts of each record by either model (confusion or EC57 matrices), in the same order.
    statistic : callable
        Takes pooled counts of shape (n, *cells) to values of shape (n,); NaN where undefined, and
        such replicates are left out.
    rng : numpy.random.Generator
        For the exchanges and the bootstrap.
    level : float
        Coverage of the interval.
    n_permutations, n_resamples : int
        Random exchanges (with 13 records or fewer, all are tried) and bootstrap replicates.

    Returns
    -------
    dict
        Ready for JSON: ``a``, ``b`` (the figures), ``difference`` (b - a), ``interval`` (bootstrap
        over records), ``p_value`` (two-sided), ``n_records``, ``level``, ``exact``. Figures and
        p are None where undefined.

    Raises
    ------
    ConfigError
        If the shapes differ or there is no record.

    Examples
    --------
    >>> from ectopy.evaluation import compare_pooled
    >>> a = [[90, 100], [80, 100], [70, 100], [60, 100]]  # right, of all: a record a row
    >>> b = [[95, 100], [84, 100], [79, 100], [66, 100]]
    >>> told = compare_pooled(
    ...     a, b, lambda counts: counts[:, 0] / counts[:, 1], np.random.default_rng(0)
    ... )
    >>> round(told["difference"], 2), told["p_value"], told["exact"]
    (0.06, 0.125, True)
    """
    a, b = np.asarray(counts_a, dtype=np.float64), np.asarray(counts_b, dtype=np.float64)
    if a.shape != b.shape or a.ndim < 2 or not len(a):
        raise ConfigError(
            f"counts have shapes {a.shape} and {b.shape}, expected the same (n_records, ...)"
        )
    cells = a.shape[1:]
    flat_a, flat_b = a.reshape(len(a), -1), b.reshape(len(b), -1)

    def figure(pooled: Float64) -> Float64:
        counts = np.rint(pooled).astype(np.int64).reshape(-1, *cells)
        return np.asarray(statistic(counts), dtype=np.float64)

    value_a, value_b = (float(figure(flat.sum(axis=0))[0]) for flat in (flat_a, flat_b))
    difference = value_b - value_a
    exchanged, exact = _exchanges(len(a), rng, n_permutations)
    moved = exchanged @ (flat_b - flat_a)
    null = figure(flat_b.sum(axis=0) - moved) - figure(flat_a.sum(axis=0) + moved)
    weights = rng.multinomial(len(a), np.full(len(a), 1 / len(a)), size=n_resamples).astype(float)
    drawn = figure(weights @ flat_b) - figure(weights @ flat_a)
    return {
        "a": _json(value_a),
        "b": _json(value_b),
        "difference": _json(difference),
        "interval": _interval(drawn, level),
        "p_value": _p_value(null, difference, exact),
        "n_records": len(a),
        "level": level,
        "exact": exact,
    }


def compare_records(
    values_a: npt.ArrayLike,
    values_b: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    level: float = LEVEL,
    n_permutations: int = PERMUTATIONS,
    n_resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Compare a figure that each record has, such as its accuracy, over records.

    Parameters
    ----------
    values_a, values_b : array_like of float, shape (n_records,)
        The figure of each record by either model, in the same order; records where one of them is
        NaN are left out.
    rng, level, n_permutations, n_resamples
        As in `compare_pooled`.

    Returns
    -------
    dict
        As `compare_pooled` gives (``a`` and ``b`` are means over records; the test flips signs of
        differences), and ``wilcoxon_p`` of the signed-rank test.

    Raises
    ------
    ConfigError
        If the shapes differ, or no record has both values.

    Examples
    --------
    >>> from ectopy.evaluation import compare_records
    >>> told = compare_records(
    ...     [0.90, 0.80, 0.70, 0.60], [0.95, 0.84, 0.79, 0.66], np.random.default_rng(0)
    ... )
    >>> round(told["difference"], 2), told["p_value"]
    (0.06, 0.125)
    """
    a, b = np.asarray(values_a, dtype=np.float64), np.asarray(values_b, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1:
        raise ConfigError(
            f"values have shapes {a.shape} and {b.shape}, expected the same (n_records,)"
        )
    both = np.isfinite(a) & np.isfinite(b)
    if not both.any():
        raise ConfigError("no record has a value by both models")
    a, b = a[both], b[both]
    change = b - a
    flipped, exact = _exchanges(len(a), rng, n_permutations)
    null = change.mean() - 2 * (flipped @ change) / len(a)
    drawn = change[rng.integers(0, len(a), size=(n_resamples, len(a)))].mean(axis=1)
    return {
        "a": float(a.mean()),
        "b": float(b.mean()),
        "difference": float(change.mean()),
        "interval": _interval(drawn, level),
        "p_value": _p_value(null, float(change.mean()), exact),
        "wilcoxon_p": _wilcoxon(change),
        "n_records": len(a),
        "level": level,
        "exact": exact,
    }


def _exchanges(n: int, rng: np.random.Generator, n_permutations: int) -> tuple[Float64, bool]:
    """Which records are exchanged in each permutation, shape (n_permutations, n), 0 or 1."""
    if n <= _EXACT:
        patterns = np.arange(2**n)[:, None] >> np.arange(n) & 1
        return patterns.astype(np.float64), True
    return rng.integers(0, 2, size=(n_permutations, n)).astype(np.float64), False


def _p_value(null: Float64, observed: float, exact: bool) -> float | None:
    defined = null[np.isfinite(null)]
    if np.isnan(observed) or not len(defined):
        return None
    # Equal sums in another order differ in the last digits.
    extreme = int((np.abs(defined) >= abs(observed) - 1e-12).sum())
    if exact:
        return extreme / len(defined)
    return (extreme + 1) / (len(defined) + 1)  # the labels as they are count as one exchange


def _wilcoxon(change: Float64) -> float:
    from scipy.stats import wilcoxon

    if not change.any():
        return 1.0
    return float(wilcoxon(change, method="auto").pvalue)


def _interval(drawn: Float64, level: float) -> list[float] | None:
    low, high = (float(bound) for bound in quantile_interval(drawn, level))
    return None if np.isnan(low) else [low, high]


def _json(value: float) -> float | None:
    return None if np.isnan(value) else value
