"""`fit`: gradient-boosted trees from examples (scikit-learn)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.training.rhythm.recipe import RhythmRecipe

Example = tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]


def fit(examples: Sequence[Example], recipe: RhythmRecipe, seed: int) -> Any:
    """Train on the places of some records.

    Returns
    -------
    sklearn.ensemble.HistGradientBoostingClassifier
        The same from the same seed.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=recipe.trees,
        max_leaf_nodes=recipe.leaves,
        learning_rate=recipe.learning_rate,
        max_features=recipe.features,
        l2_regularization=1.0,
        min_samples_leaf=30,
        early_stopping=False,
        random_state=seed,
    )
    return model.fit(
        np.concatenate([x for x, _ in examples]), np.concatenate([y for _, y in examples])
    )
