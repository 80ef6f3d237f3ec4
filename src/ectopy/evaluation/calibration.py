"""Whether probabilities can be believed: temperature, reliability, and what abstaining buys.

References
----------
Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, ICML 2017.
Geifman and El-Yaniv, Selective classification for deep neural networks, NeurIPS 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

BINS: Final = 15  # as in Guo et al.

_SMALLEST: Final = 1e-12  # probabilities below this are taken for it: their logarithm is needed
_TEMPERATURES: Final = (0.05, 20.0)  # nets worth calibrating lie between 0.5 and 5


def fit_temperature(
    probabilities: npt.ArrayLike, y: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> float:
    """Find the temperature that makes validation labels most likely.

    Parameters
    ----------
    probabilities : array_like, shape (n, n_classes)
        Uncalibrated probabilities of validation beats, never of test beats.
    y : array_like of int, shape (n,)
        True classes.
    weights : array_like, shape (n,), optional
        Weight of each beat; for instance so that every record counts the same.

    Returns
    -------
    float
        Above 1 where the model is too sure of itself; within [0.05, 20].

    Raises
    ------
    ConfigError
        If shapes disagree, or there is no beat.

    Examples
    --------
    >>> from ectopy.evaluation import fit_temperature
    >>> sure = np.tile([0.99, 0.01], (10, 1))
    >>> fit_temperature(sure, [0] * 7 + [1] * 3) > 1  # right seven times in ten, not always
    True
    """
    from scipy.optimize import minimize_scalar

    p, true = _check(probabilities, y)
    share = np.full(len(true), 1.0) if weights is None else np.asarray(weights, dtype=np.float64)
    if share.shape != true.shape or not share.sum() > 0:
        raise ConfigError(f"weights have shape {share.shape}, expected {true.shape}, not all zero")
    share = share / share.sum()
    logits = np.log(np.maximum(p, _SMALLEST))
    logits -= logits.max(axis=1, keepdims=True)

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        own = scaled[np.arange(len(true)), true]
        return float(share @ (np.log(np.exp(scaled).sum(axis=1)) - own))

    # The loss is convex in 1 / T, so it has one minimum in log T as well.
    bounds = (np.log(_TEMPERATURES[0]), np.log(_TEMPERATURES[1]))
    best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-5})
    return float(np.exp(best.x))


def apply_temperature(probabilities: npt.ArrayLike, temperature: float) -> Float64:
    """Soften (above 1) or sharpen (below 1) probabilities; the order of classes stays.

    Parameters
    ----------
    probabilities : array_like, shape (n, n_classes)
        Uncalibrated probabilities.
    temperature : float
        As `fit_temperature` gives it.

    Returns
    -------
    ndarray of float64, shape (n, n_classes)

    Examples
    --------
    >>> from ectopy.evaluation import apply_temperature
    >>> apply_temperature([[0.9, 0.1]], 2.0).round(2)
    array([[0.75, 0.25]])
    """
    if not temperature > 0:
        raise ConfigError(f"temperature is {temperature}, expected a positive number")
    logits = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), _SMALLEST))
    logits /= temperature
    scaled = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), dtype=np.float64)


def reliability(
    probabilities: npt.ArrayLike,
    y: npt.ArrayLike,
    n_bins: int = BINS,
) -> dict[str, Any]:
    """Compare how sure the model is with how often it is right.

    Parameters
    ----------
    probabilities : array_like, shape (n, n_classes)
        Probabilities; the largest one is the confidence.
    y : array_like of int, shape (n,)
        True classes.
    n_bins : int
        Bins of equal width between 0 and 1.

    Returns
    -------
    dict
        Ready for JSON: ``ece`` (expected calibration error: the mean distance of confidence and
        accuracy, weighted by beats), ``mce`` (the largest one), ``nll`` (mean negative
        log-likelihood), ``brier``, and ``bins``: a list of {``low``, ``high``, ``n``,
        ``confidence``, ``accuracy``}, the last two None where there is no beat.

    Examples
    --------
    >>> from ectopy.evaluation import reliability
    >>> told = reliability([[0.9, 0.1], [0.9, 0.1]], [0, 1])
    >>> round(told["ece"], 2), round(told["nll"], 2)
    (0.4, 1.2)
    """
    p, true = _check(probabilities, y)
    if n_bins < 1:
        raise ConfigError(f"n_bins is {n_bins}, expected at least 1")
    confidence, right = _confidence(p, true)
    place = np.minimum((confidence * n_bins).astype(np.int64), n_bins - 1)
    n = np.bincount(place, minlength=n_bins)
    filled = np.maximum(n, 1)
    mean = np.bincount(place, confidence, minlength=n_bins) / filled
    hit = np.bincount(place, right, minlength=n_bins) / filled
    gap = np.abs(mean - hit)
    own = p[np.arange(len(true)), true]
    wanted = np.eye(p.shape[1])[true]
    return {
        "ece": float((gap * n).sum() / len(true)),
        "mce": float(gap[n > 0].max()),
        "nll": float(-np.log(np.maximum(own, _SMALLEST)).mean()),
        "brier": float(((p - wanted) ** 2).sum(axis=1).mean()),
        "bins": [
            {
                "low": i / n_bins,
                "high": (i + 1) / n_bins,
                "n": int(n[i]),
                "confidence": float(mean[i]) if n[i] else None,
                "accuracy": float(hit[i]) if n[i] else None,
            }
            for i in range(n_bins)
        ],
    }


def expected_calibration_error(
    probabilities: npt.ArrayLike, y: npt.ArrayLike, n_bins: int = BINS
) -> float:
    """Mean distance of confidence and accuracy, as in `reliability`.

    Examples
    --------
    >>> from ectopy.evaluation import expected_calibration_error
    >>> round(expected_calibration_error([[0.9, 0.1], [0.9, 0.1]], [0, 1]), 2)
    0.4
    """
    return float(reliability(probabilities, y, n_bins)["ece"])


@dataclass(frozen=True)
class CoverageRisk:
    """What is left, and how wrong it is, when the model abstains below a confidence.

    Attributes
    ----------
    threshold : ndarray of float64, shape (n_thresholds,)
        Each confidence that occurs, from the surest down.
    coverage : ndarray of float64, shape (n_thresholds,)
        Share of beats at least that sure.
    risk : ndarray of float64, shape (n_thresholds,)
        Share of wrong labels among them.
    """

    threshold: Float64
    coverage: Float64
    risk: Float64

    @property
    def area(self) -> float:
        """Area under risk over coverage: the mean risk over all coverages; smaller is better."""
        return float(self.risk @ np.diff(self.coverage, prepend=0.0))

    def threshold_for(self, risk: float) -> float | None:
        """Lowest threshold whose risk is at most ``risk``; None where no coverage has it."""
        good = np.flatnonzero(self.risk <= risk)
        return float(self.threshold[good[-1]]) if len(good) else None

    def points(self, n: int = 101) -> list[dict[str, float]]:
        """About ``n`` points of the curve, evenly over coverage, ready for JSON."""
        wanted = np.searchsorted(self.coverage, np.linspace(0, 1, n)).clip(
            0, len(self.coverage) - 1
        )
        return [
            {
                "threshold": float(self.threshold[i]),
                "coverage": float(self.coverage[i]),
                "risk": float(self.risk[i]),
            }
            for i in np.unique(wanted)
        ]


def coverage_risk(probabilities: npt.ArrayLike, y: npt.ArrayLike) -> CoverageRisk:
    """Trace risk over coverage as the model abstains from its least sure beats.

    Parameters
    ----------
    probabilities : array_like, shape (n, n_classes)
        Probabilities; the largest one is the confidence. Beats that are equally sure are kept or
        left together.
    y : array_like of int, shape (n,)
        True classes.

    Examples
    --------
    >>> from ectopy.evaluation import coverage_risk
    >>> curve = coverage_risk([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4]], [0, 0, 1])
    >>> curve.coverage.round(2), curve.risk.round(2)
    (array([0.33, 0.67, 1.  ]), array([0.  , 0.  , 0.33]))
    """
    p, true = _check(probabilities, y)
    confidence, right = _confidence(p, true)
    order = np.argsort(-confidence, kind="stable")
    confidence = confidence[order]
    kept = np.arange(1, len(true) + 1)
    risk = np.cumsum(~right[order]) / kept
    last = np.append(confidence[1:] != confidence[:-1], True)
    return CoverageRisk(confidence[last], kept[last] / len(true), risk[last])


def _confidence(p: Float64, true: Int64) -> tuple[Float64, npt.NDArray[np.bool_]]:
    return p.max(axis=1), p.argmax(axis=1) == true


def _check(probabilities: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Float64, Int64]:
    p, true = np.asarray(probabilities, dtype=np.float64), np.asarray(y)
    if p.ndim != 2 or true.shape != p.shape[:1] or not len(true):
        raise ConfigError(
            f"probabilities have shape {p.shape} and y {true.shape}, "
            "expected (n, n_classes) and (n,) with n > 0"
        )
    if not ((p >= 0) & (p <= 1 + 1e-6)).all():  # NaN fails too
        raise ConfigError(f"probabilities lie in [{p.min()}, {p.max()}], expected [0, 1]")
    if not np.issubdtype(true.dtype, np.integer) or true.min() < 0 or true.max() >= p.shape[1]:
        raise ConfigError(f"y holds {true.dtype} labels, expected integers 0 to {p.shape[1] - 1}")
    return p, true.astype(np.int64)
