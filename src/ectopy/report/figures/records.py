"""Each test record on its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ectopy.report.style import GREY, colour, sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ectopy.report.results import Results


def per_record(results: Results) -> Figure | None:
    """Accuracy of each record, and sensitivity and precision of its S and V beats."""
    table = results.predictions
    groups = table.get("group")
    if groups is None or "y_true" not in table:
        return None
    names, place = np.unique(groups.astype(str), return_inverse=True)
    if len(names) < 2:
        return None
    ectopic = [i for i, name in enumerate(results.classes) if name in ("S", "V")]
    runs = max(len(results.seeds), 1)
    figure = sheet(
        results,
        "Results of each test record",
        2.2 + 1.35 * len(ectopic),
        "All seeds together. Above a panel: beats of the class in the record; a record without "
        "any has no sensitivity. Filled: sensitivity; open: positive predictive value.",
    )
    axes = figure.subplots(1 + len(ectopic), 1, sharex=True, squeeze=False)[:, 0]
    right = table["y_true"] == table["y_pred"]
    beats = np.bincount(place, minlength=len(names))
    x = np.arange(len(names))
    axes[0].scatter(x, np.bincount(place, right, len(names)) / beats, s=14, color="black")
    axes[0].set_ylabel("accuracy")
    _supports(axes[0], beats / runs)
    for panel, index in zip(axes[1:], ectopic, strict=True):
        _class(panel, table, place, len(names), index, runs)
        panel.set_ylabel(f"{results.classes[index]} beats")
    for panel in axes:
        panel.set_ylim(-0.05, 1.05)
        panel.set_yticks([0, 0.5, 1])
        panel.grid()
        panel.set_xlim(-0.7, len(names) - 0.3)
    axes[-1].set_xticks(x, names, rotation=90, size=6.5)
    axes[-1].set_xlabel("record")
    return figure


def _class(
    panel: Axes,
    table: dict[str, npt.NDArray[Any]],
    place: npt.NDArray[np.int64],
    n: int,
    index: int,
    runs: int,
) -> None:
    true, called = table["y_true"] == index, table["y_pred"] == index
    support, chosen = np.bincount(place, true, n), np.bincount(place, called, n)
    hits = np.bincount(place, true & called, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        panel.scatter(np.arange(n), hits / support, s=16, color=colour(index), zorder=3)
        panel.scatter(
            np.arange(n), hits / chosen, s=30, facecolor="none", edgecolor=colour(index), zorder=3
        )
    _supports(panel, support / runs)


def _supports(panel: Axes, counts: npt.NDArray[np.float64]) -> None:
    for x, number in enumerate(counts):
        if number > 0:
            panel.annotate(
                f"{round(number):,}", (x, 1.0), (0, 5), xycoords=("data", "axes fraction"),
                textcoords="offset points", ha="center", va="bottom", size=5.5,
                rotation=90 if len(counts) > 12 else 0, color=GREY,
            )  # fmt: skip
