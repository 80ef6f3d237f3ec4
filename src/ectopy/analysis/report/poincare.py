"""The Poincaré plot: each RR interval against the next, and how far normal ones spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Intervals
from ectopy.analysis.summary.variability import FEWEST_NN
from ectopy.classes import AAMI, COLOURS

if TYPE_CHECKING:
    from ectopy.analysis.report.sections import Reported, Shown

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

KINDS: Final = ("other", "N", "S", "V")
"""What a pair of intervals is of, the more telling later, which is drawn over the others."""
CELLS: Final = 120
"""Squares along an axis: pairs in one are drawn as one, the more the darker."""
SPAN_MS: Final = (200, 2400)
"""Most that the axes show."""

_SIZE, _LEFT, _TOP, _RIGHT, _BELOW = 360, 58, 12, 12, 46
_CELL: Final = _SIZE // CELLS
_STEPS_MS: Final = (100, 200, 400)
_DARKER: Final = ((1, 0.4), (3, 0.6), (10, 0.8), (30, 1.0))
"""From how many pairs a square has how much of its colour."""
_OTHER: Final = "#777777"


@dataclass(frozen=True)
class Pairs:
    """Neighbouring RR intervals, both from good signal.

    Attributes
    ----------
    first_ms, second_ms : ndarray of float64, shape (n_pairs,)
        An interval, and the next.
    kind : ndarray of int64, shape (n_pairs,)
        Index into `KINDS`: V where one of the three beats is V, else S where one is S, N where all
        are N and certain, else other.
    """

    first_ms: Float64
    second_ms: Float64
    kind: Int64

    @property
    def spread(self) -> tuple[float, float] | None:
        """SD1 and SD2 of the pairs of NN intervals in ms, across and along the line of identity.

        Standard deviations of (second - first) / √2 and (first + second) / √2 (Brennan, Palaniswami
        and Kamen 2001); None of too few pairs.
        """
        normal = self.kind == KINDS.index("N")
        if np.count_nonzero(normal) < FEWEST_NN:
            return None
        first, second = self.first_ms[normal], self.second_ms[normal]
        across, along = (second - first) / np.sqrt(2), (first + second) / np.sqrt(2)
        return float(across.std(ddof=1)), float(along.std(ddof=1))


def pairs(intervals: Intervals) -> Pairs:
    """Pair each interval with the next."""
    beats = intervals.beats
    good = intervals.clear & ~np.isnan(intervals.rr_s)
    second = np.flatnonzero(good[2:] & good[1:-1]) + 2  # the last of the three beats
    three = second[:, None] - np.arange(3)
    classes, doubt = beats.classes[three], beats.uncertain[three]
    normal = ((classes == AAMI.index("N")) & ~doubt).all(axis=1)
    kind = np.where(normal, KINDS.index("N"), KINDS.index("other"))
    for letter in ("S", "V"):
        kind[(classes == AAMI.index(letter)).any(axis=1)] = KINDS.index(letter)
    rr_ms = 1000 * intervals.rr_s
    return Pairs(rr_ms[second - 1], rr_ms[second], kind)


def rr_pairs(of: Reported) -> Shown | None:
    """Show the Poincaré plot where there are pairs enough to see more than dots."""
    found = pairs(of.result.intervals)
    if len(found.kind) < FEWEST_NN:
        return None
    counts = np.bincount(found.kind, minlength=len(KINDS)).tolist()
    names = {
        "N": "of normal beats alone",
        "S": "with a supraventricular ectopic beat",
        "V": "with a ventricular ectopic beat",
        "other": "with another beat, or an uncertain one",
    }
    return {
        "plot": poincare(found),
        "kinds": [
            {"name": names[kind], "colour": _colour(kind), "count": counts[KINDS.index(kind)]}
            for kind in names
        ],
        "spread": found.spread,
        "outside": beyond(found),
        "axis": _axis(found),
        "fewest": FEWEST_NN,
    }


def poincare(found: Pairs) -> str:
    """Draw the plot as one ``<svg>`` element, both axes alike, in ms."""
    low, high = _axis(found)
    width, height = _LEFT + _SIZE + _RIGHT, _TOP + _SIZE + _BELOW
    scale = CELLS / (high - low)
    column = np.floor((found.first_ms - low) * scale).astype(np.int64)
    row = CELLS - 1 - np.floor((found.second_ms - low) * scale).astype(np.int64)
    inside = (column >= 0) & (column < CELLS) & (row >= 0) & (row < CELLS)
    parts = [_frame(low, high)]
    for kind, name in enumerate(KINDS):
        here = inside & (found.kind == kind)
        counts = np.bincount(row[here] * CELLS + column[here], minlength=CELLS**2)
        parts.append(_squares(counts.reshape(CELLS, CELLS), _colour(name)))
    if (spread := found.spread) is not None:
        parts.append(_ellipse(found, spread, low, high))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'class="poincare" aria-label="Poincaré plot: each RR interval against the next, in ms">'
        f"{''.join(parts)}</svg>"
    )


def beyond(found: Pairs) -> int:
    """Count the pairs that the axes do not reach."""
    low, high = _axis(found)
    both = np.stack([found.first_ms, found.second_ms])
    return int(np.count_nonzero(((both < low) | (both >= high)).any(axis=0)))


def _axis(found: Pairs) -> tuple[int, int]:
    """Give the ends of both axes in ms: whole steps that hold all but what is beyond `SPAN_MS`."""
    both = np.concatenate([found.first_ms, found.second_ms])
    low = max(SPAN_MS[0], int(both.min() // 200 * 200))
    high = min(SPAN_MS[1], int(both.max() // 200 * 200) + 200)
    return min(low, SPAN_MS[1] - 400), max(high, low + 400)


def _colour(kind: str) -> str:
    return COLOURS[AAMI.index(kind)] if kind in AAMI else _OTHER


def _frame(low: int, high: int) -> str:
    """Draw axes, lines of the grid, and the line of identity."""
    step = next(step for step in _STEPS_MS if (high - low) / step <= 8 or step == _STEPS_MS[-1])
    out = [
        f'<path d="M{_LEFT} {_TOP}h{_SIZE}v{_SIZE}h-{_SIZE}z" fill="#fff" stroke="#999"/>',
        f'<path d="M{_LEFT} {_TOP + _SIZE}l{_SIZE} -{_SIZE}" stroke="#999" '
        'stroke-dasharray="4 3"/>',
    ]
    for at in range(-(-low // step) * step, high + 1, step):
        share = (at - low) / (high - low) * _SIZE
        x, y = _LEFT + share, _TOP + _SIZE - share
        out.append(
            f'<path d="M{x:.1f} {_TOP}v{_SIZE}M{_LEFT} {y:.1f}h{_SIZE}" stroke="#e6e9ec"/>'
            f'<text x="{x:.1f}" y="{_TOP + _SIZE + 17}" text-anchor="middle">{at}</text>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{at}</text>'
        )
    middle = _TOP + _SIZE / 2
    out.append(
        f'<text x="{_LEFT + _SIZE / 2:g}" y="{_TOP + _SIZE + 37}" text-anchor="middle">'
        f'RR interval, ms</text><text transform="translate(14 {middle:g}) rotate(-90)" '
        f'text-anchor="middle">next RR interval, ms</text>'
    )
    return "".join(out)


def _squares(counts: Int64, colour: str) -> str:
    """Draw the squares that hold pairs, side by side ones in one stroke, the fuller the darker."""
    level = np.searchsorted([least for least, _ in _DARKER], counts, side="right")
    out = []
    for number, (_, opacity) in enumerate(_DARKER, start=1):
        edges = np.diff((level == number).astype(np.int8), axis=1, prepend=0, append=0)
        begins, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
        path = "".join(
            f"M{_LEFT + _CELL * begin} {_TOP + _CELL * row + _CELL / 2:g}h{_CELL * (end - begin)}"
            for (row, begin), (_, end) in zip(begins.tolist(), ends.tolist(), strict=True)
        )
        if path:
            out.append(
                f'<path d="{path}" stroke="{colour}" stroke-width="{_CELL}" '
                f'stroke-opacity="{opacity:g}"/>'
            )
    return "".join(out)


def _ellipse(found: Pairs, spread: tuple[float, float], low: int, high: int) -> str:
    """Draw the ellipse with the half axes SD1 and SD2 around the mean pair of NN intervals."""
    normal = found.kind == KINDS.index("N")
    scale = _SIZE / (high - low)
    x = _LEFT + (float(found.first_ms[normal].mean()) - low) * scale
    y = _TOP + _SIZE - (float(found.second_ms[normal].mean()) - low) * scale
    across, along = (value * scale for value in spread)
    return (
        f'<ellipse transform="translate({x:.1f} {y:.1f}) rotate(-45)" rx="{along:.1f}" '
        f'ry="{across:.1f}" fill="none" stroke="#111" stroke-width="1.5"/>'
    )
