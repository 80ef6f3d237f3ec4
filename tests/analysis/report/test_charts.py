"""The chart of a whole recording shows its heart rate, and keeps it within its axis."""

import re

import numpy as np
import pytest

from ectopy.analysis.events import Intervals, measure
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.report.charts import LEFT, RIGHT, WIDTH, overview
from ectopy.analysis.settings import Settings
from ectopy.classes import AAMI, COLOURS
from ectopy.recordings.clock import Clock
from ectopy.runtime.rhythm.course import RhythmCourse

FS = 250.0
Points = list[tuple[float, float]]


def rhythm(times_s: np.ndarray, states: np.ndarray) -> Intervals:
    n = len(times_s)
    beats = LabelledBeats(
        np.round(times_s * FS).astype(np.int64),
        np.zeros(n, dtype=np.int64),
        np.eye(5, dtype=np.float32)[np.zeros(n, dtype=int)],
        np.zeros(n, dtype=bool),
        np.ones(n, dtype=np.float32),
        np.zeros(n, dtype=np.uint8),
    )
    return measure(beats, FS, states, 250, Settings())


def drawn(rr_s: np.ndarray, lost: slice = slice(0)) -> tuple[str, list[Points], list[Points]]:
    """Draw beats at these intervals: the SVG, its lines and its bands."""
    times = 0.4 + np.r_[0.0, np.cumsum(rr_s)]
    seconds = int(times[-1]) + 1
    states = np.zeros(seconds, dtype=np.uint8)
    states[lost] = 4
    svg = overview(
        rhythm(times, states), [], RhythmCourse.nothing(seconds), states, Clock(None, seconds)
    )
    lines, bands = (
        [
            [(float(x), float(y)) for x, y in (pair.split(",") for pair in points.split())]
            for points in re.findall(rf'<{shape} points="([^"]*)"', svg)
        ]
        for shape in ("polyline", "polygon")
    )
    return svg, lines, bands


@pytest.mark.parametrize("n", [2, 12])
def test_a_strip_of_seconds_has_a_line_from_end_to_end(n: int) -> None:
    _, (line,), bands = drawn(np.full(n, 0.8))
    assert [x for x, _ in line] == [LEFT, WIDTH - RIGHT]
    assert len(bands) == 2
    assert {x for band in bands for x, _ in band} == {LEFT, WIDTH - RIGHT}


def test_a_column_between_two_gaps_is_seen() -> None:
    rr_s = np.full(150, 0.8)
    _, lines, _ = drawn(rr_s, np.r_[8:31, 39:72])
    assert len(lines) == 3
    assert all(max(x for x, _ in line) - min(x for x, _ in line) > 2 for line in lines)


def test_the_band_stays_on_the_axis_and_clear_of_the_title() -> None:
    # Ten seconds at 238 a minute in hours at 60: less than 0.5 % of the beats.
    rr_s = np.full(9000, 1.0)
    rr_s[400:440] = 0.252
    svg, lines, bands = drawn(rr_s)
    ys = [y for points in (*lines, *bands) for _, y in points]
    ticks = {
        int(tick): float(y) - 4
        for y, tick in re.findall(r'y="([^"]*)" text-anchor="end">(\d+)</text>', svg)
    }
    assert max(ticks) == 240
    (title,) = re.findall(r'y="([^"]*)" text-anchor="start">heart rate', svg)
    assert min(ys) > float(title) + 4
    tall = (ticks[40] - ticks[80]) / 40
    assert 40 + (ticks[40] - min(ys)) / tall == pytest.approx(60 / 0.252, abs=1)


def test_extremes_percentiles_and_ectopic_beats_stand_at_their_rates() -> None:
    rr_s = np.tile(np.r_[np.full(98, 1.0), 0.5, 1.5], 20)  # one early beat in a hundred, a pause
    times = 0.4 + np.r_[0.0, np.cumsum(rr_s)]
    states = np.zeros(int(times[-1]) + 1, dtype=np.uint8)
    told = rhythm(times, states)
    told.beats.classes[99::100] = AAMI.index("V")
    told.beats.classes[100::100] = AAMI.index("S")
    svg = overview(told, [], RhythmCourse.nothing(len(states)), states, Clock(None, len(states)))
    y60 = 4 + float(re.search(r'y="([^"]*)" text-anchor="end">40<', svg)[1])  # type: ignore[index]
    y0 = 4 + float(re.findall(r'y="([^"]*)" text-anchor="end">0<', svg)[0]) - 8
    tall = (y0 - (y60 - 8)) / 40  # of one beat a minute
    bands = [
        [float(pair.split(",")[1]) for pair in points.split()]
        for points in re.findall(r'<polygon points="([^"]*)"', svg)
    ]
    outer, inner = sorted(bands, key=lambda ys: min(ys) - max(ys))[:2]
    assert (y0 - min(outer)) / tall == pytest.approx(120, abs=1)
    assert (y0 - max(outer)) / tall == pytest.approx(40, abs=1)
    assert (y0 - min(inner)) / tall < 121
    for letter, rate in (("V", 120), ("S", 40)):
        colour = COLOURS[AAMI.index(letter)]
        (path,) = re.findall(rf'<path d="([^"]*)" stroke="{colour}"', svg)
        ys = {float(y) for y in re.findall(r"M[\d.]+ ([\d.]+)h2", path)}
        assert [(y0 - y) / tall for y in ys] == [pytest.approx(rate, abs=2)]
    # Those that are uncertain, as in a paced rhythm, are not marked as ectopic.
    told.beats.uncertain[100::100] = True
    svg = overview(told, [], RhythmCourse.nothing(len(states)), states, Clock(None, len(states)))
    marked = [f'stroke="{COLOURS[AAMI.index(x)]}" stroke-width="2"' in svg for x in "VS"]
    assert marked == [True, False]
