from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from ectopy.errors import ConfigError, ModelError
from ectopy.explain import gradcam, integrated_gradients, occlusion
from ectopy.explain.gradcam import stretch
from ectopy.explain.methods import METHODS, map_function
from ectopy.explain.network import chosen_convolutions, convolutions, predictor
from ectopy.models import registry

N_SAMPLES = 96  # as the beats of conftest.py
Trained = tuple[Any, np.ndarray, np.ndarray]


def by_hand(model: keras.Model, x: np.ndarray, index: int, layer: str) -> np.ndarray:
    """Grad-CAM of one beat from the weights after the layer, without any gradient tape.

    For the last convolution of ``cnn1d`` the score is linear in the pooled features but for one
    ReLU, so that its gradient can be written down.
    """
    names = {item.name: item for item in model.layers}
    features = keras.Model(model.input, names[layer].output)(x[None, :, None]).numpy()[0]
    norm, hidden, classes = names["norm_3"], names["hidden"], names["classes"]
    slope = norm.gamma.numpy() / np.sqrt(norm.moving_variance.numpy() + norm.epsilon)
    pooled = (features * slope).mean(axis=0) + (
        norm.beta.numpy() - norm.moving_mean.numpy() * slope
    )
    open_units = pooled @ hidden.kernel.numpy() + hidden.bias.numpy() > 0
    onward = hidden.kernel.numpy() @ (open_units * classes.kernel.numpy()[:, index])
    return np.maximum(features @ (slope * onward), 0)


def test_gradcam_is_what_the_weights_say(trained: Trained) -> None:
    model, X, y = trained
    maps = gradcam(model, X[:5], y[:5], "conv_3")
    for row in range(5):
        steps = by_hand(model, X[row], y[row], "conv_3")
        wanted = stretch(steps[None].astype(np.float32), N_SAMPLES)[0]
        np.testing.assert_allclose(maps[row], wanted / wanted.max(), atol=1e-4)


def test_maps_depend_on_the_class_and_not_on_the_batch(trained: Trained) -> None:
    model, X, _ = trained
    many = np.tile(X, (5, 1))  # 600 beats: more than one batch
    maps = gradcam(model, many, 1)
    np.testing.assert_allclose(maps[480:], maps[:120], atol=1e-5)
    assert np.abs(maps[:120] - gradcam(model, X, 0)).max() > 0.5
    assert maps.min() >= 0
    assert maps.max() == 1


def test_none_explains_the_predicted_class(trained: Trained) -> None:
    model, X, _ = trained
    predicted = predictor(model)(X).argmax(axis=1)
    np.testing.assert_allclose(gradcam(model, X), gradcam(model, X, predicted), atol=1e-6)


def test_the_map_of_a_normal_beat_finds_its_p_wave(trained: Trained) -> None:
    """Only the P wave tells class 0 from class 2, so hiding it must cost the most."""
    model, X, y = trained
    normal = X[y == 0][:16]
    r = normal.argmax(axis=1)
    place = np.arange(N_SAMPLES)
    p_wave = np.abs(place - (r[:, None] - 16)) <= 5
    falls = occlusion(model, normal, 0)
    assert falls[p_wave].mean() > 2 * falls[~p_wave].mean()
    shares = integrated_gradients(model, normal, 0, steps=8) - integrated_gradients(
        model, normal, 2, steps=8
    )
    assert shares[p_wave].mean() > 2 * shares[~p_wave].mean()


def test_integrated_gradients_add_up_to_the_score(trained: Trained) -> None:
    model, X, y = trained
    logits = keras.Model(model.input, model.layers[-1].input)
    last = model.layers[-1]

    def score(beats: np.ndarray) -> np.ndarray:
        z = logits(beats[..., None]).numpy() @ last.kernel.numpy() + last.bias.numpy()
        return z[np.arange(len(beats)), y[:20]]

    total = integrated_gradients(model, X[:20], y[:20], steps=32).sum(axis=1)
    wanted = score(X[:20]) - score(np.zeros_like(X[:20]))
    np.testing.assert_allclose(total, wanted, atol=0.05 * np.abs(wanted).max())


def test_every_convolution_of_every_model() -> None:
    X = np.random.default_rng(0).normal(size=(3, 140)).astype(np.float32)
    for name in registry.MODELS:
        model = registry.build(name, 140, 5, seed=0)
        for layer in convolutions(model):
            assert gradcam(model, X, 2, layer).shape == (3, 140)
        (chosen,) = chosen_convolutions(model).values()
        assert int(chosen.output.shape[1]) >= 12


def test_a_model_of_models_is_explained_inside() -> None:
    members = [registry.build("cnn1d", 60, 3, seed=s, filters=(4, 4, 4)) for s in (0, 1)]
    members[1].name = "second"
    beat = keras.Input((60, 1))
    mean = keras.layers.Average()([member(beat) for member in members])
    X = np.random.default_rng(0).normal(size=(4, 60)).astype(np.float32)
    both = keras.Model(beat, mean)
    inner = ("cnn1d/conv_3", "second/conv_3")
    assert list(chosen_convolutions(both)) == list(inner)
    maps = [gradcam(both, X, [0, 1, 2, 0], name, scale=False) for name in (None, *inner)]
    np.testing.assert_allclose(maps[0], maps[1] + maps[2], rtol=1e-5)
    assert maps[1].max() > 0
    assert maps[2].max() > 0
    assert np.abs(maps[1] - maps[2]).max() > 0


def test_softmax_as_a_layer_of_its_own_gives_the_same_map(trained: Trained) -> None:
    model, X, y = trained
    last = model.layers[-1]
    linear = keras.layers.Dense(3, name="linear")
    two = keras.Model(
        model.input, keras.layers.Softmax()(linear(model.layers[-2].output)), name="two"
    )
    linear.set_weights(last.get_weights())
    np.testing.assert_allclose(gradcam(two, X, y), gradcam(model, X, y), atol=1e-5)


def test_the_model_is_left_as_it_was(trained: Trained) -> None:
    model, X, _ = trained
    gradcam(model, X[:2])
    assert all("call" not in vars(layer) for layer in model.layers)


def test_stretch_keeps_the_middle_of_each_step() -> None:
    steps = np.array([[0.0, 1.0, 0.0, 0.5]], dtype=np.float32)
    long = stretch(steps, 20)
    np.testing.assert_allclose(long[0, [2, 7, 12, 17]], steps[0], atol=1e-6)
    np.testing.assert_allclose(long[0, :3], 0)
    np.testing.assert_array_equal(stretch(steps, 4), steps)
    np.testing.assert_array_equal(stretch(steps[:, 1:2], 3), np.ones((1, 3)))


@pytest.mark.parametrize("method", list(METHODS))
def test_methods_give_maps_from_zero_to_one(trained: Trained, method: str) -> None:
    model, X, y = trained
    maps = map_function(method)(model, X[:6], y[:6])
    assert maps.shape == (6, N_SAMPLES)
    assert maps.min() >= 0
    np.testing.assert_allclose(maps.max(axis=1), 1)


def test_what_cannot_be_explained_is_named(trained: Trained) -> None:
    model, X, _ = trained
    with pytest.raises(ModelError, match="conv_1, conv_2, conv_3"):
        gradcam(model, X, layer="conv_9")
    with pytest.raises(ModelError, match=r"\(120, 95, 1\).*96"):
        gradcam(model, X[:, 1:])
    with pytest.raises(ConfigError, match="0 to 2"):
        gradcam(model, X, 3)
    with pytest.raises(ConfigError, match="the methods are gradcam"):
        map_function("lime")
    with pytest.raises(ConfigError, match="leave it out"):
        map_function("occlusion", "conv_1")
    dense = keras.Sequential([keras.Input((5,)), keras.layers.Dense(2, activation="softmax")])
    with pytest.raises(ModelError, match="no one-dimensional convolution"):
        gradcam(dense, np.zeros((1, 5)))
