"""Loss and accuracy by epoch, every seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from matplotlib.ticker import MaxNLocator

from ectopy.report.style import TRAINING, VALIDATION, say_if_cut, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ectopy.report.results import Results


def loss(results: Results) -> Figure | None:
    """Draw training loss dashed blue and validation loss solid orange, from zero."""
    return _curves(results, "loss", "Training and validation loss", "loss", from_zero=True)


def accuracy(results: Results) -> Figure | None:
    """Training and validation accuracy, in the same colours."""
    return _curves(results, "accuracy", "Training and validation accuracy", "accuracy")


def _curves(
    results: Results, key: str, title: str, label: str, from_zero: bool = False
) -> Figure | None:
    history = results.history
    if not {key, "epoch"} <= set(history):
        return None
    seeds = history.get("seed", np.zeros(len(history["epoch"])))
    if "fold" in history:  # each fold of each seed is a training of its own
        seeds = seeds + np.nan_to_num(history["fold"]) / 1000
    several = len(np.unique(seeds)) > 1
    figure = sheet(
        results,
        title,
        3.7,
        "Validation beats come from the training part; the test set plays no role here. "
        + ("Thin lines: each seed; thick: their mean, while all of them train." * several),
    )
    panel = figure.subplots()
    for name, column, look in (
        ("training", key, TRAINING),
        ("validation", f"val_{key}", VALIDATION),
    ):
        if column not in history or np.isnan(history[column]).all():
            continue
        drawn = _lines(panel, history["epoch"], history[column], seeds, look, several)
        panel.plot(*drawn, **look, linewidth=1.8, label=name + " (mean)" * several)
    panel.set_xlabel("epoch")
    panel.set_ylabel(label)
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    first, last = history["epoch"].min(), history["epoch"].max()
    panel.set_xlim(first - 0.02 * (last - first) - 0.1, last + 0.02 * (last - first) + 0.1)
    if from_zero:
        panel.set_ylim(bottom=0)
    elif panel.get_ylim()[1] > 1:
        panel.set_ylim(top=1)
    panel.grid(axis="y")
    panel.legend(loc="best")
    say_if_cut(panel)
    return figure


def _lines(
    panel: Axes,
    epochs: npt.NDArray[np.float64],
    values: npt.NDArray[np.float64],
    seeds: npt.NDArray[np.float64],
    look: dict[str, Any],
    several: bool,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Draw each seed thinly where there are several; give the mean of the epochs that all have."""
    runs = []
    for seed in np.unique(seeds):
        mine = seeds == seed
        order = np.argsort(epochs[mine], kind="stable")
        runs.append((epochs[mine][order], values[mine][order]))
        if several:
            panel.plot(*runs[-1], color=look["color"], linestyle="-", linewidth=0.5, alpha=0.3)
    shortest = min(len(run[0]) for run in runs)
    return runs[0][0][:shortest], np.mean([run[1][:shortest] for run in runs], axis=0)
