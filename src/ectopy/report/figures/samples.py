"""What the beats look like."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

import numpy as np

from ectopy.report.style import colour, first_lead, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ectopy.report.results import Results

_OTHERS: Final = 12  # grey beats behind the one: enough to see the spread, still told apart


def raw_beats(results: Results) -> Figure | None:
    """One raw beat a class, the one nearest its class's median, before others of the class."""
    if not {"X", "y"} <= set(results.samples):
        return None
    X, y = np.asarray(results.samples["X"], dtype=np.float64), results.samples["y"]
    X, leads = first_lead(X)
    present = [i for i in range(len(results.classes)) if (y == i).any()]
    if not present:
        return None
    columns = min(3, len(present))
    rows = -(-len(present) // columns)
    figure = sheet(
        results,
        "Raw training beats, one of each class",
        1.2 + 1.75 * rows,
        "In colour the beat nearest its class's median, in grey others drawn from the same class. "
        f"Examples, not templates.{leads}",
    )
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    time, label = results.time(X.shape[1])
    for panel, index in zip(axes, present, strict=False):
        beats = X[y == index]
        chosen = int(np.abs(beats - np.median(beats, axis=0)).mean(axis=1).argmin())
        others = np.delete(beats, chosen, axis=0)[:_OTHERS]
        if len(others):
            panel.plot(time, others.T, color="#bbbbbb", linewidth=0.5)
        panel.plot(time, beats[chosen], color=colour(index), linewidth=1.5)
        title = textwrap.fill(results.long_name(results.classes[index]), 34)
        panel.set_title(title, loc="left", size=8)
        panel.margins(x=0)
    for panel in axes[len(present) :]:
        panel.set_axis_off()
    for column in range(columns):  # the lowest panel of each column says what the axis is
        used = [panel for panel in axes[column::columns] if panel.axison]
        used[-1].set_xlabel(label)
        used[-1].tick_params(labelbottom=True)
    for row in range(rows):
        axes[row * columns].set_ylabel(results.amplitude)
    return figure
