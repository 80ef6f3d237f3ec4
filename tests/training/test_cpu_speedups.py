import numpy as np
import pytest

from ectopy.training.cpu_speedups import cpu_speedups

keras = pytest.importorskip("keras")


def build() -> "keras.Model":
    keras.utils.set_random_seed(0)
    signal = keras.Input((40, 3))
    x = keras.layers.Conv1D(8, 5, activation="relu")(signal)
    x = keras.layers.BatchNormalization(momentum=0.9, name="norm")(x)
    x = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model(signal, keras.layers.Dense(2)(x))
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse", jit_compile=False)
    return model


def trained(with_fused: bool) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    X = rng.standard_normal((96, 40, 3)).astype(np.float32)
    y = rng.standard_normal((96, 2)).astype(np.float32)
    model = build()
    if with_fused:
        with cpu_speedups(model):
            model.fit(X, y, batch_size=32, epochs=3, shuffle=False, verbose=0)
    else:
        model.fit(X, y, batch_size=32, epochs=3, shuffle=False, verbose=0)
    return model.get_weights()


def test_trains_to_the_same_weights_and_statistics() -> None:
    for fast, plain in zip(trained(True), trained(False), strict=True):
        np.testing.assert_allclose(fast, plain, rtol=1e-4, atol=1e-6)


def test_the_kernel_is_used_and_leaves_nothing_behind(tmp_path) -> None:
    model = build()
    layer = model.get_layer("norm")
    with cpu_speedups(model):
        assert "call" in vars(layer)
    assert "call" not in vars(layer)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    X = np.ones((2, 40, 3), np.float32)
    np.testing.assert_array_equal(np.asarray(again(X)), np.asarray(model(X)))


def test_a_frozen_layer_keeps_its_statistics() -> None:
    model = build()
    model.get_layer("norm").trainable = False
    with cpu_speedups(model):
        assert "call" not in vars(model.get_layer("norm"))


def test_short_floats_inside_and_none_outside() -> None:
    model = build()
    before = [layer.dtype_policy.name for layer in model.layers]
    with cpu_speedups(model, "bfloat16"):
        inside = {layer.name: layer.compute_dtype for layer in model.layers}
        model.fit(np.zeros((8, 40, 3)), np.zeros((8, 2)), verbose=0)
    assert inside["norm"] == "bfloat16"
    assert inside[model.layers[-1].name] == "float32"
    assert [layer.dtype_policy.name for layer in model.layers] == before
    assert {w.dtype for w in model.get_weights()} == {np.dtype("float32")}


def test_short_floats_train_to_nearly_the_same_weights() -> None:
    rng = np.random.default_rng(1)
    X = rng.standard_normal((96, 40, 3)).astype(np.float32)
    y = rng.standard_normal((96, 2)).astype(np.float32)
    model = build()
    with cpu_speedups(model, "bfloat16"):
        model.fit(X, y, batch_size=32, epochs=3, shuffle=False, verbose=0)
    short = model.get_weights()
    start = build().get_weights()
    for a, b, origin in zip(short, trained(False), start, strict=True):
        np.testing.assert_allclose(a, b, atol=0.05 * np.abs(b - origin).max() + 0.01)
    # The plain model is what is evaluated afterwards.
    assert np.asarray(model(X)).dtype == np.float32
