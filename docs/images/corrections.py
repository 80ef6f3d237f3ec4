"""Draw corrections.png: python docs/images/corrections.py (from the repository's root).

From the figures of ``ectopy bench corrections``, as docs/results/corrections.csv has them.
"""

from __future__ import annotations

import csv
from pathlib import Path

from matplotlib.figure import Figure

from ectopy.classes import COLOURS
from ectopy.report.style import drawing

WAYS = {
    "asked and adapted": (COLOURS[0], "-", "o"),
    "asked and adapted, 5 % wrong": (COLOURS[3], "--", "s"),
    "asked and adapted, 10 % wrong": (COLOURS[4], ":", "^"),
    "at random and adapted": (COLOURS[1], "-.", "v"),
    "asked, only those corrected": ("0.45", "-", "x"),
}
NAMES = {"SVEB.f1": "SVEB", "VEB.f1": "VEB"}

docs = Path(__file__).parents[1]
with (docs / "results" / "corrections.csv").open(encoding="utf-8") as file:
    rows = [row for row in csv.DictReader(file) if row["records_of"] == "svdb"]
with drawing():
    figure = Figure(figsize=(7.2, 3.4), dpi=200, layout="constrained")
    axes = figure.subplots(1, 2, sharex=True, sharey=True)
    for axis, (key, name) in zip(axes, NAMES.items(), strict=True):
        for way, (colour, line, mark) in WAYS.items():
            own = [row for row in rows if row["figure"] == key and row["way"] == way]
            answers = [int(row["answers"]) for row in own]
            values = [float(row["value"]) for row in own]
            axis.plot(answers, values, line, color=colour, marker=mark, markersize=4, label=way)
            if way == "asked and adapted":
                low, high = ([float(row[end]) for row in own] for end in ("low", "high"))
                axis.fill_between(answers, low, high, color=colour, alpha=0.15, linewidth=0)
        axis.set_title(f"{name}, expert-assisted", loc="left")
        axis.set_xlabel("answers a record")
    axes[0].set_ylabel("F1, detected peaks")
    axes[1].legend(loc="lower right", fontsize=7)
    figure.savefig(docs / "images" / "corrections.png")
