"""An ensemble is the average of its members, in one graph."""

import numpy as np
import pytest

from ectopy.errors import ConfigError
from ectopy.training.fit import predict
from ectopy.training.recipe import Recipe
from ectopy.training.task import Task
from ectopy.training.trainers import trainer

keras = pytest.importorskip("keras")

KERNELS = {
    "model": "beat-kernels",
    "trainer": "kernels",
    "weight": 3.0,
    "options": {"convolutions": 4, "stretched": False},
}
NETWORK = {"model": "cnn1d", "copies": 2}


def _task(**settings) -> Task:
    rng = np.random.default_rng(0)
    y = np.arange(40) % 2
    X = (rng.standard_normal((40, 140)) + y[:, None]).astype(np.float32)
    return Task(X, y, 2, "ensemble", Recipe(epochs=1), seed=3, settings=settings)


def test_output_is_the_weighted_average(tmp_path):
    task = _task(members=[KERNELS, NETWORK])
    model = trainer("ensemble")(task, checkpoint=tmp_path / "checkpoint.npz").model
    members = [layer for layer in model.layers if layer.name.startswith("member_")]
    assert len(members) == 3
    mean = sum(w * predict(m, task.X) for w, m in zip((3.0, 0.5, 0.5), members, strict=True)) / 4
    np.testing.assert_allclose(predict(model, task.X), mean, atol=1e-5)
    # Copies differ.
    assert not np.allclose(predict(members[1], task.X), predict(members[2], task.X))


def test_votes_and_saving(tmp_path):
    plain = trainer("ensemble")(_task(members=[KERNELS]))
    voted = trainer("ensemble")(_task(members=[KERNELS], votes=[1.0, 4.0]))
    X = _task().X
    expected = predict(plain.model, X) * [1, 4]
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(predict(voted.model, X), expected, atol=1e-5)
    voted.model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(predict(again, X), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"members": []}, "'members'"),
        ({"members": [{"model": "cnn1d", "copy": 2}]}, "copy"),
        ({"members": [NETWORK], "votes": [1.0]}, "2 positive numbers"),
        ({"members": [{"model": "cnn1d", "trainer": "magic"}]}, "'magic'"),
    ],
)
def test_what_cannot_be_is_named(settings, part):
    with pytest.raises(ConfigError, match=part):
        trainer("ensemble")(_task(**settings))
