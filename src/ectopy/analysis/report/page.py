"""The report of one recording: a single HTML file that needs nothing beside it."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ectopy.analysis.report.charts import overview
from ectopy.analysis.report.ecg_paper import ecg_strip, text_on, width_mm
from ectopy.analysis.report.strip_choice import choose
from ectopy.analysis.result import Result
from ectopy.analysis.summary.statistics import KINDS
from ectopy.beats.conditioning.quality import STATES
from ectopy.classes import AAMI, AAMI_NAMES, COLOURS
from ectopy.recordings.clock import Clock

MARGIN_MM: Final = 9
PAPER_MM: Final = 210 - 2 * MARGIN_MM
"""Width between the margins of A4, the narrower of A4 and Letter; a wider strip is scaled."""


def page(result: Result, scores: dict[str, Any] | None = None) -> str:
    """Give the report as HTML.

    Parameters
    ----------
    result : Result
        From `ectopy.analysis.analyze.analyze`, with its recording.
    scores : dict, optional
        A comparison with reference annotations to show: ``title``, ``columns``, ``rows``,
        ``note``.

    Returns
    -------
    str
        One HTML document with its style and drawings inside, and no script. It prints whole on A4
        and Letter.

    Raises
    ------
    ConfigError
        If the recording is not at hand, which the strips are drawn from.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=PackageLoader("ectopy.analysis.report"),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    summary = result.summary
    clock = Clock(result.start, result.duration_s)
    environment.filters["at"] = clock.text
    environment.filters["number"] = _number
    return environment.get_template("report.html.j2").render(
        summary=summary,
        clock=clock,
        margin_mm=MARGIN_MM,
        classes=[
            {
                "letter": letter,
                "name": AAMI_NAMES[letter],
                "colour": colour,
                "ink": text_on(colour),
                "count": summary.classes[letter],
            }
            for letter, colour in zip(AAMI, COLOURS, strict=True)
        ],
        ectopy=(summary.veb, summary.sveb),
        kinds=KINDS,
        overview=overview(result.rhythm, result.quality.states[result.leading], clock),
        strips=_strips(result, clock),
        states=STATES,
        letters=AAMI,
        duration=_duration(summary.duration_s),
        descriptions=type(summary.settings).model_fields,
        scores=scores,
    )


def _strips(result: Result, clock: Clock) -> list[dict[str, Any]]:
    """Draw the chosen strips, the leading lead first and one more below it."""
    recording, beats, summary = result.signal(), result.beats, result.summary
    order = [result.leading, *(i for i in range(len(recording.leads)) if i != result.leading)]
    shown = order[:2]
    drawn = []
    for strip in choose(result.rhythm, result.events, recording.duration_s, summary.settings):
        start = round(strip.start_s * recording.fs_hz)
        # Not one sample more than asked for, which may be all that the paper has room for.
        stop = start + int((strip.stop_s - strip.start_s) * recording.fs_hz + 1e-6)
        signal = recording.read(start, stop)[shown]
        if not signal.shape[1]:
            continue
        here = slice(*np.searchsorted(beats.samples, [start, stop]))
        title = f"{strip.title} (strip from {clock.text(strip.start_s)})"
        svg = ecg_strip(
            signal,
            recording.fs_hz,
            leads=[summary.leads[i].name for i in shown],
            start_s=start / recording.fs_hz,
            beats=beats.samples[here] - start,
            classes=beats.classes[here],
            uncertain=beats.uncertain[here],
            clock=clock,
            simulated=recording.simulated,
            title=title,
        )
        scaled = width_mm(signal.shape[1] / recording.fs_hz) > PAPER_MM
        drawn.append({"title": title, "svg": svg, "scaled": scaled})
    return drawn


def _number(value: float | None, digits: int = 0) -> str:
    """Write a number; a dash for one that is not defined."""
    return "–" if value is None or not math.isfinite(value) else f"{value:,.{digits}f}"


def _duration(seconds: float) -> str:
    hours, minutes = int(seconds // 3600), int(seconds // 60 % 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {int(seconds % 60)} s" if minutes else f"{seconds:.1f} s"
