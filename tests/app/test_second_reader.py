"""Two readers of one recording at once, in the page: what each sees, and how far they agree."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from browser_site import served
from pages_walk import Watched, watched
from system_chromium import CHROMIUM

from ectopy.app.create import create_app
from ectopy.review import readers
from ectopy.review.agreement import agreement
from ectopy.review.service import Review
from ectopy.review.store import Store

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")


def opened_by(seen: Watched, token: str, recording: str) -> Any:
    """Sign in by the address that the server prints, and open the recording."""
    tab = seen.page
    tab.goto(f"{seen.address}/#token={token}")
    tab.get_by_role("link", name="208-excerpt").click()
    tab.locator("#panel-queue [role=option]").first.wait_for()
    assert tab.url.endswith(recording)
    return tab


def test_their_agreement_is_that_of_ec57_and_each_difference_is_shown(
    browser: Any, prepared: tuple[Path, str], tmp_path: Path
) -> None:
    folder, recording = prepared
    shutil.copytree(folder, tmp_path / "store")
    store = Store(tmp_path / "store")
    tokens = {name: readers.add(store, name) for name in ("anna", "ben")}
    review = Review(store)
    with (
        served(create_app(review)) as address,
        watched(browser, address) as anna,
        watched(browser, address) as ben,
    ):
        opened = review.opened(recording)
        first = opened_by(anna, tokens["anna"], recording)
        first.keyboard.press("t")
        first.locator(".pick", has_text="V2").click()
        first.keyboard.press("f")
        anna.settled("All 11 beats of V2: F")

        second = opened_by(ben, tokens["ben"], recording)
        assert ben.classes()["F"] == 11  # he sees what she did
        second.keyboard.press("e")
        second.locator("#panel-events [role=option]").first.click()
        second.locator("#chosen-text", has_text="00:").wait_for()
        second.keyboard.press("q")
        ben.settled(": Q")
        assert opened.log[-1].author == "ben"
        other = len(opened.log[-1].beats)

        second.keyboard.press("p")
        second.locator("#panel-sign:not([aria-busy])").wait_for()
        selects = second.locator(".agreement select")
        assert sorted(selects.first.locator("option").all_inner_texts()) == [
            "anna", "ben", "the model alone",
        ]  # fmt: skip
        for select in selects.all():
            select.select_option("ben")
        second.get_by_role("button", name="Compare").click()
        ben.settled("Choose two that differ")
        selects.nth(0).select_option("anna")
        selects.nth(1).select_option("ben")
        second.get_by_role("button", name="Compare").click()
        told = agreement(opened, "anna", "ben")
        assert 11 <= told["n_differences"] <= 11 + other
        place = second.locator(".agreement")
        place.filter(has_text=f"Cohen's kappa {told['report']['kappa']:.3f}").wait_for()
        assert f"; {told['n_differences']} beats differ" in place.inner_text()
        rows = [row.split("\t") for row in place.locator("tbody tr").all_inner_texts()]
        gross = {
            name: value
            for name, value in told["report"]["gross"].items()
            if isinstance(value, dict) and "se" in value
        }
        assert [row[0] for row in rows] == list(gross)
        for row, value in zip(rows, gross.values(), strict=True):
            known = "–" if value["se"] is None else f"{100 * value['se']:.2f} %"
            assert row[1] == known

        # Each is looked at by a click, and has the time and letters of both.
        lines = place.locator(".differences button")
        assert lines.count() == told["n_differences"]
        last = told["differences"][-1]
        text = lines.last.inner_text()
        assert f"anna {last['a']}" in text
        assert f"ben {last['b']}" in text
        lines.last.click()
        clock, _, _ = text.partition(".")
        minute = clock.rsplit(":", 1)[0]
        second.locator(".trace-live", has_text=minute).wait_for()
        assert anna.wrong == []
        assert ben.wrong == []
