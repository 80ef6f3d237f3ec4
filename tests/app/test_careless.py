"""Keys pressed too often, too soon or too late: no beat is called what nobody meant."""

from __future__ import annotations

import pytest
from pages_walk import Watched
from system_chromium import CHROMIUM

from ectopy.review import changes, readers
from ectopy.review.opened import Opened

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
TWICE = """key => {
  for (const repeat of [false, true, true])
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, repeat, bubbles: true }));
}"""


def test_a_letter_pressed_twice_for_a_template_is_no_letter_for_beats_selected_before(
    desk: tuple[Watched, Opened],
) -> None:
    page, opened = desk
    tab = page.page
    tab.keyboard.press("j")
    tab.locator("#chosen-text", has_text="00:").wait_for()
    tab.keyboard.press("t")
    tab.locator(".pick", has_text="N2").click()
    tab.keyboard.press("Delete")
    page.settled("A template cannot be taken away")
    tab.keyboard.press("f")
    tab.keyboard.press("s")
    page.settled("of N2: F")
    tab.keyboard.press("z")
    page.settled("Undone: edit 1")
    tab.keyboard.press("Shift+Z")
    page.settled("Redone")
    assert [edit.kind for edit in opened.log] == ["cluster", "undo", "redo"]
    tab.keyboard.press("l")
    tab.locator("[data-edit='3']", has_text="edit 1 done again").wait_for()


def test_a_beat_is_set_once_and_not_where_nobody_looks_any_more(
    desk: tuple[Watched, Opened],
) -> None:
    page, opened = desk
    tab = page.page
    peak = int(opened.base.beats.samples[4])
    opened.edit(readers.LOCAL, lambda labels, _: changes.delete(labels, [peak]))
    tab.reload()
    tab.locator("#panel-queue [role=option]").first.wait_for()
    chosen = tab.locator("#chosen-text")

    def pointed() -> None:
        tab.evaluate(
            """x => {
              const canvas = document.querySelector(".trace-strip canvas");
              const box = canvas.getBoundingClientRect();
              const at = { button: 0, pointerId: 1, clientX: box.left + x, clientY: box.top + 200 };
              canvas.setPointerCapture = () => {};
              for (const type of ["pointerdown", "pointerup"])
                canvas.dispatchEvent(new PointerEvent(type, { ...at, bubbles: true }));
            }""",
            58 + 100 * peak / opened.base.fs_hz,
        )
        chosen.filter(has_text="which class?").wait_for()

    tab.keyboard.press("i")
    pointed()
    tab.keyboard.press("a")
    chosen.filter(has_text="No beat selected").wait_for()
    tab.keyboard.press("v")
    page.settled("Select beats first")
    tab.keyboard.press("i")
    pointed()
    tab.keyboard.press("v")
    tab.keyboard.press("v")
    page.settled("Beat set as V")
    assert [edit.kind for edit in opened.log] == ["delete", "insert"]

    pointed()  # the mode goes on
    pointed_at = chosen.inner_text()
    tab.keyboard.press("Enter")  # where the line is
    assert chosen.inner_text() == pointed_at
    assert page.wrong == []


def test_enter_held_down_agrees_once(desk: tuple[Watched, Opened]) -> None:
    page, opened = desk
    page.page.keyboard.press("j")
    page.page.evaluate(TWICE, "Enter")
    page.settled("Agreed")
    page.page.keyboard.press("Enter")
    page.page.keyboard.press("z")
    page.settled("Undone: edit 2")
    assert [edit.kind for edit in opened.log] == ["accept", "accept", "undo"]
    items = [edit.beats["sample"].tolist() for edit in opened.log[:2]]
    assert items[0] != items[1]
    assert page.wrong == []  # nor was the same asked of the server again


def test_nobody_signs_what_another_tab_changed_meanwhile(desk: tuple[Watched, Opened]) -> None:
    page, opened = desk
    tab = page.page
    tab.keyboard.press("p")
    sign = tab.get_by_role("button", name="Sign", exact=True)
    sign.click()
    veb = int(opened.base.beats.samples[opened.base.beats.classes == 2][0])
    opened.edit(readers.LOCAL, lambda labels, _: changes.relabel(labels, [veb], "F"))
    assert tab.locator("#confirm-no").inner_text() == "Not yet"
    tab.locator("#confirm-yes").click()
    tab.locator("#faults", has_text="look at what changed meanwhile").wait_for()
    tab.wait_for_function("() => document.querySelector('[data-class=F]').textContent === '1'")
    assert opened.standing.status == "draft"
    sign.click()
    tab.locator("#confirm-yes").click()
    tab.get_by_text("What was signed is what is kept.").wait_for()
    assert opened.standing.status == "signed"
    assert tab.locator("#faults").inner_text() == ""  # what was refused before is settled


def test_what_another_reader_said_meanwhile_is_shown_before_it_is_overruled(
    desk: tuple[Watched, Opened],
) -> None:
    page, opened = desk
    tab = page.page
    tab.keyboard.press("j")
    tab.locator("#chosen-text", has_text="00:").wait_for()
    beats = [sample for item in opened.current.queue[:1] for sample in item.beats]
    assert beats
    opened.edit("anna", lambda labels, _: changes.relabel(labels, beats, "F"))
    tab.keyboard.press("q")
    tab.locator("#faults", has_text="Anna changed the beat at sample").wait_for()
    fusion = f"() => document.querySelector('[data-class=F]').textContent === '{len(beats)}'"
    tab.wait_for_function(fusion)
    assert [edit.kind for edit in opened.log] == ["relabel"]
    tab.keyboard.press("q")  # seen, and still thought otherwise
    page.settled(": Q")
    assert [edit.author for edit in opened.log] == ["anna", readers.LOCAL]
