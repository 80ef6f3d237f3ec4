"""Trees from strips, and what they say of strips that they have not seen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.evaluation.strip_figures import strip_figures
from ectopy.runtime.rhythm.strip_model import AF, OTHER, STRIP_KINDS
from ectopy.training.rhythm.recipe import StripRecipe
from ectopy.training.rhythm.strip_examples import Strip, kinds_of, stacked

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

WEIGHTS_OF_AF: Final = tuple(np.exp(np.arange(-0.4, 1.01, 0.1)))
WEIGHTS_OF_OTHER: Final = tuple(np.exp(np.arange(0, 0.81, 0.1)))
"""What the probabilities of the two may weigh when a kind is chosen; the others weigh 1."""
BINS: Final = 48  # of each measure: with more, training takes four times as long for nothing


def fit_strips(strips: Sequence[Strip], recipe: StripRecipe, seed: int) -> list[Any]:
    """Train some models that differ in their seed alone; their mean is steadier than one.

    Returns
    -------
    list of sklearn.ensemble.HistGradientBoostingClassifier
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    measures, who = stacked(strips)
    n_parts = np.array([len(strip.parts) for strip in strips])
    whose = np.concatenate([who, np.repeat(np.arange(len(strips)), n_parts)])
    # Windows of one strip resemble each other.
    share = np.concatenate(
        [
            1 / np.sqrt(np.bincount(who))[who],
            np.repeat(recipe.parts / np.sqrt(n_parts.clip(1)), n_parts),
        ]
    )
    measures = np.concatenate([measures, *(strip.parts for strip in strips)])
    return [
        HistGradientBoostingClassifier(
            max_iter=recipe.trees,
            max_leaf_nodes=recipe.leaves,
            learning_rate=recipe.learning_rate,
            max_features=recipe.features,
            l2_regularization=recipe.l2,
            min_samples_leaf=recipe.fewest,
            max_bins=BINS,
            early_stopping=False,
            random_state=seed + number,
        ).fit(measures, kinds_of(strips)[whose], sample_weight=share)
        for number in range(recipe.models)
    ]


def ask(models: Sequence[Any], strips: Sequence[Strip]) -> Float64:
    """Give the probabilities of strips, shape (n_strips, 4), as the runtime does."""
    measures, who = stacked(strips)
    scores = np.mean([model.decision_function(measures) for model in models], axis=0)
    scores = scores - scores.max(axis=1, keepdims=True)
    scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
    scores = np.maximum(scores, np.log(1e-6))
    total = np.zeros((len(strips), scores.shape[1]))
    np.add.at(total, who, scores)
    found = np.exp(total / np.bincount(who)[:, None])
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def left_out(strips: Sequence[Strip], recipe: StripRecipe, seed: int) -> Float64:
    """Give the probabilities of each strip by models trained without its fold."""
    fold = folds(kinds_of(strips), recipe.folds, seed)
    told = np.zeros((len(strips), len(STRIP_KINDS)))
    for own in range(recipe.folds):
        models = fit_strips([strips[i] for i in np.flatnonzero(fold != own).tolist()], recipe, seed)
        here = np.flatnonzero(fold == own).tolist()
        told[here] = ask(models, [strips[i] for i in here])
    return told


def folds(kinds: Int64, n: int, seed: int) -> Int64:
    """Share strips out to folds, each kind evenly."""
    rng = np.random.default_rng(seed)
    fold = np.empty(len(kinds), dtype=np.int64)
    for kind in range(len(STRIP_KINDS)):
        own = np.flatnonzero(kinds == kind)
        fold[own] = rng.permutation(len(own)) % n
    return fold


def choose_decision(probabilities: Float64, kinds: Int64) -> tuple[float, ...]:
    """Choose what probabilities weigh: best by the mean F1 of the Challenge and that of AF."""

    def weights(of_af: float, of_other: float) -> tuple[float, ...]:
        found = [1.0] * len(STRIP_KINDS)
        found[AF], found[OTHER] = round(float(of_af), 3), round(float(of_other), 3)
        return tuple(found)

    def worth(decision: tuple[float, ...]) -> float:
        called = (probabilities * decision).argmax(axis=1)
        f1 = strip_figures(kinds, called, STRIP_KINDS, n_resamples=1)["f1"]
        return float(f1["mean"] + f1["AF"])

    return max((weights(*one) for one in product(WEIGHTS_OF_AF, WEIGHTS_OF_OTHER)), key=worth)
