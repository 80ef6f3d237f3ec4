"""A network with several inputs is a study like any other, from its beats to its last figure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ectopy.datasets import BeatDataset, simulated
from ectopy.errors import ConfigError, DataFormatError, ModelError
from ectopy.explain.beats import explain_file
from ectopy.models import registry
from ectopy.models.inputs import arrange, feature_names
from ectopy.report import figures
from ectopy.study.config import validate
from ectopy.study.run import run_study
from ectopy.study.settings import StudyConfig
from ectopy.study.windows import job
from ectopy.training.augment import augment, time_shift
from ectopy.training.balance import TrainingBeats
from ectopy.training.fit import predict
from ectopy.training.recipe import Augmentation, Recipe
from ectopy.training.task import Task
from ectopy.training.trainers import trainer

keras = pytest.importorskip("keras")


def beat_and_rr(
    n_samples: int,
    n_classes: int,
    *,
    n_leads: int,
    features: Mapping[str, int],
    filters: int = 6,
) -> Any:
    """Build a toy network: one convolution over the leads, beside it the RR intervals."""
    from keras import layers

    beat = keras.Input((n_samples, n_leads), name="beat")
    rr = keras.Input((features["rr"],), name="rr")
    x = layers.Conv1D(filters, 7, strides=2, padding="same", activation="relu", name="conv")(beat)
    x = layers.Concatenate()([layers.GlobalMaxPooling1D()(x), layers.BatchNormalization()(rr)])
    output = layers.Dense(n_classes, activation="softmax", name="classes")(x)
    return keras.Model([beat, rr], output, name="beat_and_rr")


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.MODELS, "beat-and-rr", beat_and_rr)


@pytest.fixture(scope="module")
def data() -> BeatDataset:
    """Simulated beats of two leads, the second upside down, with their RR intervals."""
    one = simulated.load("simulated-187", patients=3, duration_s=40)
    rng = np.random.default_rng(4)
    rr = np.column_stack([one.y == 1, rng.normal(size=len(one))]).astype(np.float32)
    return replace(
        one,
        X=np.stack([one.X, 1 - one.X], axis=-1),
        leads=("MLII", "inverse"),
        features={"rr": rr, "unused": rr[:, :1]},
    )


def study(**changes: Any) -> StudyConfig:
    settings: dict[str, Any] = {
        "name": "two-inputs",
        "protocol": "official",
        "seeds": 1,
        "explain": True,
        "data": {"name": "simulated-187"},
        "model": {"name": "beat-and-rr"},
        "recipe": {
            "epochs": 2,
            "batch_size": 16,
            "learning_rate": 0.02,
            "settle_norm": True,
            "balance": "smote-on-the-fly",
            "augmentation": {"scale": 0.05, "shift": 0.02, "noise": 0.1, "share": 0.9},
        },
    }
    return validate(settings | changes, "test")


def test_is_trained_explained_exported_and_reported(
    data: BeatDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime

    monkeypatch.setattr(job, "load", lambda name, folder, **options: data)
    # The two figures that draw beats; the others see no more than probabilities.
    drawn = ("Figure_03_Raw_ECG_Samples", "Figure_10_GradCAM_Explanations")
    monkeypatch.setattr(
        figures, "write", lambda results, folder, write=figures.write: write(results, folder, drawn)
    )
    out = run_study(study(), out=tmp_path / "run")

    model = keras.models.load_model(out / "Final_Clinical_Model.keras")
    assert feature_names(model) == ("rr",)
    expected = predict(model, data.X[:9], {"rr": data.features["rr"][:9]})
    session = onnxruntime.InferenceSession(out / "model.onnx")
    given = {"beat": data.X[:9], "rr": data.features["rr"][:9]}
    np.testing.assert_allclose(session.run(None, given)[0], expected, atol=1e-5)
    # It listens to both inputs.
    for changed in (
        predict(model, data.X[:9] + 1, {"rr": data.features["rr"][:9]}),
        predict(model, data.X[:9], {"rr": data.features["rr"][:9] + 3}),
    ):
        assert np.abs(changed - expected).max() > 1e-3

    checks = json.loads((out / "explanation_checks.json").read_text())
    assert checks["layer"] == "conv"
    assert checks["n_beats"] > 2
    with np.load(out / "explanations.npz") as kept:
        assert kept["X"].shape[1:] == (187, 2)
        assert kept["maps"].shape[1:] == (187,)
        assert kept["maps"].max() == 1
    with np.load(out / "samples.npz") as kept:
        np.testing.assert_array_equal(kept["X"], data.X[kept["beat"]])
    report = (out / "report.html").read_text()
    assert "data:image/svg" in report
    assert {path.stem for path in (out / "ecg_outputs").glob("*.png")} == set(drawn)
    assert "`rr`: feature, of one beat 2 values" in (out / "model_card.md").read_text()


def _task(data: BeatDataset, **changes: Any) -> Task:
    settings: dict[str, Any] = {
        "X": data.X[:64],
        "y": data.y[:64],
        "n_classes": 5,
        "model": "beat-and-rr",
        "recipe": Recipe(epochs=1, batch_size=24),
        "seed": 1,
        "features": {name: values[:64] for name, values in data.features.items()},
    }
    return Task(**(settings | changes))


def test_an_ensemble_hands_each_member_what_it_asks_for(data: BeatDataset) -> None:
    members = [{"model": "beat-and-rr"}, {"model": "cnn1d", "options": {"filters": [4, 4, 4]}}]
    task = _task(data, model="both", settings={"members": members})
    model = trainer("ensemble")(task).model
    inside = [layer for layer in model.layers if layer.name.startswith("member_")]
    mean = sum(predict(one, task.X, task.features) for one in inside) / 2
    np.testing.assert_allclose(predict(model, task.X, task.features), mean, atol=1e-5)


def test_what_is_missing_is_told_in_a_sentence(data: BeatDataset, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'beat-and-rr' asks for the feature 'rr'.*have none"):
        trainer("gradient")(_task(data, features={}))
    with pytest.raises(ConfigError, match=r"'beat-kernels' takes beats of one lead.* have 2"):
        trainer("kernels")(_task(data, model="beat-kernels"))
    with pytest.raises(ConfigError, match=r"soft_targets = 0\.5 compares beats of one lead"):
        trainer("gradient")(_task(data, recipe=Recipe(epochs=1, soft_targets=0.5)))
    smote = Recipe(epochs=1, balance="smote")
    with pytest.raises(ConfigError, match=r"features \(rr\).*'smote-on-the-fly'"):
        trainer("gradient")(_task(data, recipe=smote))
    model = registry.build("beat-and-rr", 187, 5, seed=0, n_leads=2, features={"rr": 2})
    with pytest.raises(ConfigError, match="takes 2 values of the feature 'rr'"):
        arrange(model, data.X, {"rr": data.features["rr"][:, :1]})
    model.save(tmp_path / "two.keras")
    (tmp_path / "beats.csv").write_text("1,2,3\n")
    with pytest.raises(ModelError, match=r"two\.keras takes 2 lead\(s\) and the features \(rr\)"):
        explain_file(tmp_path / "two.keras", tmp_path / "beats.csv")
    with pytest.raises(DataFormatError, match=r"X has shape .*expected the 1 leads II"):
        replace(data, leads=("II",))
    with pytest.raises(DataFormatError, match=r"feature 'rr' has shape \(3, 2\)"):
        replace(data, features={"rr": data.features["rr"][:3]})
    odd = data.features["rr"].copy()
    odd[7, 1] = np.nan
    with pytest.raises(DataFormatError, match="feature 'rr' of beat 7 is NaN"):
        replace(data, features={"rr": odd})


@pytest.mark.parametrize(
    "method", ["none", "oversample", "smote-on-the-fly", "class-weights", "balanced-batches"]
)
def test_balancing_takes_features_along(method: Any, data: BeatDataset) -> None:
    # A feature that is the mean of the signal stays it, in copies and between two beats alike.
    rng = np.random.default_rng(0)
    features = {"mean": data.X.mean(axis=1)}
    beats = TrainingBeats(data.X, data.y, 5, method=method, rng=rng, features=features)
    draw = beats.draw(rng)
    part = slice(0, 900)
    X, _, _ = beats.beats(draw, part)
    assert X.shape[1:] == (187, 2)
    np.testing.assert_allclose(beats.features_of(draw, part)["mean"], X.mean(axis=1), atol=1e-5)
    made = ~(X[:, None, :8, 0] == data.X[None, :, :8, 0]).all(axis=2).any(axis=1)
    assert made.any() == (method == "smote-on-the-fly")


def test_smote_in_memory_makes_beats_of_all_leads(data: BeatDataset) -> None:
    rng = np.random.default_rng(0)
    beats = TrainingBeats(data.X, data.y, 5, method="smote", rng=rng)
    assert len(set(np.bincount(beats.y))) == 1
    np.testing.assert_allclose(beats.X.sum(axis=2), 1, atol=1e-5)  # the leads still belong together


def test_leads_are_scaled_and_shifted_together(data: BeatDataset) -> None:
    settings = Augmentation(scale=0.1, shift=0.1)
    both = augment(data.X, settings, np.random.default_rng(2))
    alone = augment(data.X[..., 0], settings, np.random.default_rng(2))
    np.testing.assert_array_equal(both[..., 0], alone)
    np.testing.assert_allclose(both.sum(axis=2), 1, atol=1e-5)
    assert np.abs(both - data.X).max() > 0.1
    moved = time_shift(data.X, 0.1, np.random.default_rng(2))
    np.testing.assert_allclose(moved.sum(axis=2), 1, atol=1e-5)
    noisy = augment(data.X, Augmentation(noise=0.2, share=0.5), np.random.default_rng(2))
    changed = (noisy != data.X).any(axis=1)
    assert (changed[:, 0] == changed[:, 1]).all()  # a beat is changed in all leads or in none
    assert 0.3 < changed[:, 0].mean() < 0.7
    assert np.abs((noisy - data.X).sum(axis=2)).max() > 0.01  # each lead has a noise of its own
