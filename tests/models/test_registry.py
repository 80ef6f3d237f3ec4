"""What every model must do: a new line in the registry gets these tests for free."""

from __future__ import annotations

import inspect
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ectopy.errors import ConfigError
from ectopy.models import registry
from ectopy.models.inputs import call_with

keras = pytest.importorskip("keras")

SIZES = {"cnn-gru-se": (140, 5), "cnn1d": (187, 5)}
FEATURES: dict[str, dict[str, int]] = {}
"""Number of values of each feature that a network asks for."""

NOT_BY_GRADIENT = {"beat-kernels"}  # its trainer sets the weights: tests/training/test_kernels.py


@pytest.fixture(scope="module", params=sorted(registry.MODELS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def trained(name: str) -> tuple[Any, list[np.ndarray]]:
    """Give the model after two gradient steps, and beats it has not seen."""
    _, n_classes = SIZES.get(name, (140, 5))
    generator = np.random.default_rng(3)
    model = build(name, seed=5)
    X = made(model, 64, generator)
    y = generator.integers(0, n_classes, 64)
    before = [weight.copy() for weight in model.get_weights()]
    new = [values[48:] for values in X]
    if name in NOT_BY_GRADIENT:
        return model, new
    model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    seen = call_with(tuple(values[:48] for values in X))
    model.fit(seen, y[:48], batch_size=24, verbose=0)
    changed = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert all(changed), "a weight did not move in training"
    return model, new


def build(name: str, *, seed: int, n_leads: int = 1) -> Any:
    n_samples, n_classes = SIZES.get(name, (140, 5))
    features = FEATURES.get(name)
    return registry.build(name, n_samples, n_classes, seed=seed, n_leads=n_leads, features=features)


def made(model: Any, n: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Make up an array for each input of a model."""
    return [rng.normal(size=(n, *x.shape[1:])).astype(np.float32) for x in model.inputs]


def _probabilities(model: Any, X: list[np.ndarray]) -> np.ndarray:
    return np.asarray(model(call_with(tuple(X)), training=False))


def test_gives_a_probability_for_each_class(trained: tuple[Any, list[np.ndarray]]) -> None:
    model, X = trained
    p = _probabilities(model, X)
    assert p.shape == (len(X[0]), model.output_shape[-1])
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)
    assert p.std() > 0


def test_opens_again_with_nothing_passed_by_hand(
    trained: tuple[Any, list[np.ndarray]], tmp_path: Path
) -> None:
    model, X = trained
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(_probabilities(again, X), _probabilities(model, X))


def test_a_beat_s_probabilities_do_not_depend_on_its_batch(
    trained: tuple[Any, list[np.ndarray]],
) -> None:
    model, X = trained
    alone = np.concatenate([_probabilities(model, [x[i : i + 1] for x in X]) for i in range(3)])
    np.testing.assert_allclose(_probabilities(model, X)[:3], alone, atol=1e-5)


def test_it_takes_several_leads_or_says_that_it_does_not(name: str) -> None:
    if "n_leads" not in inspect.signature(registry.MODELS[name]).parameters:
        with pytest.raises(ConfigError, match=f"{name}' takes beats of one lead, these have 3"):
            build(name, seed=0, n_leads=3)
        return
    model = build(name, seed=0, n_leads=3)
    X = made(model, 2, np.random.default_rng(0))
    assert _probabilities(model, X).shape == (2, model.output_shape[-1])


def test_its_options_have_defaults_and_are_documented(name: str) -> None:
    told = inspect.getdoc(registry.MODELS[name]) or ""
    for option, default in registry.options(name).items():
        assert default is not inspect.Parameter.empty
        assert re.search(rf"^(\w+, )*{option}(, \w+)* : ", told, re.MULTILINE), option
    assert "Returns\n-------\nkeras.Model" in told


def test_follows_from_its_seed(name: str) -> None:
    state = random.getstate()
    one, same, other = (build(name, seed=seed).get_weights() for seed in (1, 1, 2))
    assert random.getstate() == state
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="cnn-gru-se, cnn1d"):
        registry.build("resnet", 140, 5, seed=0)
    with pytest.raises(ConfigError, match=r"'width'.*filters, kernels"):
        registry.build("cnn1d", 187, 5, seed=0, width=3)


def test_a_beat_too_short_for_the_network_is_named() -> None:
    with pytest.raises(ConfigError, match="2 samples"):
        registry.build("cnn1d", 2, 5, seed=0)
