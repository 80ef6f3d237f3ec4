"""The confusion matrix: shares in colour, counts in the cells, supports at the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ectopy.report.style import count, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ectopy.report.results import Results


def matrix(results: Results) -> Figure:
    """Draw the row-normalised confusion matrix with the counts."""
    table = results.confusion
    support = table.sum(axis=1, keepdims=True)
    share = np.divide(table, support, out=np.full_like(table, np.nan), where=support > 0)
    several = len(results.seeds) > 1
    note = "Colour and first line: share of the true class. Second line: beats"
    note += ", mean over the seeds." if several else "."
    figure = sheet(results, "Confusion matrix, test beats", 4.9, note)
    panel = figure.subplots()
    # A mesh, since stretching an image to 600 dpi takes seconds.
    edges = np.arange(len(share) + 1) - 0.5
    image = panel.pcolormesh(edges, edges, share, cmap="Blues", vmin=0, vmax=1)
    names = results.classes
    panel.set_xticks(range(len(names)), names)
    beats = support.ravel().tolist()
    rows = [f"{name}\nn = {count(n)}" for name, n in zip(names, beats, strict=True)]
    panel.set_yticks(range(len(names)), rows)
    panel.set_ylim(len(names) - 0.5, -0.5)
    panel.set_xlabel("predicted class")
    panel.set_ylabel("true class")
    panel.spines[:].set_visible(False)
    panel.tick_params(length=0)
    for line in np.arange(len(names) - 1) + 0.5:
        panel.axhline(line, color="white", linewidth=1.2)
        panel.axvline(line, color="white", linewidth=1.2)
    for row, column in np.ndindex(*table.shape):
        if np.isnan(share[row, column]):
            panel.text(column, row, "no beats", ha="center", va="center", size=7, color="#777777")
            continue
        ink = "white" if share[row, column] > 0.55 else "black"
        weight = "bold" if row == column else "normal"
        panel.text(
            column, row - 0.1, f"{share[row, column]:.1%}",
            ha="center", va="center", size=9, color=ink, weight=weight,
        )  # fmt: skip
        panel.text(
            column,
            row + 0.2,
            count(float(table[row, column])),
            ha="center",
            va="center",
            size=7,
            color=ink,
        )
    bar = figure.colorbar(image, ax=panel, fraction=0.04, pad=0.02)
    bar.set_label("share of the true class")
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    bar.outline.set_visible(False)
    return figure
