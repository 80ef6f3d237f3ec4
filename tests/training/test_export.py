"""ONNX export: equal probabilities, or no file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ectopy.errors import ModelError
from ectopy.models import registry
from ectopy.training import export

keras = pytest.importorskip("keras")


@pytest.mark.parametrize("name", sorted(registry.MODELS))
def test_every_model_exports_with_equal_probabilities(
    name: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    import onnxruntime

    n_samples = {"cnn-gru-se": 140}.get(name, 187)
    model = registry.build(name, n_samples, 5, seed=1)
    X = rng.normal(size=(20, n_samples)).astype(np.float32)
    difference = export.to_onnx(model, tmp_path / "model.onnx", X)
    assert difference <= 1e-5
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    (one,) = session.run(None, {session.get_inputs()[0].name: X[:1, :, None]})
    expected = keras.ops.convert_to_numpy(model(X[:1, :, None], training=False))
    np.testing.assert_allclose(one, expected, atol=1e-5)


def test_no_file_if_the_two_disagree(
    tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "TOLERANCE", -1.0)  # nothing is as good as that
    model = registry.build("cnn1d", 40, 2, seed=1, filters=[2, 2, 2])
    with pytest.raises(ModelError, match=r"model\.onnx: ONNX Runtime and Keras differ by"):
        export.to_onnx(model, tmp_path / "model.onnx", rng.normal(size=(2, 40)))
    assert not list(tmp_path.iterdir())
