"""The embedded data sets: simulated patients, always there, never evidence."""

from __future__ import annotations

import hashlib
import os
from typing import Final

import numpy as np

from ectopy.beats import aami
from ectopy.beats.windows import Window
from ectopy.classes import AAMI
from ectopy.datasets.dataset import BeatDataset
from ectopy.datasets.source import Source
from ectopy.errors import ConfigError

PATIENTS: Final = 20
DURATION_S: Final = 240.0
"""Twenty patients of four minutes make about as many beats as ECG5000 has."""

TEST_SHARE: Final = 0.3
"""Share of the patients that are test patients; none is in both parts."""

_SIMULATED_AT_HZ: Final = 250.0
_LEADS: Final = ("MLII",)


def load(
    name: str,
    data_dir: str | os.PathLike[str] | None = None,
    *,
    seed: int = 0,
    patients: int = PATIENTS,
    duration_s: float = DURATION_S,
) -> BeatDataset:
    """Simulate patients and cut their beats.

    Parameters
    ----------
    name : {"simulated-140", "simulated-187"}
        Beats like ECG5000's (140 samples around the R peak, z-normalised) or like those of the
        Kaggle CSVs (187 samples from the R peak on, in [0, 1], zero-padded); both at 125 Hz.
    data_dir : path, optional
        Not used: nothing is read.
    seed : int
        The same seed gives the same beats.
    patients : int
        Number of patients, two or more; the last 30 % of them are the test part.
    duration_s : float
        Length of each recording in seconds.

    Returns
    -------
    BeatDataset
        Classes N S V F Q, one group a patient, ``simulated`` true.
    """
    from ectopy.recordings.simulation.simulate import SimulationParameters, simulate

    if patients < 2:
        raise ConfigError(f"{name} was asked for {patients} patients, expected two or more")
    window = WINDOWS[name]
    # More ectopy than in MIT-BIH, so that every class has tens of beats in either part.
    parameters = SimulationParameters(s_share=0.07, v_share=0.09, f_share=0.03, q_share=0.03)
    beats, labels = [], []
    for rng in np.random.default_rng(seed).spawn(patients):
        recording, annotations = simulate(
            duration_s, rng=rng, fs_hz=_SIMULATED_AT_HZ, leads=_LEADS, parameters=parameters
        )
        beats.append(window.beats(recording.read()[0], recording.fs_hz, annotations.samples))
        labels.append(aami.to_classes(annotations.symbols))
    n_test = min(max(round(patients * TEST_SHARE), 1), patients - 1)
    names = [f"patient-{number:02d}" for number in range(1, patients + 1)]
    parts = ["train"] * (patients - n_test) + ["test"] * n_test
    sizes = [len(y) for y in labels]
    X = np.ascontiguousarray(np.concatenate(beats))
    return BeatDataset(
        name=name,
        X=X,
        y=np.concatenate(labels),
        classes=AAMI,
        groups=np.repeat(names, sizes),
        part=np.repeat(parts, sizes),
        fs_hz=window.fs_hz,
        leads=_LEADS,
        window=window,
        simulated=True,
        provenance=f"SIMULATED: {patients} simulated patients of {duration_s:g} s, seed {seed}, "
        f"{X.shape[1]} samples a beat",
        checksums={name: hashlib.sha256(X.tobytes()).hexdigest()},
        caveats=(
            "SIMULATED: no heart was recorded. A figure on these beats shows that the programs "
            "work, and nothing about how a model does on patients.",
        ),
    )


WINDOWS: Final = {
    "simulated-140": Window(cut="centred", n_samples=140, z_normalised=True),
    "simulated-187": Window(cut="kachuee"),
}


def _source(name: str, summary: str) -> Source:
    def loader(data_dir: str | os.PathLike[str] | None = None, **options: object) -> BeatDataset:
        return load(name, data_dir, **options)  # type: ignore[arg-type]  # checked by the registry

    return Source(summary=summary, load=loader, options=("seed", "patients", "duration_s"))


LIKE_ECG5000: Final = _source("simulated-140", "SIMULATED patients, cut like ECG5000")
LIKE_MITBIH: Final = _source("simulated-187", "SIMULATED patients, cut like the Kaggle CSVs")
