"""`HeartbeatClassifier` keeps scikit-learn's contract, with a network and with a kernel machine."""

from __future__ import annotations

import inspect
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras")
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from ectopy.datasets import load
from ectopy.errors import ConfigError
from ectopy.training.estimator import NOT_OFFERED, HeartbeatClassifier, as_rows
from ectopy.training.recipe import Recipe

KERNELS = HeartbeatClassifier(
    "beat-kernels",
    options={"centres": 100, "convolutions": 4, "stretched": False},
    trainer="kernels",
    random_state=0,
)
NETWORK = HeartbeatClassifier(
    "cnn1d",
    options={"filters": (16,), "kernels": (3,), "hidden": 16, "dropout": 0.0},
    epochs=12,
    batch_size=16,
    learning_rate=0.02,
    settle_norm=True,
    random_state=0,
)

OFTEN = {"check_methods_subset_invariance"}
"""Checks of the network that run each time; all of them take a minute, and are marked slow."""


def _name(check: Any) -> str:
    return str(getattr(check, "func", check).__name__)


@parametrize_with_checks([KERNELS])
def test_the_kernel_machine_is_an_estimator(estimator: Any, check: Callable[..., None]) -> None:
    check(estimator)


@pytest.mark.parametrize(
    ("estimator", "check"),
    [pair for pair in estimator_checks_generator(NETWORK) if _name(pair[1]) in OFTEN],
    ids=lambda value: _name(value) if callable(value) else "network",
)
def test_the_network_keeps_what_is_its_own_to_keep(
    estimator: Any, check: Callable[..., None]
) -> None:
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks([NETWORK])
def test_the_network_is_an_estimator(estimator: Any, check: Callable[..., None]) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def fitted() -> tuple[HeartbeatClassifier, Any]:
    """Give a network fitted on simulated patients, and the beats of another."""
    data = load("simulated-140", patients=3, duration_s=30)
    data = data.take(np.isin(data.y, [0, 1, 2]))
    names = np.array(data.classes)[data.y]
    train = data.groups != "patient-03"
    model = clone(NETWORK).set_params(epochs=2)
    return model.fit(data.X[train], names[train]), (data, names, train)


def test_labels_are_any_and_pickling_keeps_every_digit(fitted: Any) -> None:
    model, (data, names, train) = fitted
    assert model.classes_.tolist() == ["N", "S", "V"]
    p = model.predict_proba(data.X[~train])
    assert p.shape == (np.count_nonzero(~train), 3)
    assert set(model.predict(data.X[~train])) <= set(names)
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(data.X[~train]), p)
    assert again.history_ == model.history_
    with pytest.raises(NotFittedError):
        clone(model).predict(data.X)


def test_a_seed_decides_everything(fitted: Any) -> None:
    _, (data, names, _train) = fitted
    one, same, other = (
        clone(KERNELS).set_params(random_state=seed).fit(data.X, names).predict_proba(data.X)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_pipelines_searches_and_groups_work() -> None:
    data = load("simulated-140", patients=3, duration_s=30)
    data = data.take(np.isin(data.y, [0, 2]))
    pipeline = make_pipeline(FunctionTransformer(lambda X: X - X.mean()), KERNELS)
    search = GridSearchCV(
        pipeline,
        {"heartbeatclassifier__trainer_options": [{"strength": 1e-3}, {"strength": 30.0}]},
        cv=GroupKFold(2),
        refit=False,
        error_score="raise",
    )
    search.fit(data.X, data.y, groups=data.groups)
    assert search.best_score_ > 0.9
    scores = cross_val_score(
        KERNELS, data.X, data.y, groups=data.groups, cv=GroupKFold(2), error_score="raise"
    )
    assert len(scores) == 2
    assert min(scores) > 0.8


def test_validation_beats_are_kept_apart_in_whole_groups(
    fitted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ectopy.training import estimator
    from ectopy.training.trainers import TRAINERS

    _, (data, names, _) = fitted
    seen: list[Any] = []

    def noted(name: str) -> Any:
        def train(task: Any) -> Any:
            seen.append(task)
            return TRAINERS[name](task)

        return train

    monkeypatch.setattr(estimator, "trainer", noted)
    model = clone(NETWORK).set_params(
        epochs=3, patience=1, keep="best", validation=0.3, samples_per_epoch=32
    )
    model.fit(data.X, names, groups=data.groups)
    (task,) = seen
    assert task.X_validation is not None
    held = {data.X[data.groups == group].tobytes() for group in np.unique(data.groups)}
    assert task.X_validation.tobytes() in held  # one whole patient of three
    assert len(task.X) + len(task.X_validation) == len(data)
    assert model.history_[0]["val_loss"] is not None


def test_rows_hold_leads_and_features(monkeypatch: pytest.MonkeyPatch, rng: Any) -> None:
    from ectopy.training import estimator

    given: list[Any] = []

    def trainer(name: str) -> Any:
        def train(task: Any) -> Any:
            given.append(task)
            raise KeyboardInterrupt

        return train

    monkeypatch.setattr(estimator, "trainer", trainer)
    X = rng.normal(size=(6, 10, 2)).astype(np.float32)
    features = {"rr": rng.normal(size=(6, 3)).astype(np.float32)}
    model = HeartbeatClassifier(leads=2, features={"rr": 3})
    with pytest.raises(KeyboardInterrupt):
        model.fit(as_rows(X, features), [0, 1] * 3)
    np.testing.assert_array_equal(given[0].X, X)
    np.testing.assert_array_equal(given[0].features["rr"], features["rr"])
    with pytest.raises(ConfigError, match=r"23 columns, 0 of them features.* 2 lead\(s\)"):
        HeartbeatClassifier(leads=2).fit(as_rows(X, features), [0, 1] * 3)


def test_options_are_those_of_the_recipe() -> None:
    own = {
        "model", "options", "trainer", "trainer_options", "leads", "features", "validation",
        "random_state",
    }  # fmt: skip
    found = set(inspect.signature(HeartbeatClassifier).parameters) - own
    assert found == set(Recipe.model_fields) - set(NOT_OFFERED)
    X, y = np.zeros((4, 8)), [0, 1, 0, 1]
    with pytest.raises(ConfigError, match=r"epochs is 0: .* greater than or equal to 1"):
        HeartbeatClassifier(epochs=0).fit(X, y)
    with pytest.raises(ConfigError, match="set optimizer = 'adamw'"):
        HeartbeatClassifier(weight_decay=0.1).fit(X, y)
    with pytest.raises(ValueError, match="there is no model 'resnet'"):
        HeartbeatClassifier("resnet").fit(X, y)
    with pytest.raises(ConfigError, match="only one class, 'N'"):
        HeartbeatClassifier().fit(X, ["N"] * 4)


def test_training_and_loading_print_nothing(tmp_path: Path) -> None:
    """In a process of its own: TensorFlow greets once, when it starts, past Python's stderr."""
    begin = (
        "import numpy as np, pickle, ectopy; X = np.eye(8, 60, dtype='f'); "
        "y = np.repeat(list('NV'), 4)"
    )
    train = (
        "m = ectopy.HeartbeatClassifier('beat-kernels', options={'centres': 4, 'convolutions': 4, "
        "'stretched': False}, trainer='kernels', random_state=0).fit(X, y); m.predict(X); "
        "open('m', 'wb').write(pickle.dumps(m))"
    )
    load = "pickle.load(open('m', 'rb')).predict(X)"
    plain = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    for what in (train, load):
        done = subprocess.run(
            [sys.executable, "-c", f"{begin}; {what}"],
            cwd=tmp_path, env=plain, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stderr == done.stdout == ""
