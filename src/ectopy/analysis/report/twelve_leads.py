"""The page of a 12-lead ECG: 3 x 4 leads over a rhythm strip, as readers know it, and median beats.

Each column shows its own 2.5 s of the same ten seconds, so the rhythm strip below runs on in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.report.ecg_paper import (
    GREY,
    INK,
    MAJOR,
    MAJOR_MM,
    MINOR,
    MM_PER_MV,
    MM_PER_S,
    UNITS,
    beat_marks,
    grid,
    text,
    trace,
    units,
)
from ectopy.analysis.report.row_spacing import row_spacing
from ectopy.analysis.result import Result
from ectopy.beats.conditioning.quality import GOOD
from ectopy.classes import AAMI
from ectopy.recordings.clock import Clock
from ectopy.recordings.limb_leads import chest_lead, limb_lead, with_limb_leads

Float64 = npt.NDArray[np.float64]

COLUMNS: Final = (("I", "II", "III"), ("aVR", "aVL", "aVF"), ("V1", "V2", "V3"), ("V4", "V5", "V6"))
RHYTHM: Final = "II"
"""Lead of the strip below."""

SHOWN_S: Final = 10.0
FEWEST_BEATS: Final = 3
"""Beats of a class from which a median beat is drawn."""

BEAT_S: Final = (0.28, 0.48)
"""Of a median beat: before and after its R peak; together 19 mm."""

_LEFT_MM: Final = 10  # the pulse: 2 mm, 5 mm of 1 mV, 3 mm
_NAME_MM: Final = 8  # from a row's level up to the names of its leads
_HEAD_MM: Final = 7
_LABELS_MM: Final = 7
_BEAT_MM: Final = 20
_WIDTH_MM: Final = 260  # what is between the margins of Letter, lying; A4 is wider
_PEN: Final = 24


@dataclass(frozen=True)
class TwelveLeads:
    """A drawn page.

    Attributes
    ----------
    svg : str
        25 mm/s and 10 mm/mV as long as nothing shrinks it; 260 mm wide.
    start_s, seconds : float
        What is shown.
    derived : tuple of str
        Leads that are not stored but follow from others.
    beats : int
        Beats that the median beats are of; 0 where there were too few.
    letter : str
        Their class.
    """

    svg: str
    start_s: float
    seconds: float
    derived: tuple[str, ...]
    beats: int
    letter: str


def twelve_leads(result: Result) -> TwelveLeads | None:
    """Draw the page of a recording that has the twelve leads, or eight that they follow from.

    Parameters
    ----------
    result : Result
        With its recording.

    Returns
    -------
    TwelveLeads or None
        None where a lead is missing.

    Raises
    ------
    ConfigError
        If the recording is not at hand.
    """
    stored = result.signal()
    recording = with_limb_leads(stored)
    place = standard_leads(recording.leads)
    order = [lead for column in COLUMNS for lead in column]
    if any(lead not in place for lead in order):
        return None
    fs_hz = recording.fs_hz
    begin, end = _best(result)
    signal = recording.read(begin, end).astype(np.float64)
    by_name = {lead: signal[place[lead]] for lead in order}
    clock = Clock(result.start, result.duration_s)
    seconds = (end - begin) / fs_hz
    shown_s = min(SHOWN_S, max(seconds, 1e-9))
    parts = [_head(result, clock, begin / fs_hz)]
    column_s = shown_s / len(COLUMNS)
    cuts = [round(k * column_s * fs_hz) for k in range(len(COLUMNS) + 1)]
    levelled = {lead: by_name[lead] - _middle(by_name[lead]) for lead in order}
    rows = [
        [levelled[column[row]][cuts[k] : cuts[k + 1]] for k, column in enumerate(COLUMNS)]
        for row in range(3)
    ]
    letter, medians, n_beats = _medians(result, by_name, begin, end)
    spacing = row_spacing(rows, levelled[RHYTHM], () if medians is None else list(medians))
    top, level = _HEAD_MM, _HEAD_MM + spacing.above[0]
    high = spacing.above[0] + sum(spacing.between) + spacing.below[0]
    parts.append(_paper(top, high))
    for row, drawn in enumerate(rows):
        parts.append(_pulse(level))
        for number, (column, samples) in enumerate(zip(COLUMNS, drawn, strict=True)):
            left = _LEFT_MM + cuts[number] / fs_hz * MM_PER_S
            parts.append(_name(column[row], left, level - _NAME_MM))
            parts.append(_line(samples, fs_hz, level, left))
            if number:
                x = units(left)
                parts.append(
                    f'<path d="M{x} {units(level - 4)}v800" stroke="{INK}" stroke-width="18"/>'
                )
        level += spacing.between[row] if row < 2 else 0
    top += high + _LABELS_MM
    level = top + spacing.above[1]
    high = spacing.above[1] + spacing.below[1]
    parts.append(_paper(top, high))
    parts.append(_pulse(level))
    parts.append(_name(RHYTHM, _LEFT_MM, level - _NAME_MM))
    parts.append(_line(levelled[RHYTHM], fs_hz, level, _LEFT_MM))
    beats = result.beats
    here = slice(*np.searchsorted(beats.samples, [begin, end]))
    at = beats.samples[here] - begin
    places = _LEFT_MM + at / fs_hz * MM_PER_S
    parts.append(
        beat_marks(
            places, beats.classes[here], beats.uncertain[here], AAMI, top, top + high, _WIDTH_MM
        )
    )
    height = top + high
    if medians is not None:
        top = height + _LABELS_MM
        level = top + spacing.above[2]
        high = spacing.above[2] + spacing.below[2]
        parts.append(_paper(top, high))
        height = top + high
        parts.append(_pulse(level))
        for number, lead in enumerate(order):
            left = _LEFT_MM + number * _BEAT_MM
            parts.append(_name(lead, left, top + 3.4))
            parts.append(_line(medians[number], fs_hz, level, left + 1))
        words = f"median of {n_beats} {letter} beats of these {seconds:.0f} s, all leads"
        parts.append(text(_LEFT_MM, top - 1.6, words, size=3, fill=GREY))
    height += 5
    scale = text(0, height - 1, "25 mm/s, 10 mm/mV", size=2.8, fill=GREY)
    parts.append(f'<g class="scale">{scale}</g>')
    spoken = escape(
        f"12-lead ECG of {result.name}, {seconds:.1f} s from {clock.text(begin / fs_hz)}",
        quote=True,
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="twelve-leads" role="img" '
        f'aria-label="{spoken}" width="{_WIDTH_MM}mm" height="{height}mm" '
        f'viewBox="0 0 {_WIDTH_MM * UNITS} {height * UNITS}" style="background:#fff" '
        f'font-family="Helvetica,Arial,sans-serif">{"".join(parts)}</svg>'
    )
    derived = tuple(lead for lead in order if place[lead] >= len(stored.leads))
    return TwelveLeads(svg, begin / fs_hz, seconds, derived, n_beats, letter)


def standard_leads(names: Sequence[str]) -> dict[str, int]:
    """Give the place of each of the twelve standard leads that is among these names."""
    found: dict[str, int] = {}
    for place, name in enumerate(names):
        standard = chest_lead(name) or limb_lead(name)
        if standard is not None:
            found.setdefault(standard, place)
    return found


def _best(result: Result) -> tuple[int, int]:
    """Choose ten seconds: those in which most leads are good, of several the first."""
    fs_hz, second = result.fs_hz, round(result.fs_hz)
    length = round(SHOWN_S * fs_hz)
    if result.n_samples <= length + second:
        return 0, min(result.n_samples, length)
    good = (result.quality.states == GOOD).sum(axis=0)
    looks = np.lib.stride_tricks.sliding_window_view(good, round(SHOWN_S)).sum(axis=1)
    begin = int(looks.argmax()) * second
    begin = min(begin, result.n_samples - length)
    return begin, begin + length


def _medians(
    result: Result, by_name: dict[str, Float64], begin: int, end: int
) -> tuple[str, Float64 | None, int]:
    """Take the median of the commonest class's beats, all leads aligned together.

    Returns
    -------
    str
        The class.
    ndarray of float64, shape (12, n) or None
        A beat a lead, its level before the QRS at zero; None where there are too few beats.
    int
        Beats that it is of.
    """
    fs_hz, beats = result.fs_hz, result.beats
    before, after = (round(part * fs_hz) for part in BEAT_S)
    signal = np.stack(list(by_name.values()))
    reach = round(0.02 * fs_hz)
    here = slice(*np.searchsorted(beats.samples, [begin, end]))
    at, classes = beats.samples[here] - begin, beats.classes[here]
    inside = (at >= before + reach) & (at < signal.shape[1] - after - reach)
    at, classes = at[inside], classes[inside]
    if not len(at):
        return "", None, 0
    chosen = int(np.bincount(classes).argmax())
    at = at[classes == chosen]
    if len(at) < FEWEST_BEATS:
        return AAMI[chosen], None, len(at)
    offsets = np.arange(-before - reach, after + reach)
    cut = signal[:, at[:, None] + offsets]  # (leads, beats, samples)
    cut -= np.median(cut, axis=2, keepdims=True)
    usual = np.median(cut[:, :, reach:-reach], axis=1)
    moved = [cut[:, :, reach + by : cut.shape[2] - reach + by] for by in range(-reach, reach + 1)]
    fits = np.stack([(part * usual[:, None]).sum(axis=(0, 2)) for part in moved])
    best = fits.argmax(axis=0)
    aligned = np.stack([moved[by][:, beat] for beat, by in enumerate(best)], axis=1)
    median = np.median(aligned, axis=1)
    level = np.median(median[:, : round(0.05 * fs_hz)], axis=1, keepdims=True)
    return AAMI[chosen], median - level, len(at)


def _middle(lead: Float64) -> float:
    known = lead[np.isfinite(lead)]
    return float(np.median(known)) if len(known) else 0.0


def _head(result: Result, clock: Clock, start_s: float) -> str:
    words = f"{result.name}, from {clock.text(start_s)}"
    parts = [text(_LEFT_MM, 4.4, escape(words), size=3.6, weight="700")]
    if result.signal().simulated:
        parts.append(
            text(_WIDTH_MM, 4.4, "SIMULATED", size=3.6, weight="700", fill="#b00020", anchor="end")
        )
    return "".join(parts)


def _paper(top: float, height: int) -> str:
    lines = grid(_WIDTH_MM, height, 1, MINOR, 8) + grid(_WIDTH_MM, height, MAJOR_MM, MAJOR, 14)
    return (
        f'<svg x="0" y="{units(top)}" width="{_WIDTH_MM * UNITS}" height="{height * UNITS}">'
        f"{lines}</svg>"
    )


def _pulse(level: float) -> str:
    tall = round(MM_PER_MV * UNITS)
    return (
        f'<path fill="none" stroke="{INK}" stroke-width="{_PEN}" stroke-linejoin="round" '
        f'd="M200 {units(level)}h100v-{tall}h500v{tall}h100"/>'
    )


def _line(samples: Float64, fs_hz: float, level: float, left: float) -> str:
    return (
        f'<path fill="none" stroke="{INK}" stroke-width="{_PEN}" stroke-linejoin="round" '
        f'stroke-linecap="round" d="{trace(samples, fs_hz, level, left)}"/>'
    )


def _name(lead: str, left: float, base: float) -> str:
    """Write a lead's name, before its trace is drawn, so that it never hides the trace."""
    return text(left + 1.2, base, lead, size=3.6, weight="700")
