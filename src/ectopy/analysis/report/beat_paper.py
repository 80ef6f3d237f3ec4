"""One beat over the patient's usual beat, and intervals above a strip: SVG text, to scale."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.report.ecg_paper import place_mm, width_mm
from ectopy.beats.features.shape import WAVES_S

Float64 = npt.NDArray[np.float64]

MM_PER_S: Final = 50.0  # twice the usual paper speed: a beat is to be looked at closely
GAINS: Final = (20.0, 10.0)  # mm/mV: twice the usual gain where there is room for it, else that
FROM_S, TO_S = -0.4, 0.5  # around the middle of the QRS: a long PR interval, and the T wave
MAJOR_MM: Final = 5
ROOM_MM: Final = 60  # paper of a lead at the larger gain
MOST_MM: Final = 90  # at the smaller one; a larger trace is cut
HEAD_MM, FOOT_MM = 6, 11

_MINOR, _MAJOR, _INK, _GREY, _USUAL = "#f6cfcf", "#e79c9c", "#111111", "#555555", "#3f6f9f"
_DUE: Final = "#b00020"


def beat_paper(
    own: Float64, usual: Float64, low: Float64, high: Float64, *, lead: str, simulated: bool
) -> str:
    """Draw a beat over the usual one on ECG paper.

    Parameters
    ----------
    own, usual, low, high : ndarray of float64, shape (n,)
        The beat, the median of usual ones, and within what four in five of them lie, in mV, from
        `FROM_S` to `TO_S`; NaN where nothing was recorded.
    lead : str
        Its name.
    simulated : bool
        True writes SIMULATED on it.

    Returns
    -------
    str
        One ``<svg>``, to the scale that it tells as long as nothing shrinks it.
    """
    shown = np.concatenate([own, low, high])
    shown = shown[np.isfinite(shown)]
    top, bottom = float(shown.max(initial=0.25)), -float(shown.min(initial=-0.1))
    for gain in GAINS:
        up, down = _to_major(top * gain + 2), _to_major(bottom * gain + 2)
        if up + down <= ROOM_MM:
            break
    if up + down > MOST_MM:
        up = min(up, max(MOST_MM - down, MOST_MM // 2 // MAJOR_MM * MAJOR_MM))
        down = MOST_MM - up
    wide, high_mm = round((TO_S - FROM_S) * MM_PER_S), up + down
    x = np.linspace(0, wide, len(own))
    parts = [
        f'<svg x="0" y="{HEAD_MM}" width="{wide}" height="{high_mm}" '
        f'viewBox="0 {-up} {wide} {high_mm}">',
        _grid(wide, -up, down),
        f'<path d="{_band(x, -gain * low, -gain * high)}" fill="{_USUAL}" fill-opacity=".22"/>',
        _line(x, -gain * usual, _USUAL, 0.45),
        _line(x, -gain * own, _INK, 0.4),
        "</svg>",
        _text(0, HEAD_MM - 1.6, escape(lead), size=3.6, weight=700),
        _waves(HEAD_MM + high_mm),
        _text(0, HEAD_MM + high_mm + FOOT_MM - 1, f"50 mm/s, {gain:g} mm/mV", size=2.5, fill=_GREY),
    ]
    if simulated:
        parts.append(
            _text(wide, HEAD_MM - 1.6, "SIMULATED", size=3.6, weight=700, fill="#b00020", end=True)
        )
    height = HEAD_MM + high_mm + FOOT_MM
    spoken = escape(f"Lead {lead}: this beat over the patient's usual beat", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{spoken}" '
        f'width="{wide}mm" height="{height}mm" viewBox="0 0 {wide} {height}" '
        f'style="background:#fff" font-family="Helvetica,Arial,sans-serif">{"".join(parts)}</svg>'
    )


def interval_row(
    peaks_s: Sequence[float], seconds: float, *, beat_s: float, due_s: float | None
) -> str:
    """Write the RR intervals above a strip, each between its beats, and where one was due.

    Parameters
    ----------
    peaks_s : sequence of float
        R peaks, in seconds from the start of the strip.
    seconds : float
        Its length.
    beat_s : float
        R peak of the beat that is explained: the intervals beside it stand out.
    due_s : float, optional
        When that beat was due.
    """
    wide, base = width_mm(seconds), 6.0
    parts = [_text(0, base - 0.8, "RR, ms", size=2.9, fill=_GREY)]
    for before, after in pairwise(peaks_s):
        if before < 0 or after > seconds:
            continue
        beside = min(abs(before - beat_s), abs(after - beat_s)) < 1e-6
        left, right = place_mm(before), place_mm(after)
        colour, weight = (_INK, 700) if beside else (_GREY, 400)
        parts.append(
            f'<path d="M{left + 0.6:.2f} {base - 2}v2h{right - left - 1.2:.2f}v-2" fill="none" '
            f'stroke="{colour}" stroke-width="{0.35 if beside else 0.2}"/>'
        )
        said = f"{1000 * (after - before):.0f}"
        if right - left > 2.1 * len(said):
            middle = (left + right) / 2
            parts.append(
                _text(middle, base - 0.8, said, size=2.9, fill=colour, weight=weight, middle=True)
            )
    if due_s is not None and 0 <= due_s <= seconds:
        at = place_mm(due_s)
        last = at > wide - 8
        parts.append(
            f'<path d="M{at:.2f} {base + 3.6}l-1.3 -2.4h2.6z" fill="{_DUE}"/>'
            + _text(
                at - 2 if last else at + 2, base + 3.4, "due", size=2.9, fill=_DUE, end=last
            )
        )  # fmt: skip
    said = "RR intervals in ms" + (", and when the beat was due" if due_s is not None else "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{said}" '
        f'width="{wide}mm" height="10mm" viewBox="0 0 {wide} 10" style="background:#fff" '
        f'font-family="Helvetica,Arial,sans-serif">{"".join(parts)}</svg>'
    )


def _waves(top: float) -> str:
    """Mark under the paper where P wave, QRS, and ST and T are looked for."""
    parts = []
    for name, (begin, end) in WAVES_S.items():
        left, right = ((at - FROM_S) * MM_PER_S for at in (begin, end))
        parts.append(
            f'<path d="M{left:.2f} {top + 1}v1.2h{right - left:.2f}v-1.2" fill="none" '
            f'stroke="{_GREY}" stroke-width=".25"/>'
            + _text((left + right) / 2, top + 5.4, name, size=2.8, fill=_GREY, middle=True)
        )
    return "".join(parts)


def _grid(wide: int, top: int, bottom: int) -> str:
    parts = []
    for step, colour, pen in ((1, _MINOR, 0.08), (MAJOR_MM, _MAJOR, 0.14)):
        lines = "".join(f"M{x} {top}V{bottom}" for x in range(0, wide + 1, step))
        lines += "".join(f"M0 {y}H{wide}" for y in range(top, bottom + 1, step))
        parts.append(f'<path d="{lines}" stroke="{colour}" stroke-width="{pen}" fill="none"/>')
    return "".join(parts)


def _line(x: Float64, y: Float64, colour: str, pen: float) -> str:
    """Draw a trace, with gaps where samples are missing."""
    there = np.isfinite(y)
    edges = np.flatnonzero(np.diff(np.r_[False, there, False].astype(np.int8)))
    path = "".join(
        "M" + _points(x[begin:end], y[begin:end])
        for begin, end in zip(edges[::2], edges[1::2], strict=True)
    )
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{pen}" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
    )


def _band(x: Float64, low: Float64, high: Float64) -> str:
    there = np.isfinite(low) & np.isfinite(high)
    if not there.any():
        return ""
    around = np.r_[high[there], low[there][::-1]]
    return "M" + _points(np.r_[x[there], x[there][::-1]], around) + "Z"


def _points(x: Float64, y: Float64) -> str:
    pairs = zip(x.tolist(), y.tolist(), strict=True)
    return " ".join(f"{a:.2f},{b:.2f}" for a, b in pairs)


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    fill: str = _INK,
    weight: int = 400,
    middle: bool = False,
    end: bool = False,
) -> str:
    anchor = ' text-anchor="middle"' if middle else ' text-anchor="end"' if end else ""
    return (
        f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size}" fill="{fill}" '
        f'font-weight="{weight}"{anchor}>{text}</text>'
    )


def _to_major(mm: float) -> int:
    return int(np.ceil(max(mm, 0.0) / MAJOR_MM)) * MAJOR_MM
