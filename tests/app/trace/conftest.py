"""A page with nothing but the trace, in Chromium, and recordings to look at."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from browser_site import chromium, served
from fastapi.staticfiles import StaticFiles
from system_chromium import CHROMIUM
from trace_page import Open, until

import ectopy
import ectopy.app
from ectopy.app.create import create_app
from ectopy.review.service import Review
from ectopy.review.store import Store

MODULES = Path(ectopy.app.__file__).parent / "static" / "trace"
PAGE = Path(__file__).parent / "harness"
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective));
"""


@pytest.fixture(scope="module")
def site(prepared: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the example with the harness page; give the address of its recording's API."""
    folder, recording = prepared
    place = tmp_path_factory.mktemp("trace") / "store"
    shutil.copytree(folder, place)
    app = create_app(Review(Store(place)))
    app.mount("/harness/modules", StaticFiles(directory=MODULES))
    app.mount("/harness", StaticFiles(directory=PAGE, html=True))
    with served(app) as address:
        yield f"{address}/api/v1/recordings/{recording}"


@pytest.fixture(scope="module")
def leads(site: str) -> str:
    """Analyse a recording of three leads that begins before midnight; give its id.

    The second lead lies 40 mV off; of the third ten seconds are missing.
    """
    simulated, _ = ectopy.simulate(90, rng=np.random.default_rng(5), fs_hz=250)
    lead = simulated.read()[0]
    stored = np.rint(np.stack([lead, lead + 40, lead]) * 200)
    stored[2, 20 * 250 : 30 * 250] = -32768
    header = ["r 3 250 22500 23:59:30 06/05/2024"]
    header += [f"r.dat 16 200(0)/mV 16 0 0 0 0 {name}" for name in ("II", "V1", "V5")]
    files = {"r.hea": "\n".join(header).encode(), "r.dat": stored.astype("<i2").T.tobytes()}
    every = site.rsplit("/", 1)[0]
    with httpx.Client(headers={"X-Ectopy": "test"}, timeout=60) as http:
        one = http.post(every, json={"files": list(files)}).json()["id"]
        for i, content in enumerate(files.values()):
            http.put(f"{every}/{one}/files/{i}", content=content).raise_for_status()
        http.post(f"{every}/{one}/analyse").raise_for_status()
        while (told := http.get(f"{every}/{one}").json())["state"] != "ready":
            assert told["state"] in ("waiting", "analysing"), told
            time.sleep(0.1)
    return str(one)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("needs Chromium")
    with chromium() as started:
        yield started


@pytest.fixture
def show(browser: Any, site: str) -> Iterator[Open]:
    """Open the page; at the end nothing may have gone wrong or to another host."""
    pages: list[tuple[Any, Any, list[str], list[str]]] = []
    host, _, rest = site.partition("/api/")

    def show(scheme: str = "light", recording: str | None = None, **options: Any) -> Any:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        context = browser.new_context(color_scheme=scheme, **options)
        page = context.new_page()
        page.add_init_script(WATCH)
        errors: list[str] = []
        asked: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        pages.append((context, page, errors, asked))
        page.goto(f"{host}/harness/index.html#{recording or rest.rsplit('/', 1)[1]}")
        page.wait_for_selector(".trace-strip[data-drawn]")
        until(page, "trace.beats.all && trace.strip.where")
        return page

    yield show
    for context, page, errors, asked in pages:
        assert errors == []
        assert page.evaluate("violations") == []
        assert [one for one in asked if not one.startswith(f"{host}/")] == []
        context.close()
