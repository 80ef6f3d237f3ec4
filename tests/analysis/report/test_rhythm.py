"""The rhythm on the page: the sentence, the band over time, episodes with their strips, hours."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.report.disclosure import disclose
from ectopy.analysis.report.hours import tables, whole
from ectopy.analysis.report.index import write_index
from ectopy.analysis.report.page import page
from ectopy.analysis.report.rhythm_band import band, column_kinds, key
from ectopy.analysis.report.rhythm_section import rhythm_section
from ectopy.analysis.report.rhythm_style import STYLES, patterns
from ectopy.analysis.report.rhythm_words import answer, brief
from ectopy.analysis.report.strip_choice import choose
from ectopy.analysis.result import Result
from ectopy.analysis.settings import Settings
from ectopy.recordings.clock import Clock
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import AF, KEYS, NONE, RHYTHMS, SINUS, VENTRICULAR, VF

Told = Callable[..., Result]


def sentence(result: Result) -> str:
    return answer(result.summary, Clock(result.start, result.duration_s))


def test_the_sentence_says_how_much_when_and_how_fast(fibrillating: Result) -> None:
    said = sentence(fibrillating)
    assert said.startswith(
        "Ventricular fibrillation or flutter once (30.0 s at 0:20:00 elapsed); "
        "atrial fibrillation 32.2 % of the time (35 min 0 s in 2 episodes, longest 33 min 20 s "
        "from 0:50:00 elapsed), mean rate "
    )
    assert " outside; ventricular tachycardia once" in said
    assert "ventricular tachycardia once (4.0 s at 0:58:20 elapsed)" in said
    assert said.endswith("1.1 % of the recording not decided")
    assert f"<dt>Rhythm</dt><dd>{said}</dd>" in page(fibrillating)
    # A run in it does not part an episode, nor take from its burden.
    fibrillation = fibrillating.summary.rhythm.fibrillation
    assert (fibrillation.seconds, fibrillation.episodes) == (2100.0, 2)
    assert brief(fibrillating.summary) in str(fibrillating)
    assert brief(fibrillating.summary).startswith(
        "ventricular fibrillation or flutter once (30.0 s), AF 32.2 % (2 episodes, longest "
    )


def test_what_is_not_decided_is_said_first_where_it_is_much(busy: Result, told: Told) -> None:
    half = told(busy, (0, "none"), (3000, "sinus"))
    assert sentence(half).startswith(
        "45.5 % of the recording not decided; of the rest: no atrial fibrillation of 30 s or more "
        "found; sinus-like rhythm 100 %"
    )
    assert sentence(told(busy, (0, "none"), (3000, "vf"), (3040, "sinus"))).startswith(
        "Ventricular fibrillation or flutter once (40.0 s at 0:50:00 elapsed); no atrial"
    )
    assert sentence(told(busy, (0, "none"))) == "not decided"
    assert brief(told(busy, (0, "none")).summary) == "rhythm not decided"
    assert sentence(told(busy, (0, "af"))).startswith("Atrial fibrillation throughout, mean rate ")
    assert "outside" not in sentence(told(busy, (0, "af")))


def test_a_strip_says_what_it_cannot_show(busy: Result, told: Told) -> None:
    part = told(busy, (0, "sinus")).summary.rhythm
    why = "atrial fibrillation: it is told from 30 beats without a gap on, and there are 12"
    unknown = part.fibrillation.model_copy(update={"percent": None})
    part = part.model_copy(update={"cannot_show": [why], "fibrillation": unknown})
    short = busy.summary.model_copy(update={"rhythm": part})
    assert "no atrial fibrillation" not in answer(short, Clock())  # nobody could know
    assert "no AF" not in brief(short)
    assert f"<dt>Cannot be told</dt><dd>{why}</dd>" in page(replace(busy, summary=short))


def test_fibrillation_under_a_paced_rhythm_is_not_denied(busy: Result, told: Told) -> None:
    for spans, percent, said in (
        ([(0, "paced")], None, "Paced rhythm 100 %"),
        ([(0, "none"), (90, "paced")], None, "Paced rhythm 100 %; 1.4 % of the recording not"),
        ([(0, "sinus"), (90, "paced")], 0, "No atrial fibrillation of 30 s or more found outside"),
    ):
        result = told(busy, *spans)
        assert result.summary.rhythm.fibrillation.percent == percent
        assert sentence(result).startswith(said)


def test_each_column_shows_what_rules_it_and_what_is_serious() -> None:
    onset = np.array([0.0, 50, 56, 100, 101, 150])
    kind = np.array([SINUS, AF, SINUS, VF, SINUS, VENTRICULAR])
    nan = np.full(6, np.nan, dtype=np.float32)
    course = RhythmCourse(onset, np.append(onset[1:], 150.5), kind, nan, nan)
    shown = column_kinds(course, 200, 4)
    # 6 of 50 s of fibrillation are a tenth, 1 s of ventricular fibrillation is always shown.
    assert [KEYS[one] for one in shown.tolist()] == ["sinus", "af", "vf", "vt"]
    course = replace(course, onset_s=np.array([0.0, 50, 54, 100, 101, 150]))
    course = replace(course, end_s=np.append(course.onset_s[1:], 150.5))
    assert column_kinds(course, 200, 4)[1] == SINUS
    undecided = RhythmCourse.nothing(10)
    assert column_kinds(undecided, 10, 3).tolist() == [NONE] * 3


def test_no_rhythm_is_told_by_its_colour_alone() -> None:
    assert set(STYLES) == set(KEYS)
    looks = list(STYLES.values())
    assert len({look.letters for look in looks}) == len(looks)
    arrhythmias = [STYLES[one] for one in KEYS if one != "sinus"]
    assert all(look.lines for look in arrhythmias)
    drawn = patterns(range(len(RHYTHMS)))
    for look, kind in zip(looks, KEYS, strict=True):
        assert (f'id="rhythm-{kind}"' in drawn) == bool(look.lines)
    shown = np.repeat(np.arange(len(RHYTHMS)), 60)
    svg, named = band(shown, 0, 840, 0, 14), key(shown, 0, 840, 0)
    for kind in range(len(RHYTHMS)):
        assert f">{STYLES[KEYS[kind]].letters}</text>" in svg
        assert f">{STYLES[KEYS[kind]].letters}: {RHYTHMS[kind].title}</text>" in named[0]
    assert named[1] == len(set(re.findall('<text x="[^"]*" y="([^"]*)"', named[0]))) > 1
    right = [float(x) + float(w) for x, w in re.findall('x="([^"]*)" y="0" width="([^"]*)"', svg)]
    assert max(right) == pytest.approx(840)


def test_every_pattern_of_a_page_is_on_it_once(fibrillating: Result) -> None:
    text = page(fibrillating)
    used = set(re.findall(r"url\(#(.*?)\)", text))
    assert used
    for name in used:
        assert text.count(f'id="{name}"') == 1


def test_onset_and_end_have_strips_and_links_lead_to_them(fibrillating: Result) -> None:
    result = fibrillating
    strips = choose(result.intervals, result.events, result.rhythm, result.duration_s, Settings())
    assert strips[0].title.startswith("Ventricular fibrillation or flutter: 30.0 s")
    titles = " | ".join(strip.title for strip in strips)
    for words in (
        "Onset of atrial fibrillation (33 min 20 s, longest of 2 episodes)",
        "End of atrial fibrillation (33 min 20 s, longest of 2 episodes)",
        "Onset of atrial fibrillation (1 min 40 s, first of 2 episodes)",
    ):
        assert words.lower() in titles.lower()
    shown = rhythm_section(result, strips)
    assert shown is not None
    assert [one.title for one in shown["lists"]] == [
        "Ventricular fibrillation or flutter",
        "Atrial fibrillation",
    ]
    (first, longest) = shown["lists"][1].rows
    assert (first.onset_s, first.end_s, longest.end_s) == (600, 700, 5000)
    assert (first.longest, longest.longest) == (False, True)
    for row in (first, longest):
        at = {"onset": row.onset_s, "end": row.end_s}
        assert [what for what, _ in row.strips] == ["onset", "end"]
        for what, number in row.strips:
            strip = strips[number - 1]
            assert strip.start_s < at[what] < strip.stop_s
    text = page(result)
    section = text[text.index("<h2>Rhythm</h2>") : text.index("<h2>Runs, pauses")]
    links = re.findall(r'href="#(strip-\d+)"', section)
    assert len(links) >= 4
    assert all(f'id="{link}"' in text for link in links)
    inside = (result.intervals.times_s >= 600) & (result.intervals.times_s < 700)
    rr = result.intervals.rr_s[inside & result.intervals.clear]
    assert first.rate_bpm == pytest.approx(60 / np.nanmean(rr))


def test_many_episodes_are_the_longest_and_the_first(busy: Result, told: Told) -> None:
    spans: list[tuple[float, str]] = [(0, "sinus")]
    for number in range(20):
        begin = 100 + 300 * number
        spans += [(begin, "af"), (begin + 40 + (200 if number in (7, 15) else number), "sinus")]
    result = told(busy, *spans)
    few = replace(
        result, summary=result.summary.model_copy(update={"settings": Settings(listed=4)})
    )
    shown = rhythm_section(few, [])
    assert shown is not None
    (episodes,) = shown["lists"]
    assert episodes.total == 20
    assert [row.onset_s for row in episodes.rows] == [100, 400, 2200, 4600]
    assert "4 of 20 shown: the longest and the first; all are in busy.rhythm.csv." in page(few)


def test_fibrillation_from_end_to_end_has_one_strip(busy: Result, told: Told) -> None:
    result = told(busy, (0, "af"))
    strips = choose(result.intervals, result.events, result.rhythm, result.duration_s, Settings())
    titles = [strip.title for strip in strips if "trial fibrillation" in strip.title]
    assert len(titles) == 1
    assert "atrial fibrillation throughout" in titles[0].lower()
    assert "from the start" in page(result)
    assert "to the end" in page(result)


def test_hours_have_their_share_of_fibrillation(fibrillating: Result) -> None:
    (table,) = tables(fibrillating, Clock())
    # 100 s and 600 s of the first hour, of which 70 s are not decided; a run in it counts as in it.
    line = whole(fibrillating)
    assert line.af_percent == pytest.approx(
        fibrillating.summary.rhythm.fibrillation.percent, abs=1e-3
    )
    assert table.total.af_percent == line.af_percent
    assert '<th scope="col">AF</th>' in page(fibrillating)


def test_the_full_disclosure_marks_arrhythmias(
    fibrillating: Result, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("disclosed") / "all.html"
    disclose(fibrillating, path)
    text = path.read_text(encoding="utf-8")
    assert "AF atrial fibrillation" in text
    assert ">AF</text>" in text
    assert ">sinus</text>" not in text
    # 600 to 700 s: two lines, from their begin to 40 s of the second.
    bars = re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="2.5" fill="#6a3d9a"', text)
    assert [int(width) for _, _, width in bars[:2]] == [1160, pytest.approx(773, abs=1)]


def test_a_rhythm_by_the_clock(fibrillating: Result) -> None:
    started = replace(fibrillating, start=datetime(2024, 5, 6, 23, 30))
    assert "longest 33 min 20 s from day 2 00:20:00" in sentence(started)


def test_ten_seconds_show_no_fibrillation_and_do_not_exclude_it(tmp_path: Path) -> None:
    recording, _ = simulate(10, rng=np.random.default_rng(3), fs_hz=500)
    result = analyze(recording)
    fibrillation = result.summary.rhythm.fibrillation
    assert (fibrillation.percent, fibrillation.episodes) == (None, 0)
    text = page(result)
    assert "no atrial fibrillation" not in text
    assert "no AF" not in str(result)
    assert re.search("<dt>Cannot be told</dt><dd>atrial fibrillation: .*", text)
    result.write(tmp_path, formats=("json", "html"))
    write_index(tmp_path, {"bad.edf": "bad.edf is cut off"})
    (row,) = csv.DictReader((tmp_path / "recordings.csv").read_text().splitlines())
    assert row["af_percent"] == ""
