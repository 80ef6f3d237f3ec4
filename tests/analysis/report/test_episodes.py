"""Runs, pauses and couplets: ranked, cut to a length, and each with the strip that shows it."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from ectopy.analysis.events import Event
from ectopy.analysis.report.episodes import lists, shown_in
from ectopy.analysis.report.page import page
from ectopy.analysis.report.strip_choice import Strip, choose, ranked
from ectopy.analysis.result import Result
from ectopy.analysis.settings import Settings


def event(start_s: float, beats: int = 3, *, of: str = "VEB", certain: bool = True) -> Event:
    kind = "pause" if of == "RR" else "run"
    rate = None if of == "RR" else 100.0 + start_s
    return Event(kind, of, 0, beats - 1, start_s, 0.5 * beats, 0, certain, rate)


def test_certain_long_and_fast_ones_come_first() -> None:
    events = [
        event(1.0),
        event(2.0),
        event(3.0, 9, certain=False),
        event(4.0, 5),
        event(5.0, of="SVEB"),
        event(6.0, 2, of="RR"),
    ]
    assert [e.start_s for e in ranked(events, "VEB", "run")] == [4.0, 2.0, 1.0, 3.0]
    longer = replace(event(7.0, 2, of="RR"), duration_s=2.5)
    assert [e.start_s for e in ranked([*events, longer], "RR", "pause")] == [7.0, 6.0]


def test_a_strip_shows_an_event_whole_or_its_begin_if_it_is_longer() -> None:
    strips = [Strip("a", 0.0, 7.0), Strip("b", 10.0, 17.0), Strip("c", 11.0, 18.0)]
    assert shown_in(event(1.0), strips) == 1
    assert shown_in(event(16.0), strips) == 3  # the second cuts it
    assert shown_in(event(12.0), strips) == 2
    assert shown_in(event(6.5), strips) is None  # cut, though it would have fitted
    assert shown_in(event(12.0, 30), strips) == 2  # longer than any strip
    assert shown_in(event(8.0), strips) is None


def test_the_lists_are_cut_and_say_so(busy: Result) -> None:
    runs = ranked(busy.events, "VEB", "run")
    assert len(runs) > 40
    summary = busy.summary.model_copy(update={"settings": Settings(listed=5, strips=0)})
    few = replace(busy, summary=summary)
    listed = {one.title: one for one in lists(few, [])}
    found = listed["Ventricular runs"]
    assert [row.event for row in found.rows] == runs[:5]
    assert (found.total, found.certain) == (len(runs), sum(run.certain for run in runs))
    assert len(listed["Ventricular couplets"].rows) == 3
    assert [*listed][:2] == ["Ventricular runs", "Supraventricular runs"]
    text = page(few)
    assert f"5 of {len(runs):,} shown, the longest first; all are in busy.events.csv." in text
    none = replace(busy, summary=busy.summary.model_copy(update={"settings": Settings(listed=0)}))
    assert "Runs, pauses and couplets" not in page(none)


def test_two_beats_have_an_interval_and_no_rate(busy: Result) -> None:
    """The interval of a couplet was given as a rate, of 237/min say."""
    text = page(busy)
    couplets = next(one for one in lists(busy, []) if one.title == "Ventricular couplets")
    heading = text.index(f"Ventricular couplets: {couplets.total:,}")
    table = text[heading : text.index("</table>", heading)]
    assert "/min" not in table
    for row in couplets.rows:
        assert f"<td>{1000 * row.event.duration_s:,.0f}&nbsp;ms</td>" in table
    assert re.search(r"VEB couplet: \d+ ms apart", text)
    assert not re.search("couplet: 2 beats", text)
    assert "unsure" not in text


def test_every_link_leads_to_a_strip_that_shows_the_event(busy: Result) -> None:
    text = page(busy)
    settings = busy.summary.settings
    strips = choose(busy.intervals, busy.events, busy.rhythm, busy.duration_s, settings)
    ids = [int(n) for n in re.findall(r'<figure class="strip[^>]*id="strip-(\d+)"', text)]
    assert ids == [*range(1, len(strips) + 1)]
    links = [int(n) for n in re.findall('href="#strip-([0-9]+)"', text)]
    assert len(links) > 8
    assert set(links) <= set(ids)
    rows = [row for one in lists(busy, strips) for row in one.rows]
    assert sum(row.strip is not None for row in rows) == len(links)
    for row in rows:
        if row.strip:
            strip = strips[row.strip - 1]
            assert strip.start_s <= row.event.start_s < strip.stop_s
    # The longest of every list of runs and pauses is shown.
    for one in lists(busy, strips):
        assert one.rows[0].strip or one.kind == "couplet"


@pytest.mark.parametrize("strips", [8, 24])
def test_further_runs_are_shown_before_examples_of_something_else(
    busy: Result, strips: int
) -> None:
    chosen = choose(
        busy.intervals, busy.events, busy.rhythm, busy.duration_s, Settings(strips=strips)
    )
    assert len(chosen) == strips
    runs = [i for i, strip in enumerate(chosen) if strip.title.startswith("VEB run")]
    assert len(runs) >= 1
    examples = [i for i, strip in enumerate(chosen) if "bigeminy" in strip.title]
    assert not examples or runs[0] < examples[0]
    assert all(one != other for one, other in pairwise(chosen))
