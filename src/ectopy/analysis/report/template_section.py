"""The section of the beat templates: what the beats of each class look like."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from ectopy.analysis.report.ecg_paper import text_on
from ectopy.analysis.report.overlay import Overlay, Room, draw, overlay, room
from ectopy.analysis.report.strips import shown_leads
from ectopy.analysis.report.wording import named
from ectopy.analysis.templates import Template, Templates
from ectopy.beats.clusters import ALIKE
from ectopy.beats.clusters import MOST as MOST_TEMPLATES
from ectopy.classes import AAMI, AAMI_NAMES, COLOURS

if TYPE_CHECKING:
    from ectopy.analysis.report.sections import Reported, Shown

MOST: Final = 8
"""Templates of a class that are drawn; the rest are counted."""


def beat_templates(of: Reported) -> Shown | None:
    """Draw the templates of each class, the largest first."""
    result = of.result
    found = result.templates
    if not found:
        return None
    leads = [result.summary.leads[lead].name for lead in shown_leads(result)]
    return {
        "groups": [
            _group(letter, Templates(group)) for letter, group in groupby(found, lambda t: t.of)
        ],
        "leads": named(leads),
        "alike": ALIKE,
        "most": MOST_TEMPLATES,
    }


def _group(letter: str, templates: Templates) -> dict[str, Any]:
    """Draw the templates of one class, and count those that are not drawn."""
    colour = COLOURS[AAMI.index(letter)]
    numbered = [template for template in templates if template.number]
    alone = [template for template in templates if not template.number]
    # Beats that are like no others are drawn only where no template has to give way to them.
    drawn = numbered[:MOST] + (alone if len(numbered) < MOST else [])
    rest = [template for template in templates if template not in drawn]
    shown = [overlay(template) for template in drawn]
    paper = room(shown)  # of one height, so that sizes can be compared
    return {
        "letter": letter,
        "name": AAMI_NAMES[letter],
        "colour": colour,
        "ink": text_on(colour),
        "count": sum(template.count for template in templates),
        "cards": [_card(*pair, paper) for pair in zip(drawn, shown, strict=True)],
        "more": sum(template.number > 0 for template in rest),
        "more_beats": sum(template.count for template in rest if template.number),
        "alone": sum(template.count for template in rest if not template.number),
    }


def _card(template: Template, shown: Overlay, paper: Room) -> dict[str, Any]:
    name = f"{template.of} {template.number}" if template.number else "in no template"
    title = f"Template {name}" if template.number else f"{template.of} beats that are {name}"
    return {
        "template": template,
        "name": name,
        "svg": draw(shown, template.of, title, paper, median=template.number > 0),
        "cut": paper.cuts(shown),
        "doubt_percent": 100 * template.uncertain / template.count,
    }
