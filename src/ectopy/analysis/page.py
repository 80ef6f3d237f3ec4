"""The report of one recording: a single HTML file that needs nothing beside it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ectopy.analysis.analyze import Analysis
from ectopy.analysis.charts import overview
from ectopy.analysis.quality import STATES
from ectopy.analysis.strips import choose
from ectopy.classes import AAMI, AAMI_NAMES, COLOURS
from ectopy.report.strips import clock, ecg_strip


def page(analysis: Analysis, scores: dict[str, Any] | None = None) -> str:
    """Give the report as HTML.

    Parameters
    ----------
    analysis : Analysis
        From `ectopy.analysis.analyze.analyze`.
    scores : dict, optional
        A comparison with reference annotations to show: ``title``, ``columns``, ``rows``,
        ``note``.

    Returns
    -------
    str
        One HTML document with its style and drawings inside, and no script.
    """
    from jinja2 import Environment, PackageLoader, select_autoescape

    environment = Environment(
        loader=PackageLoader("ectopy.analysis"),
        autoescape=select_autoescape(["html", "j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = clock
    environment.filters["thousands"] = lambda value: f"{value:,}"
    environment.filters["number"] = _number
    summary = analysis.summary
    return environment.get_template("report.html.j2").render(
        summary=summary,
        classes=[
            {"letter": letter, "name": AAMI_NAMES[letter], "colour": colour, "count": count}
            for letter, colour in zip(AAMI, COLOURS, strict=True)
            for count in [summary.classes[letter]]
        ],
        ectopy=[("Ventricular (VEB)", summary.veb), ("Supraventricular (SVEB)", summary.sveb)],
        overview=overview(
            analysis.rhythm,
            analysis.quality.states[analysis.leading],
            analysis.recording.duration_s,
        ),
        strips=_strips(analysis),
        states=STATES,
        letters=AAMI,
        duration=_duration(summary.duration_s),
        descriptions=type(summary.settings).model_fields,
        scores=scores,
    )


def _strips(analysis: Analysis) -> list[str]:
    """Draw the chosen strips, the leading lead first and one more below it."""
    recording, beats = analysis.recording, analysis.beats
    settings = analysis.summary.settings
    order = [analysis.leading, *(i for i in range(len(recording.leads)) if i != analysis.leading)]
    shown = order[:2]
    drawn = []
    for strip in choose(analysis.rhythm, analysis.events, recording.duration_s, settings):
        start, stop = (round(t * recording.fs_hz) for t in (strip.start_s, strip.stop_s))
        signal = recording.read(start, stop)[shown]
        if not signal.shape[1]:
            continue
        here = slice(*np.searchsorted(beats.samples, [start, stop]))
        drawn.append(
            ecg_strip(
                signal,
                recording.fs_hz,
                leads=[recording.leads[i] for i in shown],
                start_s=strip.start_s,
                beats=beats.samples[here] - start,
                classes=beats.classes[here],
                simulated=recording.simulated,
                title=f"{strip.title} (at {clock(strip.start_s)})",
            )
        )
    return drawn


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def _duration(seconds: float) -> str:
    hours, minutes = int(seconds // 3600), int(seconds // 60 % 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds % 60:.0f} s" if minutes else f"{seconds:.1f} s"
