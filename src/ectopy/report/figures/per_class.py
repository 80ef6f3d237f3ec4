"""Precision, recall and F1 of each class, with intervals, every seed and supports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ectopy.report.style import colour, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ectopy.report.results import Results
    from ectopy.report.schema import Estimate


def precision(results: Results) -> Figure | None:
    """Precision (positive predictive value) of each class."""
    return _bars(results, "precision", "Precision (positive predictive value) of each class")


def recall(results: Results) -> Figure | None:
    """Recall (sensitivity) of each class."""
    return _bars(results, "recall", "Recall (sensitivity) of each class")


def f1(results: Results) -> Figure | None:
    """F1 score of each class."""
    return _bars(results, "f1", "F1 score of each class")


def _bars(results: Results, key: str, title: str) -> Figure | None:
    table = results.test.per_class
    several = len(results.seeds) > 1
    estimates: list[Estimate] = [getattr(table[name], key) for name in results.classes]
    note = "Bar: mean over the seeds; dots: each seed." if several else ""
    if any(estimate.interval for estimate in estimates):
        note += f" Whisker: {results.interval_text}."
    figure = sheet(
        results, f"{title}, test beats", 3.7, f"{note} n: test beats of the class.".strip()
    )
    panel = figure.subplots()
    for place, (name, estimate) in enumerate(zip(results.classes, estimates, strict=True)):
        mean, interval, values = estimate.mean, estimate.interval, estimate.values
        if not table[name].support:
            panel.text(place, 0.02, "no test beats", ha="center", size=7, rotation=90)
            continue
        panel.bar(place, mean, width=0.64, color=colour(place))
        top = max([mean, *(interval or ()), *values])
        if interval:
            low, high = max(mean - interval[0], 0), max(interval[1] - mean, 0)
            panel.errorbar(
                place,
                mean,
                yerr=[[low], [high]],
                color="black",
                capsize=4,
                elinewidth=1,
                capthick=1,
            )
        if several:
            across = place + np.linspace(-0.2, 0.2, len(values))
            panel.scatter(
                across, values, s=7, color="white", edgecolor="black", linewidth=0.6, zorder=3
            )
        panel.text(
            place, top + 0.02, f"{mean:.3f}", ha="center", va="bottom", size=8.5, weight="bold"
        )
    labels = [f"{name}\nn = {int(table[name].support):,}" for name in results.classes]
    panel.set_xticks(range(len(labels)), labels)
    panel.set_ylim(0, 1.1)
    panel.set_yticks(np.linspace(0, 1, 6))
    panel.spines["left"].set_bounds(0, 1)
    panel.set_ylabel({"precision": "precision", "recall": "recall", "f1": "F1"}[key])
    panel.grid(axis="y")
    return figure
