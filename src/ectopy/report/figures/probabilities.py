"""Figures of the predicted probabilities: calibration, precision against recall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ectopy.evaluation.calibration import reliability
from ectopy.evaluation.intervals import wilson
from ectopy.report.style import colour, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ectopy.report.results import Results

Float64 = npt.NDArray[np.float64]

_LEAST: Final = 20  # beats in a bin below which its share says nothing
_RECALL: Final = np.linspace(0, 1, 401)  # where curves are drawn: finer than the line is wide


def calibration(results: Results) -> Figure | None:
    """Reliability diagram of the predicted class, with the histogram of its probability."""
    table = results.predictions
    if "p" not in table or "y_true" not in table:
        return None
    sure = table["p"].max(axis=1)
    told = reliability(table["p"], table["y_true"])
    most = max(point["n"] for point in told["bins"])
    points = [point for point in told["bins"] if point["n"] >= min(_LEAST, most)]
    seen, share, n = (
        np.array([point[key] for point in points]) for key in ("confidence", "accuracy", "n")
    )
    low, high = wilson(np.rint(share * n), n)
    figure = sheet(
        results,
        "Calibration: how sure the model is, and how often it is right",
        4.6,
        f"Bins of equal width with {_LEAST} beats or more; whiskers are 95 % Wilson intervals over "
        "beats"
        + (", all seeds together." if len(results.seeds) > 1 else ".")
        + " A point below the diagonal: the model is too sure of itself.",
    )
    upper, lower = figure.subplots(2, 1, height_ratios=[3.2, 1], sharex=True)
    upper.plot([0, 1], [0, 1], color="#999999", linestyle=":", linewidth=1, label="perfect")
    upper.errorbar(
        seen, share, yerr=[share - low, high - share],
        color="black", marker="o", markersize=4, linewidth=1, capsize=2.5, label="model",
    )  # fmt: skip
    upper.text(0.98, 0.06, f"expected calibration error {told['ece']:.3f}", ha="right",
               transform=upper.transAxes)  # fmt: skip
    left = max(0.0, min(float(seen.min()), float(low.min()), 1 / table["p"].shape[1]) - 0.03)
    upper.set_xlim(left, 1.01)
    upper.set_ylim(left, 1.01)
    upper.set_ylabel("share that is right")
    upper.legend(loc="upper left")
    upper.grid()
    lower.hist(sure, bins=np.linspace(0, 1, 51).tolist(), color="#888888")
    lower.set_yscale("log")
    lower.set_ylabel("beats (log)")
    lower.set_xlabel("probability of the predicted class")
    return figure


def precision_recall(results: Results) -> Figure | None:
    """Precision-recall curve of each class against the others, each seed."""
    table = results.predictions
    if "p" not in table or "y_true" not in table:
        return None
    seeds = table.get("seed", np.zeros(len(table["y_true"])))
    each = np.unique(seeds)
    figure = sheet(
        results,
        "Precision against recall of each class, test beats",
        3.9,
        "AP: average precision" + (", mean over the seeds (thin lines)" * (len(each) > 1))
        + ". A model that knows nothing has the precision given as chance: the share of the class.",
    )  # fmt: skip
    panel = figure.subplots()
    for index, name in enumerate(results.classes):
        truth = table["y_true"] == index
        if not truth.any():
            continue
        curves, areas = [], []
        for seed in each:
            mine = seeds == seed
            curve, area = pr_curve(truth[mine], table["p"][mine, index])
            curves.append(curve)
            areas.append(area)
            if len(each) > 1:
                panel.plot(_RECALL, curve, color=colour(index), linewidth=0.4, alpha=0.4)
        support = int(truth.sum() / len(each))
        label = f"{name}: AP {np.mean(areas):.3f}, chance {truth.mean():.3f}, n = {support:,}"
        panel.plot(
            _RECALL, np.mean(curves, axis=0), color=colour(index), linewidth=1.6, label=label
        )
    panel.set_xlim(0, 1.005)
    panel.set_ylim(0, 1.02)
    panel.set_xlabel("recall (sensitivity)")
    panel.set_ylabel("precision (positive predictive value)")
    panel.grid()
    panel.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def pr_curve(truth: npt.NDArray[np.bool_], score: Float64) -> tuple[Float64, float]:
    """Precision at each recall of `_RECALL`, and average precision; zeros without a true one."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    if not truth.any():
        return np.zeros(len(_RECALL)), 0.0
    precision, recall, _ = precision_recall_curve(truth, score)
    # From the highest threshold down, without the end point that scikit-learn adds.
    precision, recall = precision[-2::-1], recall[-2::-1]
    place = np.minimum(np.searchsorted(recall, _RECALL - 1e-12), len(recall) - 1)
    return precision[place], float(average_precision_score(truth, score))
