"""The sections of the page, in order: what each shows, or that it has nothing to show.

A section is a function here or in a module of its own, a template of the same name in
``templates/sections``, and its place in `SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from ectopy.analysis.events import ECTOPIC
from ectopy.analysis.report import first_page, hours
from ectopy.analysis.report.charts import overview
from ectopy.analysis.report.ecg_paper import text_on, width_mm
from ectopy.analysis.report.episodes import lists
from ectopy.analysis.report.poincare import rr_pairs
from ectopy.analysis.report.rhythm_section import rhythm_section
from ectopy.analysis.report.strip_choice import Strip, choose
from ectopy.analysis.report.strips import strip
from ectopy.analysis.report.template_section import beat_templates
from ectopy.analysis.report.twelve_leads import twelve_leads
from ectopy.analysis.result import Result
from ectopy.analysis.summary.model import VariabilityOf
from ectopy.analysis.summary.spectrum import WHOLE_DAY_H
from ectopy.beats.conditioning.quality import STATES
from ectopy.classes import AAMI, AAMI_NAMES, COLOURS
from ectopy.recordings.clock import Clock

MARGIN_MM: Final = 9
PAPER_MM: Final = 210 - 2 * MARGIN_MM
"""Width between the margins of A4, the narrower of A4 and Letter; a wider strip is scaled."""

CHART_S: Final = 120
"""Length from which there is a chart over time; strips show all of a shorter recording."""

DAY_AND_MORE_S: Final = 26 * 3600
"""Length up to which a recording is one of a day: recorders run on for a while."""

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

    @cached_property
    def strips(self) -> list[Strip]:
        """What the strips show, in order: strip 1 is the first."""
        result, settings = self.result, self.result.summary.settings
        chosen = choose(result.intervals, result.events, result.rhythm, result.duration_s, settings)
        return [one for one in chosen if (one.stop_s - one.start_s) * result.fs_hz >= 1]


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


def _first_page(of: Reported) -> Shown:
    """Answer what is asked first; figures are those of the summary."""
    result, summary, clock = of.result, of.result.summary, of.clock
    busiest = None
    if len(summary.hours) > 1 and summary.veb.withheld is None:
        busiest = [_busiest(result, letter) for letter in ECTOPIC]
    drawn = ""
    if result.duration_s >= CHART_S:
        used = [i for i, lead in enumerate(result.summary.leads) if lead.used]
        states = result.quality.states[used or [result.leading]].min(axis=0)
        drawn = overview(result.intervals, result.events, result.rhythm, states, clock)
    return {
        "recording": list(first_page.recording(summary, clock)),
        "rhythm": list(first_page.rhythm(summary, clock)),
        "rates": list(first_page.rates(summary, clock)),
        "doubts": list(first_page.doubts(summary)),
        "ectopy": (summary.veb, summary.sveb),
        "busiest": busiest,
        "overview": drawn,
    }


def _busiest(result: Result, letter: str) -> dict[str, float] | None:
    """Give the hour with most certain beats of a class, if there are any."""
    most = max(result.summary.hours, key=lambda hour: hour.certain[letter])
    count = most.certain[letter]
    return {"count": count, "start_s": hours.HOUR_S * most.hour} if count else None


def _scores(of: Reported) -> Shown | None:
    return None if of.scores is None else {"scores": of.scores}


def _twelve_leads(of: Reported) -> Shown | None:
    drawn = twelve_leads(of.result)
    return None if drawn is None else {"drawn": drawn}


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


def _rhythm(of: Reported) -> Shown | None:
    """Tell how long each rhythm was there, and list its episodes."""
    return rhythm_section(of.result, of.strips)


def _episodes(of: Reported) -> Shown | None:
    """List runs, pauses and couplets."""
    result = of.result
    listed = list(lists(result, of.strips))
    return {"lists": listed, "name": result.name} if listed else None


def _strips(of: Reported) -> Shown | None:
    """Draw the chosen strips."""
    result, clock = of.result, of.clock
    drawn = []
    for i, chosen in enumerate(of.strips, 1):
        title = f"{chosen.title} (strip from {clock.text(chosen.start_s)})"
        made = strip(result, chosen.start_s, chosen.stop_s - chosen.start_s, title=title)
        scaled = width_mm(made.seconds) > PAPER_MM
        drawn.append({"number": i, "title": title, "svg": made.svg, "scaled": scaled})
    return {"strips": drawn, "classes": class_keys(result)} if drawn else None


def _hours(of: Reported) -> Shown | None:
    if len(of.result.summary.hours) < 2:
        return None
    return {"tables": hours.tables(of.result, of.clock), "whole": hours.whole(of.result)}


def _variability(of: Reported) -> Shown | None:
    """Show the whole recording if it has enough to tell, day and night where it has both."""
    told, settings = of.result.summary.variability, of.result.summary.settings
    if told.sdnn_ms is None:
        return None
    day_long = told.nn_hours >= WHOLE_DAY_H and of.result.duration_s <= DAY_AND_MORE_S
    columns: list[tuple[str, VariabilityOf]] = [("24 h" if day_long else "Whole recording", told)]
    if told.day and told.night and told.day.nn_intervals and told.night.nn_intervals:
        columns += [("Day", told.day), ("Night", told.night)]
    night = [
        f"{int(hour):02d}:{round(60 * (hour % 1)):02d}"
        for hour in (settings.night_begins_h, settings.night_ends_h)
    ]
    return {"columns": columns, "night": night}


def _quality(of: Reported) -> Shown:
    return {"states": STATES, "classes": class_keys(of.result)}


def _settings(of: Reported) -> Shown:
    return {"descriptions": type(of.result.summary.settings).model_fields}


SECTIONS: Final = (
    Section("first_page", _first_page),
    Section("scores", _scores),
    Section("twelve_leads", _twelve_leads),
    Section("hours", _hours),
    Section("rhythm", _rhythm),
    Section("episodes", _episodes),
    Section("strips", _strips),
    Section("templates", beat_templates),
    Section("rr_pairs", rr_pairs),
    Section("variability", _variability),
    Section("quality", _quality),
    Section("settings", _settings),
)
