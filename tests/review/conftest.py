"""A short labelled recording, and a store with it in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.result import Result
from ectopy.recordings.simulation.simulate import simulate
from ectopy.review.labels import Labels
from ectopy.review.store import Store


@pytest.fixture(scope="session")
def result() -> Result:
    recording, _ = simulate(120, rng=np.random.default_rng(3))
    return analyze(recording)


@pytest.fixture
def labels(result: Result) -> Labels:
    return Labels.of(result.beats)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "store")
    yield made
    made.close()
