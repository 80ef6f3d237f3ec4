"""Small SVG charts of a whole recording: heart rate, ectopic beats and signal quality over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Event, Intervals
from ectopy.analysis.report.rhythm_band import rhythm_rows
from ectopy.beats.conditioning.quality import STATES
from ectopy.classes import AAMI, COLOURS
from ectopy.recordings.clock import DAY_S, Clock
from ectopy.runtime.rhythm.course import RhythmCourse

WIDTH, LEFT, RIGHT = 960, 62, 12
COLUMNS: Final = 288
"""Columns of a chart: five minutes each in a day."""
HIGHEST_BPM: Final = 260
"""End of the axis of rates; a higher one is drawn there."""
MARK_BPM: Final = 4
"""Ectopic beats of one column whose rates are this close are one mark."""
MOST_TICKS: Final = 9
"""Steps of the time axis: a day and a time need a tenth of its width."""
QUALITY_COLOURS: Final = ("#d9e7d5", "#f3d9a4", "#e7a977", "#8f8f8f", "#4d4d4d")
"""From good to missing: darker is worse, also in grey."""


def overview(
    intervals: Intervals,
    events: Sequence[Event],
    rhythm: RhythmCourse,
    states: npt.NDArray[np.uint8],
    clock: Clock,
) -> str:
    """Draw rate, rhythm, ectopic beats, runs and pauses, doubt and quality on one time axis.

    Parameters
    ----------
    intervals : Intervals
        Beats and intervals.
    events : sequence of Event
        Its events; certain runs and pauses are marked.
    rhythm : RhythmCourse
        Which rhythm there is when.
    states : ndarray of uint8, shape (n_seconds,)
        Quality of the best lead used.
    clock : Clock
        Writes the times of the recording, and knows its length.
    """
    duration_s = clock.duration_s
    columns = int(min(COLUMNS, max(1, duration_s // 10)))
    width = max(duration_s, 1e-9) / columns
    column = np.minimum((intervals.times_s / width).astype(np.int64), columns - 1)
    named, high = rhythm_rows(rhythm, duration_s, LEFT, WIDTH - LEFT - RIGHT, top=97)
    below = 119 + high
    parts = [
        _rates(intervals, column, columns, top=18, height=72),
        named,
        _ectopy(intervals, column, columns, top=below, height=34),
        _events(events, duration_s, top=below + 40),
        _doubt(intervals, column, columns, top=below + 81, height=8),
        _quality(states, columns, top=below + 92, height=8, legend=below - 6),
        _time_axis(clock, top=below + 104),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {below + 126}" role="img" '
        'class="chart" aria-label="Heart rate, rhythm, ectopic and uncertain beats, runs and '
        'pauses, and signal quality over time">' + "".join(parts) + "</svg>"
    )


def _events(events: Sequence[Event], duration_s: float, top: int) -> str:
    """Mark where certain runs and pauses begin; those that fall on one another are one mark."""
    out = []
    for row, (name, of, kind, colour) in enumerate(
        (
            ("V runs", "VEB", "run", COLOURS[AAMI.index("V")]),
            ("S runs", "SVEB", "run", COLOURS[AAMI.index("S")]),
            ("pauses", "RR", "pause", "#333"),
        )
    ):
        y = top + 13 * row
        at = [e.start_s for e in events if e.of == of and e.kind == kind and e.certain]
        places = sorted({round(2 * _x(s / max(duration_s, 1e-9), 1)) / 2 for s in at})
        path = "".join(f"M{x:g} {y}v10" for x in places)
        out.append(_text(LEFT - 6, y + 9, name, anchor="end"))
        out.append(_line(LEFT, y + 10, WIDTH - RIGHT, y + 10, "#ddd"))
        if path:
            out.append(f'<path d="{path}" stroke="{colour}" stroke-width="1.5" fill="none"/>')
    return "".join(out)


def _x(column: float, columns: int) -> float:
    return LEFT + column / columns * (WIDTH - LEFT - RIGHT)


def _rates(
    intervals: Intervals, column: npt.NDArray[np.int64], columns: int, top: int, height: int
) -> str:
    """Draw a tachogram: mean, 5th to 95th percentile and extremes of each column, V and S apart."""
    known = np.flatnonzero(intervals.clear & ~np.isnan(intervals.rr_s))
    sure = ~intervals.beats.uncertain[known]  # as everywhere, only these are told
    rate, at = 60 / intervals.rr_s[known], column[known]
    if not len(rate):
        return _text(LEFT + 8, top + 20, "no heart rate: no two beats in good signal")
    ceiling = float(np.clip(np.ceil(rate.max() / 20) * 20, 120, HIGHEST_BPM))
    edges = np.searchsorted(at, np.arange(columns + 1))
    points: list[tuple[float, ...] | None] = []
    for i in range(columns):
        here = rate[edges[i] : edges[i + 1]]
        if not len(here):
            points.append(None)
            continue
        lowest, low, high, highest = np.percentile(here, (0, 5, 95, 100)).tolist()
        mean = 60 / float(np.mean(60 / here))
        points.append((_x(i + 0.5, columns), mean, low, high, lowest, highest))

    def y(value: float) -> float:
        return top + height * (1 - min(value, ceiling) / ceiling)

    out = []
    for tick in range(0, int(ceiling) + 1, 40):
        out.append(_line(LEFT, y(tick), WIDTH - RIGHT, y(tick), "#ddd"))
        out.append(_text(LEFT - 6, y(tick) + 4, str(tick), anchor="end"))
    half = (_x(1, columns) - _x(0, columns)) / 2
    runs = _runs(points, half)
    for run in runs:
        for lower, upper, opacity in ((4, 5, 0.13), (2, 3, 0.25)):
            band = " ".join(f"{point[0]:.1f},{y(point[upper]):.1f}" for point in run)
            band += " " + " ".join(f"{p[0]:.1f},{y(p[lower]):.1f}" for p in reversed(run))
            out.append(f'<polygon points="{band}" fill="#0072B2" fill-opacity="{opacity}"/>')
    out.append(_marks(intervals.beats.classes[known][sure], rate[sure], at[sure], columns, y))
    for run in runs:
        line = " ".join(f"{point[0]:.1f},{y(point[1]):.1f}" for point in run)
        out.append(f'<polyline points="{line}" fill="none" stroke="#0072B2" stroke-width="1.6"/>')
    text = "heart rate, per minute: mean, 5th to 95th percentile, lowest and highest interval"
    out.append(_text(LEFT + 4, top - 8, text))
    out.append(_text(WIDTH - RIGHT - 66, top - 8, "interval before", anchor="end"))
    out += [_key(WIDTH - RIGHT - 60 + 32 * i, top - 8, x) for i, x in enumerate("VS")]
    return "".join(out)


def _marks(
    classes: npt.NDArray[np.int64],
    rate: npt.NDArray[np.float64],
    at: npt.NDArray[np.int64],
    columns: int,
    y: Callable[[float], float],
) -> str:
    """Mark at which rates ectopic beats came; those of one column that are close are one mark."""
    out = []
    for letter in ("S", "V"):
        chosen = classes == AAMI.index(letter)
        level = np.rint(rate[chosen] / MARK_BPM).astype(np.int64)
        places = np.unique(np.stack([at[chosen], level], axis=1), axis=0).tolist()
        path = "".join(
            f"M{_x(i + 0.5, columns) - 1:.1f} {y(n * MARK_BPM):.1f}h2" for i, n in places
        )
        if path:
            colour = COLOURS[AAMI.index(letter)]
            out.append(f'<path d="{path}" stroke="{colour}" stroke-width="2" fill="none"/>')
    return "".join(out)


def _runs(points: list[tuple[float, ...] | None], half: float) -> list[list[tuple[float, ...]]]:
    """Split at the gaps; a point by itself would draw nothing, and gets the width of its column."""
    runs: list[list[tuple[float, ...]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    for run in runs:
        if len(run) == 1:
            ((x, *values),) = run
            run[:] = [(x - half, *values), (x + half, *values)]
    return [run for run in runs if run]


def _key(x: float, y: float, letter: str) -> str:
    """Draw a square in the colour of a class, and its letter."""
    colour = COLOURS[AAMI.index(letter)]
    return f'<rect x="{x:.0f}" y="{y - 9}" width="10" height="10" fill="{colour}"/>' + _text(
        x + 14, y, letter
    )


def _ectopy(
    intervals: Intervals, column: npt.NDArray[np.int64], columns: int, top: int, height: int
) -> str:
    """Stack the certain ectopic beats of each column as a share of its certain beats."""
    sure = ~intervals.beats.uncertain
    total = np.maximum(np.bincount(column[sure], minlength=columns), 1)
    shares = {
        letter: np.bincount(
            column[sure & (intervals.beats.classes == AAMI.index(letter))], minlength=columns
        )
        / total
        for letter in ("V", "S", "F")
    }
    tallest = float(np.max(sum(shares.values()), initial=0.0))
    steps = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
    ceiling = next((step for step in steps if tallest <= step), 1.0)
    out = [
        _line(LEFT, top, WIDTH - RIGHT, top, "#ddd"),
        _line(LEFT, top + height, WIDTH - RIGHT, top + height, "#999"),
        _text(LEFT - 6, top + 4, f"{100 * ceiling:g} %", anchor="end"),
        _text(LEFT - 6, top + height + 4, "0", anchor="end"),
    ]
    base = np.zeros(columns)
    for letter, share in shares.items():
        colour = COLOURS[AAMI.index(letter)]
        for i in np.flatnonzero(share).tolist():
            left, right = _x(i, columns), _x(i + 1, columns)
            low, high = base[i] / ceiling * height, (base[i] + share[i]) / ceiling * height
            out.append(
                f'<rect x="{left:.1f}" y="{top + height - high:.1f}" width="{right - left:.1f}" '
                f'height="{high - low:.1f}" fill="{colour}"/>'
            )
        base += share
    x = LEFT + 4
    out.append(_text(x, top - 6, "share of certain beats:"))
    for letter in shares:
        x += 132 if letter == "V" else 40
        out.append(_key(x, top - 6, letter))
    return "".join(out)


def _doubt(
    intervals: Intervals, column: npt.NDArray[np.int64], columns: int, top: int, height: int
) -> str:
    """Shade each column by the share of its beats that are uncertain."""
    total = np.maximum(np.bincount(column, minlength=columns), 1)
    share = np.bincount(column[intervals.beats.uncertain], minlength=columns) / total
    wide = _x(1, columns) - _x(0, columns)
    out = [
        _text(LEFT - 6, top + 8, "uncertain", anchor="end"),
        f'<rect x="{LEFT}" y="{top}" width="{WIDTH - LEFT - RIGHT}" height="{height}" '
        'fill="none" stroke="#ddd"/>',
    ]
    out += [
        f'<rect x="{_x(i, columns):.1f}" y="{top}" width="{wide:.1f}" height="{height}" '
        f'fill="#555" fill-opacity="{share[i]:.2f}"/>'
        for i in np.flatnonzero(share).tolist()
    ]
    return "".join(out)


def _quality(
    states: npt.NDArray[np.uint8], columns: int, top: int, height: int, legend: int
) -> str:
    """Show the worst state that holds for at least a tenth of each column."""
    if not len(states):
        return ""
    edges = np.linspace(0, len(states), columns + 1).astype(int)
    out = []
    for i in range(columns):
        here = states[edges[i] : max(edges[i + 1], edges[i] + 1)]
        worst = int(np.sort(here)[int(0.9 * (len(here) - 1))])
        out.append(
            f'<rect x="{_x(i, columns):.1f}" y="{top}" '
            f'width="{_x(1, columns) - _x(0, columns) + 0.3:.1f}" height="{height}" '
            f'fill="{QUALITY_COLOURS[worst]}"/>'
        )
    out.append(_text(LEFT - 6, top + 8, "quality", anchor="end"))
    x = LEFT + 290
    out.append(_text(x, legend, "uncertain: the darker, the more;  quality:"))
    x += 232
    for state, colour in zip(STATES, QUALITY_COLOURS, strict=True):
        out.append(
            f'<rect x="{x}" y="{legend - 9}" width="10" height="10" fill="{colour}"/>'
            + _text(x + 14, legend, state)
        )
        x += 30 + 7 * len(state)
    return "".join(out)


def _time_axis(clock: Clock, top: int) -> str:
    steps = (1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 10800, 21600, 43200)
    long = clock.duration_s / MOST_TICKS
    step = next((s for s in steps if s >= long), DAY_S * max(1, int(np.ceil(long / DAY_S))))
    out = []
    for at, label in clock.ticks(0.0, clock.duration_s, step):
        x = _x(at / max(clock.duration_s, 1e-9), 1)
        half = 3.2 * len(label)  # half the width of the text
        place = min(max(x, half), WIDTH - half)
        out.append(_line(x, top, x, top + 5, "#777"))
        out.append(_text(place, top + 18, label, anchor="middle"))
    return "".join(out)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}"/>'


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
