"""A small network trained in seconds on made beats whose classes differ in one wave each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ectopy.models import registry

keras = pytest.importorskip("keras")

N_SAMPLES = 96


def made_beats(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """P-QRS-T with the QRS at a random place: 0 normal, 1 wide and inverted T, 2 without P."""
    y = rng.integers(0, 3, n)
    time = np.arange(N_SAMPLES)

    def wave(centre: np.ndarray, width: np.ndarray, height: np.ndarray) -> np.ndarray:
        return height[:, None] * np.exp(-(((time - centre[:, None]) / width[:, None]) ** 2))

    r = rng.uniform(34, 54, n)
    some = rng.uniform(0.8, 1.2, (3, n))
    X = wave(r, np.where(y == 1, 7.0, 2.0), some[0])
    X += wave(r + 22, np.full(n, 6.0), np.where(y == 1, -0.35, 0.3) * some[1])
    X += wave(r - 16, np.full(n, 3.0), np.where(y == 0, 0.25, 0.0) * some[2])
    return (X + rng.normal(0, 0.03, X.shape)).astype(np.float32), y


@pytest.fixture(scope="session")
def trained() -> tuple[Any, np.ndarray, np.ndarray]:
    """Give a trained model and 120 beats that it has not seen, with their classes."""
    rng = np.random.default_rng(3)
    X, y = made_beats(rng, 1200)
    model = registry.build("cnn1d", N_SAMPLES, 3, seed=0, filters=(8, 16, 32), hidden=32)
    for layer in model.layers:
        if layer.name.startswith("norm"):
            layer.momentum = 0.9  # its averages settle within the few steps taken here
    model.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    model.optimizer.learning_rate = 0.005
    keras.utils.set_random_seed(3)  # of the shuffle
    model.fit(X[..., None], y, batch_size=32, epochs=4, verbose=0)
    held_out = made_beats(rng, 120)
    return model, *held_out
