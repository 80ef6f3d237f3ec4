"""Why a chosen beat is called what it is, in the page: of one, of several, corrected, reopened."""

from __future__ import annotations

import numpy as np
import pytest
from pages_walk import Watched
from system_chromium import CHROMIUM

from ectopy.review import changes, readers
from ectopy.review.edits import rows
from ectopy.review.opened import Opened

SEEN = """at_s => {
  const [a, b] = document.querySelector(".trace-live").innerText.split(" · ")[0].split(" to ")
    .map((text) => text.split(":").reduce((sum, part) => 60 * sum + Number(part), 0));
  return a - 1 <= at_s && at_s <= b + 1;
}"""

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")


def test_of_several_beats_it_says_which_and_goes_through_them(
    desk: tuple[Watched, Opened],
) -> None:
    page, opened = desk
    tab = page.page
    samples = opened.base.beats.samples
    tab.keyboard.press("t")
    tab.locator(".pick", has_text="V2").click()
    tab.get_by_role("button", name="Select", exact=True).last.click()
    tab.locator("#chosen-text", has_text="11 beats from").wait_for()
    tab.keyboard.press("w")
    bar = tab.locator("#panel-why .bar")
    verdict = tab.locator("#panel-why .verdict")
    own = samples[(opened.base.beats.classes == 2) & (opened.base.beats.template == 2)]
    for i in (0, 1, 2, 1):
        at_s = own[i] / opened.base.fs_hz
        time = f"00:{int(at_s // 60):02}:{at_s % 60:05.2f}"
        bar.filter(has_text=f"Beat {i + 1} of the 11 selected, at {time}").wait_for()
        verdict.filter(has_text=f"at {time}, as the model labelled it").wait_for()
        tab.wait_for_function(SEEN, arg=at_s)
        tab.keyboard.press("j" if i < 2 else "k")
    tab.keyboard.press("Escape")
    tab.locator("#panel-why .empty", has_text="Select a beat in the trace").wait_for()
    assert bar.is_hidden()
    assert page.wrong == []


def test_of_a_signed_beat_before_and_after_it_is_reopened(desk: tuple[Watched, Opened]) -> None:
    page, opened = desk
    tab = page.page
    tab.keyboard.press("j")
    tab.locator("#chosen-text", has_text="%").wait_for()
    tab.keyboard.press("w")
    tab.locator(".reasons").wait_for()
    why = tab.locator("#panel-why .body")
    said = why.inner_text()
    tab.keyboard.press("p")
    tab.get_by_role("button", name="Sign", exact=True).click()
    tab.locator("#confirm-yes").click()
    tab.get_by_text("What was signed is what is kept.").wait_for()
    tab.keyboard.press("w")
    tab.locator(".reasons").wait_for()
    assert why.inner_text() == said

    tab.keyboard.press("f")
    tab.locator("#confirm-text", has_text="It was signed by local").wait_for()
    tab.keyboard.press("Enter")  # what is asked is not answered by a key that slipped, either
    tab.locator("#confirm").wait_for(state="hidden")
    assert opened.standing.status == "signed"
    tab.keyboard.press("f")
    tab.get_by_role("button", name="Reopen and change").click()
    page.settled("The recording was signed; this edit reopened it")
    why.filter(has_text="A reader calls it F.").wait_for()
    assert why.inner_text().replace("A reader calls it F.\n\n", "") == said
    assert opened.standing.status == "draft"
    assert tab.locator("#standing").inner_text().casefold() == "draft"
    tab.keyboard.press("p")
    tab.get_by_role("button", name="Sign", exact=True).wait_for()  # it can be signed again
    tab.keyboard.press("l")
    tab.locator("[data-edit='2']", has_text="reopened by the next edit").wait_for()
    tab.keyboard.press("z")
    page.settled("Undone: edit 3")
    tab.keyboard.press("w")
    tab.wait_for_function(
        "said => document.querySelector('#panel-why .body').innerText === said", arg=said
    )
    assert page.wrong == []


def test_of_a_beat_called_otherwise_by_what_was_learnt_no_chance_is_made_up(
    desk: tuple[Watched, Opened],
) -> None:
    page, opened = desk
    tab = page.page
    beats = opened.base.beats
    one = int(beats.samples[np.flatnonzero((beats.classes == 0) & ~beats.uncertain)[3]])
    learnt = changes.Change("adapt", rows([one], b"N", b"v"))
    opened.edit(readers.LOCAL, lambda labels, _: learnt)
    tab.reload()
    tab.locator("#panel-queue [role=option]").first.click()  # the model speaks against it most
    words = "V (by what readers stated of others, uncertain)"
    tab.locator("#chosen-text", has_text=words).wait_for()
    assert tab.locator("#panel-queue [role=option]", has_text="V or N?").count() > 0
    tab.keyboard.press("w")
    why = tab.locator("#panel-why .body")
    why.filter(has_text="By what readers stated of others it is V?.").wait_for()
    assert page.wrong == []


def test_of_a_beat_that_a_reader_set_there_is_nothing_to_tell(
    desk: tuple[Watched, Opened],
) -> None:
    page, opened = desk
    tab = page.page
    peak = int(opened.base.beats.samples[4])
    opened.edit(readers.LOCAL, lambda labels, _: changes.delete(labels, [peak]))
    opened.edit(
        readers.LOCAL,
        lambda labels, _: changes.insert(
            labels, opened.recording, opened.base.leading, peak + 9, "V", snap=False
        ),
    )
    tab.reload()
    tab.locator("#panel-queue [role=option]").first.wait_for()
    tab.keyboard.press("l")
    tab.get_by_label("Show edit 2").click()
    tab.locator("#chosen-text", has_text="stated by a reader").wait_for()
    tab.keyboard.press("w")
    tab.locator("#panel-why .empty", has_text="A reader set the beat at 0:00:0").wait_for()
    assert "sample" not in tab.locator("#panel-why").inner_text()
    assert all(one.startswith("404") for one in page.wrong)
