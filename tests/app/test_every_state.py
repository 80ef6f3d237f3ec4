"""Each state that a reader meets, on each screen, light and dark: axe-core finds nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_site import served
from pages_walk import Watched, watched
from system_chromium import CHROMIUM

from ectopy.app.create import create_app
from ectopy.review.service import Review
from ectopy.review.store import Store

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")

SCREENS = {
    "desk, dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "tablet, light": {
        "viewport": {"width": 768, "height": 1024}, "color_scheme": "light", "has_touch": True,
    },
    "tablet on its side, light": {
        "viewport": {"width": 1024, "height": 768}, "color_scheme": "light", "has_touch": True,
    },
}  # fmt: skip
LONG = "Agreed: 103 VEB in a row at 160/min, uncertain, 103 beats"
# What a message in passing covers, on a page with numbers as of a day; or that it is cut off.
OVERLAPS = """(text) => {
  const box = (one) => one.getBoundingClientRect();
  const place = document.getElementById("says");
  place.textContent = text;
  place.classList.add("shown");
  document.getElementById("about").textContent = "6 May 2024, 08:30 · 24 h · 2 leads at 250 Hz";
  for (const one of document.querySelectorAll("[data-class]")) one.textContent = "12,407";
  if (place.scrollHeight > place.clientHeight + 1) return ["cut off"];
  const says = box(place);
  return [...document.querySelectorAll(
    ".trace-live, #chosen, #classes, #standing, #undo, #redo, .panels, canvas")]
    .filter((one) => {
      const { left, right, top, bottom } = box(one);
      return left < says.right && right > says.left && top < says.bottom && bottom > says.top;
    })
    .map((one) => one.id || one.className || one.tagName);
}"""


@pytest.fixture(params=SCREENS)
def seen(
    request: pytest.FixtureRequest, browser: Any, prepared: tuple[Path, str], tmp_path: Path
) -> Iterator[tuple[Watched, Review, str]]:
    """Serve the example, and open a page on one of the screens."""
    folder, recording = prepared
    shutil.copytree(folder, tmp_path / "store")
    review = Review(Store(tmp_path / "store"))
    with (
        served(create_app(review)) as address,
        watched(browser, address, **SCREENS[request.param]) as page,
    ):
        yield page, review, recording
    assert page.wrong == []


def test_a_review_until_it_is_reopened(seen: tuple[Watched, Review, str]) -> None:
    page, _, recording = seen
    tab = page.page
    tab.goto(f"{page.address}/review/{recording}")
    tab.locator("#panel-queue [role=option]").first.wait_for()
    tab.keyboard.press("j")
    tab.keyboard.press("Enter")
    page.settled("Agreed")
    tab.locator("#says.shown").wait_for()
    assert tab.evaluate(OVERLAPS, LONG) == []  # a message in passing hides nothing that is read
    page.axe("agreed")

    tab.keyboard.press("t")
    tab.locator(".pick", has_text="V2").click()
    page.axe("a template chosen", "#panels")
    tab.get_by_role("button", name="Members").click()
    tab.locator(".members li").nth(10).wait_for()
    tab.keyboard.press("j")
    tab.locator(".members li.chosen").wait_for()
    page.axe("members", "#panels")
    tab.get_by_role("button", name="Select", exact=True).first.click()  # of the trace: a mode
    tab.get_by_role("button", name="All templates").click()
    tab.get_by_role("button", name="Select", exact=True).last.click()
    tab.keyboard.press("w")
    tab.locator("#panel-why .bar", has_text="of the 11 selected").wait_for()
    tab.locator(".reasons").wait_for()
    page.axe("why one of several", "#panels")

    tab.keyboard.press("m")
    tab.get_by_role("button", name="Relabel the rest").click()
    tab.locator("#accept-proposal").wait_for()
    page.axe("proposal", "#panels")
    tab.locator("#accept-proposal").click()
    tab.locator("dialog[open]").wait_for()
    page.axe("asked about a large proposal", "dialog")
    tab.get_by_role("button", name="Not yet").click()
    tab.get_by_role("button", name="Refuse").click()

    tab.keyboard.press("p")
    tab.get_by_role("button", name="Sign", exact=True).click()
    tab.locator("#confirm-yes").click()
    tab.get_by_text("What was signed is what is kept.").wait_for()
    page.axe("signed")
    tab.keyboard.press("f")
    tab.locator("dialog[open]").wait_for()
    page.axe("asked about a signed recording", "dialog")
    tab.locator("#confirm-yes").click()
    page.settled("this edit reopened it")
    tab.get_by_role("button", name="Sign", exact=True).wait_for()
    page.axe("reopened")
    tab.keyboard.press("l")
    tab.locator("#panel-log li", has_text="reopened by the next edit").wait_for()
    page.axe("the log of what was reopened", "#panels")


def test_a_list_that_is_empty_busy_and_has_failures(seen: tuple[Watched, Review, str]) -> None:
    page, review, recording = seen
    review.delete(recording)
    tab = page.page
    tab.goto(page.address)
    tab.get_by_text("Nothing here yet").wait_for()
    page.axe("empty")
    about: dict[str, Any] = {"stated": {}, "options": {}, "settings": {}}
    for name, state, done, final in (
        ("waits", "waiting", 0.0, False), ("runs", "analysing", 0.4, False),
        ("comes", "uploading", 0.0, False), ("damaged", "failed", 0.0, True),
        ("crashed", "failed", 0.0, False), ("stopped", "cancelled", 0.0, False),
    ):  # fmt: skip
        row = review.store.create(name, "local", state, about | {"final": final})  # type: ignore[arg-type]
        message = f"the file of {name} is cut off" if state == "failed" else ""
        review.store.change(row.id, done=done, message=message)
    tab.reload()
    again = tab.get_by_role("button", name="Analyse again")
    tab.get_by_text("The file of damaged is cut off.").wait_for()
    # Offered where it may help alone.
    labels = [one.get_attribute("aria-label") for one in again.all()]
    assert sorted(filter(None, labels)) == ["Analyse again crashed", "Analyse again stopped"]
    page.axe("busy and failed")
    (runs,) = (one.id for one in review.store.recordings() if one.name == "runs")
    tab.goto(f"{page.address}/review/{runs}")
    tab.locator("#gone", has_text="40 % done").wait_for()
    page.axe("a review that waits for its analysis")
    review.store.change(runs, state="failed", message="the file of runs is cut off")
    tab.locator("#gone", has_text="The file of runs is cut off. All recordings").wait_for()
    page.axe("a review of what failed")
    # A review asks for its recording before it can know whether that is ready: once, and no more.
    assert page.wrong == [f"409 of {page.address}/api/v1/recordings/{runs}/signal "]
    page.wrong.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_of_the_system_hide_nothing(
    browser: Any, prepared: tuple[Path, str], tmp_path: Path, scheme: str
) -> None:
    folder, recording = prepared
    shutil.copytree(folder, tmp_path / "store")
    forced = {"forced_colors": "active", "reduced_motion": "reduce", "color_scheme": scheme}
    with (
        served(create_app(Review(Store(tmp_path / "store")))) as address,
        watched(browser, address, **forced) as page,
    ):
        tab = page.page
        tab.goto(f"{address}/review/{recording}")
        tab.locator("#panel-queue [role=option]").first.wait_for()
        tab.keyboard.press("j")
        tab.locator(".trace-strip[data-drawn]").wait_for()
        tab.locator("#panel-queue [aria-selected=true]").wait_for()
        looks = """(names) => names.map((name) => [...new Set([...document.querySelectorAll(name)]
          .map((one) => { const look = getComputedStyle(one);
            return [look.backgroundColor, look.borderBottomColor].join(); }))].length)"""
        # What is chosen looks otherwise than what is not; a selected row can be read.
        names = [".trace-modes button[data-mode]", "#panel-queue [role=option]", ".tab"]
        assert tab.evaluate(looks, names) == [2, 2, 2]
        row = """() => [...document.querySelectorAll("[aria-selected=true] > span")]
          .every((one) => getComputedStyle(one).color
            !== getComputedStyle(one.parentElement).backgroundColor)"""
        assert tab.evaluate(row)
        colours = """(name) => { const one = document.querySelector(name);
          const { data } = one.getContext("2d").getImageData(0, 0, one.width, one.height);
          return new Set(new Uint32Array(data.buffer)).size; }"""
        for canvas in (".trace-strip canvas", ".trace-day canvas"):
            assert tab.evaluate(colours, canvas) > 20, canvas
        tab.keyboard.press("t")
        tab.locator(".pick canvas").first.wait_for()
        tab.wait_for_function(f"() => ({colours})('.pick canvas') > 20")
        tab.locator(".pick").nth(1).click()
        shown = """() => [...document.querySelectorAll(".pick[aria-pressed=true] span")]
          .every((one) => getComputedStyle(one).color
            !== getComputedStyle(one.closest(".pick")).backgroundColor)"""
        assert tab.evaluate(shown)
        assert tab.evaluate("document.getAnimations().length") == 0
        page.axe("colours of the system")
        assert page.wrong == []
