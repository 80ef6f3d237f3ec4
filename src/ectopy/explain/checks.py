"""Checks that a map must pass before anyone should look at it.

A map can be beautiful and have nothing to do with the model: the amplitude of the beat, say.
So a map is asked three things. Does it change when what the model learnt is destroyed? Does it
depend on the class it claims to explain? Do the samples it marks matter to the model more than
the same map in a random place?
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from ectopy.errors import ConfigError
from ectopy.explain import curves as perturbation
from ectopy.explain import network
from ectopy.explain.network import Beats, Float32, Int64
from ectopy.models.inputs import signal_place

MapFunction = Callable[[Any, Beats, Int64], Float32]
"""From model, beats as it takes them and the class of each to maps (n, n_samples)."""

Float64 = npt.NDArray[np.float64]

SIMILAR: Final = 0.5
"""Rank correlation above which two maps still tell the same story: a quarter of the variance of
the ranks is shared. A map that ignores the model keeps 1."""

SAME: Final = 0.95
"""Rank correlation above which two maps are one map."""

LEAST_GAIN: Final = 0.01
"""Gain in the mean probability along a curve that is worth the name: one percentage point. Without
it a model that always gives the same answer would pass by a gain of nothing, very surely."""

_RESAMPLES: Final = 1000  # bootstrap draws; the 2.5 % quantile then rests on 25
_LEVEL: Final = 0.95


@dataclass(frozen=True)
class Verdict:
    """What the checks of one kind of map on one model found.

    Attributes
    ----------
    passed : bool
        True if every check passed.
    reasons : tuple of str
        One sentence for each check that did not pass.
    n_beats : int
        Beats that were used.
    randomisation, class_sensitivity, deletion, insertion : dict
        Figures of each check, JSON-ready: see the functions of these names.

    Examples
    --------
    >>> from ectopy.explain import Verdict
    >>> Verdict(False, ("Maps of other classes are the same.",), 40, {}, {}, {}, {}).passed
    False
    """

    passed: bool
    reasons: tuple[str, ...]
    n_beats: int
    randomisation: dict[str, Any]
    class_sensitivity: dict[str, Any]
    deletion: dict[str, Any]
    insertion: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Give everything as what `json.dumps` takes."""
        return {**asdict(self), "reasons": list(self.reasons)}


def check(
    map_function: MapFunction,
    model: Any,
    X: Beats,
    y: npt.ArrayLike,
    *,
    rng: np.random.Generator,
    draws: int = 2,
) -> Verdict:
    """Run every check of a map function on a trained model.

    Parameters
    ----------
    map_function : callable
        ``map_function(model, X, class_index)`` gives maps (n_beats, n_samples).
    model : keras.Model
        A trained model. Its weights are changed on the way and put back.
    X : ndarray, shape (n_beats, n_samples) or (n_beats, n_samples, n_leads), or a list
        Beats not trained on: a few hundred, of every class; a list of arrays for a model with
        several inputs.
    y : array of int, shape (n_beats,)
        Their classes.
    rng : numpy.random.Generator
        For shuffling weights, rolling maps and the bootstrap.
    draws : int
        Times that weights are shuffled and maps are rolled.

    Returns
    -------
    Verdict

    Raises
    ------
    ConfigError
        If there are fewer than two beats, or labels and beats do not match.

    Examples
    --------
    >>> from ectopy.explain import check, gradcam
    >>> from ectopy.models import build
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> model = build("cnn1d", 140, 5, seed=0, filters=(4, 4, 4))
    >>> verdict = check(gradcam, model, data.X[:6], data.y[:6], rng=np.random.default_rng(0))
    >>> verdict.passed, len(verdict.reasons) > 0
    (False, True)
    """
    arrays, place = network.inputs(model, X), signal_place(model)
    beats, signal = network.plain(arrays), network.one_lead(arrays[place])
    classes = np.asarray(y, dtype=np.int64)
    if len(signal) < 2 or classes.shape != (len(signal),):
        raise ConfigError(
            f"checks need two beats or more and a class for each; got {len(signal)} beats and "
            f"labels of shape {classes.shape}"
        )
    maps = map_function(model, beats, classes)
    predict = network.predictor(model)

    def of_signal(changed: Float32) -> Float32:
        if len(arrays) == 1:
            return predict(changed)
        return predict(network.with_signal(arrays, place, changed))

    random = randomisation(map_function, model, beats, classes, rng=rng, draws=draws)
    other = class_sensitivity(map_function, model, beats, classes, maps, predict(beats), rng=rng)
    gains = {
        key: gain(of_signal, signal, maps, classes, delete=key == "deletion", rng=rng, draws=draws)
        for key in ("deletion", "insertion")
    }
    reasons = []
    if not random["passed"]:
        reasons.append(
            f"With every weight shuffled the map keeps a rank correlation of "
            f"{random['similarity'][-1]:.2f} with the trained model's: it does not show what the "
            f"model learnt."
        )
    if not other["passed"]:
        reasons.append(
            f"The map of another class has a rank correlation of {other['similarity']:.2f} with "
            f"the map of the true one: it does not depend on the class."
        )
    for key, verb in (("deletion", "Deleting"), ("insertion", "Showing")):
        if not gains[key]["passed"]:
            reasons.append(
                f"{verb} what the map marks is not reliably better than {verb.lower()} a random "
                f"place (gain {gains[key]['difference']:.3f})."
            )
    return Verdict(not reasons, tuple(reasons), len(signal), random, other, **gains)


def randomisation(
    map_function: MapFunction,
    model: Any,
    X: Beats,
    y: Int64,
    *,
    rng: np.random.Generator,
    draws: int = 2,
) -> dict[str, Any]:
    """Compare the maps with the trained model's while its weights are lost layer by layer.

    From the output to the input each layer's weights are shuffled among themselves, and stay so:
    what was learnt is gone, while their scale remains. Passed if, with all of them shuffled, the
    upper end of the interval of the mean rank correlation is below `SIMILAR`.

    Returns
    -------
    dict
        ``layers`` from the output down, ``similarity`` and ``interval`` at each, ``threshold``,
        ``passed``.

    References
    ----------
    J. Adebayo et al., Sanity checks for saliency maps, NeurIPS 2018.
    """
    trained = map_function(model, X, y)
    layers = [layer for layer in reversed(network.layers_of(model)) if layer.weights]
    found = np.zeros((draws, len(layers), len(y)))
    for draw in range(draws):
        for number in _lost_layer_by_layer(model, layers, rng):
            found[draw, number] = similarity(map_function(model, X, y), trained)
    each = found.mean(axis=0)
    intervals = [bootstrap(values, rng) for values in each]
    return {
        "layers": [layer.name for layer in layers],
        "similarity": each.mean(axis=1).tolist(),
        "interval": [list(interval) for interval in intervals],
        "threshold": SIMILAR,
        "passed": bool(intervals[-1][1] < SIMILAR),
    }


def class_sensitivity(
    map_function: MapFunction,
    model: Any,
    X: Beats,
    y: Int64,
    maps: Float32,
    p: Float32,
    *,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Compare the map of the true class with that of the likeliest other class.

    Passed if the upper end of the interval of the mean rank correlation is below `SAME`: some parts
    of a beat speak about several classes, but a map that is the same for all explains none.
    """
    rivals = p.astype(np.float64).copy()
    rivals[np.arange(len(y)), y] = -1
    values = similarity(map_function(model, X, rivals.argmax(axis=1).astype(np.int64)), maps)
    low, high = bootstrap(values, rng)
    return {
        "similarity": float(values.mean()),
        "interval": [low, high],
        "threshold": SAME,
        "passed": bool(high < SAME),
    }


def gain(
    predict: Callable[[Any], Float32],
    X: Float32,
    maps: Float32,
    y: Int64,
    *,
    delete: bool,
    rng: np.random.Generator,
    draws: int = 2,
) -> dict[str, Any]:
    """Compare the area under the deletion (or insertion) curve with that of rolled maps.

    Passed if the interval of the mean gain, over beats, is above `LEAST_GAIN`.

    Returns
    -------
    dict
        ``fraction``; ``map`` and ``random``, the mean curves, each with its ``_interval``;
        ``area`` and ``area_random``; ``difference`` (positive is better, in both cases) with its
        ``interval``; ``passed``.
    """
    fractions = perturbation.FRACTIONS
    mine = perturbation.curves(predict, X, maps, y, delete=delete)
    chance = np.mean(
        [
            perturbation.curves(predict, X, perturbation.rolled(maps, rng), y, delete=delete)
            for _ in range(draws)
        ],
        axis=0,
    )
    area, area_random = (np.trapezoid(c, fractions, axis=1) for c in (mine, chance))
    better = area_random - area if delete else area - area_random
    low, high = bootstrap(better, rng)
    return {
        "fraction": fractions.tolist(),
        "map": mine.mean(axis=0).tolist(),
        "random": chance.mean(axis=0).tolist(),
        "map_interval": [list(bootstrap(column, rng)) for column in mine.T],
        "random_interval": [list(bootstrap(column, rng)) for column in chance.T],
        "area": float(area.mean()),
        "area_random": float(area_random.mean()),
        "difference": float(better.mean()),
        "interval": [low, high],
        "threshold": LEAST_GAIN,
        "passed": bool(low > LEAST_GAIN),
    }


def agreement(
    map_function: MapFunction,
    models: Sequence[Any],
    X: Beats,
    y: npt.ArrayLike,
    *,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Compare the maps of models that differ in their seed only.

    Returns
    -------
    dict
        ``similarity``, the mean rank correlation over beats and pairs of models, with its
        ``interval``; ``chance``, the same with one of each pair rolled; ``n_models``.

    Raises
    ------
    ConfigError
        If there are fewer than two models.
    """
    if len(models) < 2:
        raise ConfigError(f"agreement needs two models or more, found {len(models)}")
    classes = np.asarray(y, dtype=np.int64)
    maps = [map_function(model, X, classes) for model in models]
    pairs = [(a, b) for a in range(len(maps)) for b in range(a)]
    values = np.mean([similarity(maps[a], maps[b]) for a, b in pairs], axis=0)
    chance = [similarity(maps[a], perturbation.rolled(maps[b], rng)).mean() for a, b in pairs]
    return {
        "similarity": float(values.mean()),
        "interval": list(bootstrap(values, rng)),
        "chance": float(np.mean(chance)),
        "n_models": len(models),
    }


def similarity(a: Float32, b: Float32) -> Float64:
    """Spearman's rank correlation of each pair of maps, 0 where either map is flat."""
    ranks = [rankdata(maps, axis=1) for maps in (a, b)]
    centred = [r - r.mean(axis=1, keepdims=True) for r in ranks]
    above = (centred[0] * centred[1]).sum(axis=1)
    below = np.sqrt((centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1))
    result: Float64 = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return result


def bootstrap(values: Float64, rng: np.random.Generator) -> tuple[float, float]:
    """Interval of a mean over beats: draw as many beats with replacement, again and again."""
    counts = rng.multinomial(len(values), np.full(len(values), 1 / len(values)), size=_RESAMPLES)
    low, high = np.quantile(counts @ values / len(values), [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(low), float(high)


def _lost_layer_by_layer(
    model: Any, layers: Sequence[Any], rng: np.random.Generator
) -> Iterator[int]:
    """Shuffle the weights of one layer more at each turn; put all back at the end."""
    learnt = model.get_weights()
    try:
        for number, layer in enumerate(layers):
            layer.set_weights([_shuffled(weight, rng) for weight in layer.get_weights()])
            yield number
    finally:
        model.set_weights(learnt)


def _shuffled(weight: npt.NDArray[Any], rng: np.random.Generator) -> npt.NDArray[Any]:
    return rng.permutation(weight.ravel()).reshape(weight.shape)
