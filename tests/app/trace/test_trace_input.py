"""Keys, mouse and fingers on the trace, and what it tells the page."""

from __future__ import annotations

import httpx
import pytest
from trace_page import PIXEL, Open, settled, told, until, view


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
    page.keyboard.press(".")
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
    # And the page may hand on a key that nothing else took.
    key = "new KeyboardEvent('keydown', {key: 'PageDown'})"
    before = view(page)
    assert page.evaluate(f"trace.key({key})") is True
    assert view(page)["start_s"] == pytest.approx(before["stop_s"])
    assert page.evaluate("trace.key(new KeyboardEvent('keydown', {key: 'n'}))") is False


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


def test_what_the_page_selects_is_not_told_back(show: Open) -> None:
    page = show()
    sample = page.evaluate("trace.strip.scene.drawn[3].sample")
    detail = f"{{detail: {{samples: [{sample}]}}}}"
    page.evaluate(f"bus.dispatchEvent(new CustomEvent('select', {detail}))")
    assert "1 selected" in settled(page)
    assert told(page, "selected") == []
    assert page.evaluate("trace.strip.scene.drawn[3].selected")


def test_fingers_pan_and_pinch(show: Open) -> None:
    page = show(viewport={"width": 768, "height": 1024}, has_touch=True)
    box = page.locator(".trace-strip canvas").bounding_box()
    x, y = box["x"] + 300, box["y"] + 150
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *points: float) -> None:
        at = [{"x": one, "y": y, "id": i} for i, one in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    fingers("touchStart", x + 200)
    for step in range(1, 6):
        fingers("touchMove", x + 200 - 40 * step)
    fingers("touchEnd")
    until(page, "Math.abs(trace.view.start_s - 2) < 0.2")
    fingers("touchStart", x, x + 80)
    for step in range(1, 5):
        fingers("touchMove", x - 10 * step, x + 80 + 10 * step)
    fingers("touchEnd")
    until(page, "trace.view.speed > 25")
    assert told(page, "selected") == []


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
