"""Prior correction, temperature and uncertain threshold of a beat model, from held-out logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.classes import AAMI
from ectopy.evaluation.calibration import coverage_risk, fit_temperature, reliability
from ectopy.evaluation.ec57.counting import figures

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

BIASES: Final = np.round(np.arange(-3.0, 3.01, 0.5), 2)
"""Prior corrections tried for each of S, V and F, in units of the logit."""

RISK: Final = 0.01
"""Share of wrong labels, among those not called uncertain, that the threshold aims at."""

LEAST_COVERAGE: Final = 0.85
"""Share of beats that are decided whatever the risk."""


def calibrate(
    logits: Sequence[npt.ArrayLike],
    y: Sequence[Int64],
    judge: tuple[Sequence[npt.ArrayLike], Sequence[Int64]] | None = None,
) -> dict[str, Any]:
    """Choose how logits become labels, on records the networks were not trained on.

    The loss weights rare classes up; the correction that takes the prior back is the one with the
    best mean F1 of N, S and V. Every record weighs the same in the temperature.

    Parameters
    ----------
    logits : sequence of array_like, shape (n_beats, 5)
        Of each held-out record.
    y : sequence of ndarray of int64, shape (n_beats,)
        Its classes.
    judge : (logits, y), optional
        More held-out records, as above: the correction is then the best on average over both,
        so that it suits neither's mixture of rhythms alone.

    Returns
    -------
    dict
        ``bias``, ``temperature``, ``uncertain_below``, and ``held_out``: what they give there.
    """
    from scipy.special import softmax

    scores, truth = _pooled(logits, y)
    juries = [(scores, truth), *([] if judge is None else [_pooled(*judge)])]
    bias = np.zeros(len(AAMI))
    for _ in range(2):  # S, V and F in turn, twice over
        for name in ("S", "V", "F"):
            at = AAMI.index(name)
            tried = []
            for value in BIASES:
                bias[at] = value
                tried.append(sum(_merit(s + bias, t) for s, t in juries))
            bias[at] = BIASES[int(np.argmax(_smooth(tried)))]
    shares = np.concatenate([np.full(len(part), 1 / len(part)) for part in y])
    probabilities = softmax(scores + bias, axis=1)
    temperature = fit_temperature(probabilities, truth, shares)
    probabilities = softmax((scores + bias) / temperature, axis=1)
    curve = coverage_risk(probabilities, truth)
    wanted = curve.threshold_for(RISK)
    least = float(curve.threshold[np.searchsorted(curve.coverage, LEAST_COVERAGE)])
    threshold = least if wanted is None else min(wanted, least)
    decided = probabilities.max(axis=1) >= threshold
    told = {key: float(value) for key, value in _figures(probabilities, truth).items()}
    return {
        "bias": bias.tolist(),
        "temperature": temperature,
        "uncertain_below": threshold,
        "held_out": {
            **told,
            "ece": reliability(probabilities, truth)["ece"],
            "coverage": float(decided.mean()),
            "risk": float((probabilities.argmax(axis=1) != truth)[decided].mean()),
            "coverage_risk": curve.points(21),
        },
    }


def _pooled(logits: Sequence[npt.ArrayLike], y: Sequence[Int64]) -> tuple[Float64, Int64]:
    from scipy.special import log_softmax

    scores = np.concatenate([np.asarray(part, dtype=np.float64) for part in logits])
    return log_softmax(scores, axis=1), np.concatenate(list(y))


def _smooth(values: list[float]) -> Float64:
    """Mean over neighbours, so that a plateau wins over a lucky spike."""
    padded = np.pad(np.asarray(values), 1, mode="edge")
    return np.convolve(padded, np.ones(3) / 3, mode="valid")


def _figures(scores: Float64, truth: Int64) -> dict[str, Float64]:
    counts = np.zeros((7, 7))
    np.add.at(counts, (truth, scores.argmax(axis=1)), 1)
    found = figures(counts)
    return {key: found[key] for key in ("SVEB.f1", "VEB.f1", "accuracy", "macro_f1_nsv")}


def _merit(scores: Float64, truth: Int64) -> float:
    return float(_figures(scores, truth)["macro_f1_nsv"])
