"""Full disclosure: a whole recording on paper, one lead, an hour a page, a minute a line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.report.minutes import (
    COLUMNS,
    MINUTE_S,
    PLAIN,
    UNIT_MM,
    coloured,
    columns,
    path,
)
from ectopy.analysis.report.page import template
from ectopy.analysis.report.rhythm_style import style, title
from ectopy.analysis.report.sections import class_keys
from ectopy.analysis.report.wording import counted, duration
from ectopy.analysis.result import Result
from ectopy.beats.conditioning.quality import FLAT
from ectopy.classes import AAMI
from ectopy.files import atomic_path
from ectopy.recordings.clock import DAY_S, Clock
from ectopy.runtime.rhythm.kinds import NONE, OTHER, SINUS

HOUR_S: Final = 3600
LONGEST_S: Final = 14 * DAY_S
"""What one file holds at most; what comes after it is said to be left out."""

UNMARKED: Final = (NONE, OTHER, SINUS)
"""Rhythms without a mark; the others have a bar under the line."""

_LINES: Final = HOUR_S // MINUTE_S
_LINE: Final = 27  # units from line to line: 60 lines and a heading fit A4 and Letter
_LEFT: Final = 56  # for the times
_TOP: Final = 16
_LEVEL: Final = 17  # of the trace, below the top of its line
_LETTER: Final = 6  # foot of the letters, below that
_WIDTH: Final = _LEFT + COLUMNS
_GAINS: Final = (20.0, 10.0, 5.0, 2.5, 1.0, 0.5)  # mm/mV
_ROOM_MM: Final = _LINE * UNIT_MM  # that a usual beat may take
_AT_ONCE: Final = 2_000_000  # samples of all leads read at once


def disclose(result: Result, target: str | os.PathLike[str], *, lead: str | None = None) -> None:
    """Write the full disclosure of a recording: HTML that needs nothing beside it.

    The signal is read an hour at a time at most, and each page is written before the next is made,
    so that memory stays small however long the recording.

    Parameters
    ----------
    result : Result
        With its recording.
    target : path
        The file, written whole or not at all.
    lead : str, optional
        The lead by name; by default the leading one.

    Raises
    ------
    ConfigError
        If the recording is not at hand or has no such lead.

    Examples
    --------
    >>> from ectopy.analysis.report import disclose
    >>> recording, _ = ectopy.simulate(150, rng=np.random.default_rng(0))
    >>> disclose(ectopy.analyze(recording), "simulated.disclosure.html")
    """
    recording = result.signal()
    number = result.leading if lead is None else recording.lead_index(lead)
    with atomic_path(target) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(_parts(result, number))


def _parts(result: Result, lead: int) -> Iterator[str]:
    """Give the head, the pages one after the other, and the end."""
    shown_s = min(result.duration_s, LONGEST_S)
    hours = max(1, int(np.ceil(shown_s / HOUR_S - 1e-9)))
    clock = Clock(result.start, result.duration_s)
    gain = _gain(result, lead)
    about: dict[str, Any] = {
        "summary": result.summary,
        "clock": clock,
        "lead": result.summary.leads[lead].name,
        "gain": gain,
        "speed": COLUMNS * UNIT_MM / MINUTE_S,
        "classes": class_keys(result),
        "left_out": duration(result.duration_s - shown_s) if result.duration_s > shown_s else "",
        "rhythms": [
            f"{style(kind).letters} {title(kind)}"
            for kind in np.unique(result.rhythm.kind).tolist()
            if kind not in UNMARKED
        ],
        "hours": hours,
        "hour_s": HOUR_S,
    }
    head, end = template("disclosure.html.j2").render(about, pages="\0").split("\0")
    yield head
    page = template("disclosure_page.html.j2")
    for hour in range(hours):
        yield page.render(about | _page(result, lead, hour, shown_s, clock, gain))
    yield end


def _gain(result: Result, lead: int) -> float:
    """Give the largest of the usual gains at which the beats of a lead stay on their line."""
    size = result.summary.leads[lead].amplitude_mv or 1.0
    return next((gain for gain in _GAINS if size * gain <= _ROOM_MM), _GAINS[-1])


def _page(
    result: Result, lead: int, hour: int, shown_s: float, clock: Clock, gain: float
) -> dict[str, Any]:
    """Draw an hour, and count its beats."""
    start_s, stop_s = hour * HOUR_S, min((hour + 1) * HOUR_S, shown_s)
    lines = max(1, int(np.ceil((stop_s - start_s) / MINUTE_S - 1e-9)))
    beats = result.beats
    edges = [round(start_s * result.fs_hz), round(stop_s * result.fs_hz)]
    here = slice(*np.searchsorted(beats.samples, edges).tolist())
    seconds = beats.samples[here] / result.fs_hz - start_s
    classes, doubt = beats.classes[here], beats.uncertain[here]
    parts = [_lost(result, lead, start_s, lines)]
    plain = np.flatnonzero(doubt | (classes == AAMI.index("N")))
    of = coloured(lines, seconds, classes, plain=plain)
    parts += _traces(result, lead, edges, of, gain)
    parts += _letters(seconds, classes, doubt)
    parts += _rhythm(result, start_s, stop_s)
    parts += [
        f'<text x="0" y="{_TOP + _LINE * line + _LEVEL}">'
        f"{_time(clock, start_s + MINUTE_S * line)}</text>"
        for line in range(lines)
    ]
    counts = np.bincount(classes[~doubt], minlength=len(AAMI)).tolist()  # as on the first page
    said = ", ".join(f"{n:,} {x}" for x, n in zip(AAMI, counts, strict=True) if n)
    return {
        "hour": hour,
        "start_s": start_s,
        "stop_s": stop_s,
        "short": stop_s % MINUTE_S > 0,  # minutes alone would not tell when it ends
        "svg": "".join(parts),
        "width": _WIDTH,
        "height": _TOP + _LINE * lines + 4,
        "wide_mm": round(_WIDTH * UNIT_MM, 2),
        "told": f"{counted(len(classes), 'beat')}{f' ({said})' if said else ''}",
        "uncertain": int(np.count_nonzero(doubt)),
    }


def _time(clock: Clock, second: float) -> str:
    """Write hours and minutes alone, which fit before a line."""
    return clock.text(second, seconds=False).removesuffix(" elapsed").split()[-1]


def _traces(
    result: Result, lead: int, edges: list[int], of: npt.NDArray[np.int64], gain: float
) -> Iterator[str]:
    """Read some minutes at a time and draw their lines."""
    recording = result.signal()
    minute = MINUTE_S * recording.fs_hz
    block = max(1, int(_AT_ONCE / (minute * len(recording.leads))))
    units_per_mv = gain / UNIT_MM
    for first in range(0, len(of), block):
        last = min(first + block, len(of))
        begin = edges[0] + round(first * minute)
        end = min(edges[0] + round(last * minute), edges[1])
        drawn = columns(recording.read(begin, end)[lead], recording.fs_hz, last - first)
        for line in range(first, last):
            row = line - first
            y = _TOP + _LINE * line + _LEVEL
            low, high = drawn.low_mv[row], drawn.high_mv[row]
            paths = path(low, high, of[line], _LEFT, y, units_per_mv, 2 * _LINE)
            for colour in sorted(paths, reverse=True):  # the plain trace first
                name = "" if colour == PLAIN else f' class="{AAMI[colour]}"'
                yield f'<path{name} d="{paths[colour]}"/>'


def _letters(
    seconds: npt.NDArray[np.float64], classes: npt.NDArray[np.int64], doubt: npt.NDArray[np.bool_]
) -> Iterator[str]:
    """Write the letters of all but certain normal beats, of each line and kind in one text."""
    line = (seconds // MINUTE_S).astype(np.int64)
    x = _LEFT + np.rint((seconds - MINUTE_S * line) / MINUTE_S * COLUMNS).astype(np.int64)
    told = np.flatnonzero(doubt | (classes != AAMI.index("N")))
    kind = (line * 2 + doubt) * len(AAMI) + classes
    told = told[np.argsort(kind[told], kind="stable")]
    groups = np.split(told, np.flatnonzero(np.diff(kind[told])) + 1) if len(told) else []
    for group in groups:
        letter = AAMI[classes[group[0]]]
        style = f"{letter} u" if doubt[group[0]] else letter
        places = " ".join(map(str, x[group].tolist()))
        y = _TOP + _LINE * int(line[group[0]]) + _LETTER
        yield f'<text class="{style}" x="{places}" y="{y}">{letter * len(group)}</text>'


def _rhythm(result: Result, start_s: float, stop_s: float) -> Iterator[str]:
    """Mark under each line where there is an arrhythmia, with its letters at each begin."""
    rhythm = result.rhythm
    there = (rhythm.end_s > start_s) & (rhythm.onset_s < stop_s) & ~np.isin(rhythm.kind, UNMARKED)
    for span in np.flatnonzero(there).tolist():
        kind = int(rhythm.kind[span])
        first, last = max(rhythm.onset_s[span], start_s), min(rhythm.end_s[span], stop_s)
        for line in range(int((first - start_s) // MINUTE_S), _LINES):
            begin_s = start_s + line * MINUTE_S
            if begin_s >= last:
                break
            left, right = (
                _LEFT + float(np.clip(at - begin_s, 0, MINUTE_S)) / MINUTE_S * COLUMNS
                for at in (first, last)
            )
            y = _TOP + _LINE * line + _LINE - 3
            look = style(kind)
            yield (
                f'<rect x="{left:.0f}" y="{y}" width="{max(right - left, 1):.0f}" height="2.5" '
                f'fill="{look.dark}"/><text x="{left:.0f}" y="{y - 1}" class="rhythm">'
                f"{look.letters}</text>"
            )


def _lost(result: Result, lead: int, start_s: int, lines: int) -> str:
    """Grey the seconds in which the lead is flat or missing."""
    second = round(result.fs_hz) / result.fs_hz  # of the grid that quality is told on
    first, last = int(start_s / second), int(np.ceil((start_s + lines * MINUTE_S) / second))
    lost = result.quality.states[lead, first:last] >= FLAT
    edges = np.flatnonzero(np.diff(np.r_[0, lost.astype(np.int8), 0]))
    out = []
    for begin, end in ((edges.reshape(-1, 2) + first) * second - start_s).tolist():
        for line in range(max(0, int(begin // MINUTE_S)), min(lines, int(-(-end // MINUTE_S)))):
            left, right = (
                np.clip(at - line * MINUTE_S, 0, MINUTE_S) / MINUTE_S * COLUMNS
                for at in (begin, end)
            )
            out.append(
                f'<rect x="{_LEFT + left:.0f}" y="{_TOP + _LINE * line}" '
                f'width="{right - left:.0f}" height="{_LINE}"/>'
            )
    return f'<g class="lost">{"".join(out)}</g>' if out else ""
