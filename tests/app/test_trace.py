"""The trace viewer in Chromium, on a page of its own: what is drawn, said, measured and sent."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser_site import CHROMIUM, chromium, served
from fastapi.staticfiles import StaticFiles

import ectopy.app
from ectopy.app.create import create_app
from ectopy.review.service import Review
from ectopy.review.store import Store

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")

MODULES = Path(ectopy.app.__file__).parent / "static" / "trace"
PAGE = Path(__file__).parent / "trace_harness"
PX_PER_S = 100  # 25 mm/s at 4 px a mm
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(e.violatedDirective));
"""
# The colour of a pixel of the strip, in CSS pixels from its left upper corner.
PIXEL = """([x, y]) => [...document.querySelector(".trace-strip canvas").getContext("2d")
  .getImageData(x, y, 1, 1).data].slice(0, 3)"""
INK_TOP = """([x0, x1, y0, y1]) => {
  const { data, width } = document.querySelector(".trace-strip canvas").getContext("2d")
    .getImageData(x0, y0, x1 - x0, y1 - y0);
  const tops = [];
  for (let x = 0; x < width; x += 1) {
    let y = 0;
    while (y < y1 - y0 && data[4 * (y * width + x)] > 90) y += 1;
    tops.push(y);
  }
  return tops;
}"""

Open = Callable[..., Any]


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
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture
def show(browser: Any, site: str) -> Iterator[Open]:
    """Open the page; at the end nothing may have gone wrong or to another host."""
    pages: list[tuple[Any, Any, list[str], list[str]]] = []
    host, _, rest = site.partition("/api/")

    def show(scheme: str = "light", **options: Any) -> Any:
        options.setdefault("viewport", {"width": 1280, "height": 800})
        context = browser.new_context(color_scheme=scheme, **options)
        page = context.new_page()
        page.add_init_script(WATCH)
        errors: list[str] = []
        asked: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        pages.append((context, page, errors, asked))
        page.goto(f"{host}/harness/index.html#{rest.rsplit('/', 1)[1]}")
        page.wait_for_selector(".trace-strip[data-drawn]")
        until(page, "trace.beats.all && trace.strip.where")
        return page

    yield show
    for context, page, errors, asked in pages:
        assert errors == []
        assert page.evaluate("violations") == []
        assert [one for one in asked if not one.startswith(f"{host}/")] == []
        context.close()


def until(page: Any, expression: str) -> None:
    """Wait for something to hold; `wait_for_function` would break the content security policy."""
    end = time.monotonic() + 20
    while not page.evaluate(f"Boolean({expression})"):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(30)


def settled(page: Any) -> str:
    """Wait until the view rests, and give the line of text."""
    page.wait_for_timeout(60)
    until(page, "!trace.strip.pane.waiting && trace.strip.element.dataset.drawn === ''")
    page.wait_for_timeout(260)
    return str(page.inner_text(".trace-live"))


def view(page: Any) -> dict[str, float]:
    script = "({start_s: trace.view.start_s, stop_s: trace.view.stop_s, speed: trace.view.speed})"
    return dict(page.evaluate(script))


def told(page: Any, name: str) -> list[Any]:
    return [detail for one, detail in page.evaluate("told") if one == name]


def test_letters_stand_above_their_peaks(show: Open, site: str) -> None:
    page = show()
    page.evaluate("bus.dispatchEvent(new CustomEvent('goto', {detail: {time_s: 60}}))")
    text = settled(page)
    start, stop = view(page)["start_s"], view(page)["stop_s"]
    assert start < 60 < stop
    params = {"start_s": start, "stop_s": stop}
    beats = httpx.get(f"{site}/beats", params=params).json()["beats"]
    drawn = page.evaluate("trace.strip.scene.drawn")
    letters = [(one["sample"], one["letter"], one["uncertain"]) for one in drawn]
    assert letters == [(beat["sample"], beat["label"], beat["uncertain"]) for beat in beats]
    assert {"N", "V"} <= {beat["label"] for beat in beats}
    marks = " ".join(beat["label"] + ("?" if beat["uncertain"] else "") for beat in beats)
    assert marks in text
    gutter = page.evaluate("trace.strip.scene.gutter")
    leads = page.evaluate("trace.strip.scene.leads")
    colours = page.evaluate("trace.strip.scene.theme")
    for beat in beats[1:-1]:
        x = round(gutter + (beat["time_s"] - start) * PX_PER_S)
        # A certain one has a filled plate; an uncertain one is open.
        plate = page.evaluate(PIXEL, [x - 7, 22])
        filled = f"rgb({', '.join(map(str, plate))})" == colours[beat["label"]]
        assert filled is not beat["uncertain"]
        if beat["label"] == "N" and not beat["uncertain"]:
            y = [int(leads["top"]) + 6, int(leads["bottom"])]
            tops = page.evaluate(INK_TOP, [x - 20, x + 21, *y])
            assert abs(tops.index(min(tops)) - 20) <= 4, beat


def test_keys_move_zoom_and_walk(show: Open) -> None:
    page = show()
    page.locator(".trace-strip [role=listbox]").focus()
    span = view(page)["stop_s"] - view(page)["start_s"]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert view(page)["start_s"] == pytest.approx(1.1)
    page.keyboard.press("PageDown")
    assert view(page)["start_s"] == pytest.approx(1.1 + span)
    page.keyboard.press("End")
    assert view(page)["stop_s"] == pytest.approx(page.evaluate("trace.view.recording.duration_s"))
    page.keyboard.press("Home")
    page.keyboard.press("+")
    assert view(page)["speed"] == 50
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert view(page)["speed"] == 12.5
    page.keyboard.press("g")
    assert page.evaluate("trace.view.gain") == 20
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    assert "2 selected" in settled(page)
    first, second = page.evaluate("trace.strip.scene.drawn.slice(0, 2).map((one) => one.sample)")
    assert told(page, "selected")[-1] == {"samples": [first, second]}
    chosen = page.locator(".trace-strip [role=option][aria-selected=true]")
    assert chosen.count() == 2
    active = page.get_attribute(".trace-strip [role=listbox]", "aria-activedescendant")
    assert page.locator(f"#{active}").inner_text().split(", ")[1] in "NSVFQ"
    page.keyboard.press("Escape")
    assert told(page, "selected")[-1] == {"samples": []}
    assert told(page, "moved")[-1]["start_s"] == 0
    # Letters of the classes belong to the page.
    page.evaluate("window.heard = []; addEventListener('keydown', (e) => heard.push(e.key))")
    for key in ("n", "v", "ArrowRight", "Delete"):
        page.keyboard.press(key)
    assert page.evaluate("heard") == ["n", "v", "Delete"]


def test_mouse_selects_drags_and_zooms(show: Open) -> None:
    page = show()
    box = page.locator(".trace-strip canvas").bounding_box()
    first, second, third = page.evaluate("trace.strip.scene.drawn.slice(0, 3)")
    left, y = box["x"] + page.evaluate("trace.strip.scene.gutter"), box["y"] + 150
    page.mouse.click(left + first["x"] + 3, y)
    assert told(page, "selected")[-1] == {"samples": [first["sample"]]}
    page.keyboard.down("Control")
    page.mouse.click(left + third["x"], y)
    page.keyboard.up("Control")
    assert told(page, "selected")[-1] == {"samples": [first["sample"], third["sample"]]}
    page.get_by_role("button", name="Select").click()
    page.mouse.move(left + first["x"] - 20, y)
    page.mouse.down()
    page.mouse.move(left + second["x"] + 15, y, steps=4)
    page.mouse.up()
    assert told(page, "selected")[-1] == {"samples": [first["sample"], second["sample"]]}
    page.get_by_role("button", name="Move").click()
    page.mouse.move(left + 600, y)
    page.mouse.down()
    page.mouse.move(left + 200, y, steps=4)
    page.mouse.up()
    assert view(page)["start_s"] == pytest.approx(4.0, abs=0.02)
    page.mouse.wheel(0, 100)
    until(page, "trace.view.start_s > 4.5")
    under = view(page)["start_s"] + 2
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    until(page, "trace.view.speed === 50")
    assert view(page)["start_s"] + 1 == pytest.approx(under, abs=0.02)


def test_calipers_measure(show: Open) -> None:
    page = show()
    page.get_by_role("button", name="Calipers").click()
    box = page.locator(".trace-strip canvas").bounding_box()
    x, y = box["x"] + 300, box["y"] + 200
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y - 60, steps=3)
    page.mouse.up()
    assert "calipers 800 ms, 75/min, 1.50 mV" in settled(page)  # 80 px of 100 a second, 40 a mV
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    assert "calipers 810 ms, 74/min, 1.55 mV" in settled(page)
    page.keyboard.press("Shift+ArrowRight")
    assert "calipers 810 ms" in settled(page)
    page.keyboard.press("+")
    assert "calipers 810 ms, 74/min, 1.55 mV" in settled(page)
    page.keyboard.press("Escape")
    assert "calipers" not in settled(page)


def test_inserts_marks_artefacts_and_follows_edits(show: Open, site: str) -> None:
    page = show()
    box = page.locator(".trace-strip canvas").bounding_box()
    left, y = box["x"] + page.evaluate("trace.strip.scene.gutter"), box["y"] + 150
    fs_hz = page.evaluate("trace.view.recording.fs_hz")
    page.get_by_role("button", name="Insert").click()
    page.mouse.click(left + 250, y)
    assert told(page, "inserted") == [{"sample": round(2.5 * fs_hz)}]
    page.get_by_role("button", name="Artefact").click()
    page.mouse.move(left + 300, y)
    page.mouse.down()
    page.mouse.move(left + 500, y, steps=3)
    page.mouse.up()
    interval = {"start": round(3 * fs_hz), "stop": round(5 * fs_hz) + 1}
    assert told(page, "interval") == [interval]
    beats = page.evaluate("trace.strip.scene.drawn")
    inside = [one for one in beats if 300 <= one["x"] <= 500]
    kept = next(one for one in beats if one["x"] > 520)
    assert inside

    with httpx.Client(headers={"X-Ectopy": "test"}) as http:
        edits = ({"kind": "artefact", **interval},)
        edits += ({"kind": "relabel", "samples": [kept["sample"]], "to": "F"},)
        for edit in edits:
            http.post(f"{site}/edits", json={"edit": edit}).raise_for_status()
        clear = page.evaluate(PIXEL, [int(left - box["x"]) + 303, 258])
        page.evaluate("bus.dispatchEvent(new Event('edited'))")
        until(page, "trace.strip.scene.drawn.some((one) => one.letter === 'F')")
        until(page, "trace.rhythms.artefacts.length === 1")
        assert "F" in settled(page)
        left_over = page.evaluate("trace.strip.scene.drawn.map((one) => one.sample)")
        assert not {one["sample"] for one in inside} & set(left_over)
        assert page.evaluate(PIXEL, [int(left - box["x"]) + 303, 258]) != clear
        for _ in range(2):
            http.post(f"{site}/undo", json={}).raise_for_status()
        page.evaluate("bus.dispatchEvent(new Event('edited'))")
        until(page, "trace.rhythms.artefacts.length === 0")
        until(page, "trace.strip.scene.drawn.every((one) => one.letter !== 'F')")


def test_the_day_and_the_full_disclosure_jump(show: Open) -> None:
    page = show()
    day = page.locator(".trace-day canvas").bounding_box()
    gutter = page.evaluate("trace.day.gutter")
    duration_s = page.evaluate("trace.view.recording.duration_s")
    page.mouse.click(day["x"] + gutter + (day["width"] - gutter) / 2, day["y"] + 40)
    middle = (view(page)["start_s"] + view(page)["stop_s"]) / 2
    assert middle == pytest.approx(duration_s / 2, abs=0.5)
    assert page.locator(".trace-day [role=option]").count() == 5
    assert "/min" in page.locator(".trace-day [role=option]").first.inner_text()
    page.keyboard.press("Home")
    assert view(page)["start_s"] == 0
    page.keyboard.press("ArrowDown")
    assert view(page)["start_s"] == 60

    page.get_by_role("button", name="Full disclosure").click()
    page.wait_for_selector(".trace-disclosure[data-drawn]")
    assert not page.is_visible(".trace-strip")
    rows = page.locator(".trace-disclosure [role=option]")
    assert rows.count() == 5
    canvas = page.locator(".trace-disclosure canvas").bounding_box()
    gutter = page.evaluate("trace.disclosure.gutter")
    x = canvas["x"] + gutter + (canvas["width"] - gutter) / 3
    page.mouse.click(x, canvas["y"] + canvas["height"] * 3.5 / 5)
    assert page.is_visible(".trace-strip")
    middle = (view(page)["start_s"] + view(page)["stop_s"]) / 2
    assert middle == pytest.approx(200, abs=0.5)
    page.locator(".trace-strip [role=listbox]").focus()
    page.keyboard.press("d")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    middle = (view(page)["start_s"] + view(page)["stop_s"]) / 2
    assert middle == pytest.approx(150, abs=0.5)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Beats in view"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (768, 1024)])
def test_axe_finds_nothing(show: Open, scheme: str, size: tuple[int, int]) -> None:
    from axe_playwright_python.sync_playwright import Axe

    touch = size[0] < 1000
    page = show(scheme, viewport={"width": size[0], "height": size[1]}, has_touch=touch)
    for press in ("", "d"):
        if press:
            page.locator(".trace-strip [role=listbox]").focus()
            page.keyboard.press(press)
            page.wait_for_selector(".trace-disclosure[data-drawn]")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_theme_is_read_anew(show: Open) -> None:
    page = show()
    light = page.evaluate(PIXEL, [400, 258])
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.evaluate("bus.dispatchEvent(new Event('theme'))")
    settled(page)
    assert sum(page.evaluate(PIXEL, [400, 258])) < sum(light)


def test_moving_is_smooth_and_bounded(show: Open) -> None:
    page = show()
    frames = page.evaluate("""async () => {
      trace.frames.length = 0;
      for (let i = 0; i < 90; i += 1) {
        trace.view.move_to(trace.view.start_s + 3.1);
        await new Promise(requestAnimationFrame);
      }
      return [...trace.frames].sort((a, b) => a - b);
    }""")
    assert len(frames) >= 60
    assert frames[len(frames) // 2] < 8
    settled(page)
    kept = page.evaluate("[trace.strip.signal.kept, trace.strip.tiles.painted].map((one) => "
                         "[one.total, one.most])")  # fmt: skip
    assert all(0 < total <= most for total, most in kept)


def test_what_cannot_be_loaded_is_said(show: Open) -> None:
    page = show()
    page.route("**/window?*", lambda route: route.abort())
    page.evaluate("trace.view.move_to(200)")
    until(page, "document.querySelector('.trace-error')?.textContent.includes('be loaded')")
    page.unroute("**/window?*")
    page.wait_for_selector(".trace-strip[data-drawn]")
    until(page, "!document.querySelector('.trace-error')")
