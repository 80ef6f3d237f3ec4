"""Table 1 of the paper, line by line."""

from __future__ import annotations

import pytest

from ectopy.models import registry

pytest.importorskip("keras")

TABLE_1 = [
    ("beat", (None, 140, 1), 0),
    ("conv1d", (None, 47, 128), 6528),
    ("batch_normalization", (None, 47, 128), 512),
    ("max_pooling1d", (None, 16, 128), 0),
    ("conv1d_1", (None, 16, 32), 28704),
    ("batch_normalization_1", (None, 16, 32), 128),
    ("max_pooling1d_1", (None, 8, 32), 0),
    ("global_average_pooling1d", (None, 32), 0),
    ("dense", (None, 4), 128),
    ("dense_1", (None, 32), 128),
    ("multiply", (None, 8, 32), 0),
    ("conv1d_2", (None, 8, 32), 10272),
    ("conv1d_3", (None, 4, 128), 20608),
    ("max_pooling1d_2", (None, 2, 128), 0),
    ("conv1d_4", (None, 2, 512), 328192),
    ("global_average_pooling1d_1", (None, 512), 0),
    ("dense_2", (None, 32), 16384),
    ("dense_3", (None, 512), 16384),
    ("multiply_1", (None, 2, 512), 0),
    ("add", (None, 2, 512), 0),
    ("gru", (None, 128), 246528),
    ("dropout", (None, 128), 0),
    ("dense_4", (None, 512), 66048),
    ("dropout_1", (None, 512), 0),
    ("dense_5", (None, 5), 2565),
]


def test_is_table_1() -> None:
    model = registry.build("cnn-gru-se", 140, 5, seed=0)
    found = [
        (
            layer.name,
            tuple(layer.batch_shape if layer.name == "beat" else layer.output.shape),
            layer.count_params(),
        )
        for layer in model.layers
    ]
    assert found == TABLE_1
    assert model.count_params() == 743_109
    assert sum(int(v.shape.num_elements()) for v in model.trainable_variables) == 742_789


def test_joins_what_the_table_joins() -> None:
    model = registry.build("cnn-gru-se", 140, 5, seed=0)

    def inputs(name: str) -> set[str]:
        tensors = model.get_layer(name).input
        return {tensor._keras_history.operation.name for tensor in tensors}

    assert inputs("multiply") == {"max_pooling1d_1", "dense_1"}
    assert inputs("multiply_1") == {"conv1d_4", "dense_3"}
    assert inputs("add") == {"conv1d_4", "multiply_1"}
