"""A store with a recording that is ready, and a client of the application over it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from app_session import Session, started
from browser_site import chromium, served
from pages_walk import Watched, watched

from ectopy.analysis import example
from ectopy.analysis.analyze import analyze
from ectopy.app.create import create_app
from ectopy.review.opened import Opened
from ectopy.review.pyramid import build
from ectopy.review.service import Review
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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def desk(
    browser: Any, prepared: tuple[Path, str], tmp_path: Path
) -> Iterator[tuple[Watched, Opened]]:
    """Open the example, with the queue beside it."""
    folder, recording = prepared
    shutil.copytree(folder, tmp_path / "store")
    review = Review(Store(tmp_path / "store"))
    with served(create_app(review)) as address, watched(browser, address) as page:
        page.page.goto(f"{address}/review/{recording}")
        page.page.locator("#panel-queue [role=option]").first.wait_for()
        yield page, review.opened(recording)
