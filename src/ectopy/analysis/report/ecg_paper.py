"""ECG strips on ECG paper, as SVG text: 25 mm/s and 10 mm/mV, without a plotting library."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.classes import AAMI, COLOURS
from ectopy.errors import ConfigError
from ectopy.recordings.clock import Clock

MM_PER_S: Final = 25.0  # the paper speed that every reader of an ECG expects
MM_PER_MV: Final = 10.0  # the standard gain; major grid 0.2 s by 0.5 mV, minor 0.04 s by 0.1 mV
MAJOR_MM: Final = 5

UNITS: Final = 100  # drawing units a millimetre: whole numbers keep the file small
PULSE_MM: Final = 15  # paper before the trace: the pulse is 5 mm (0.2 s) wide, as recorders draw it
_LABEL_MM: Final = 7  # row above the first lead for the beat labels
_RR_MM, _RR_SIZE_MM = 3, 2.5  # row above the labels for the intervals, and the height of its text
_AXIS_MM: Final = 9  # rows below the last lead for the time and the scale
_LEAST_MM: Final = 50  # paper of the shortest strip: its lead name and scale need that much
_LEAD_MM: Final = (20, 60)  # least and most paper given to a lead; beyond the most it is clipped
_FINEST_MM: Final = 0.1  # a pen is wider than this: more samples than that are drawn as extremes
MINOR, MAJOR, INK, GREY = "#f6cfcf", "#e79c9c", "#111111", "#555555"


def ecg_strip(
    signal_mv: npt.ArrayLike,
    fs_hz: float,
    *,
    leads: Sequence[str] = (),
    start_s: float = 0.0,
    beats: npt.ArrayLike = (),
    classes: npt.ArrayLike | None = None,
    uncertain: npt.ArrayLike | None = None,
    rr_s: npt.ArrayLike | None = None,
    names: Sequence[str] = AAMI,
    clock: Clock = Clock(),  # noqa: B008 (frozen)
    simulated: bool = False,
    title: str = "",
) -> str:
    """Draw leads one below another on ECG paper, each beat's label above.

    Parameters
    ----------
    signal_mv : array, shape (n_leads, n_samples) or (n_samples,)
        Samples in mV; NaN where a sample is missing, which leaves a gap in the trace.
    fs_hz : float
        Sampling rate in Hz.
    leads : sequence of str
        Lead names; empty for none.
    start_s : float
        Time of the first sample in its recording, in seconds, for the time axis.
    beats : array of int, shape (n_beats,)
        R peaks, in samples from the start of this strip; those outside are not drawn.
    classes : array of int, shape (n_beats,), optional
        Index of each beat's class into ``names``; -1 for a beat without a label.
    uncertain : array of bool, shape (n_beats,), optional
        True for a beat whose class should not be relied on: its label is hollow and grey and has
        a question mark.
    rr_s : array, shape (n_beats,), optional
        Interval from the beat before, in s, which is written in ms between the two; NaN for one
        that is not to be relied on.
    names : sequence of str
        Class names, in the order that gives each its colour.
    clock : Clock
        How times are written; by default as elapsed.
    simulated : bool
        True writes SIMULATED on the strip.
    title : str
        What the strip shows, for those who cannot see it.

    Returns
    -------
    str
        One ``<svg>`` element. Its width and height are in mm, so that it is to scale as long as
        nothing shrinks it; what says so has the class ``scale``, for a page that must.

    Raises
    ------
    ConfigError
        If shapes or the sampling rate cannot be drawn.

    Examples
    --------
    >>> from ectopy.analysis.report import ecg_strip
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> svg = ecg_strip(recording.read(0, 1250), recording.fs_hz, leads=recording.leads)
    >>> svg.startswith("<svg")
    True
    """
    signal = np.atleast_2d(np.asarray(signal_mv, dtype=np.float64))
    if signal.ndim != 2 or signal.shape[1] == 0:
        raise ConfigError(
            f"a strip of shape {signal.shape} cannot be drawn, expected (leads, samples)"
        )
    if not fs_hz > 0:
        raise ConfigError(f"sampling rate is {fs_hz} Hz, expected a positive number")
    if leads and len(leads) != len(signal):
        raise ConfigError(f"{len(leads)} lead names for {len(signal)} leads")
    peaks = np.asarray(beats, dtype=np.int64).reshape(-1)
    labels = np.full(len(peaks), -1) if classes is None else np.asarray(classes, dtype=np.int64)
    if len(labels) != len(peaks):
        raise ConfigError(f"{len(labels)} class labels for {len(peaks)} beats")
    doubt = np.zeros(len(peaks), bool) if uncertain is None else np.asarray(uncertain, dtype=bool)
    if len(doubt) != len(peaks):
        raise ConfigError(f"{len(doubt)} marks of uncertainty for {len(peaks)} beats")
    intervals = np.full(len(peaks), np.nan) if rr_s is None else np.asarray(rr_s, dtype=float)
    if len(intervals) != len(peaks):
        raise ConfigError(f"{len(intervals)} RR intervals for {len(peaks)} beats")

    seconds = signal.shape[1] / fs_hz
    width = width_mm(seconds)
    head = (5 if simulated else 0) + (0 if rr_s is None else _RR_MM) + _LABEL_MM
    parts: list[str] = []
    top = head
    for number, lead in enumerate(signal):
        piece, height = _lead(lead, fs_hz, top, width, leads[number] if leads else "")
        parts.append(piece)
        top += height
    inside = (peaks >= 0) & (peaks < signal.shape[1])
    places = PULSE_MM + peaks[inside] / fs_hz * MM_PER_S
    parts.append(beat_marks(places, labels[inside], doubt[inside], names, head, top, width))
    if rr_s is not None:
        parts.append(_intervals(places, intervals[inside], head - _LABEL_MM - 0.3))
    parts.append(_axis(clock, start_s, seconds, top, width))
    if simulated:
        parts.append(
            text(width, 3.6, "SIMULATED", size=3.6, weight="700", fill="#b00020", anchor="end")
        )
    height = top + _AXIS_MM
    spoken = escape(title or f"ECG strip, {seconds:.1f} s from {clock.text(start_s)}", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ecg-strip" role="img" '
        f'aria-label="{spoken}" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {width * UNITS} {height * UNITS}" '
        f'style="background:#fff" '
        f'font-family="Helvetica,Arial,sans-serif">{"".join(parts)}</svg>'
    )


def width_mm(seconds: float) -> int:
    """Give the width of a strip of that many seconds, in mm."""
    paper = int(np.ceil(seconds * MM_PER_S / MAJOR_MM)) * MAJOR_MM
    return PULSE_MM + max(paper, _LEAST_MM)


def place_mm(seconds: float) -> float:
    """Tell where on a strip its first sample and so many seconds more lie, in mm from its left."""
    return PULSE_MM + seconds * MM_PER_S


def _lead(
    samples: npt.NDArray[np.float64], fs_hz: float, top: int, width: int, name: str
) -> tuple[str, int]:
    """Draw one lead with its paper and calibration pulse; also give its height in mm."""
    finite = samples[np.isfinite(samples)]
    middle = float(np.median(finite)) if finite.size else 0.0
    # Room above and below the trace's own level, to the next thick line.
    least, most = _LEAD_MM
    up = to_major((float(finite.max()) - middle) * MM_PER_MV + 1 if finite.size else 0)
    down = to_major((middle - float(finite.min())) * MM_PER_MV + 1 if finite.size else 0)
    up, down = max(up, 15), max(down, 5)  # the 10 mm pulse always fits
    clipped = up + down > most
    if clipped:
        up, down = min(up, most - min(down, 20)), min(down, 20)
    height = max(up + down, least)
    level = up
    pulse = (level, 10 * UNITS)
    pieces = [
        f'<svg x="0" y="{top * UNITS}" width="{width * UNITS}" height="{height * UNITS}" '
        f'overflow="hidden">',
        grid(width, height, 1, MINOR, 8),
        grid(width, height, MAJOR_MM, MAJOR, 14),
        f'<path fill="none" stroke="{INK}" stroke-width="24" stroke-linejoin="round" '
        f'd="M300 {pulse[0] * UNITS}h200v-{pulse[1]}h500v{pulse[1]}h200"/>',
        f'<path fill="none" stroke="{INK}" stroke-width="24" stroke-linejoin="round" '
        f'stroke-linecap="round" d="{trace(samples - middle, fs_hz, level)}"/>',
    ]
    if name:
        pieces.append(text(1, 4, escape(name), size=3.6, weight="700"))
    if clipped:
        note = f"trace cut at +{up / MM_PER_MV:g} and −{down / MM_PER_MV:g} mV"
        pieces.append(text(width - 1, height - 1, note, size=2.6, fill="#b00020", anchor="end"))
    pieces.append("</svg>")
    return "".join(pieces), height


def trace(
    samples: npt.NDArray[np.float64], fs_hz: float, level: float, left: float = PULSE_MM
) -> str:
    """Give the path of a trace, its zero ``level`` mm below the top, its start ``left`` mm in."""
    mm = left + np.arange(len(samples)) * (MM_PER_S / fs_hz)
    values = samples
    per_bin = int(_FINEST_MM * fs_hz / MM_PER_S)
    if per_bin > 2:  # keep each bin's extremes, so that no spike is lost
        bins = len(samples) // per_bin
        blocks = samples[: bins * per_bin].reshape(bins, per_bin)
        filled = np.where(np.isnan(blocks), 0.0, blocks)
        pair = np.sort(np.stack([filled.argmin(axis=1), filled.argmax(axis=1)], axis=1), axis=1)
        keep = (pair + np.arange(bins)[:, None] * per_bin).ravel()
        keep = np.r_[keep, np.arange(bins * per_bin, len(samples))]
        mm, values = mm[keep], samples[keep]
    present = np.isfinite(values)
    if not present.any():
        return ""
    points = np.stack([mm, level - np.where(present, values, 0.0) * MM_PER_MV], axis=1)
    # Far outside its paper a trace is cut anyway, and counts taken for mV would not fit a number.
    units = np.rint(np.clip(points * UNITS, -1e6, 1e6)).astype(np.int64)
    edges = np.flatnonzero(np.diff(np.r_[0, present.astype(np.int8), 0]))
    pieces = []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):  # one run between gaps each
        steps = np.diff(units[begin:end], axis=0).ravel()
        pieces.append(f"M{units[begin, 0]} {units[begin, 1]}l" + " ".join(map(str, steps.tolist())))
        if end - begin == 1:
            pieces[-1] += "0 0"
    return "".join(pieces)


def beat_marks(
    places: npt.NDArray[np.float64],
    labels: npt.NDArray[np.int64],
    doubt: npt.NDArray[np.bool_],
    names: Sequence[str],
    head: int,
    bottom: int,
    width: int,
) -> str:
    """Draw each beat's label in its colour, hollow if in doubt, with a hairline down the paper."""
    pieces = []
    for x, label, hollow in zip(places.tolist(), labels.tolist(), doubt.tolist(), strict=True):
        known = 0 <= label < len(names)
        colour = COLOURS[label % len(COLOURS)] if known and not hollow else GREY
        name = escape(names[label]) if known else ""
        if hollow or not known:
            name += "?"
        wide = max(4.4, 1.9 * len(name) + 2.2)
        box = min(x, width - wide / 2)  # a label at the end stays on the paper
        look = f'fill="#fff" stroke="{GREY}" stroke-width="30"' if hollow else f'fill="{colour}"'
        pieces.append(
            f'<path d="M{units(x)} {units(head - 1)}V{units(bottom)}" stroke="{colour}" '
            f'stroke-width="14" stroke-opacity=".45"/>'
            f'<rect x="{units(box - wide / 2)}" y="{units(head - 6)}" width="{units(wide)}" '
            f'height="480" rx="120" {look}/>'
            + text(
                box,
                head - 2.4,
                name,
                size=3.4,
                weight="700",
                anchor="middle",
                fill=GREY if hollow else text_on(colour),
            )
        )
    return "".join(pieces)


def _intervals(
    places: npt.NDArray[np.float64], rr_s: npt.NDArray[np.float64], bottom: float
) -> str:
    """Write each interval in ms half-way between its beats, where there is room for it."""
    pieces = [text(0, bottom, "RR, ms", size=_RR_SIZE_MM, fill=GREY)]
    for before, x, rr in zip(places[:-1].tolist(), places[1:].tolist(), rr_s[1:], strict=True):
        words = f"{1000 * rr:.0f}"
        if np.isfinite(rr) and x - before > 0.6 * _RR_SIZE_MM * len(words):
            middle = (before + x) / 2
            pieces.append(text(middle, bottom, words, size=_RR_SIZE_MM, fill=GREY, anchor="middle"))
    return "".join(pieces)


def _axis(clock: Clock, start_s: float, seconds: float, top: int, width: int) -> str:
    """Write the time of each whole second under the paper, and the scale under that."""
    pieces = []
    for at, label in clock.ticks(start_s, start_s + seconds, 1):
        x = PULSE_MM + (at - start_s) * MM_PER_S
        half = 0.27 * 2.8 * len(label)  # half the width of the text
        pieces.append(
            f'<path d="M{units(x)} {units(top)}v120" stroke="{GREY}" stroke-width="20"/>'
            + text(min(x, width - half), top + 4.2, label, size=2.8, fill=GREY, anchor="middle")
        )
    scale = text(0, top + 8.2, "25 mm/s, 10 mm/mV", size=2.5, fill=GREY)
    return "".join(pieces) + f'<g class="scale">{scale}</g>'


def text_on(colour: str) -> str:
    """Give black or white, whichever is easier to read on a colour (WCAG relative luminance)."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ [0.2126, 0.7152, 0.0722])
    return "#ffffff" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "#000000"


def grid(
    width: int, height: int, step: int, colour: str, stroke: float, per_mm: int = UNITS
) -> str:
    """Draw the lines of ECG paper, ``step`` mm apart, in so many drawing units a mm."""
    lines = "".join(f"M{x * per_mm} 0v{height * per_mm}" for x in range(0, width + 1, step))
    lines += "".join(f"M0 {y * per_mm}h{width * per_mm}" for y in range(0, height + 1, step))
    return f'<path d="{lines}" stroke="{colour}" stroke-width="{stroke:g}" fill="none"/>'


def text(x: float, y: float, words: str, *, size: float, fill: str = INK, **style: Any) -> str:
    """Write words that are escaped already, at a place in mm and of a size in mm."""
    weight = f' font-weight="{style["weight"]}"' if "weight" in style else ""
    anchor = f' text-anchor="{style["anchor"]}"' if "anchor" in style else ""
    place = f'x="{units(x)}" y="{units(y)}" font-size="{units(size)}" fill="{fill}"'
    return f"<text {place}{weight}{anchor}>{words}</text>"


def units(mm: float) -> int:
    """Give millimetres in drawing units."""
    return round(mm * UNITS)


def to_major(mm: float) -> int:
    """Round up to the next thick line."""
    return int(np.ceil(max(mm, 0.0) / MAJOR_MM)) * MAJOR_MM
