"""The section of the templates: every template or how many are left out, on paper to scale."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from two_forms import result

from ectopy.analysis.events import Intervals
from ectopy.analysis.report import overlay, template_section
from ectopy.analysis.report.overlay import Overlay, draw, room
from ectopy.analysis.report.page import page
from ectopy.analysis.result import Result


@pytest.fixture(scope="module")
def made() -> Result:
    return result()


def cards(html: str) -> list[str]:
    section = html[html.index("<h2>Beat templates</h2>") :]
    return re.findall(r'<figure class="card">.*?</figure>', section, re.S)


def test_each_template_has_a_card_with_its_figures(made: Result) -> None:
    found = cards(page(made))
    words = [re.sub(r"<svg.*</svg>|<[^>]*>|&nbsp;|\s+", " ", card, flags=re.S) for card in found]
    told = [" ".join(text.split()) for text in words]
    assert told == [
        "N 1 360 beats (100.0 %) RR 0.80 s; first 0:00:00 elapsed",
        "V 1 30 beats (50.0 %) RR 0.80 s; first 0:00:03 elapsed",
        "V 2 30 beats (50.0 %) 20 % uncertain; RR 0.80 s; first 0:00:08 elapsed",
    ]
    assert 'aria-label="Template V 2"' in found[2]


def test_what_is_not_drawn_is_counted(made: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_section, "MOST", 1)
    html = page(made)
    assert len(cards(html)) == 2
    assert "Not drawn: 1 smaller template with 30 beats." in html


def test_beats_in_no_template_have_no_median(made: Result) -> None:
    beats = replace(made.intervals.beats, template=np.zeros(len(made.beats), np.int16))
    intervals = Intervals(beats, made.fs_hz, made.intervals.rr_s, made.intervals.clear)
    normal, ectopic = cards(page(replace(made, intervals=intervals)))
    for card in (normal, ectopic):
        assert "in no template" in card
        assert card.count("<path") == 2 * 3  # paper, thin and thick, and members of two leads
        assert 'stroke-width="4"' not in card


def points(path: str) -> np.ndarray:
    x, y, steps = re.fullmatch(r"M(\d+) (\d+)l(.*)", path).groups()  # type: ignore[union-attr]
    moves = np.array([int(n) for n in re.findall(r"-?\d+", steps)]).reshape(-1, 2)
    return np.cumsum(np.concatenate([[[int(x), int(y)]], moves]), axis=0)


def test_the_median_is_drawn_to_scale() -> None:
    beat = np.zeros((1, 200), np.float32)
    beat[0, 75:125] = 1.2  # from the R peak, for 0.2 s
    beat[0, 30:40] = np.nan
    shown = Overlay(("II",), beat[None], beat)
    svg = draw(shown, "N", "a beat", room([shown]))
    width, _, units = re.search(  # type: ignore[union-attr]
        r'width="(\d+)mm" height="(\d+)mm" viewBox="0 0 (\d+) ', svg
    ).groups()
    mm = int(units) / int(width)
    (path,) = re.findall(r'<path d="([^"]*)" fill="none" stroke="#0072B2"', svg)
    before, after = ("M" + part for part in path.split("M")[1:])
    assert points(before)[-1, 0] / mm == pytest.approx(29 / 250 * 25, abs=0.06)
    drawn = points(after)
    high = drawn[drawn[:, 1] == drawn[:, 1].min()]
    assert (high[-1, 0] - high[0, 0]) / mm == pytest.approx(0.196 * 25, abs=0.11)
    assert (drawn[:, 1].max() - high[0, 1]) / mm == pytest.approx(12, abs=0.06)


def test_a_beat_too_tall_for_the_paper_is_cut_and_says_so(made: Result) -> None:
    tall = Overlay(("II",), 5 * np.ones((1, 1, 200), np.float32), 5 * np.ones((1, 200), np.float32))
    paper = room([tall])
    assert paper.up_mm + paper.down_mm == 45
    assert paper.cuts(tall)
    assert not room([overlay.overlay(made.templates[0])]).cuts(overlay.overlay(made.templates[0]))


def test_members_are_brought_together(made: Result) -> None:
    template = made.templates[0]
    samples = made.intervals.beats.samples.copy()
    samples[template.members] += np.resize([-8, 0, 8], len(template.members))
    beats = replace(made.intervals.beats, samples=samples)
    intervals = Intervals(beats, made.fs_hz, made.intervals.rr_s, made.intervals.clear)
    moved = replace(made, intervals=intervals).templates[0]
    apart = np.nanargmax(overlay.overlay(moved).members_mv[:, 0], axis=1)
    assert np.ptp(apart) <= 1
    assert moved.median_mv[0].max() > 0.95 * template.median_mv[0].max()


def test_members_at_the_ends_of_the_recording(tmp_path: Path) -> None:
    short = result(2)
    assert len(short.beats) == 2
    median = short.templates[0].median_mv
    assert np.isfinite(median[:, 60:140]).all()
    assert short.templates[0].plot().save(tmp_path / "n.svg").is_file()
