"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# A busy machine is no reason for a property to fail.
settings.register_profile("ectopy", deadline=None)
settings.load_profile("ectopy")

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261122)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Give the folder that holds mitdb/, svdb/ and ecg5000/, or skip."""
    folder = Path(os.environ.get("ECTOPY_DATA", ""))
    if not os.environ.get("ECTOPY_DATA") or not folder.is_dir():
        pytest.skip("set ECTOPY_DATA to the folder with mitdb/, svdb/ and ecg5000/")
    return folder


@pytest.fixture(autouse=True)
def _with_data(request: pytest.FixtureRequest) -> None:
    """Skip what is marked ``data`` where the databases are not found."""
    if request.node.get_closest_marker("data"):
        request.getfixturevalue("data_dir")


@pytest.fixture
def no_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Point every place where data is looked for at empty folders, and forbid downloads."""
    monkeypatch.setenv("ECTOPY_OFFLINE", "1")
    monkeypatch.delenv("ECTOPY_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path
