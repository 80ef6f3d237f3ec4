"""A result in brief: a few lines of text, and a table with one strip for a notebook."""

from __future__ import annotations

from typing import Final

from ectopy.analysis.report.first_page import LOST
from ectopy.analysis.report.page import template
from ectopy.analysis.report.rhythm_words import brief
from ectopy.analysis.report.strip_choice import choose
from ectopy.analysis.report.strips import EcgStrip, strip
from ectopy.analysis.report.wording import counted, duration
from ectopy.analysis.result import Result
from ectopy.analysis.summary.model import Ectopy
from ectopy.recordings.clock import Clock

_SETTINGS: Final = {"past": "bounded past", "whole": "whole recording"}
_EPISODES: Final = ("runs", "couplets", "singles", "bigeminy", "trigeminy")


def text(result: Result) -> str:
    """Tell a result in a few lines."""
    summary = result.summary
    began = Clock(result.start, result.duration_s).began
    leads = ", ".join(lead.name for lead in summary.leads)
    head = f"{result.name}: {duration(result.duration_s)} of {leads} at {result.fs_hz:g} Hz"
    said = [f"warning: {warning}" for warning in summary.warnings]
    first = int(summary.pacing.since_s is not None)  # a paced rhythm is told before all else
    lines = [
        f"{'SIMULATED ' if summary.simulated else ''}{head}{f', from {began}' if began else ''}",
        f"{counted(summary.beats, 'beat')}: {_counts(result)}; {summary.uncertain:,} uncertain",
        *said[:first],
        brief(summary),
        f"VEB {_ectopy(summary.veb, summary.classes['V'].percent)}",
        f"SVEB {_ectopy(summary.sveb, summary.classes['S'].percent)}",
    ]
    rate = summary.heart_rate
    if rate.mean is not None:
        span = ""
        if rate.lowest is not None and rate.highest is not None:
            span = f" ({rate.lowest.bpm:.0f} to {rate.highest.bpm:.0f})"
        pauses = counted(summary.pauses.count, "pause")
        if summary.pauses.longest is not None:
            pauses += f", longest {summary.pauses.longest.duration_s:.1f} s"
        lines.append(f"heart rate {rate.mean:.0f}/min{span}, {pauses}")
    if lost := sum(summary.signal_seconds[state] for state in LOST):
        lines.append(f"{duration(lost)} of no use: flat or missing")
    lines += said[first:]
    by = summary.labelled_by
    if by.setting is None:
        lines.append(f"beats and classes from {by.name}; not a medical device")
        return "\n  ".join(lines)
    what = f"the weights {by.name!r}" if by.sha256 else by.name
    if by.stated:
        lines.append(
            f"expert-assisted: adapted to {by.stated:,} beat{'s' * (by.stated > 1)} that a reader "
            "stated"
        )
    lines.append(f"labelled by {what}, {_SETTINGS[by.setting]}; not a medical device")
    return "\n  ".join(lines)


def _counts(result: Result) -> str:
    found = [f"{n.certain:,} {x}" for x, n in result.summary.classes.items() if n.certain]
    return ", ".join(found) or "none certain"


def _ectopy(part: Ectopy, percent: float | None) -> str:
    if part.certain is None:
        return str(part.withheld)
    told = [
        f"{getattr(part, kind):,} {kind if getattr(part, kind) != 1 else kind.removesuffix('s')}"
        for kind in _EPISODES
        if getattr(part, kind)
    ]
    share = "–" if percent is None else f"{percent:.1f} %"
    share += " outside the paced rhythm" if part.withheld else ""
    return f"{share}: {', '.join(told)}" if told else share


def html(result: Result) -> str:
    """Give a result as a table and its most telling strip: HTML without a script."""
    lines = text(result).split("\n  ")
    shown = telling_strip(result) if result.recording is not None else None
    return template("brief.html.j2").render(
        summary=result.summary, title=lines[0], lines=lines[2:], strip=shown
    )


def telling_strip(result: Result) -> EcgStrip | None:
    """Draw what the report would show first; None where there is nothing to draw."""
    recording = result.signal()
    settings = result.summary.settings
    for chosen in choose(
        result.intervals, result.events, result.rhythm, recording.duration_s, settings
    ):
        seconds = chosen.stop_s - chosen.start_s
        if seconds * recording.fs_hz >= 1:
            return strip(result, chosen.start_s, seconds, title=chosen.title)
    return None
