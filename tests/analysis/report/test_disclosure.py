"""The full disclosure: all signal is in it, each beat where it belongs, and memory stays small."""

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from two_forms import FS, result
from typer.testing import CliRunner

from ectopy.analysis.analyze import analyze
from ectopy.analysis.report import disclosure
from ectopy.analysis.report.disclosure import disclose
from ectopy.analysis.report.minutes import COLUMNS, UNIT_MM, columns
from ectopy.analysis.result import Result
from ectopy.cli import app
from ectopy.errors import ConfigError
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate

LEFT, TOP, LINE, LEVEL = 56, 16, 27, 17


@pytest.fixture(scope="module")
def made() -> Result:
    return result()


def written(made: Result, folder: Path, lead: str | None = None) -> str:
    disclose(made, folder / "all.html", lead=lead)
    return (folder / "all.html").read_text()


def strokes(html: str, kind: str = "") -> list[np.ndarray]:
    """Give the strokes of all paths of a class as points (n, 2)."""
    start = f'<path class="{kind}" d="' if kind else '<path d="'
    found = []
    for path in re.findall(re.escape(start) + '([^"]*)"', html):
        for x, y, steps in re.findall(r"M(\d+) (-?\d+)l([^M]*)", path):
            moves = np.array([int(n) for n in re.findall(r"-?\d+", steps)]).reshape(-1, 2)
            found.append(np.cumsum(np.concatenate([[[int(x), int(y)]], moves]), axis=0))
    return found


def test_extremes_of_every_column_are_kept() -> None:
    rng = np.random.default_rng(0)
    lead = rng.normal(0, 0.1, round(1.5 * 60 * FS)).astype(np.float32)
    lead[[1000, 20_001]] = 2, -3
    lead[5000:6000] = np.nan
    drawn = columns(lead, FS, 2)
    assert drawn.low_mv.shape == (2, COLUMNS)
    step = 60 * FS / COLUMNS
    assert drawn.high_mv[0, int(1000 / step)] == pytest.approx(2, abs=0.1)
    assert drawn.low_mv[1, int((20_001 - 60 * FS) / step)] == pytest.approx(-3, abs=0.1)
    lost = np.isnan(drawn.low_mv[0])
    assert np.flatnonzero(lost)[[0, -1]] == pytest.approx([5000 / step, 6000 / step], abs=1.1)
    assert np.isnan(drawn.low_mv[1, COLUMNS // 2 + 1 :]).all()
    assert not np.isnan(drawn.low_mv[1, : COLUMNS // 2 - 1]).any()


def test_wander_is_taken_out_and_the_beats_are_not() -> None:
    seconds = np.arange(round(60 * FS)) / FS
    beat = np.where(seconds % 1 < 0.04, 1.0, 0.0)
    drawn = columns((beat + 2 * np.sin(seconds / 5)).astype(np.float32), FS, 1)
    assert np.abs(np.median(drawn.low_mv)) < 0.05
    assert np.median(np.sort(drawn.high_mv[0])[-50:]) == pytest.approx(1, abs=0.15)


def test_each_minute_is_a_line_and_the_trace_is_whole(made: Result, tmp_path: Path) -> None:
    html = written(made, tmp_path)
    times = re.findall(r'<text x="0" y="(\d+)">([\d:]+)</text>', html)
    assert times == [(str(TOP + LINE * i + LEVEL), f"0:0{i}") for i in range(6)]
    for line in range(6):
        level = TOP + LINE * line + LEVEL
        inside = [
            stroke
            for kind in ("", "V")
            for stroke in strokes(html, kind)
            if abs(np.median(stroke[:, 1]) - level) < 12
        ]
        steps = np.concatenate([np.unique(stroke[:, 0]) for stroke in inside])
        whole = COLUMNS if line < 5 else 0.6 * COLUMNS
        assert steps.min() == LEFT
        assert steps.max() == pytest.approx(LEFT + whole, abs=3)
        starts, ends = (sorted(s[i, 0] for s in inside) for i in (0, -1))
        assert starts[1:] == ends[:-1]  # each colour goes on where the other stops


def test_a_trace_is_as_tall_as_its_gain_says(made: Result, tmp_path: Path) -> None:
    html = written(made, tmp_path)
    gain = float(re.search(r"([\d.]+) mm/mV", html)[1])  # type: ignore[index]
    first = np.concatenate([s for s in strokes(html) if s[0, 1] < TOP + LINE])
    tall_mm = (TOP + LEVEL - first[:, 1].min()) * UNIT_MM
    assert tall_mm / gain == pytest.approx(1.2, abs=0.1)
    assert gain * 1.2 < LINE * UNIT_MM


def test_ectopic_beats_have_letter_and_colour_and_doubtful_ones_are_hollow(
    made: Result, tmp_path: Path
) -> None:
    html = written(made, tmp_path)
    beats = made.beats
    for style, chosen in (
        ("V", (beats.classes == 2) & ~beats.uncertain),
        ("V u", (beats.classes == 2) & beats.uncertain),
    ):
        places = [
            (int(x), int(y))
            for xs, y, letters in re.findall(
                rf'<text class="{style}" x="([\d ]+)" y="(\d+)">(V+)</text>', html
            )
            for x in xs.split()
            if len(letters) == len(xs.split())
        ]
        seconds = beats.samples[chosen] / made.fs_hz
        wanted = [
            (LEFT + round(s % 60 / 60 * COLUMNS), TOP + LINE * int(s // 60) + 6) for s in seconds
        ]
        assert places == wanted
    coloured = strokes(html, "V")
    certain = np.count_nonzero((beats.classes == 2) & ~beats.uncertain)
    assert certain <= len(coloured) <= certain + 6  # one is in two where a minute ends
    assert "N</text>" not in html


def test_lost_signal_is_grey_and_not_drawn(tmp_path: Path) -> None:
    recording, _ = simulate(180, rng=np.random.default_rng(0), leads=("II",), fs_hz=FS)
    signal = recording.read()
    signal[0, round(50 * FS) : round(75 * FS)] = np.nan
    html = written(analyze(Recording.from_array(signal, FS, ("II",), name="gap")), tmp_path)
    grey = [
        tuple(map(int, rect))
        for rect in re.findall(r'<rect x="(\d+)" y="(\d+)" width="(\d+)"', html)
    ]
    a_second = COLUMNS / 60
    assert grey == [
        (pytest.approx(LEFT + 50 * a_second, abs=a_second), TOP, pytest.approx(193, abs=20)),
        (LEFT, TOP + LINE, pytest.approx(15 * a_second, abs=a_second)),
    ]
    drawn = strokes(html) + strokes(html, "V") + strokes(html, "S")
    on_line = [[s for s in drawn if abs(np.median(s[:, 1]) - TOP - LEVEL - y) < 9] for y in (0, 27)]
    assert max(s[:, 0].max() for s in on_line[0]) <= LEFT + 50 * a_second + 2
    assert min(s[:, 0].min() for s in on_line[1]) >= LEFT + 15 * a_second - 2


def test_times_are_those_of_the_clock_and_pages_of_hours(made: Result, tmp_path: Path) -> None:
    # The same beats in the third hour of a longer recording that was mostly off.
    samples = made.n_samples + round(2.2 * 3600 * FS)
    ahead = round(2.2 * 3600 * FS)

    class Late:
        def __call__(self, start: int, stop: int) -> np.ndarray:
            out = np.full((2, stop - start), np.nan, np.float32)
            begin, end = max(start, ahead), max(stop, ahead)
            asked.append(stop - start)
            out[:, begin - start : end - start] = made.signal().read(begin - ahead, end - ahead)
            return out

    asked: list[int] = []
    recording = replace(made.signal(), n_samples=samples, reader=Late())
    beats = replace(made.intervals.beats, samples=made.intervals.beats.samples + ahead)
    later = replace(
        made,
        n_samples=samples,
        start=datetime(2026, 11, 26, 22, 15),
        intervals=replace(made.intervals, beats=beats),
        recording=recording,
    )
    html = written(later, tmp_path)
    assert html.count("<section") == 3
    headings = re.findall(r"<h2><span>(.*?)</span> <small>(.*?)</small>", html)
    assert headings[0] == ("day 1 22:15 to day 1 23:15", "0 beats")
    assert headings[2][0].startswith("day 2 00:15:00 to day 2 00:32:")
    assert headings[2][1] == "420 beats (360 N, 54 V), 6 uncertain"
    assert '<a href="#h2">day 2 00:15</a>' in html
    third = html[html.index('id="h2"') :]
    assert re.findall(r'<text x="0" y="\d+">([\d:]+)</text>', third)[:2] == ["00:15", "00:16"]
    assert max(asked) * 2 <= disclosure._AT_ONCE  # never an hour of many leads at once


def test_ten_seconds_and_nothing_are_written_too(tmp_path: Path) -> None:
    short = result(12)
    html = written(short, tmp_path)
    assert html.count("<section") == 1
    assert "0:00:00 elapsed to 0:00:09 elapsed" in html
    empty = Recording.from_array(np.zeros((1, 0)), FS, ("II",), name="none")
    assert "0 beats" in written(analyze(empty), tmp_path)


def test_more_than_a_fortnight_is_said(
    made: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disclosure, "LONGEST_S", 120)
    html = written(made, tmp_path)
    assert "The last 3 min 36 s are left out" in html
    assert html.count('<text x="0"') == 2


def test_another_lead_and_none_of_that_name(made: Result, tmp_path: Path) -> None:
    assert "full disclosure of V1" in written(made, tmp_path, lead="V1")
    (tmp_path / "all.html").unlink()
    with pytest.raises(ConfigError, match="has no lead 'V7'"):
        written(made, tmp_path, lead="V7")
    with pytest.raises(ConfigError, match="is not at hand"):
        written(replace(made, recording=None), tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_interrupted_writing_leaves_what_was_there(made: Result, tmp_path: Path) -> None:
    def broken(start: int, stop: int) -> np.ndarray:
        raise OSError("gone")

    (tmp_path / "all.html").write_text("before")
    unreadable = replace(made, recording=replace(made.signal(), reader=broken))
    with pytest.raises(OSError, match="gone"):
        disclose(unreadable, tmp_path / "all.html")
    assert [path.name for path in tmp_path.iterdir()] == ["all.html"]
    assert (tmp_path / "all.html").read_text() == "before"


def test_it_is_written_on_request_alone(tmp_path: Path) -> None:
    recording, _ = simulate(20, rng=np.random.default_rng(0), leads=("II",), fs_hz=FS)
    columns_ = np.c_[np.arange(recording.n_samples) / FS, recording.read()[0]]
    np.savetxt(tmp_path / "a.csv", columns_, header="time,II", comments="", delimiter=",")
    out, page = tmp_path / "out", tmp_path / "out" / "a.disclosure.html"
    words = ["analyze", str(tmp_path / "a.csv"), "--out", str(out)]
    assert CliRunner().invoke(app, words).exit_code == 0
    assert not page.exists()
    done = CliRunner().invoke(app, [*words, "--disclosure"])
    assert done.exit_code == 0
    assert done.stdout.strip().endswith(f"{out / 'a.html'} and {page}")
    text = page.read_text()
    assert not re.search(r"src\s*=|url\(|@import|<script|https?://(?!www\.w3\.org/2000/svg)", text)
    # It is one of our results: never taken for a recording, nor overwritten for another one's.
    again = CliRunner().invoke(app, ["analyze", str(out), "--out", str(tmp_path / "two")])
    assert again.exit_code != 0
    (out / "a.summary.json").unlink()
    refused = CliRunner().invoke(app, [*words, "--disclosure"])
    assert refused.exit_code != 0
