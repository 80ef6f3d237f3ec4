"""The embedded data sets: there without files, seeded, patients apart, and quick."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from ectopy.datasets import load
from ectopy.datasets.protocols import protocol
from ectopy.errors import ConfigError


@pytest.mark.parametrize(("name", "length"), [("simulated-140", 140), ("simulated-187", 187)])
def test_the_embedded_sets(name: str, length: int, no_data: Path) -> None:
    begin = time.process_time()  # so that a busy machine does not fail the test
    data = load(name)
    assert time.process_time() - begin < 3
    assert data.simulated
    assert "SIMULATED" in data.provenance
    assert data.X.shape[1] == length
    assert 4_000 < len(data) < 9_000
    assert data.groups is not None
    assert data.part is not None
    assert len(set(data.groups)) == 20
    train, test = data.take(data.part == "train"), data.take(data.part == "test")
    assert not set(train.groups) & set(test.groups)
    assert min(train.counts().values()) >= 20
    assert min(test.counts().values()) >= 10
    again = load(name)
    np.testing.assert_array_equal(data.X, again.X)
    assert data.checksums == again.checksums
    (split,) = protocol("official").splits(data, np.random.default_rng(0))
    assert not split.shares_patients


def test_scaling_of_the_two_cuts() -> None:
    like_ecg5000 = load("simulated-140", patients=2, duration_s=30, seed=3)
    np.testing.assert_allclose(like_ecg5000.X.mean(axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(like_ecg5000.X.std(axis=1), 1, atol=1e-3)
    like_csv = load("simulated-187", patients=2, duration_s=30, seed=3)
    assert like_csv.X.min() >= 0
    assert like_csv.X.max() <= 1
    np.testing.assert_array_equal(like_ecg5000.y, like_csv.y)


def test_another_seed_gives_other_patients() -> None:
    one, other = (load("simulated-187", patients=2, duration_s=30, seed=seed) for seed in (1, 2))
    assert one.checksums != other.checksums
    with pytest.raises(ConfigError, match="asked for 1 patients"):
        load("simulated-187", patients=1)
