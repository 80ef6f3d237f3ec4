"""How fast beats are explained and a run's figures are drawn."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

PUBLISHED = 10  # the first figures of the registry are those of the published repository


def time_gradcam(beats: int, repeats: int) -> list[float]:
    """Time Grad-CAM of the 1D-CNN on beats of 187 samples; the first run is not counted.

    Parameters
    ----------
    beats : int
        Beats to explain.
    repeats : int
        Runs.

    Returns
    -------
    list of float
        Seconds of each run.
    """
    from ectopy.explain import gradcam
    from ectopy.models import registry

    model = registry.build("cnn1d", 187, 5, seed=0)
    X = np.random.default_rng(0).random((beats, 187), dtype=np.float32)
    times = []
    for _ in range(repeats + 1):
        begin = time.perf_counter()
        gradcam(model, X)
        times.append(time.perf_counter() - begin)
    return times[1:]


def time_figures(run_dir: str | Path) -> dict[str, float]:
    """Time the ten published figures of a run, at full size, import included.

    Returns
    -------
    dict of str to float
        Seconds, and ``figures``, how many of the ten the run has files for.

    Raises
    ------
    DataNotFoundError
        If the folder is not that of a finished run.
    """
    begin = time.perf_counter()
    from ectopy.report.figures import FIGURES, write
    from ectopy.report.results import Results

    results = Results.load(run_dir)
    with tempfile.TemporaryDirectory() as folder:
        drawn = write(results, Path(folder), tuple(FIGURES)[:PUBLISHED], for_page=False)
    return {"seconds": time.perf_counter() - begin, "figures": len(drawn)}
