"""Draw augmentation.png: python docs/images/augmentation.py (from the repository's root)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from ectopy.classes import COLOURS
from ectopy.datasets import load
from ectopy.report.style import drawing
from ectopy.training.augment import augment
from ectopy.training.recipe import Augmentation

PANELS = {
    "time scaling, scale = 0.15": Augmentation(scale=0.15),
    "time shifting, shift = 0.10": Augmentation(shift=0.10),
    "additive noise, noise = 0.20": Augmentation(noise=0.20),
    "all three": Augmentation(scale=0.15, shift=0.10, noise=0.20),
}
COPIES = 8

data = load("simulated-140")
beat = data.X[np.flatnonzero(data.y == 0)[3]]
rng = np.random.default_rng(1)
with drawing():
    figure = Figure(figsize=(6.6, 4.2), dpi=200, layout="constrained")
    axes = figure.subplots(2, 2, sharex=True, sharey=True)
    for axis, (title, settings) in zip(axes.flat, PANELS.items(), strict=True):
        for changed in augment(np.tile(beat, (COPIES, 1)), settings, rng):
            axis.plot(changed, color=COLOURS[1], linewidth=0.8, alpha=0.8)
        axis.plot(beat, color=COLOURS[0], linewidth=1.6)
        axis.set_title(title, loc="left")
    for axis in axes[1]:
        axis.set_xlabel("sample")
    for axis in axes[:, 0]:
        axis.set_ylabel("amplitude (normalised)")
    axes[0, 0].plot([], [], color=COLOURS[0], label="the beat")
    axes[0, 0].plot([], [], color=COLOURS[1], label=f"{COPIES} changed copies")
    axes[0, 0].legend(loc="upper right")
    figure.suptitle("What augmentation does to one SIMULATED normal beat", x=0.01, ha="left")
    figure.savefig(Path(__file__).with_suffix(".png"))
