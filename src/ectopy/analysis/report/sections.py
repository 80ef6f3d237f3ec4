"""The sections of the page, in order: what each shows, or that it has nothing to show.

A section is a function here or in a module of its own, a template of the same name in
``templates/sections``, and its place in `SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ectopy.analysis.report.charts import overview
from ectopy.analysis.report.ecg_paper import text_on, width_mm
from ectopy.analysis.report.poincare import rr_pairs
from ectopy.analysis.report.strip_choice import choose
from ectopy.analysis.report.strips import strip
from ectopy.analysis.report.template_section import beat_templates
from ectopy.analysis.report.twelve_leads import twelve_leads
from ectopy.analysis.report.wording import duration, named
from ectopy.analysis.result import Result
from ectopy.analysis.summary.statistics import KINDS
from ectopy.beats.conditioning.quality import STATES
from ectopy.classes import AAMI, AAMI_NAMES, COLOURS
from ectopy.recordings.clock import Clock

MARGIN_MM: Final = 9
PAPER_MM: Final = 210 - 2 * MARGIN_MM
"""Width between the margins of A4, the narrower of A4 and Letter; a wider strip is scaled."""

Shown = dict[str, Any]
"""What a template is filled with, besides ``summary`` and ``clock``, which each one has."""


@dataclass(frozen=True)
class Reported:
    """What sections are made from.

    Attributes
    ----------
    result : Result
        With its recording.
    clock : Clock
        How its times are written.
    scores : dict or None
        A comparison with reference annotations, if there is one.
    """

    result: Result
    clock: Clock
    scores: dict[str, Any] | None = None


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes
    ----------
    name : str
        Of its template.
    show : callable
        Gives what the template shows; None leaves the section out.
    """

    name: str
    show: Callable[[Reported], Shown | None]


def _header(of: Reported) -> Shown:
    summary = of.result.summary
    return {
        "leads": named([lead.name for lead in summary.leads]),
        "duration": duration(summary.duration_s),
    }


def _warnings(of: Reported) -> Shown | None:
    return {} if of.result.summary.warnings or of.result.summary.notes else None


def _key_figures(_: Reported) -> Shown:
    return {}


def _scores(of: Reported) -> Shown | None:
    return None if of.scores is None else {"scores": of.scores}


def _twelve_leads(of: Reported) -> Shown | None:
    drawn = twelve_leads(of.result)
    return None if drawn is None else {"drawn": drawn}


def _overview(of: Reported) -> Shown:
    result = of.result
    drawn = overview(result.rhythm, result.quality.states[result.leading], of.clock)
    return {"overview": drawn}


def class_keys(result: Result) -> list[dict[str, Any]]:
    """Give each class with its name, count and colours."""
    return [
        {
            "letter": letter,
            "name": AAMI_NAMES[letter],
            "colour": colour,
            "ink": text_on(colour),
            "count": result.summary.classes[letter],
        }
        for letter, colour in zip(AAMI, COLOURS, strict=True)
    ]


def _classes(of: Reported) -> Shown:
    return {"classes": class_keys(of.result)}


def _ectopy(of: Reported) -> Shown:
    return {"ectopy": (of.result.summary.veb, of.result.summary.sveb), "kinds": KINDS}


def _strips(of: Reported) -> Shown | None:
    """Draw the chosen strips."""
    result, clock = of.result, of.clock
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
    return {"strips": drawn, "classes": class_keys(result)} if drawn else None


def _hours(of: Reported) -> Shown | None:
    return {"letters": AAMI} if len(of.result.summary.hours) > 1 else None


def _quality(_: Reported) -> Shown:
    return {"states": STATES}


def _settings(of: Reported) -> Shown:
    return {"descriptions": type(of.result.summary.settings).model_fields}


SECTIONS: Final = (
    Section("header", _header),
    Section("warnings", _warnings),
    Section("key_figures", _key_figures),
    Section("scores", _scores),
    Section("twelve_leads", _twelve_leads),
    Section("overview", _overview),
    Section("classes", _classes),
    Section("ectopy", _ectopy),
    Section("templates", beat_templates),
    Section("rr_pairs", rr_pairs),
    Section("strips", _strips),
    Section("hours", _hours),
    Section("quality", _quality),
    Section("settings", _settings),
)
