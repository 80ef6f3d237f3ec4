"""What a study keeps of its explanations: some maps, and what the checks said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.explain import checks, network
from ectopy.explain.methods import map_function
from ectopy.files import atomic_path, atomic_write
from ectopy.models.inputs import NO_FEATURES, Features, arrange, signal_place

_SHOWN: Final = 2  # beats a class in the figure
_CHECKED: Final = 40  # beats a class in the checks: intervals of about ±0.03 on the areas
_CHECKED_QUICKLY: Final = 12  # the same in a quick look: about ±0.06


def write_explanations(
    run_dir: str | Path,
    models: Sequence[Any],
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    rng: np.random.Generator,
    method: str = "gradcam",
    layer: str | None = None,
    quick: bool = False,
    features: Features = NO_FEATURES,
) -> dict[str, Any]:
    """Explain test beats of a run, check the maps, and write both into its folder.

    Parameters
    ----------
    run_dir : path
        The run folder; gets ``explanations.npz`` and ``explanation_checks.json``.
    models : sequence of keras.Model
        The run's models, one a seed; the first is explained, all are compared.
    X : array, shape (n_beats, n_samples) or (n_beats, n_samples, n_leads)
        Test beats, by the protocol of the run; drawn from at random, class by class.
    y : array of int, shape (n_beats,)
        Their classes.
    rng : numpy.random.Generator
        Chooses beats, and serves the checks.
    method, layer : str
        See `ectopy.explain.methods.map_function`.
    quick : bool
        Check few beats, with one random draw.
    features : mapping of str to ndarray, shapes (n_beats, n_values)
        Features of the test beats, for models that ask for some.

    Returns
    -------
    dict
        What ``explanation_checks.json`` holds.
    """
    folder = Path(run_dir)
    arrays = arrange(models[0], np.asarray(X, dtype=np.float32), features)
    beats = network.plain(arrays)
    signal = network.one_lead(arrays[signal_place(models[0])])
    classes = np.asarray(y, dtype=np.int64)
    draw = map_function(method, layer)
    if method == "gradcam":
        layer = ", ".join(network.chosen_convolutions(models[0], layer))
    shown = some_of_each(classes, _SHOWN, rng)
    p = network.predictor(models[0])(network.rows_of(beats, shown))
    with atomic_path(folder / "explanations.npz") as path, path.open("wb") as file:
        np.savez_compressed(
            file,
            X=signal[shown],
            maps=draw(models[0], network.rows_of(beats, shown), classes[shown]),
            y_true=classes[shown],
            y_pred=p.argmax(axis=1),
            p=p,
            method=method,
            layer=layer or "",
        )
    tested = some_of_each(classes, _CHECKED_QUICKLY if quick else _CHECKED, rng)
    some = network.rows_of(beats, tested)
    verdict = checks.check(draw, models[0], some, classes[tested], rng=rng, draws=1 if quick else 2)
    told = {"method": method, "layer": layer or "", **verdict.to_json()}
    if len(models) > 1:
        told["seeds"] = checks.agreement(draw, models, some, classes[tested], rng=rng)
    atomic_write(folder / "explanation_checks.json", json.dumps(told, indent=1) + "\n")
    return told


def some_of_each(
    y: npt.NDArray[np.int64], n: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw up to ``n`` beats of each class, in class order."""
    picks = [
        rng.choice(pool, min(n, len(pool)), replace=False)
        for pool in (np.flatnonzero(y == label) for label in np.unique(y))
    ]
    return np.concatenate(picks).astype(np.int64)
