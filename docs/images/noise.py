"""Draw noise.png from docs/results/noise.json: python docs/images/noise.py (from the root)."""

from __future__ import annotations

import json
from pathlib import Path

from matplotlib import colormaps
from matplotlib.figure import Figure

from ectopy.report.style import drawing

HERE = Path(__file__)
rows = json.loads((HERE.parents[1] / "results" / "noise.json").read_text(encoding="utf-8"))
clean = next(row for row in rows if not row["noise"])
kinds = list(dict.fromkeys(row["noise"] for row in rows if row["noise"]))
shades = colormaps["viridis"]
with drawing():
    figure = Figure(figsize=(7.2, 2.9), dpi=200, layout="constrained")
    axes = figure.subplots(1, len(kinds), sharex=True, sharey=True)
    for axis, kind in zip(axes, kinds, strict=True):
        own = [row for row in rows if row["noise"] == kind]
        for place, row in enumerate([clean, *own]):
            label = "as recorded" if row is clean else f"{row['level_db']} dB"
            colour = "black" if row is clean else shades(0.95 - 0.95 * place / len(own))
            share, risk = zip(*row["curve"], strict=True)
            axis.plot(
                [100 * x for x in share], [100 * y for y in risk], color=colour, label=label, lw=1.2
            )
            axis.plot(
                100 * row["certain"], 100 * row["wrong_certain"], "o", color=colour, markersize=4
            )
        axis.set_title(kind, loc="left")
        axis.set_xlabel("beats decided, %")
    axes[0].set_ylabel("of these wrong, %")
    axes[0].set_ylim(0, 27)
    axes[1].legend(loc="upper left", fontsize=7)
    figure.savefig(HERE.with_suffix(".png"))
