"""The report of one recording: a single HTML file that needs nothing beside it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.report.charts import overview
from ectopy.analysis.report.ecg_paper import text_on, width_mm
from ectopy.analysis.report.strip_choice import choose
from ectopy.analysis.report.strips import strip
from ectopy.analysis.result import Result
from ectopy.analysis.summary.statistics import KINDS
from ectopy.beats.conditioning.quality import STATES
from ectopy.classes import AAMI, AAMI_NAMES, COLOURS
from ectopy.recordings.clock import Clock

if TYPE_CHECKING:
    from jinja2 import Template

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
    summary = result.summary
    clock = Clock(result.start, result.duration_s)
    return template("report.html.j2").render(
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
        overview=overview(result.rhythm, _best(result), clock),
        strips=_strips(result, clock),
        leads=named([lead.name for lead in summary.leads]),
        states=STATES,
        letters=AAMI,
        duration=duration(summary.duration_s),
        descriptions=type(summary.settings).model_fields,
        scores=scores,
    )


@cache
def template(name: str) -> Template:
    """Compile a template, once for all recordings: it takes longer than to fill it in."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape

    environment = Environment(
        loader=PackageLoader("ectopy.analysis.report"),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["counted"] = counted
    environment.filters["at"] = pass_context(_at)
    return environment.get_template(name)


def _at(context: Mapping[str, Any], second: float, *, seconds: bool = True) -> str:
    """Write a time by the clock of the recording that is reported."""
    clock: Clock = context["clock"]
    return clock.text(second, seconds=seconds)


def _best(result: Result) -> npt.NDArray[np.uint8]:
    """Give the state of the best lead used in each second."""
    used = [i for i, lead in enumerate(result.summary.leads) if lead.used]
    best: npt.NDArray[np.uint8] = result.quality.states[used or [result.leading]].min(axis=0)
    return best


def _strips(result: Result, clock: Clock) -> list[dict[str, Any]]:
    """Draw the chosen strips."""
    recording, settings = result.signal(), result.summary.settings
    drawn = []
    for chosen in choose(result.rhythm, result.events, recording.duration_s, settings):
        seconds = chosen.stop_s - chosen.start_s
        if seconds * recording.fs_hz < 1:
            continue
        title = f"{chosen.title} (strip from {clock.text(chosen.start_s)})"
        made = strip(result, chosen.start_s, seconds, title=title)
        scaled = width_mm(made.seconds) > PAPER_MM
        drawn.append({"title": title, "svg": made.svg, "scaled": scaled})
    return drawn


def _number(value: float | None, digits: int = 0) -> str:
    """Write a number; a dash for one that is not defined."""
    return "–" if value is None or not math.isfinite(value) else f"{value:,.{digits}f}"


def counted(number: int, noun: str) -> str:
    """Write how many there are: ``1 beat``, ``1,200 beats``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def named(leads: Sequence[str]) -> str:
    """Write the leads of a recording: ``lead ECG``, ``leads II, V1``, ``leads 1, 2``."""
    short = [re.sub(r"(?i)^lead +", "", name) for name in leads]
    return f"lead{'' if len(leads) == 1 else 's'} {', '.join(short)}"


def duration(seconds: float) -> str:
    """Write a length of time in words."""
    hours, minutes = int(seconds // 3600), int(seconds // 60 % 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {int(seconds % 60)} s" if minutes else f"{seconds:.1f} s"
