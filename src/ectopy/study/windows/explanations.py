"""Explanations of a study's models, and their checks, on its test beats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ectopy.datasets import BeatDataset
from ectopy.study.windows.results import Outcomes, chosen


def explain(dataset: BeatDataset, outcomes: Outcomes, folder: Path, *, quick: bool = False) -> None:
    """Write ``explanations.npz`` and ``explanation_checks.json`` of the model that is handed on.

    Parameters
    ----------
    dataset : BeatDataset
        All beats.
    outcomes : mapping of Unit to Outcome
        Trainings under the study's own protocol. The model handed on is explained on its own test
        beats; the models of the other seeds say how far maps depend on the seed.
    folder : Path
        The run folder.
    quick : bool
        Check the maps on few beats only; the report says on how many.
    """
    import keras

    from ectopy.explain.outputs import write_explanations

    best = chosen(outcomes)
    (unit,) = (unit for unit, outcome in outcomes.items() if outcome is best)
    others = [o for u, o in outcomes.items() if u.seed != unit.seed and u.fold == unit.fold]
    write_explanations(
        folder,
        [keras.models.load_model(outcome.model, compile=False) for outcome in (best, *others)],
        dataset.X[best.test],
        dataset.y[best.test],
        features={name: values[best.test] for name, values in dataset.features.items()},
        rng=np.random.default_rng([unit.seed, 2]),  # 2: apart from those of split and training
        quick=quick,
    )
