"""The course of rhythms as a band over time, with its key; letters and patterns tell it in grey."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.report.rhythm_style import fill, style, title
from ectopy.analysis.rhythm.within import seconds_within
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import AF, RHYTHMS, SUPRAVENTRICULAR, VENTRICULAR, VF

SHARE: Final = 0.1
"""Of a column, from which fibrillation and the like are shown in it though another rhythm rules."""
BRIEF: Final = (SUPRAVENTRICULAR, AF, VENTRICULAR, VF)
"""Rhythms that are shown so, the most serious last."""
ALWAYS: Final = (VENTRICULAR, VF)
"""Of these, what is shown however short it is."""
LINE: Final = 14
"""Height of a line of the key."""
_LETTER: Final = 6.6  # width of a letter


def rhythm_rows(
    rhythm: RhythmCourse, duration_s: float, left: int, width: int, top: int
) -> tuple[str, int]:
    """Draw the band, its name and its key; give them, and how high they are together.

    Parameters
    ----------
    rhythm : RhythmCourse
        From 0 to the end.
    duration_s : float
        What the width shows.
    left, width, top : int
        Where the band is.
    """
    shown = column_kinds(rhythm, duration_s, width)
    named, lines = key(shown, left, width, top + 29)
    name = f'<text x="{left - 6}" y="{top + 11}" text-anchor="end">rhythm</text>'
    return name + band(shown, left, width, top, 14) + named, 14 + LINE * lines


def column_kinds(rhythm: RhythmCourse, duration_s: float, columns: int) -> npt.NDArray[np.int64]:
    """Tell which rhythm each of some columns shows.

    That is the one that fills most of it; or one of `BRIEF` that fills a tenth of it; or one of
    `ALWAYS`, however short.

    Parameters
    ----------
    rhythm : RhythmCourse
        From 0 to the end.
    duration_s : float
        What the columns show.
    columns : int
        How many there are.

    Returns
    -------
    ndarray of int64, shape (columns,)
    """
    edges = np.linspace(0, max(duration_s, 1e-9), columns + 1)
    seconds = np.stack([seconds_within(rhythm.of(kind), edges) for kind in range(len(RHYTHMS))])
    shown: npt.NDArray[np.int64] = seconds.argmax(axis=0)
    width = edges[1] - edges[0]
    for kind in BRIEF:
        least = 1e-9 if kind in ALWAYS else SHARE * width
        shown[seconds[kind] > least] = kind
    return shown


def band(shown: npt.NDArray[np.int64], left: float, width: float, top: float, height: float) -> str:
    """Draw the columns as areas; letters stand where they fit.

    Parameters
    ----------
    shown : ndarray of int64, shape (columns,)
        From `column_kinds`.
    left, width, top, height : float
        Where the band is.
    """
    if not len(shown):
        return ""
    begins = np.flatnonzero(np.diff(shown, prepend=-1))
    ends = np.append(begins[1:], len(shown))
    step = width / len(shown)
    out = []
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        kind, x, wide = int(shown[begin]), left + begin * step, (end - begin) * step
        out.append(
            f'<rect x="{x:.1f}" y="{top:g}" width="{wide:.1f}" height="{height:g}" '
            f'fill="{fill(kind)}"/>'
        )
        letters = style(kind).letters
        room = _LETTER * len(letters) + 6
        if wide > room + 4:
            middle = x + wide / 2
            out.append(
                f'<rect x="{middle - room / 2:.1f}" y="{top + 1.5:g}" width="{room:.1f}" '
                f'height="{height - 3:g}" rx="2" fill="#fff"/><text x="{middle:.1f}" '
                f'y="{top + height - 3.5:g}" text-anchor="middle" fill="#1b1f24" '
                f'font-weight="700">{letters}</text>'
            )
    out.append(
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" fill="none" '
        'stroke="#8a939d"/>'
    )
    return "".join(out)


def key(shown: npt.NDArray[np.int64], left: float, width: float, top: float) -> tuple[str, int]:
    """Draw the key of the rhythms that a band shows; give it, and how many lines it has."""
    out, x, line = [], left, 0
    for kind in np.unique(shown)[::-1].tolist():  # the most serious first
        text = f"{style(kind).letters}: {title(kind)}"
        wide = 35 + 5.7 * len(text)
        if x > left and x + wide > left + width:
            x, line = left, line + 1
        y = top + LINE * line
        out.append(
            f'<rect x="{x:.1f}" y="{y - 9:g}" width="18" height="10" fill="{fill(kind)}" '
            f'stroke="#8a939d" stroke-width=".6"/><text x="{x + 23:.1f}" y="{y:g}">{text}</text>'
        )
        x += wide
    return "".join(out), line + 1
