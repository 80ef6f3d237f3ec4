"""The report of one recording: a single HTML file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ectopy.analysis.report.rhythm_style import patterns
from ectopy.analysis.report.sections import MARGIN_MM, SECTIONS, Reported
from ectopy.analysis.report.wording import counted, duration, number
from ectopy.analysis.result import Result
from ectopy.recordings.clock import Clock

if TYPE_CHECKING:
    from jinja2 import Template


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
    reported = Reported(result, Clock(result.start, result.duration_s), scores)
    common = {"summary": result.summary, "clock": reported.clock}
    sections = [
        template(f"sections/{section.name}.html.j2").render(common | shown)
        for section in SECTIONS
        if (shown := section.show(reported)) is not None
    ]
    kinds = np.unique(result.rhythm.kind).tolist()
    return template("page.html.j2").render(
        common, sections=sections, margin_mm=MARGIN_MM, patterns=patterns(kinds)
    )


@cache
def template(name: str) -> Template:
    """Compile a template, once for all recordings: it takes longer than to fill it in."""
    found: Template = environment().get_template(name)
    return found


@cache
def environment() -> Any:
    """Give what compiles templates, with the filters that all pages share."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape

    environment = Environment(
        loader=PackageLoader("ectopy.analysis.report"),
        autoescape=select_autoescape(["html", "j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["counted"] = counted
    environment.filters["lasting"] = duration
    environment.filters["at"] = pass_context(_at)
    return environment


def _at(context: Mapping[str, Any], second: float, *, seconds: bool = True) -> str:
    """Write a time by the clock of the recording that is reported."""
    clock: Clock = context["clock"]
    return clock.text(second, seconds=seconds)
