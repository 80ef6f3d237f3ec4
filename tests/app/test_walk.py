"""The whole loop as a reader walks it, in Chromium: open, see, correct, learn, sign, export."""

from __future__ import annotations

import csv
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_site import served
from pages_walk import Watched, watched
from system_chromium import CHROMIUM

from ectopy.app.create import create_app
from ectopy.beats.aami import to_classes
from ectopy.classes import AAMI
from ectopy.recordings.annotations import read_annotations
from ectopy.review.service import Review
from ectopy.review.store import Store

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
FS_HZ = 360
MANY = """import("/static/review/difference.js").then(({ isMany }) =>
  [[500, 1e5], [501, 1e5], [5, 100], [6, 100]].map(([beats, of]) => isMany({ beats }, of)))"""


@pytest.fixture
def walk(browser: Any, tmp_path: Path) -> Iterator[Watched]:
    """Serve an empty store, and open its first page."""
    app = create_app(Review(Store(tmp_path / "store")))
    with served(app) as address, watched(browser, address) as page:
        yield page


def test_from_the_example_to_the_exported_file(walk: Watched, tmp_path: Path) -> None:
    page = walk.page
    page.goto(walk.address)
    page.get_by_text("Nothing here yet").wait_for()
    page.click("#example")
    page.wait_for_url("**/review/*", timeout=60_000)
    page.locator("#panel-queue [role=option]").first.wait_for()
    assert walk.wrong == []

    # Jump: an item of the queue brings its beat into the strip, selected.
    page.keyboard.press("j")
    option = page.locator("#panel-queue [aria-selected=true]")
    at_s = _seconds(option.locator(".when").inner_text())
    page.wait_for_function(
        "() => / selected/.test(document.querySelector('.trace-live').innerText)"
    )
    begin_s, stop_s, _ = _strip(page)
    assert begin_s <= at_s <= stop_s

    # Agree with it and go on; relabel the beat that is selected then.
    page.keyboard.press("Enter")
    walk.settled("Agreed")
    page.locator("#chosen-text", has_text=re.compile("uncertain")).wait_for()
    before = walk.classes()
    page.keyboard.press("s")
    walk.settled("1 beat: S")
    assert walk.classes()["S"] == before["S"] + 1

    # A whole template: a letter means what was chosen last.
    page.keyboard.press("t")
    page.locator(".pick", has_text="V2").click()
    members = int(page.locator(".pick", has_text="V2").locator(".head span").last.inner_text())
    page.keyboard.press("f")
    walk.settled("of V2: F")
    assert walk.classes()["F"] == before["F"] + members

    # Undo one edit among others: the template stays as it is.
    page.keyboard.press("l")
    page.get_by_label("Undo edit 2").click()
    walk.settled("Undone: edit 2")
    after = walk.classes()
    assert after["S"] == before["S"]
    assert after["F"] == before["F"] + members

    # Answer for a beat, then let the rest follow.
    page.keyboard.press("m")
    page.get_by_role("button", name="Ask me").click()
    page.locator("#panel-learn [role=option][aria-selected=true]").wait_for()
    page.keyboard.press("v")
    walk.settled(": V")
    page.get_by_role("button", name="Relabel the rest").click()
    accept = page.locator("#accept-proposal")
    accept.wait_for()
    rows = page.locator(".diff tbody tr").all()
    moved: Counter[str] = Counter()
    changes: Counter[tuple[str, str]] = Counter()
    for row in rows:
        before_, after_, n = (cell.inner_text().strip() for cell in row.locator("td").all())
        moved[before_[0]] -= int(n)
        moved[after_[0]] += int(n)
        changes[before_[0], after_[0]] += int(n)
    total = sum(changes.values())
    shown = walk.classes()
    # It is more than a twentieth of the recording: asked about first, with what would change.
    accept.click()
    asked = page.locator("dialog[open]")
    asked.wait_for()
    told = asked.inner_text()
    assert f"Relabel {total} beats at once?" in told
    assert f"{100 * total / sum(shown.values()):.1f} % of the {sum(shown.values())} beats" in told
    kept = sum(n for (a, b), n in changes.items() if a == b)
    words = [f"{n} from {a} to {b}" for (a, b), n in changes.items() if a != b]
    assert all(one in told for one in (*words, f"{kept} keep their class"))
    page.get_by_role("button", name="Not yet").click()
    assert walk.classes() == shown
    accept.click()
    page.get_by_role("button", name="Relabel them").click()
    walk.settled("relabelled, as one edit")
    assert page.evaluate(MANY) == [False, True, False, True]
    expected = {one: shown[one] + moved[one] for one in AAMI}
    assert walk.classes() == expected

    # It is all there after a reload.
    page.reload()
    page.wait_for_function(
        "n => document.querySelector('[data-class=F]')?.textContent === n", arg=str(expected["F"])
    )
    assert walk.classes() == expected
    page.keyboard.press("l")
    page.locator("#panel-log [data-edit='2'].undone").wait_for()

    # Sign.
    page.keyboard.press("p")
    page.get_by_role("button", name="Sign", exact=True).click()
    page.locator("#confirm-yes").click()
    page.get_by_text("What was signed is what is kept.").wait_for()
    assert page.locator("#standing").inner_text().casefold() == "signed"

    # Export, and compare with what is shown: the counts, and each letter over the strip.
    files = {what: _download(page, what, tmp_path) for what in ("wfdb", "csv", "report")}
    marks = read_annotations(files["wfdb"].with_suffix(""), files["wfdb"].suffix[1:])
    classes = to_classes(marks.symbols)
    beats = classes >= 0
    counts = np.bincount(classes[beats], minlength=len(AAMI)).tolist()
    assert dict(zip(AAMI, counts, strict=True)) == expected
    page.locator(".trace-strip [tabindex='0']").first.focus()
    page.keyboard.press("Home")
    page.wait_for_function(
        "() => document.querySelector('.trace-live').innerText.startsWith('00:00:00')"
    )
    begin_s, stop_s, letters = _strip(page)
    samples = marks.samples[beats]
    inside = (samples >= begin_s * FS_HZ) & (samples < stop_s * FS_HZ)
    exported = "".join(AAMI[one] for one in classes[beats][inside])
    assert exported.startswith(letters[:-1])  # the last may be cut off at the edge
    with files["csv"].open(encoding="utf-8") as file:
        assert len(list(csv.reader(file))) == sum(counts) + 1
    assert "signed by local" in files["report"].read_text(encoding="utf-8")
    page.get_by_label("Patient, where the file does not say").fill("P-17")
    with zipfile.ZipFile(_download(page, "training", tmp_path)) as archive:
        assert any(name.endswith(".corrected.json") for name in archive.namelist())
    assert walk.wrong == []


def _download(page: Any, what: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.locator(f"[data-export={what}]").click()
    name = waiting.value.suggested_filename
    waiting.value.save_as(folder / name)
    return folder / name


def _strip(page: Any) -> tuple[float, float, str]:
    """Read from the text of the strip: from when to when, and the letters of its beats."""
    text = page.locator(".trace-live").inner_text()
    times, _, letters, *_ = text.split(" · ")
    begin_s, stop_s = map(_seconds, times.split(" to "))
    return begin_s, stop_s, re.sub("[^NSVFQ]", "", letters)


def _seconds(text: str) -> float:
    total = 0.0
    for part in text.split(":"):
        total = 60 * total + float(part)
    return total
