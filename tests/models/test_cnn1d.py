"""The published 1D-CNN, layer by layer."""

from __future__ import annotations

import pytest

from ectopy.models import registry

pytest.importorskip("keras")


def test_is_the_published_network() -> None:
    model = registry.build("cnn1d", 187, 5, seed=0)
    shapes = [(type(layer).__name__, tuple(layer.output.shape[1:])) for layer in model.layers[1:]]
    assert shapes == [
        ("Conv1D", (187, 64)),
        ("BatchNormalization", (187, 64)),
        ("MaxPooling1D", (93, 64)),
        ("Conv1D", (93, 128)),
        ("BatchNormalization", (93, 128)),
        ("MaxPooling1D", (46, 128)),
        ("Conv1D", (46, 256)),
        ("BatchNormalization", (46, 256)),
        ("GlobalAveragePooling1D", (256,)),
        ("Dense", (128,)),
        ("Dropout", (128,)),
        ("Dense", (5,)),
    ]
    kernels = [model.get_layer(f"conv_{i}").kernel.shape[0] for i in (1, 2, 3)]
    assert kernels == [5, 3, 3]
    assert model.get_layer("dropout").rate == 0.3
