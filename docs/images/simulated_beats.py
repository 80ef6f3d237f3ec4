"""Draw simulated-beats.png: one beat of each class among normal ones, on ECG paper.

Run ``python docs/images/simulated_beats.py`` (needs matplotlib, from the extra ``train``).
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from ectopy.classes import AAMI, AAMI_NAMES, COLOURS
from ectopy.recordings.simulation.simulate import SimulationParameters, draw_patient, simulate

SYMBOLS = {"N": "N", "A": "S", "J": "S", "V": "V", "F": "F", "/": "Q", "Q": "Q"}
SHOWN = ("N", "A", "V", "F", "/")
FS_HZ, HALF_S = 500, 3
SEED = 3

rng = np.random.default_rng(SEED)
recording, beats = simulate(
    1200,
    rng=rng,
    fs_hz=FS_HZ,
    leads=("II",),
    patient=draw_patient(rng, heart_rate_bpm=72),
    parameters=SimulationParameters(
        s_share=0.05, v_share=0.05, f_share=0.03, q_share=0.05, muscle_mv=0.006, wander_mv=0.04
    ),
)
classes = np.array([SYMBOLS[symbol] for symbol in beats.symbols])
figure, axes = plt.subplots(5, 1, figsize=(7.6, 12.6), facecolor="white", layout="constrained")
for ax, symbol in zip(axes, SHOWN, strict=True):
    name = SYMBOLS[symbol]
    colour = COLOURS[AAMI.index(name)]
    alone = [
        i
        for i in np.flatnonzero(beats.symbols == symbol)
        if 6 < i < len(beats) - 6 and (np.delete(classes[i - 3 : i + 4], 3) == "N").all()
    ]
    centre = beats.samples[alone[0]]
    start, stop = centre - HALF_S * FS_HZ, centre + HALF_S * FS_HZ
    # 25 mm/s and 10 mm/mV: small squares of 0.04 s and 0.1 mV, large ones of 0.2 s and 0.5 mV.
    ax.set(xlim=(0, 2 * HALF_S), ylim=(-1.5, 3), aspect=0.2 / 0.5)
    ax.set_xticks(np.arange(0, 2 * HALF_S + 0.01, 0.2))
    ax.set_xticks(np.arange(0, 2 * HALF_S + 0.01, 0.04), minor=True)
    ax.set_yticks(np.arange(-1.5, 3.01, 0.5))
    ax.set_yticks(np.arange(-1.5, 3.01, 0.1), minor=True)
    ax.grid(which="minor", color="#f6d5d5", linewidth=0.3)
    ax.grid(which="major", color="#eaa9a9", linewidth=0.6)
    ax.tick_params(which="both", length=0, labelbottom=False, labelleft=False)
    ax.plot(np.arange(stop - start) / FS_HZ, recording.read(start, stop)[0], "#222222", lw=0.9)
    for sample, beat in zip(beats.samples, classes, strict=True):
        if start + 50 < sample < stop - 50:
            ax.text(
                (sample - start) / FS_HZ, 2.55, beat, ha="center", weight="bold",
                color=COLOURS[AAMI.index(beat)],
            )  # fmt: skip
    ax.set_title(f"{name}: {AAMI_NAMES[name]}", loc="left", fontsize=10, color=colour)
    ax.text(5.95, -1.38, "SIMULATED, lead II, 25 mm/s, 10 mm/mV", ha="right", fontsize=7.5)
figure.savefig(Path(__file__).with_name("simulated-beats.png"), dpi=80)
