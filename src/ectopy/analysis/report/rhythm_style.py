"""How each rhythm looks on a page: letters, a colour and a pattern, so that none relies on one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ectopy.analysis.report.ecg_paper import text_on
from ectopy.classes import AAMI, COLOURS
from ectopy.runtime.rhythm.kinds import KEYS, RHYTHMS

S_COLOUR, V_COLOUR, Q_COLOUR = (COLOURS[AAMI.index(letter)] for letter in "SVQ")


@dataclass(frozen=True)
class RhythmStyle:
    """The look of a rhythm.

    Attributes
    ----------
    letters : str
        A few, as readers write them.
    colour : str
        Of the area.
    lines : str
        SVG path of white or dark lines on a tile of 8 by 8, which repeats; empty for a plain area.
    ink : str
        Colour of the lines.
    """

    letters: str
    colour: str
    lines: str = ""
    ink: str = "#ffffff"

    @property
    def dark(self) -> str:
        """Whichever of colour and ink is seen on white paper as a line."""
        return self.colour if text_on(self.colour) == "#ffffff" else self.ink


RISING, FALLING = "M-2 2L2 -2M0 8L8 0M6 10L10 6", "M-2 6L2 10M0 0L8 8M6 -2L10 2"
STYLES: Final = {
    "none": RhythmStyle("?", "#ffffff", RISING, "#9aa3ac"),
    "other": RhythmStyle("other", "#b9c1c8", "M2 2h2M6 6h2", "#59636d"),
    "sinus": RhythmStyle("sinus", "#e6ebef"),
    "brady": RhythmStyle("slow", "#d3e6f3", "M0 4h8", "#3d7ea6"),
    "tachy": RhythmStyle("fast", "#f7e3bd", "M0 2h8M0 6h8", "#a87614"),
    "t": RhythmStyle("T", "#f9d9c5", "M4 0v8", V_COLOUR),
    "b": RhythmStyle("B", "#f9d9c5", "M2 0v8M6 0v8", V_COLOUR),
    "ab": RhythmStyle("AB", "#fbe7c0", "M2 0v8M6 0v8", "#a87614"),
    "ivr": RhythmStyle("IVR", "#f2b48f", FALLING, "#8a3b00"),
    "svt": RhythmStyle("SVT", S_COLOUR, "M0 4h8", "#5e4100"),
    "af": RhythmStyle("AF", "#6a3d9a", RISING, "#cdb6e0"),
    "paced": RhythmStyle("paced", Q_COLOUR, "M2 1v2M6 5v2", "#5b2445"),
    "vt": RhythmStyle("VT", V_COLOUR, "M4 0v8M0 4h8", "#ffffff"),
    "vf": RhythmStyle("VF", "#7a0019", FALLING, "#ff9db0"),
}
"""By the key of a rhythm."""


def style(kind: int) -> RhythmStyle:
    """Give the look of a kind of rhythm."""
    return STYLES[KEYS[kind]]


def fill(kind: int) -> str:
    """Give what an area of a kind is filled with, where `patterns` stand on the page."""
    return f"url(#rhythm-{KEYS[kind]})" if style(kind).lines else style(kind).colour


def patterns(kinds: Iterable[int]) -> str:
    """Give the SVG patterns that `fill` names, to stand once on a page."""
    return "".join(
        f'<pattern id="rhythm-{KEYS[kind]}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<path d="M0 0h8v8h-8z" fill="{look.colour}"/><path d="{look.lines}" fill="none" '
        f'stroke="{look.ink}" stroke-width="1.4"/></pattern>'
        for kind in kinds
        if (look := style(kind)).lines
    )


def title(kind: int) -> str:
    """Give the name of a kind in words."""
    return RHYTHMS[kind].title
