"""One lead drawn small, a line a minute: extremes of columns as SVG paths, coloured by beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.classes import AAMI

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

MINUTE_S: Final = 60
COLUMNS: Final = 1160
"""Columns of a line, one drawing unit wide each: 52 ms, of which the extremes are drawn."""
UNIT_MM: Final = 0.15
"""Of a drawing unit, about the width of a pen."""

_LEVEL_COLUMNS: Final = 29  # 1.5 s, of whose middle the level of the trace is taken
_AROUND_S: Final = (0.12, 0.3)  # what of the trace has the colour of a beat: before and after R
_ABSENT: Final = -1
PLAIN: Final = len(AAMI)
"""What a column is of where no beat but a normal or an uncertain one is."""


@dataclass(frozen=True)
class Columns:
    """Extremes of a trace, less its slowly wandering level.

    Attributes
    ----------
    low_mv, high_mv : ndarray of float32, shape (n_lines, COLUMNS)
        NaN where there is no signal.
    """

    low_mv: Float32
    high_mv: Float32


def columns(lead_mv: Float32, fs_hz: float, lines: int) -> Columns:
    """Take the extremes of the columns of some lines from their samples.

    Parameters
    ----------
    lead_mv : ndarray of float32, shape (n_samples,)
        Of so many minutes; the last may be shorter.
    fs_hz : float
        Sampling rate in Hz, at least one sample in a column.
    lines : int
        How many minutes.
    """
    edges = np.floor(np.arange(lines * COLUMNS + 1) * (MINUTE_S * fs_hz / COLUMNS)).astype(np.int64)
    n = int(np.searchsorted(edges, len(lead_mv)))  # columns that have samples
    found = np.full((2, lines * COLUMNS), np.nan, np.float32)
    if n:
        starts = edges[:n]
        found[0, :n] = np.fmin.reduceat(lead_mv, starts)
        found[1, :n] = np.fmax.reduceat(lead_mv, starts)
    found -= _level(found.mean(axis=0))
    low, high = found.reshape(2, lines, COLUMNS)
    return Columns(low, high)


def _level(middles: Float32) -> Float32:
    """Give the level of a trace at each column: medians of stretches, joined by straight lines."""
    stretches = np.sort(middles.reshape(-1, _LEVEL_COLUMNS), axis=1)  # NaN last
    known = np.isfinite(stretches).sum(axis=1)
    there = np.flatnonzero(known)
    if not len(there):
        return np.zeros_like(middles)
    medians = stretches[there, (known[there] - 1) // 2]
    at = (there + 0.5) * _LEVEL_COLUMNS
    level = np.interp(np.arange(len(middles)) + 0.5, at, medians)
    return np.asarray(level, dtype=np.float32)


def coloured(
    lines: int, seconds: npt.NDArray[np.float64], classes: Int64, *, plain: Int64
) -> Int64:
    """Tell for each column whose colour it has: a class, or `PLAIN`.

    Parameters
    ----------
    lines : int
        How many minutes.
    seconds : ndarray of float64, shape (n_beats,)
        R peaks, from the start of the first line.
    classes : ndarray of int64, shape (n_beats,)
        Their classes.
    plain : ndarray of int64, shape (n,)
        Beats that are not coloured, by their place among these.

    Returns
    -------
    ndarray of int64, shape (lines, COLUMNS)
    """
    of = np.full(lines * COLUMNS, PLAIN, dtype=np.int64)
    marked = np.ones(len(seconds), dtype=bool)
    marked[plain] = False
    width_s = MINUTE_S / COLUMNS
    begins = np.floor((seconds[marked] - _AROUND_S[0]) / width_s).astype(np.int64)
    length = round(sum(_AROUND_S) / width_s)
    places = begins[:, None] + np.arange(length)
    colours = np.broadcast_to(classes[marked][:, None], places.shape)
    inside = (places >= 0) & (places < len(of))
    of[places[inside]] = colours[inside]
    return of.reshape(lines, COLUMNS)


def path(
    low: Float32, high: Float32, of: Int64, x: int, y: int, units_per_mv: float, most: int
) -> dict[int, str]:
    """Draw a line.

    Parameters
    ----------
    low, high : ndarray of float32, shape (COLUMNS,)
        Extremes in mV.
    of : ndarray of int64, shape (COLUMNS,)
        Whose colour each column has.
    x, y : int
        Where the line begins, and the place of its level.
    units_per_mv : float
        Drawing units.
    most : int
        Units above and below the level beyond which the trace is cut.

    Returns
    -------
    dict of int to str
        A path for each colour that the line has.
    """
    there = np.isfinite(low)
    top, bottom = (
        y - np.rint(np.clip(np.where(there, v, 0) * units_per_mv, -most, most)).astype(np.int64)
        for v in (high, low)
    )
    middle = (top + bottom) // 2
    rising = np.r_[True, middle[1:] <= middle[:-1]]  # from the nearer extreme to the other
    two = bottom - top > 1
    first = np.where(two, np.where(rising, bottom, top), middle)
    second = np.where(rising, top, bottom)
    n_points = np.where(two, 2, 1)
    column = np.repeat(np.arange(len(low)), n_points)
    ys = first[column]
    last = np.cumsum(n_points)[two] - 1
    ys[last] = second[two]
    colour = np.where(there, of, _ABSENT)[column]
    # What goes straight on needs no point; where the colour changes, a point is kept.
    same = (ys[1:-1] == ys[:-2]) & (ys[1:-1] == ys[2:])
    same &= (colour[1:-1] == colour[:-2]) & (colour[1:-1] == colour[2:])
    kept = np.r_[True, ~same, True]
    column, ys, colour = column[kept] + x, ys[kept], colour[kept]
    return _strokes(column, ys, colour)


def _strokes(xs: Int64, ys: Int64, colour: Int64) -> dict[int, str]:
    """Join points to strokes, each of one colour and begun where the one before it ends."""
    starts = np.flatnonzero(np.diff(colour, prepend=colour[0] - 1))
    stops = np.r_[starts[1:], len(colour)]
    steps = np.diff(np.stack([xs, ys], axis=1), axis=0)
    out: dict[int, str] = {}
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        own = int(colour[start])
        if own == _ABSENT:
            continue
        joined = start > 0 and colour[start - 1] != _ABSENT
        begin = start - 1 if joined else start
        numbers = steps[begin : stop - 1].ravel().tolist()
        stroke = " ".join(map(str, numbers)).replace(" -", "-") or "1 0"
        out[own] = out.get(own, "") + f"M{xs[begin]} {ys[begin]}l{stroke}"
    return out
