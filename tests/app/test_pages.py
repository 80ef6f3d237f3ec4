"""The pages: who gets in, states of a list, keys, and what axe-core finds in each state."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_site import served
from pages_walk import Watched, watched
from system_chromium import CHROMIUM

from ectopy.app.create import create_app
from ectopy.app.settings import AppSettings
from ectopy.recordings.simulation.simulate import simulate
from ectopy.review import changes, readers
from ectopy.review.service import Review
from ectopy.review.store import Store

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")

MARKUP = "<img src=x onerror=alert(1)>"
PANELS = ("queue", "events", "hours", "intervals", "templates", "why", "learn", "log", "sign")
DROP = """([header, hex]) => {
  const bytes = new Uint8Array(hex.match(/../g).map((one) => parseInt(one, 16)));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([header], "two.hea"));
  dataTransfer.items.add(new File([bytes], "two.dat"));
  for (const type of ["dragenter", "dragover", "drop"])
    document.body.dispatchEvent(
      new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
}"""
GUTTER, PX_PER_S = 58, 100  # of the strip: left of the paper, and 25 mm/s at 4 px a mm
SCREENS = {"desk": (1280, 800), "tablet": (768, 1024)}


@pytest.fixture(scope="module")
def site(
    prepared: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str, Review]]:
    """Serve the example, a recording that failed, and one of a folder."""
    folder, recording = prepared
    place = tmp_path_factory.mktemp("pages")
    shutil.copytree(folder, place / "store")
    (place / "offered").mkdir()
    header = "offered 1 250 2500\noffered.dat 16 1000/mV 16 0 0 0 0 II\n"
    (place / "offered" / "offered.hea").write_text(header)
    (place / "offered" / "offered.dat").write_bytes(bytes(5000))
    store = Store(place / "store")
    about = {"stated": {}, "options": {}, "settings": {}}
    failed = store.create(MARKUP, "local", "failed", about)
    store.change(failed.id, message=f"{MARKUP} holds no signal, expected one")
    review = Review(store)
    with served(create_app(review, AppSettings(folder=place / "offered"))) as address:
        yield address, recording, review


@pytest.fixture
def page(browser: Any, site: tuple[str, str, Review]) -> Iterator[Watched]:
    with watched(browser, site[0]) as page:
        yield page
    assert page.wrong == []


@pytest.mark.parametrize(("screen", "scheme"), [("desk", "light"), ("tablet", "dark")])
def test_axe_finds_nothing_in_any_state(
    browser: Any, site: tuple[str, str, Review], screen: str, scheme: str
) -> None:
    address, recording, _ = site
    width, height = SCREENS[screen]
    size = {"width": width, "height": height}
    with watched(browser, address, viewport=size, color_scheme=scheme) as seen:
        page = seen.page
        page.goto(address)
        page.get_by_text("holds no signal").wait_for()
        page.locator("#folder button").wait_for()
        seen.axe("list")
        page.get_by_label("Delete 208-excerpt").click()
        page.locator("dialog[open]").wait_for()
        seen.axe("confirmation")
        page.get_by_role("button", name="Keep it").click()
        page.goto(f"{address}/keys")
        page.locator("#keys-trace tbody tr").first.wait_for()
        seen.axe("keys")
        page.goto(f"{address}/review/{recording}")
        page.locator("#panel-queue [role=option]").first.wait_for()
        page.keyboard.press("j")
        for panel in PANELS:
            page.locator(f"#tab-{panel}").click()
            page.wait_for_selector(f"#panel-{panel}:not([aria-busy])")
            if panel == "why":
                page.locator(".reasons").wait_for()
            seen.axe(f"{panel}, {screen}, {scheme}", None if panel == "queue" else "#panels")
        page.goto(f"{address}/review/{'0' * 16}")
        page.locator("#gone a").wait_for()
        seen.axe("no such recording")
        assert [one for one in seen.wrong if "404" not in one] == []


def test_names_and_messages_are_text_and_a_deleted_recording_is_gone(
    page: Watched, site: tuple[str, str, Review]
) -> None:
    address, _, review = site
    about = {"stated": {}, "options": {}, "settings": {}}
    row = review.store.create(f"{MARKUP} 2", "local", "failed", about)
    page.page.goto(address)
    line = page.page.locator("tbody tr", has_text=f"{MARKUP} 2")
    line.wait_for()
    assert page.page.locator("img").count() == 0
    line.get_by_role("button", name="Delete").click()
    page.page.get_by_role("button", name="Keep it").click()
    assert line.count() == 1
    line.get_by_role("button", name="Delete").click()
    page.page.get_by_role("button", name="Delete for good").click()
    line.wait_for(state="detached")
    assert row.id not in {one.id for one in review.store.recordings()}


def test_files_are_dropped_and_what_is_refused_is_told(
    page: Watched, site: tuple[str, str, Review]
) -> None:
    recording, _ = simulate(30, rng=np.random.default_rng(3))
    numbers = np.rint(recording.read() * 1000).astype("<i2").T
    lines = [f"two 2 {recording.fs_hz:g} {recording.n_samples}"]
    lines += [f"two.dat 16 1000/mV 16 0 0 0 0 {lead}" for lead in recording.leads]
    page.page.goto(site[0])
    page.page.locator("#drop").wait_for()
    page.page.locator("#stated summary").click()
    page.page.get_by_label("Rate, Hz").fill("-5")
    page.page.locator("#stated summary").click()
    before = len(site[2].store.recordings())
    content = ["\n".join(lines) + "\n", numbers.tobytes().hex()]
    page.page.evaluate(DROP, content)
    page.page.get_by_label("Rate, Hz").wait_for()  # shown again: that is no rate
    assert len(site[2].store.recordings()) == before
    page.page.get_by_label("Rate, Hz").fill("")
    page.page.evaluate(DROP, content)
    page.page.wait_for_url("**/review/*", timeout=60_000)  # it opens once it is analysed
    page.page.locator("h1", has_text=re.compile("^two$")).wait_for()
    assert "2 leads" in page.page.locator("#about").inner_text()

    page.page.goto(site[0])
    page.page.locator("#drop").wait_for()
    page.page.set_input_files(
        "#files", [{"name": "a.edf", "mimeType": "application/octet-stream", "buffer": b"0" * 99}]
    )
    line = page.page.locator(
        "tbody tr", has=page.page.get_by_role("rowheader", name="a", exact=True)
    )
    line.get_by_text("failed").wait_for()
    assert len(line.locator(".why").inner_text()) > 20
    # It would fail in the same way once more.
    assert line.get_by_role("button").all_inner_texts() == ["Delete"]
    # The list may be out of sight, below a folder and an archive: the reason is told at once.
    page.page.locator("#faults", has_text="Recording “a” failed: ").wait_for()

    header = {"name": "alone.hea", "mimeType": "text/plain", "buffer": content[0].encode()}
    page.page.set_input_files("#files", [header])
    page.page.get_by_role("rowheader", name="alone", exact=True).wait_for(timeout=5_000)
    assert "/analyse" in page.wrong.pop()


def test_keys_act_and_none_fires_in_a_field(page: Watched, site: tuple[str, str, Review]) -> None:
    address, recording, review = site
    tab = page.page
    before = len(review.opened(recording).log)
    tab.goto(f"{address}/review/{recording}")
    tab.locator("#panel-queue [role=option]").first.wait_for()
    tab.keyboard.press("j")
    tab.locator("#chosen-text", has_text="%").wait_for()
    tab.keyboard.press("1")
    speed = tab.locator(".trace-tools select").first
    assert speed.input_value() == "12.5"
    tab.keyboard.press("a")
    assert tab.locator("[data-mode=artefact][aria-pressed=true]").count() == 1
    tab.keyboard.press("Escape")
    assert tab.locator("[data-mode=move][aria-pressed=true]").count() == 1
    tab.keyboard.press("j")
    tab.keyboard.press("r")
    field = tab.locator("#panel-intervals input").first
    field.focus()
    for key in ("v", "2", "Delete", "z", "t"):
        tab.keyboard.press(key)
    assert tab.locator("#tab-intervals").get_attribute("aria-selected") == "true"
    assert speed.input_value() == "12.5"
    assert len(review.opened(recording).log) == before


def test_a_beat_is_set_and_a_stretch_left_out_by_keys_alone(
    page: Watched, site: tuple[str, str, Review]
) -> None:
    address, recording, review = site
    opened = review.opened(recording)
    tab = page.page
    tab.goto(f"{address}/review/{recording}")
    tab.wait_for_function("() => document.querySelectorAll('[data-class]').length === 5")
    shown = page.classes()
    width = tab.evaluate("document.querySelector('.trace-strip canvas').clientWidth")
    middle_s = (width - GUTTER) / PX_PER_S / 2
    samples = opened.current.intervals.beats.samples
    missed = int(samples[samples > middle_s * opened.base.fs_hz][0])
    before = len(opened.log)
    opened.edit(readers.LOCAL, lambda labels, _: changes.delete(labels, [missed]))
    tab.reload()
    tab.locator("#panel-queue [role=option]").first.wait_for()

    tab.keyboard.press("i")  # a line in the middle of the strip, which arrows move
    for _ in range(round((missed / opened.base.fs_hz - middle_s) * 100)):
        tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    tab.locator("#chosen-text", has_text="which class?").wait_for()
    tab.keyboard.press("v")
    page.settled("Beat set as V")
    tab.keyboard.press("a")
    tab.keyboard.press("Enter")
    for _ in range(10):
        tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    page.settled("is left out")
    edits = opened.log[before:]
    assert [edit.kind for edit in edits] == ["delete", "insert", "artefact"]
    assert abs(int(edits[1].beats["sample"][0]) - missed) <= 2
    start, stop = edits[2].note["artefact"]
    assert stop - start == pytest.approx(opened.base.fs_hz, abs=2)  # ten tenths of a second
    for number in (before + 3, before + 2, before + 1):
        tab.keyboard.press("z")
        page.settled(f"Undone: edit {number}")
    assert page.classes() == shown


def test_a_line_around_points_selects_their_beats(
    page: Watched, site: tuple[str, str, Review]
) -> None:
    address, recording, review = site
    tab = page.page
    tab.goto(f"{address}/review/{recording}#intervals")
    canvas = tab.locator(".plot.square canvas")
    tab.wait_for_selector("#panel-intervals:not([aria-busy])")
    box = canvas.bounding_box()
    corners = [(0.12, 0.005), (0.995, 0.005), (0.995, 0.9), (0.12, 0.9)]
    places = [(box["x"] + a * box["width"], box["y"] + b * box["height"]) for a, b in corners]
    tab.mouse.move(*places[0])
    tab.mouse.down()
    for place in places[1:]:
        tab.mouse.move(*place)
    tab.mouse.up()
    tab.locator("#chosen-text", has_text="beats from").wait_for()
    told = int(tab.locator("#chosen-text").inner_text().split(" beats")[0])
    known = review.opened(recording).current.intervals.rr_s
    assert told == int(((known[1:] > 0) & (known[:-1] > 0)).sum())


def test_a_reader_signs_in_by_token_or_address(
    browser: Any, prepared: tuple[Path, str], tmp_path: Path
) -> None:
    folder, recording = prepared
    shutil.copytree(folder, tmp_path / "store")
    store = Store(tmp_path / "store")
    token = readers.add(store, "anna")
    with (
        served(create_app(Review(store))) as address,
        watched(browser, address) as seen,
    ):
        page = seen.page
        page.goto(f"{address}/review/{recording}")
        page.wait_for_url(f"{address}/")  # who is not signed in sees nothing of it
        page.locator("#token").wait_for()
        seen.axe("sign in")
        page.fill("#token", "no such token")
        page.keyboard.press("Enter")
        page.locator(".fault", has_text="No reader has this token").wait_for()
        page.fill("#token", token)
        page.keyboard.press("Enter")
        page.locator("#who", has_text="anna").wait_for()
        page.get_by_role("link", name="208-excerpt").wait_for()
        page.get_by_role("button", name="Sign out").click()
        page.locator("#token").wait_for()
        page.goto("about:blank")
        page.goto(f"{address}/#token={token}")
        page.locator("#who", has_text="anna").wait_for()
        assert page.url == f"{address}/"  # the token is out of the address
        assert [one for one in seen.wrong if "401" not in one] == []
