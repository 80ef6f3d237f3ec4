"""The main loop in Firefox: see, agree, correct, undo, why, sign, export."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from browser_site import served
from system_firefox import FIREFOX, firefox

from ectopy.app.create import create_app
from ectopy.review.service import Review
from ectopy.review.store import Store

SAID = "document.getElementById('says').textContent.includes(arguments[0])"
CLASSES = """Object.fromEntries([...document.querySelectorAll("#classes [data-class]")]
  .map((one) => [one.dataset.class, Number(one.innerText.replace(",", ""))]))"""
DRAWN = """new Set(new Uint32Array(document.querySelector(arguments[0]).getContext("2d")
  .getImageData(0, 0, 400, 300).data.buffer)).size"""
CSV = "fetch(document.querySelector('[data-export=csv]').href).then((answer) => answer.text())"
HOSTS = """[...new Set(performance.getEntriesByType("resource")
  .map((one) => new URL(one.name).host))]"""


@pytest.mark.skipif(not FIREFOX, reason="needs Firefox")
def test_the_loop_in_firefox(prepared: tuple[Path, str], tmp_path: Path) -> None:
    folder, recording = prepared
    shutil.copytree(folder, tmp_path / "store")
    review = Review(Store(tmp_path / "store"))
    with served(create_app(review)) as address, firefox() as browser:
        opened = review.opened(recording)
        browser.send("WebDriver:SetWindowRect", width=1280, height=900)
        browser.go(f"{address}/")
        browser.click("#list a", "208-excerpt")
        browser.until("document.querySelector('#panel-queue [role=option]')?.innerText")
        browser.press("j")
        browser.until("/ selected/.test(document.querySelector('.trace-live').innerText)")
        browser.until("document.querySelector('.trace-strip').hasAttribute('data-drawn')")
        for canvas in (".trace-strip canvas", ".trace-day canvas"):
            assert browser.run(DRAWN, canvas) > 20, canvas
        browser.press("\ue007")  # Enter
        browser.until(SAID, "Agreed")
        before = browser.run(CLASSES)
        browser.until("document.querySelector('#chosen-text').innerText.includes('%')")
        browser.press("f")
        browser.until(SAID, "1 beat: F")
        assert browser.run(CLASSES)["F"] == before["F"] + 1
        browser.press("z")
        browser.until(SAID, "Undone: edit 2")
        assert browser.run(CLASSES) == before

        browser.press("t")
        browser.click(".pick", "V2")
        browser.press("q")
        browser.until(SAID, "All 11 beats of V2: Q")
        browser.until(
            "document.querySelector('.pick[aria-pressed=true]')?.innerText.includes('Q1')"
        )
        browser.press("j")
        browser.press("w")
        browser.until("document.querySelector('.reasons') && true")
        colours = browser.run(
            """["for", "against"].map((kind) => getComputedStyle(
              document.querySelector(`meter.${kind}`), "::-moz-meter-bar").backgroundColor)"""
        )
        assert colours[0] != colours[1]  # what spoke against looks otherwise
        browser.press("p")
        browser.click("#panel-sign button.primary", "Sign")
        browser.until("document.querySelector('dialog[open]') && true")
        browser.click("#confirm-yes")
        browser.until("document.querySelector('#panel-sign .good') && true")
        assert opened.standing.status == "signed"
        letters = [row["class"] for row in csv.DictReader(browser.run(CSV).splitlines())]
        shown = browser.run(CLASSES)
        assert shown == {one: letters.count(one) for one in shown}
        assert shown["Q"] == before["Q"] + 11
        assert browser.run(HOSTS) == [address.removeprefix("http://")]
        assert browser.run("document.getElementById('faults').innerText") == ""
