from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from ectopy.errors import ConfigError
from ectopy.explain import gradcam
from ectopy.explain.checks import agreement, bootstrap, check, similarity
from ectopy.explain.curves import bridge, curves, kept_samples, rolled
from ectopy.explain.network import predictor
from ectopy.explain.outputs import write_explanations

Trained = tuple[Any, np.ndarray, np.ndarray]


def no_model_in_it(model: Any, X: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Give the "Grad-CAM" of the published script: the beat itself, times a ramp."""
    return (np.abs(X) * np.linspace(0.1, 1, X.shape[1])).astype(np.float32)


def test_gradcam_passes_and_a_map_without_a_model_fails(trained: Trained) -> None:
    model, X, y = trained
    before = [weight.copy() for weight in model.get_weights()]
    verdict = check(gradcam, model, X, y, rng=np.random.default_rng(0), draws=4)
    assert verdict.passed, verdict.reasons
    assert verdict.randomisation["layers"][0] == "classes"
    assert verdict.randomisation["layers"][-1] == "conv_1"
    assert verdict.randomisation["similarity"][-1] < 0.3
    assert verdict.deletion["area"] < verdict.deletion["area_random"]
    assert verdict.insertion["area"] > verdict.insertion["area_random"]
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)

    fake = check(no_model_in_it, model, X, y, rng=np.random.default_rng(0), draws=2)
    assert not fake.passed
    assert not fake.randomisation["passed"]
    np.testing.assert_allclose(fake.randomisation["similarity"], 1)
    assert not fake.class_sensitivity["passed"]
    assert "does not show what the model learnt" in fake.reasons[0]


def test_random_maps_gain_nothing(trained: Trained) -> None:
    model, X, y = trained

    def noise(model: Any, X: np.ndarray, classes: np.ndarray) -> np.ndarray:
        return np.random.default_rng(5).random(X.shape).astype(np.float32)

    verdict = check(noise, model, X, y, rng=np.random.default_rng(0), draws=2)
    assert not verdict.deletion["passed"]
    assert not verdict.insertion["passed"]


def test_no_map_of_a_model_that_says_one_thing_only_passes(trained: Trained) -> None:
    model, X, y = trained
    learnt = model.get_weights()
    try:
        kernel, bias = model.layers[-1].get_weights()
        model.layers[-1].set_weights([kernel * 1e-3, bias * 0])
        verdict = check(gradcam, model, X, y, rng=np.random.default_rng(0), draws=1)
    finally:
        model.set_weights(learnt)
    assert 0 < verdict.deletion["difference"] < 0.01
    assert not verdict.deletion["passed"]
    assert not verdict.insertion["passed"]


def test_a_model_agrees_with_itself_and_less_with_chance(trained: Trained) -> None:
    model, X, y = trained
    found = agreement(gradcam, [model, model], X, y, rng=np.random.default_rng(0))
    assert found["similarity"] == pytest.approx(1, abs=1e-6)
    assert found["chance"] < 0.3
    with pytest.raises(ConfigError, match="two models"):
        agreement(gradcam, [model], X, y, rng=np.random.default_rng(0))


def test_curves_begin_and_end_where_they_must(trained: Trained) -> None:
    model, X, y = trained
    predict = predictor(model)
    maps = gradcam(model, X, y)
    p = predict(X)[np.arange(len(y)), y]
    deleted = curves(predict, X, maps, y, delete=True)
    inserted = curves(predict, X, maps, y, delete=False)
    np.testing.assert_allclose(deleted[:, 0], p, atol=1e-5)
    np.testing.assert_allclose(inserted[:, -1], p, atol=1e-5)
    np.testing.assert_allclose(deleted[:, -1], inserted[:, 0], atol=1e-5)


@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_bridges_are_straight_lines_between_what_is_kept(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(3, n)).astype(np.float32)
    kept = rng.random((3, n)) < 0.4
    kept[0, rng.integers(n)] = True
    kept[2] = False
    filled = bridge(X, kept)
    np.testing.assert_array_equal(filled[kept], X[kept])
    np.testing.assert_allclose(filled[2], X[2].mean(), rtol=1e-5)
    place = np.flatnonzero(kept[0])
    np.testing.assert_allclose(filled[0], np.interp(np.arange(n), place, X[0, place]), atol=1e-5)


def test_the_highest_samples_go_first() -> None:
    maps = np.array([[0.1, 0.9, 0.5, 0.2]], dtype=np.float32)
    assert kept_samples(maps, 0.5, delete=True).tolist() == [[True, False, False, True]]
    assert kept_samples(maps, 0.25, delete=False).tolist() == [[False, True, False, False]]


def test_rolled_maps_keep_their_values(rng: np.random.Generator) -> None:
    maps = rng.random((20, 30)).astype(np.float32)
    moved = rolled(maps, rng)
    np.testing.assert_array_equal(np.sort(moved, axis=1), np.sort(maps, axis=1))
    assert not (moved == maps).all(axis=1).any()


def test_similarity_is_spearmans(rng: np.random.Generator) -> None:
    a, b = np.round(rng.random((2, 4, 25)), 1)  # with ties
    wanted = [spearmanr(x, y).statistic for x, y in zip(a, b, strict=True)]
    np.testing.assert_allclose(similarity(a, b), wanted)
    assert similarity(np.zeros((1, 9)), rng.random((1, 9))).tolist() == [0.0]


def test_bootstrap_covers_the_mean(rng: np.random.Generator) -> None:
    values = rng.normal(2, 1, 400)
    low, high = bootstrap(values, rng)
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 / 20, rel=0.2)


def test_a_study_keeps_maps_and_verdict(trained: Trained, tmp_path: Path) -> None:
    model, X, y = trained
    told = write_explanations(tmp_path, [model, model], X, y, rng=np.random.default_rng(1))
    assert told == json.loads((tmp_path / "explanation_checks.json").read_text())
    assert told["layer"] == "conv_3"
    assert told["seeds"]["n_models"] == 2
    with np.load(tmp_path / "explanations.npz") as kept:
        assert kept["y_true"].tolist() == [0, 0, 1, 1, 2, 2]
        np.testing.assert_allclose(
            kept["maps"], gradcam(model, kept["X"], kept["y_true"]), atol=1e-5
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "explanation_checks.json",
        "explanations.npz",
    ]


def test_too_little_to_check_is_said(trained: Trained) -> None:
    model, X, y = trained
    with pytest.raises(ConfigError, match="1 beats"):
        check(gradcam, model, X[:1], y[:1], rng=np.random.default_rng(0))
