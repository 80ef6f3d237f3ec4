"""Members of a template over one another on ECG paper, and their median."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.report.ecg_paper import (
    MAJOR,
    MAJOR_MM,
    MINOR,
    MM_PER_MV,
    MM_PER_S,
    grid,
    to_major,
)
from ectopy.analysis.report.strips import EcgStrip, shown_leads
from ectopy.classes import AAMI, COLOURS

if TYPE_CHECKING:
    from ectopy.analysis.templates import Template
    from ectopy.recordings.recording import Recording

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

RATE_HZ: Final = 250
"""Of the beats: a tenth of a millimetre on paper, about the width of a pen."""
BEFORE_S: Final = 0.3
AFTER_S: Final = 0.5
"""What is shown of a beat: P wave to T wave."""

_BEFORE, _LENGTH = round(BEFORE_S * RATE_HZ), round((BEFORE_S + AFTER_S) * RATE_HZ)
_SHIFT: Final = 15  # 60 ms: marks of one form may be as far apart, and are brought together
_CORE: Final = slice(_BEFORE - 25, _BEFORE + 38)  # what is brought together: the QRS
_UNITS: Final = 10  # drawing units a millimetre: whole numbers keep the file small
_FAINT: Final = "#444"
_LEAST_MM, _MOST_MM = 15, 45  # paper of a lead
_EVERY: Final = 2  # members, behind the median, are drawn from every second sample


@dataclass(frozen=True)
class Overlay:
    """Members of a template.

    Attributes
    ----------
    leads : tuple of str
        Names of the leads.
    members_mv : ndarray of float32, shape (n_members, n_leads, 200)
        In mV, each less its own median; NaN where samples are missing.
    median_mv : ndarray of float32, shape (n_leads, 200)
        Their median, `BEFORE_S` before to `AFTER_S` after the R peak at `RATE_HZ`.
    """

    leads: tuple[str, ...]
    members_mv: Float32
    median_mv: Float32


@dataclass(frozen=True)
class Room:
    """Paper of a lead: mm above and below the level of a beat. What goes further is cut."""

    up_mm: int
    down_mm: int

    def cuts(self, shown: Overlay) -> bool:
        """Tell whether a median goes further."""
        finite = shown.median_mv[np.isfinite(shown.median_mv)] * MM_PER_MV
        return bool(finite.size) and bool(finite.max() > self.up_mm or -finite.min() > self.down_mm)


def overlay(template: Template) -> Overlay:
    """Read the members of a template: some short stretches of its recording.

    Raises
    ------
    ConfigError
        If the recording is not at hand.
    """
    result = template.source
    recording, leads = result.signal(), shown_leads(result)
    raw = _read(recording, leads, result.beats.samples[template.members])
    members = _together(_at_rate(raw, recording.fs_hz))
    names = tuple(result.summary.leads[lead].name for lead in leads)
    return Overlay(names, members, _median(members))


def _read(recording: Recording, leads: list[int], samples: Int64) -> Float32:
    """Read around each sample, shape (n, n_leads, n_around); NaN beyond the ends."""
    margin = _SHIFT / RATE_HZ + 2 / recording.fs_hz
    before = int(np.ceil((BEFORE_S + margin) * recording.fs_hz))
    length = before + int(np.ceil((AFTER_S + margin) * recording.fs_hz)) + 1
    found = np.full((len(samples), len(leads), length), np.nan, np.float32)
    for row, sample in zip(found, samples.tolist(), strict=True):
        begin = max(sample - before, 0)
        signal = recording.read(begin, min(sample - before + length, recording.n_samples))[leads]
        skipped = begin - (sample - before)
        row[:, skipped : skipped + signal.shape[1]] = signal
    return found


def _at_rate(raw: Float32, fs_hz: float) -> Float32:
    """Bring beats to `RATE_HZ`, with room to shift them: means of what a step holds, or lines."""
    margin = _SHIFT / RATE_HZ + 2 / fs_hz
    before = int(np.ceil((BEFORE_S + margin) * fs_hz))
    at = (np.arange(-_SHIFT, _LENGTH + _SHIFT) - _BEFORE) / RATE_HZ * fs_hz + before
    apart = np.abs(np.arange(raw.shape[2])[:, None] - at)
    weight = np.maximum(1 - apart / max(1.0, fs_hz / RATE_HZ), 0)
    weight = (weight / weight.sum(axis=0)).astype(np.float32)
    there = np.isfinite(raw)
    if there.all():
        return np.asarray(raw @ weight)
    share = there.astype(np.float32) @ weight
    found = np.where(there, raw, 0) @ weight / np.maximum(share, 1e-6)
    return np.where(share > 0.5, found, np.nan).astype(np.float32)


def _together(wide: Float32) -> Float32:
    """Shift each beat to where it is most like the others, all leads together."""
    filled = np.nan_to_num(wide)
    windows = np.lib.stride_tricks.sliding_window_view(filled, _LENGTH, axis=2)
    core = windows[..., _CORE] - windows[..., _CORE].mean(axis=3, keepdims=True)
    size = np.sqrt(np.einsum("ijkl,ijkl->ik", core, core)) + 1e-6
    rows, shift = np.arange(len(wide)), np.full(len(wide), _SHIFT)
    for _ in range(2):
        usual = np.median(core[rows, :, shift], axis=0)
        shift = (np.einsum("ijkl,jl->ik", core, usual) / size).argmax(axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(wide, _LENGTH, axis=2)
    found = windows[rows, :, shift]
    level = np.where(np.isfinite(found), found, np.nan)
    return np.asarray(found - _nanmedian(level, 2)[..., None], dtype=np.float32)


def _median(members: Float32) -> Float32:
    return _nanmedian(members, 0)


def _nanmedian(values: Float32, axis: int) -> Float32:
    """Median of what is there; NaN, without a warning, where nothing is."""
    ordered = np.sort(values, axis=axis)  # NaN last
    n = np.isfinite(values).sum(axis=axis, keepdims=True)
    low, high = (np.maximum(n - 1, 0) // 2, n // 2)
    high = np.minimum(high, ordered.shape[axis] - 1)
    middle = np.take_along_axis(ordered, low, axis) + np.take_along_axis(ordered, high, axis)
    return np.asarray(np.squeeze(middle, axis) / 2, dtype=np.float32)


def plot(template: Template) -> EcgStrip:
    """Draw a template by itself."""
    title = f"strip of {template.source.name}: template {template.of} {template.number}"
    shown = overlay(template)
    drawn = draw(shown, template.of, title, room([shown]), median=template.number > 0)
    return EcgStrip(title, BEFORE_S + AFTER_S, drawn)


def draw(shown: Overlay, letter: str, title: str, paper: Room, *, median: bool = True) -> str:
    """Draw members in faint ink under their median in the colour of the class, lead by lead.

    Parameters
    ----------
    shown : Overlay
        What is drawn.
    letter : str
        Class of the beats.
    title : str
        What it shows, for those who cannot see it.
    paper : Room
        Of each lead.
    median : bool
        False for beats that are not alike, of which a median says nothing.

    Returns
    -------
    str
        One ``<svg>`` element, 25 mm/s and 10 mm/mV as long as nothing shrinks it.
    """
    wide, gap = round((BEFORE_S + AFTER_S) * MM_PER_S), 2
    up, height = paper.up_mm, paper.up_mm + paper.down_mm
    width = len(shown.leads) * (wide + gap) - gap
    paper_lines = grid(wide, height, 1, MINOR, 0.8, _UNITS)
    paper_lines += grid(wide, height, MAJOR_MM, MAJOR, 1.4, _UNITS)
    parts = []
    for number, name in enumerate(shown.leads):
        traces = (
            f'<path d="{_paths(shown.members_mv[:, number], up, height, _EVERY)}" fill="none" '
            f'stroke="{_FAINT}" stroke-width="1.2" stroke-opacity="{0.3 if median else 0.6}"/>'
        )
        if median:
            traces += (
                f'<path d="{_paths(shown.median_mv[number][None], up, height, 1)}" fill="none" '
                f'stroke="{COLOURS[AAMI.index(letter)]}" stroke-width="4" stroke-linejoin="round"/>'
            )
        parts.append(
            f'<svg x="{number * (wide + gap) * _UNITS}" width="{wide * _UNITS}" '
            f'height="{height * _UNITS}" overflow="hidden">{paper_lines}{traces}'
            f'<text x="{_UNITS}" y="{3 * _UNITS}" font-size="{2.8 * _UNITS:g}" '
            f'font-weight="700">{escape(name)}</text></svg>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="overlay" role="img" '
        f'aria-label="{escape(title, quote=True)}" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {width * _UNITS} {height * _UNITS}" style="background:#fff" '
        f'font-family="Helvetica,Arial,sans-serif">{"".join(parts)}</svg>'
    )


def room(shown: Sequence[Overlay]) -> Room:
    """Give paper, to thick lines, that has room for the medians of some templates."""
    values = np.concatenate([one.median_mv.ravel() for one in shown])
    finite = values[np.isfinite(values)]
    # Its members are a little larger and smaller than the median.
    up = to_major(float(finite.max(initial=0)) * MM_PER_MV + 2)
    down = to_major(-float(finite.min(initial=0)) * MM_PER_MV + 2)
    up += max(0, _LEAST_MM - up - down)
    if up + down <= _MOST_MM:
        return Room(up, down)
    down = min(down, max(_MOST_MM - up, _LEAST_MM))
    return Room(_MOST_MM - down, down)


def _paths(beats: Float32, level: int, height: int, every: int) -> str:
    """Give the path of beats (n, n_samples) whose zero lies ``level`` mm below the paper's top."""
    beats = beats[:, ::every]
    present = np.isfinite(beats)
    y = np.clip(level - np.where(present, beats, 0) * MM_PER_MV, -1, height + 1) * _UNITS
    x = np.arange(beats.shape[1]) * (every / RATE_HZ * MM_PER_S * _UNITS)
    points = np.rint(np.stack(np.broadcast_arrays(x, y), axis=2)).astype(np.int64)
    steps = np.diff(points, axis=1)
    path = []
    for row, there, moved in zip(points, present, steps, strict=True):
        edges = np.flatnonzero(np.diff(np.r_[0, there, 0]))
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            numbers = " ".join(map(str, moved[begin : end - 1].ravel().tolist()))
            path.append(f"M{row[begin, 0]} {row[begin, 1]}l{numbers or '0 0'}".replace(" -", "-"))
    return "".join(path)
