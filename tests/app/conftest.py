"""A store with a recording that is ready, and a client of the application over it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_session import Session, started

from ectopy.analysis import example
from ectopy.analysis.analyze import analyze
from ectopy.review.pyramid import build
from ectopy.review.store import Store
from ectopy.review.work import PYRAMID, RESULT, WHOLE


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Give the folder of a store with the packaged example in it, and its id."""
    folder = tmp_path_factory.mktemp("prepared") / "store"
    store = Store(folder)
    about = {"stated": {}, "options": {}, "settings": {}}
    row = store.create("208-excerpt", "local", "ready", about)
    recording, _ = example.load()
    place = store.place(row.id)
    analyze(recording, whole=lambda whole: whole.save(place / WHOLE)).save(place / RESULT)
    build(recording, place / PYRAMID)
    store.close()
    return folder, row.id


@pytest.fixture
def session(prepared: tuple[Path, str], tmp_path: Path) -> Iterator[Session]:
    folder, recording = prepared
    shutil.copytree(folder, tmp_path / "store")
    yield from started(tmp_path / "store", recording)


@pytest.fixture(scope="module")
def reading(
    prepared: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """Serve the same for tests that change nothing."""
    folder, recording = prepared
    place = tmp_path_factory.mktemp("reading") / "store"
    shutil.copytree(folder, place)
    yield from started(place, recording)
