"""Any seconds of a result can be drawn, as the report draws them, and saved."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.report.page import page
from ectopy.analysis.report.strip_choice import choose
from ectopy.analysis.report.strips import strip
from ectopy.analysis.result import Result
from ectopy.errors import ConfigError
from ectopy.recordings.simulation.simulate import simulate


@pytest.fixture(scope="module")
def result() -> Result:
    recording, _ = simulate(100, rng=np.random.default_rng(0), leads=("II", "V1", "V5"))
    return analyze(recording, lead="V1")


def labels(svg: str) -> list[str]:
    """Texts of a drawing, from left to right as they are drawn."""
    return [text.text or "" for text in ElementTree.fromstring(svg).iter() if "text" in text.tag]


def test_it_shows_the_beats_of_its_seconds_and_the_leading_lead(result: Result) -> None:
    drawn = result.plot(20, 8)
    at = result.beats.samples / result.fs_hz
    inside = result.beats[(at >= 20) & (at < 28)]
    found = [text for text in labels(drawn.svg) if re.fullmatch(r"[NSVFQ]\??", text)]
    assert [text[0] for text in found] == inside.symbols.tolist()
    assert [text.endswith("?") for text in found] == inside.uncertain.tolist()
    assert [text for text in labels(drawn.svg) if text in ("II", "V1", "V5")] == ["V1", "II"]
    assert "SIMULATED" in labels(drawn.svg)


def test_it_writes_the_intervals_of_good_signal_alone(result: Result) -> None:
    intervals = result.intervals
    poor = replace(intervals, clear=intervals.clear & (intervals.times_s < 24))
    drawn = replace(result, intervals=poor).plot(20, 8)
    at = intervals.times_s
    expected = [
        f"{1000 * rr:.0f}"
        for begin, end, rr in zip(at[:-1], at[1:], intervals.rr_s[1:], strict=True)
        if begin >= 20 and end < 24 and rr == rr
    ]
    assert len(expected) > 1
    assert [text for text in labels(drawn.svg) if re.fullmatch(r"\d+", text)] == expected


def test_time_as_people_write_it(result: Result) -> None:
    assert result.plot("00:01:02.5", 5) == result.plot(62.5, 5) == result.plot("1:02.5", 5)
    assert result.plot("62.5", 5) == result.plot("0:01:02.5 elapsed", 5)


def test_leads_by_name_and_the_end_of_the_recording(result: Result) -> None:
    drawn = result.plot(95, 10, leads=["v5"])
    assert drawn.seconds == 5
    assert [text for text in labels(drawn.svg) if text in ("II", "V1", "V5")] == ["V5"]
    assert repr(drawn) == "<strip of simulated: 5 s from 0:01:35 elapsed>"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": -1}, "from -1 s is outside simulated, which lasts 100 s"),
        ({"start": "00:01:40"}, "from 100 s is outside"),
        ({"start": float("nan")}, "outside"),
        ({"start": "noon"}, "'noon' is no time in a recording"),
        ({"start": "00:99:00"}, "is no time"),
        ({"seconds": 0}, "of 0 s was asked for, expected more than 0 and at most 60 s"),
        ({"seconds": 61}, "of 61 s was asked for"),
        ({"leads": ["aVF"]}, "no lead 'aVF'; its leads are II, V1, V5"),
        ({"leads": []}, "no lead was named"),
    ],
)
def test_what_cannot_be_drawn(result: Result, options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message) as error:
        result.plot(**options)  # type: ignore[arg-type]
    assert "\n" not in str(error.value)


def test_it_is_saved_as_svg_and_nothing_else(result: Result, tmp_path: Path) -> None:
    drawn = result.plot(3, 4)
    path = drawn.save(tmp_path / "strip.svg")
    assert ElementTree.parse(path).getroot().tag.endswith("svg")
    with pytest.raises(ConfigError, match=r"saved as SVG, not as strip\.png"):
        drawn.save(tmp_path / "strip.png")
    assert drawn.svg in drawn._repr_html_()


def test_the_recording_is_needed_and_can_be_given_back(result: Result, tmp_path: Path) -> None:
    loaded = Result.load(result.save(tmp_path / "one.ectopy"))
    with pytest.raises(ConfigError, match="the recording of simulated is not at hand"):
        loaded.plot(3)
    assert loaded.with_recording(result.signal()).plot(3) == result.plot(3)


def test_the_report_shows_the_same_strips(result: Result) -> None:
    told = page(result)
    settings = result.summary.settings
    first, *_ = choose(result.intervals, result.events, result.rhythm, result.duration_s, settings)
    drawn = strip(result, first.start_s, first.stop_s - first.start_s)
    trace = re.search(r'stroke-linecap="round" d="([^"]+)"', drawn.svg)
    assert trace is not None
    assert trace[1] in told
