"""One look for every figure: white paper, one colour a class, protocol and origin written on it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from ectopy.classes import COLOURS

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes

WIDTH_IN: Final = 6.6  # text width of an A4 page: nothing is shrunk, so nothing becomes too small
DPI: Final = 600  # what journals ask of line art; 6.6 in are then 3,960 pixels
LOOK_DPI: Final = 150  # of a quick look: sharp on a screen, and too coarse to print
GREY: Final = "#555555"
TRAINING: Final[dict[str, Any]] = {
    "color": "#0000ff",
    "linestyle": "--",
}  # as in the ECG5000 paper
VALIDATION: Final[dict[str, Any]] = {"color": "#ff7f0e", "linestyle": "-"}
HEAT: Final = "YlOrRd"  # light to dark in one direction, with a black trace readable on top
_WARNING: Final = "#b00020"

_SETTINGS: Final[Any] = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters everywhere
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.labelsize": 8,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.edgecolor": "#333333",
    "axes.grid": False,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "lines.linewidth": 1.4,
    "svg.fonttype": "path",  # the same picture whatever fonts the reader has
    "svg.hashsalt": "ectopy",  # the same bytes for the same figure
}


def drawing() -> AbstractContextManager[None]:
    """Give a context in which figures are made and saved in this style, undone at its end."""
    context: AbstractContextManager[None] = matplotlib.rc_context(_SETTINGS)
    return context


class Told(Protocol):
    """What every figure has to say about itself: a run's `Results`, or an `Origin`."""

    @property
    def origin(self) -> str:
        """Protocol, data, study and seeds in a line."""

    @property
    def simulated(self) -> bool:
        """Whether no heart was involved."""

    @property
    def quick(self) -> bool:
        """Whether a quick look made it, so that no figure of it may be quoted."""


@dataclass(frozen=True)
class Origin:
    """Where a figure comes from that is not of a study."""

    origin: str
    simulated: bool = False
    quick: bool = False


def sheet(told: Told, title: str, height_in: float, note: str = "") -> Figure:
    """Start a figure: title above, and below it what a reader must know to trust it.

    Parameters
    ----------
    told : Results or Origin
        For the protocol, the data, and what must be marked: simulated, a quick look.
    title : str
        What is shown.
    height_in : float
        Height in inches; the width is always `WIDTH_IN`.
    note : str
        How to read it, in a sentence or two.
    """
    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=100, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.06, h_pad=0.06)  # type: ignore[union-attr,call-arg]
    marks = ["SIMULATED DATA"] * told.simulated + ["QUICK LOOK"] * told.quick
    mark = ", ".join(marks)
    room = 84 - (2 * len(mark) if mark else 0)  # the mark stands to the right
    figure.suptitle(textwrap.fill(title, room), x=0.012, ha="left", size=10, weight="bold")
    lines = [*textwrap.wrap(note, 128), *textwrap.wrap(told.origin, 128)]
    figure.supxlabel("\n".join(lines), x=0.012, ha="left", size=6.5, color=GREY, linespacing=1.35)
    if mark:
        box = {"boxstyle": "round,pad=0.3", "facecolor": _WARNING, "edgecolor": "none"}
        figure.text(
            1 - 0.09 / WIDTH_IN, 1 - 0.08 / height_in, mark, ha="right", va="top",
            size=8, color="white", weight="bold", bbox=box,
        )  # fmt: skip
    return figure


def colour(index: int) -> str:
    """Colour of the class at a position in the class order."""
    return COLOURS[index % len(COLOURS)]


def first_lead(X: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], str]:
    """Give the lead of beats that is drawn, (n_beats, n_samples), and a note where there are more.

    ``X`` is (n_beats, n_samples) or (n_beats, n_samples, n_leads).
    """
    beats = np.asarray(X)
    if beats.ndim < 3:
        return beats, ""
    return beats[..., 0], f" Lead 1 of {beats.shape[2]}." if beats.shape[2] > 1 else ""


def say_if_cut(axes: Axes) -> None:
    """Write beside an axis that it does not start at zero, where it does not."""
    if axes.get_ylim()[0] > 0:
        axes.set_ylabel(f"{axes.get_ylabel()} (axis does not start at 0)")


def count(number: float) -> str:
    """Write a number of beats; a mean over seeds keeps one decimal while it is small."""
    if number < 100 and abs(number - round(number)) > 0.04:
        return f"{number:.1f}"
    return f"{round(number):,}"
