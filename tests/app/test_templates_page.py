"""Templates in the page: relabelled, merged, looked at, moved, split, and gone meanwhile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages_walk import Watched
from system_chromium import CHROMIUM

from ectopy.review import changes, readers
from ectopy.review.clusters import Cluster
from ectopy.review.exports import export
from ectopy.review.opened import Opened

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")

Desk = tuple[Watched, Opened]


def cards(page: Watched) -> dict[str, int]:
    """Read from the cards what each template is called, and how many beats it has."""
    found = {}
    for one in page.page.locator(".pick .head").all():
        letter, name, count = one.locator(":scope > *").all_inner_texts()
        assert name in ("like no other", f"{letter}{re.sub('[^0-9]', '', name)}")
        found[f"{letter} {name}"] = int(count.replace(",", ""))
    return found


def kept(opened: Opened) -> dict[str, int]:
    """Tell the same of the labels that are kept."""
    return {f"{one.of} {one.name}": one.template.count for one in opened.current.clusters}


def named(opened: Opened, name: str) -> Cluster:
    return next(one for one in opened.current.clusters if one.name == name)


def listed(page: Watched, opened: Opened, n: int) -> None:
    """Wait for so many cards; they are the templates that are kept."""
    page.page.wait_for_function(
        "n => document.querySelectorAll('.card-one').length === n"
        " && !document.querySelector('#panel-templates[aria-busy]')",
        arg=n,
    )
    assert cards(page) == kept(opened)


def test_a_template_is_called_after_its_class_and_others_are_merged_into_the_larger(
    desk: Desk, tmp_path: Path
) -> None:
    page, opened = desk
    tab = page.page
    before = kept(opened)
    beats = opened.current.labels.samples[
        changes.members(opened.current.labels, "N", named(opened, "N2").cluster)
    ]
    tab.keyboard.press("t")
    listed(page, opened, len(before))
    tab.locator(".pick", has_text="N2").click()
    tab.keyboard.press("v")
    page.settled(f"All {len(beats)} beats of N2: V")
    tab.locator(".pick[aria-pressed=true]", has_text="V3").wait_for()
    assert before["N N2"] == len(beats) == 10
    listed(page, opened, len(before))
    assert "N N2" in cards(page)  # that was N3
    assert cards(page)["V V3"] == 10
    report, _ = export(opened.current, "report", tmp_path)
    assert re.search(
        r"V\s*3\b[^<]*</\w+>\D{0,300}10\b", report.read_text(encoding="utf-8")
    )  # alike

    tab.get_by_label("Tick V3 of class V, to merge").check()
    merge = tab.get_by_role("button", name="Merge ticked")
    assert merge.is_disabled()
    tab.get_by_label("Tick V1 of class V, to merge").check()
    merge.click()
    page.settled("V3 merged into V1, as V")
    listed(page, opened, len(before) - 1)
    assert cards(page)["V V1"] == before["V V1"] + 10
    assert [edit.kind for edit in opened.log] == ["cluster", "merge"]
    tab.keyboard.press("z")
    page.settled("Undone: edit 2")
    tab.keyboard.press("z")
    page.settled("Undone: edit 1")
    listed(page, opened, len(before))
    assert cards(page) == before
    # Nothing but the picture of a template that was undone before it was asked for.
    assert [one for one in page.wrong if not re.match("404 .*/clusters/", one)] == []


def test_members_are_looked_at_split_off_and_moved(desk: Desk) -> None:
    page, opened = desk
    tab = page.page
    before = kept(opened)
    labels = opened.current.labels
    v2 = labels.samples[changes.members(labels, "V", named(opened, "V2").cluster)]
    tab.keyboard.press("t")
    tab.locator(".pick", has_text="V2").click()
    tab.get_by_role("button", name="Members").click()
    lines = tab.locator(".members li")
    lines.nth(len(v2) - 1).wait_for()
    assert tab.locator(".members").inner_text().count(":") == 2 * len(v2)
    leads = tab.locator(".overlays figcaption").all_inner_texts()
    assert leads == list(opened.recording.leads)

    # J goes through them; the strip and the line below show each.
    for i in range(2):
        tab.keyboard.press("j")
        at_s = v2[i] / opened.base.fs_hz
        time = f"00:{int(at_s // 60):02}:{at_s % 60:05.2f}"
        tab.locator("#chosen-text", has_text=time).wait_for()
        chosen = tab.locator(".members li.chosen").inner_text().strip()
        assert chosen == lines.nth(i).inner_text().strip()
        assert float(chosen[-4:]) == pytest.approx(at_s % 60, abs=0.051)

    ticked = tab.locator(".members input")
    tab.get_by_role("button", name="Split off", exact=True).click()
    page.settled("Tick members first")
    for i in (0, 1, 2):
        ticked.nth(i).check()
    tab.get_by_text("3 beats ticked").wait_for()
    tab.get_by_role("button", name="Split off", exact=True).click()
    page.settled("3 beats split off")
    tab.get_by_text("0 beats ticked").wait_for()
    lines.nth(len(v2) - 3).wait_for(state="detached")
    assert kept(opened)["V V2"] == len(v2) - 3
    assert opened.log[-1].beats["sample"].tolist() == v2[:3].tolist()

    # The first of those that are left joins the largest template of class N, and is N.
    ticked.first.check()
    tab.get_by_label("Template", exact=True).select_option(label=f"N1 (N, {before['N N1']})")
    tab.get_by_role("button", name="Move to").click()
    page.settled("1 beat moved")
    lines.nth(len(v2) - 4).wait_for(state="detached")
    moved = opened.current.labels.find([v2[3]])
    assert opened.current.labels.classes[moved].tolist() == [0]
    assert kept(opened)["N N1"] == before["N N1"] + 1
    tab.get_by_role("button", name="All templates").click()
    listed(page, opened, len(before) + 1)
    assert page.wrong == []


def test_selected_beats_become_a_template_of_their_own_or_join_another(desk: Desk) -> None:
    page, opened = desk
    tab = page.page
    before = kept(opened)
    tab.keyboard.press("t")
    tab.locator(".pick", has_text="V2").click()
    tab.get_by_role("button", name="Split selected off").click()
    page.settled("Select beats in the trace or among the members first")
    keys = tab.get_by_text("N S V F Q mean all of it, too")  # a letter means the whole template now
    assert keys.is_visible()
    tab.get_by_role("button", name="Select", exact=True).last.click()
    tab.locator("#chosen-text", has_text="11 beats from").wait_for()
    assert keys.is_hidden()  # and the beats that are selected now
    tab.locator(".pick", has_text="V1").click()
    tab.get_by_role("button", name="Move selected here").click()
    page.settled("11 beats moved to V1")
    listed(page, opened, len(before) - 1)
    tab.get_by_role("button", name="Split selected off").click()
    page.settled("11 beats split off")
    listed(page, opened, len(before))
    # What was split off is what is chosen then.
    assert tab.locator(".pick[aria-pressed=true]").inner_text().split()[:3] == ["V", "V2", "11"]
    assert page.wrong == []


def test_a_template_that_another_reader_changed_meanwhile_is_not_shown_on(desk: Desk) -> None:
    page, opened = desk
    tab = page.page
    before = kept(opened)
    tab.set_viewport_size({"width": 1280, "height": 330})  # the last card is out of sight
    tab.keyboard.press("t")
    listed(page, opened, len(before))
    last = named(opened, "V2").cluster
    opened.edit(readers.LOCAL, lambda labels, _: changes.relabel_cluster(labels, "V", last, "F"))
    tab.locator(".pick", has_text="V2").scroll_into_view_if_needed()
    page.settled("Another reader changed something")
    tab.locator(".pick", has_text="F1").wait_for()
    listed(page, opened, len(before))
    assert tab.locator("#faults").inner_text() == ""
    tab.locator(".pick", has_text="F1").scroll_into_view_if_needed()
    tab.locator(".card-one", has_text="F1").locator("canvas").wait_for()
    assert [one.split(" ")[0] for one in page.wrong] == ["404"] * len(page.wrong)

    # Nor are its members: the same where one opens them.
    first = named(opened, "F1")
    opened.edit(
        readers.LOCAL, lambda labels, _: changes.relabel_cluster(labels, "F", first.cluster, "S")
    )
    tab.locator(".pick", has_text="F1").click()
    tab.get_by_role("button", name="Members").click()
    tab.locator(".pick", has_text="S1").wait_for()
    assert tab.locator("#faults").inner_text() == ""

    # And what is refused since it was changed is told, and shown as it is now.
    opened.edit(
        readers.LOCAL, lambda labels, _: changes.relabel_cluster(labels, "S", first.cluster, "Q")
    )
    tab.locator(".pick", has_text="S1").click()
    tab.keyboard.press("n")
    tab.locator("#faults", has_text="Class S has no such template any more").wait_for()
    tab.locator(".pick", has_text="Q1").wait_for()
    assert opened.log[-1].note["to"] == "Q"
