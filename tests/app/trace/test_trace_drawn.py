"""What the trace draws and says, how quickly, and what it does without an answer."""

from __future__ import annotations

import itertools

import httpx
import pytest
from trace_page import INK_TOP, PIXEL, PX_PER_S, Open, settled, until, view


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


def test_leads_are_chosen_levelled_and_left_open_where_they_are_missing(
    show: Open, leads: str
) -> None:
    page = show(recording=leads)
    text = settled(page)
    assert text.startswith("23:59:30 to 23:59:42")
    assert page.evaluate("trace.view.leads") == [0, 1, 2]
    gutter = page.evaluate("trace.strip.scene.gutter")

    def heights(x0: int, x1: int) -> list[int]:
        """Columns with ink in each lead, the lines of the paper apart."""
        place = page.evaluate("trace.strip.scene.leads")
        rows = [
            place["top"] + 6 + i * place["row"]
            for i in range(len(page.evaluate("trace.view.leads")))
        ]
        tops = [
            page.evaluate(INK_TOP, [gutter + x0, gutter + x1, int(y), int(y + place["row"]) - 6])
            for y in rows
        ]
        return [sum(top < int(place["row"]) - 6 for top in one) for one in tops]

    assert min(heights(0, 1000)) > 950  # 40 mV off, and in its row
    page.evaluate("trace.view.move_to(15)")
    settled(page)
    assert heights(0, 480)[2] > 450
    assert heights(520, 1000) == [480, 480, 0]

    page.locator(".trace-tools summary").click()
    page.get_by_role("checkbox", name="V1").uncheck()
    page.get_by_role("checkbox", name="II").uncheck()
    page.locator(".trace-tools summary").click()
    settled(page)
    assert page.evaluate("trace.view.leads") == [2]
    assert heights(520, 1000) == [0]
    page.evaluate("trace.goto(60)")
    assert "00:00:30 day 2" in settled(page) or "00:00:24 day 2" in settled(page)
    page.get_by_role("button", name="Full disclosure").click()
    page.wait_for_selector(".trace-disclosure[data-drawn]")
    # An hour of the clock a page: this one begins at midnight.
    rows = page.locator(".trace-disclosure [role=option]")
    assert rows.first.inner_text().startswith("00:00:00 day 2")
    page.get_by_role("button", name="Back").click()
    until(page, "trace.disclosure.start_s === 0")
    assert rows.first.inner_text().startswith("23:59:30")


def test_no_rate_is_told_where_no_interval_is_of_good_signal(show: Open) -> None:
    page = show()
    assert "/min" in settled(page)
    page.evaluate("for (const table of [trace.beats.near, trace.beats.all]) table?.flags.fill(0)")
    page.evaluate("trace.view.move_to(30)")
    assert "/min" not in settled(page)


def test_labels_that_are_not_here_yet_are_not_told_to_be_none(show: Open) -> None:
    page = show()
    page.route("**/beats.bin?*", lambda _: None)
    page.evaluate("trace.beats.all = null")
    page.evaluate("trace.view.move_to(200)")
    assert "labels are being loaded" in settled(page)
    assert page.evaluate("trace.strip.scene.drawn") == []
    page.unroute("**/beats.bin?*")
    page.evaluate("bus.dispatchEvent(new Event('edited'))")
    until(page, "trace.strip.scene.drawn.length > 5")
    assert "labels are being loaded" not in settled(page)


def test_where_there_is_little_room_ectopic_beats_have_it(show: Open) -> None:
    page = show()
    page.evaluate("trace.view.set_speed(5)")
    page.evaluate("trace.view.move_to(120)")
    settled(page)
    marks = page.evaluate("trace.strip.scene.drawn")
    shown = [mark for mark in marks if mark["lettered"]]
    assert len(shown) < len(marks)
    for left, right in itertools.pairwise(shown):
        assert right["x"] - left["x"] >= (left["width"] + right["width"]) / 2
    for mark in marks:
        near = [one for one in shown if 0 < abs(one["x"] - mark["x"]) < 24]
        assert mark["lettered"] or mark["letter"] == "N" or any(o["letter"] != "N" for o in near)
    assert sum(mark["letter"] == "V" for mark in shown) > 10
    hidden = next(mark for mark in marks if not mark["lettered"])
    page.evaluate(f"trace.select([{hidden['sample']}])")
    settled(page)
    marks = page.evaluate("trace.strip.scene.drawn")
    assert next(m for m in marks if m["sample"] == hidden["sample"])["lettered"]
