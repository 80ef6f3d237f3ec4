"""Pages pass axe-core, wide and narrow, and nothing on them is wider than the screen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from system_chromium import CHROMIUM, QUIET

import ectopy
from ectopy.analysis.report.index import write_index
from ectopy.analysis.report.twelve_leads import COLUMNS

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write reports of minutes, of hours, of a 12-lead strip, of nothing; and one over all."""
    folder = tmp_path_factory.mktemp("pages")
    names = tuple(lead for column in COLUMNS for lead in column)
    minutes, _ = ectopy.simulate(240, rng=np.random.default_rng(0), fs_hz=250)
    strip, _ = ectopy.simulate(10, rng=np.random.default_rng(3), fs_hz=500)
    twelve = np.linspace(0.5, 1.5, 12)[:, None] * strip.read()[:1]
    flat = np.zeros((1, 2500))
    long = np.tile(minutes.read(), 40)
    for name, signal, fs_hz, leads in (
        ("minutes", minutes.read(), 250, minutes.leads),
        ("hours", long, 250, minutes.leads),
        ("strip", twelve, 500, names),
        ("nothing", flat, 250, ("II",)),
    ):
        recording = ectopy.Recording.from_array(signal, fs_hz, leads, name=name)
        ectopy.analyze(recording, setting="past").write(
            folder, formats=("json", "html", "disclosure")
        )
    _fibrillating().write(folder, formats=("json", "html", "disclosure"), overwrite=True)
    result = ectopy.analyze(minutes)
    for name, letter in (("why-v", "V"), ("why-n", "N")):
        beat = int(np.flatnonzero(result.beats.symbols == letter)[5])
        result.explain(float(result.intervals.times_s[beat])).save(folder / f"{name}.html")
    write_index(folder, {"bad.edf": "bad.edf is cut off: 4 bytes, not even an EDF header"})
    return folder


def _fibrillating() -> ectopy.Result:
    """Label ten minutes in which beats come at random."""
    rng = np.random.default_rng(5)
    regular, _ = ectopy.simulate(600, rng=rng, fs_hz=250)
    beat = regular.read()[:, 250:350]
    signal = np.zeros((len(regular.leads), 600 * 250), dtype=np.float32)
    for at in np.cumsum(rng.uniform(100, 250, 800)).astype(int).tolist():
        if at + 100 < signal.shape[1]:
            signal[:, at : at + 100] = beat
    recording = ectopy.Recording.from_array(signal, 250, regular.leads, name="fibrillating")
    return ectopy.analyze(recording)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(
    "name",
    [
        "minutes",
        "hours",
        "fibrillating",
        "strip",
        "nothing",
        "index",
        "fibrillating.disclosure",
        "hours.disclosure",
        "nothing.disclosure",
        "why-v",
        "why-n",
    ],
)
def test_axe_finds_nothing(browser: Any, pages: Path, name: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": width, "height": 900})
    try:
        page.goto((pages / f"{name}.html").as_uri())
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        page.close()
