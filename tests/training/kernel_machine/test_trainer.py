"""Beat kernels: what training finds, and how it fails."""

import numpy as np
import pytest

from ectopy.errors import ConfigError
from ectopy.training.fit import predict
from ectopy.training.kernel_machine.trainer import fit_kernels
from ectopy.training.recipe import Recipe
from ectopy.training.task import Task

keras = pytest.importorskip("keras")

OPTIONS = {"convolutions": 5, "stretched": False}


def _beats(n: int, seed: int, n_classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Give noisy bumps whose place is their class."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    t = np.arange(140)
    X = np.exp(-((t - 30 * (y[:, None] + 1)) ** 2) / 100) + 0.1 * rng.standard_normal((n, 140))
    X = (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True)
    return X.astype(np.float32), y.astype(np.int64)


def _task(**changes) -> Task:
    X, y = _beats(60, 0)
    given = {
        "X": X,
        "y": y,
        "n_classes": 3,
        "model": "beat-kernels",
        "recipe": Recipe(),
        "seed": 0,
        "options": OPTIONS,
    }
    return Task(**(given | changes))


@pytest.fixture(scope="module")
def trained():
    return fit_kernels(_task())


def test_new_beats_are_classified(trained):
    X, y = _beats(90, 1)
    p = predict(trained.model, X)
    assert (p.argmax(axis=1) == y).mean() > 0.95
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)


def test_same_seed_same_model(trained):
    X, _ = _beats(30, 1)
    np.testing.assert_array_equal(predict(fit_kernels(_task()).model, X), predict(trained.model, X))


def test_seed_changes_the_convolutions(trained):
    other = fit_kernels(_task(seed=1))
    ours, theirs = (m.model.get_layer("convolution_1").get_weights()[0] for m in (trained, other))
    assert not np.allclose(ours, theirs)


def test_scores_are_the_kernel_sum(trained):
    """The graph computes exp(-|v - c|^2) of each centre, one for a centre itself."""
    X, _ = _beats(60, 0)
    similarity = keras.Model(trained.model.input, trained.model.get_layer("beat_similarity").output)
    K = similarity.predict_on_batch(X[..., None])
    np.testing.assert_allclose(np.diag(K), 1, atol=1e-4)
    d = ((X[:, None] - X[None]) ** 2).sum(axis=2)
    np.testing.assert_allclose(K, np.exp(-d / np.median(d)), atol=1e-4)


def test_votes_raise_a_class(trained):
    X, _ = _beats(90, 1)
    p = predict(trained.model, X)
    voted = predict(fit_kernels(_task(settings={"votes": (1.0, 1.0, 8.0)})).model, X)
    expected = p * [1, 1, 8]
    np.testing.assert_allclose(voted, expected / expected.sum(axis=1, keepdims=True), atol=1e-5)


def test_fewer_centres_than_beats():
    model = fit_kernels(_task(options=OPTIONS | {"centres": 12})).model
    assert model.get_layer("beat_centres").units == 12
    X, y = _beats(90, 1)
    assert (predict(model, X).argmax(axis=1) == y).mean() > 0.9


def test_class_without_beats_is_never_given():
    X, y = _beats(60, 0, n_classes=2)
    model = fit_kernels(_task(X=X, y=y)).model
    p = predict(model, X)
    assert p[:, 2].max() < 0.01
    assert (p.argmax(axis=1) == y).all()


def test_model_survives_saving(trained, tmp_path):
    trained.model.save(tmp_path / "m.keras")
    X, _ = _beats(30, 1)
    again = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(predict(again, X), predict(trained.model, X), atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"model": "cnn1d"}, "'cnn1d'"),
        ({"settings": {"strenght": 1}}, "'strenght'"),
        ({"settings": {"votes": (1.0,)}}, "3 positive numbers"),
        ({"settings": {"sharpness": {"beat": 1.0}}}, "beat and convolutions"),
        ({"y": np.zeros(60, dtype=np.int64)}, "one class"),
    ],
)
def test_what_cannot_be_is_named(changes, part):
    with pytest.raises(ConfigError, match=part):
        fit_kernels(_task(**changes))
