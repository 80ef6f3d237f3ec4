"""Intervals: Wilson for a proportion, the bootstrap over beats or over records for the rest.

Everything the classification figures need is a function of the confusion matrix, so a bootstrap
resamples counts and not beats: drawing n beats with replacement is one multinomial draw over the
cells of the matrix, and drawing records is one multinomial draw over records.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

LEVEL: Final = 0.95
RESAMPLES: Final = (
    2000  # the 2.5 % quantile then rests on 50 draws; more moves it in the third digit
)


def wilson(
    successes: npt.ArrayLike, trials: npt.ArrayLike, level: float = LEVEL
) -> tuple[Float64, Float64]:
    """Wilson score interval of a binomial proportion.

    Parameters
    ----------
    successes, trials : array_like of int
        Counts; they broadcast.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    low, high : ndarray of float64
        Bounds within [0, 1]; 0 and 1 where there were no trials, since nothing is known then.

    References
    ----------
    E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209.

    Examples
    --------
    >>> from ectopy.evaluation import wilson
    >>> low, high = wilson(9, 10)
    >>> round(float(low), 2), round(float(high), 2)
    (0.6, 0.98)
    """
    k, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    z = NormalDist().inv_cdf(0.5 + check_level(level) / 2)
    known = np.maximum(n, 1)
    p = k / known
    centre = (p + z**2 / (2 * known)) / (1 + z**2 / known)
    half = z / (1 + z**2 / known) * np.sqrt(p * (1 - p) / known + z**2 / (4 * known**2))
    low = np.where((n == 0) | (k == 0), 0.0, np.clip(centre - half, 0, 1))
    high = np.where((n == 0) | (k == n), 1.0, np.clip(centre + half, 0, 1))
    return low, high


def resample_counts(
    counts: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    over: str,
    n_resamples: int = RESAMPLES,
) -> Int64:
    """Draw bootstrap replicates of pooled counts.

    Parameters
    ----------
    counts : array_like of int, shape (n_records, *cells)
        Counts of each record (a confusion matrix, say).
    rng : numpy.random.Generator
        Source of randomness.
    over : {"beats", "records"}
        What is drawn with replacement. Beats of one patient resemble each other, so intervals
        over beats say nothing about new patients; intervals over records do.
    n_resamples : int
        Replicates.

    Returns
    -------
    ndarray of int64, shape (n_resamples, *cells)
        Pooled counts of each replicate.
    """
    table = np.asarray(counts, dtype=np.int64)
    records, cells = table.shape[0], table.shape[1:]
    flat = table.reshape(records, -1)
    if over == "records":
        weights = rng.multinomial(records, np.full(records, 1 / records), size=n_resamples)
        drawn = weights.astype(np.float64) @ flat  # exact: counts stay far below 2**53
        return np.rint(drawn).astype(np.int64).reshape(n_resamples, *cells)
    if over == "beats":
        pooled = flat.sum(axis=0)
        total = int(pooled.sum())
        share = pooled / total if total else np.full(pooled.size, 1 / pooled.size)
        return rng.multinomial(total, share, size=n_resamples).reshape(n_resamples, *cells)
    raise ConfigError(f"a bootstrap is over 'beats' or 'records', not {over!r}")


def bootstrap(
    counts: npt.ArrayLike,
    statistic: Callable[[Int64], Float64],
    rng: np.random.Generator,
    *,
    over: str = "records",
    level: float = LEVEL,
    n_resamples: int = RESAMPLES,
) -> tuple[Float64, Float64]:
    """Percentile bootstrap interval of any statistic of pooled counts.

    Parameters
    ----------
    counts : array_like of int, shape (n_records, *cells)
        Counts of each record.
    statistic : callable
        Takes counts of shape (n, *cells) to values of shape (n, ...); NaN where undefined.
        Undefined replicates are left out.
    rng : numpy.random.Generator
        Source of randomness.
    over, level, n_resamples
        As in `resample_counts` and `wilson`.

    Returns
    -------
    low, high : ndarray of float64
        NaN where no replicate was defined.

    Examples
    --------
    >>> from ectopy.evaluation import bootstrap
    >>> right_of = np.array([[90, 100], [99, 100], [70, 100]])  # of three records
    >>> low, high = bootstrap(
    ...     right_of, lambda counts: counts[:, 0] / counts[:, 1], np.random.default_rng(0)
    ... )
    >>> low.round(2).item(), high.round(2).item()
    (0.7, 0.99)
    """
    values = np.asarray(
        statistic(resample_counts(counts, rng, over=over, n_resamples=n_resamples)), dtype=float
    )
    return quantile_interval(values, level)


def quantile_interval(values: Float64, level: float = LEVEL) -> tuple[Float64, Float64]:
    """Central quantiles over the first axis, leaving NaN out; NaN where there is nothing else."""
    tail = (1 - check_level(level)) / 2
    undefined = np.isnan(values).all(axis=0)
    low, high = np.nanquantile(np.where(undefined, 0.0, values), [tail, 1 - tail], axis=0)
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)


def check_level(level: float) -> float:
    """Give the coverage back if it is one.

    Raises
    ------
    ConfigError
        Outside (0, 1).
    """
    if not 0 < level < 1:
        raise ConfigError(f"an interval's level is {level}, expected a number between 0 and 1")
    return level
