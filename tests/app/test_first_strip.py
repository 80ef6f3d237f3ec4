"""The strip comes first: scripts are named together, and nothing else is asked for before it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from app_session import Session
from browser_site import chromium, served
from system_chromium import CHROMIUM

from ectopy.app import pages
from ectopy.app.create import create_app
from ectopy.app.pages import STATIC, modules
from ectopy.app.settings import AppSettings
from ectopy.review.service import Review
from ectopy.review.store import Store

ASKED = """performance.getEntriesByType("resource").map((one) =>
  [one.name.replace(/^.*\\/(static|api\\/v1)\\//, ""), one.startTime, one.responseEnd])"""
DRAWN = """new MutationObserver(() => {
  if (!window.drawn_ms && document.querySelector(".trace-strip[data-drawn]"))
    window.drawn_ms = performance.now();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-drawn"] })"""
LATER = ("queue", "summary", "rhythm", "beside.js")
"""What takes the server's or the browser's time, and is not the strip."""


def imports_of(name: str) -> set[str]:
    """Read which scripts one needs before it runs."""
    text = (STATIC / name).read_text(encoding="utf-8")
    found = re.findall(r'^(?:import|export)[^"\';]*?from "([^"]+)"', text, re.MULTILINE)
    found += re.findall(r'^import "([^"]+)"', text, re.MULTILINE)
    place = (STATIC / name).parent
    return {(place / one).resolve().relative_to(STATIC.resolve()).as_posix() for one in found}


def test_every_script_that_the_strip_needs_is_named_by_the_page(reading: Session) -> None:
    page = reading.http.get(f"/review/{reading.recording}").text
    named = set(re.findall(r'rel="modulepreload" href="/static/([^"]+)"', page))
    named |= set(re.findall(r'<script type="module"[^>]* src="/static/([^"]+)"', page))
    assert "review/review.js" in named
    for name in named:
        assert imports_of(name) <= named, name
    assert "trace/strip.js" in named
    assert not named & {"review/queue.js", "review/panels.js", "review/beside.js"}


def test_modules_are_named_once_and_in_order() -> None:
    found = modules("review/early.js", "review/review.js")
    assert len(found) == len(set(found))
    assert set(found[:3]) == imports_of("review/early.js") | {"dom.js"}


def test_scripts_come_from_memory_and_are_not_sent_again(reading: Session) -> None:
    first = reading.http.get("/static/trace/strip.js")
    assert first.content == (STATIC / "trace" / "strip.js").read_bytes()
    assert first.headers["content-type"].startswith("text/javascript")
    assert first.headers["cache-control"] == "no-cache"
    again = reading.http.get(
        "/static/trace/strip.js", headers={"if-none-match": first.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    other = reading.http.get("/static/trace/tiles.js", headers={"if-none-match": '"else"'})
    assert other.status_code == 200
    assert reading.http.get("/static/trace/none.js").status_code == 404
    assert reading.http.get("/static/trace").status_code == 404
    for path in ("/static/../pages.py", "/static/%2e%2e/pages.py", "/static/..%2fpages.py"):
        assert reading.http.get(path).status_code == 404
    assert reading.http.request("POST", "/static/trace/strip.js").status_code == 405


def test_a_script_that_was_changed_is_sent(
    reading: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "one.js").write_text("1")
    monkeypatch.setattr(pages, "STATIC", tmp_path)
    session = Session(type(reading.http)(create_app(reading.review), reading.http._portal),
                      reading.review, reading.recording)  # fmt: skip
    first = session.http.get("/static/one.js")
    (tmp_path / "one.js").write_text("22")
    tag = {"if-none-match": first.headers["etag"]}
    assert session.http.get("/static/one.js", headers=tag).text == "22"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
def test_nothing_else_is_asked_for_before_the_strip_is_drawn(
    prepared: tuple[Path, str], tmp_path: Path, browser: Any
) -> None:
    folder, recording = prepared
    shutil.copytree(folder, tmp_path / "store")
    with served(create_app(Review(Store(tmp_path / "store")), AppSettings())) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(DRAWN)
        page.goto(f"{address}/review/{recording}")
        page.wait_for_selector("#panel-queue [role=option]")
        page.locator(".trace-live", has_text="/min").wait_for()  # labels come beside the queue
        drawn = page.evaluate("window.drawn_ms")
        every = page.evaluate(ASKED)
        page.close()
    asked = {name.split("?")[0].split("/")[-1]: at for name, at, _ in every}
    for name in LATER:
        assert asked[name] >= drawn, name
    ended = {name.split("?")[0].split("/")[-1]: end for name, _, end in every}
    assert asked["signal"] < ended["session"]  # together, not one after the other
