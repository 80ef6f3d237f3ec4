"""An explanation in some lines of text."""

from __future__ import annotations

from ectopy.analysis.explanation.model import BeatExplanation
from ectopy.classes import AAMI_NAMES

_BAR = 12  # characters of the longest bar


def text(why: BeatExplanation) -> str:
    """Tell why a beat has its label."""
    shown = why.label if why.certain else f"{why.label}?"
    head = f"{why.record}, {why.time} ({why.time_s:.2f} s): {shown}, {AAMI_NAMES[why.label]}"
    chances = ", ".join(f"{name} {100 * p:.1f} %" for name, p in why.probabilities.items())
    lines = [
        f"{'SIMULATED ' if why.simulated else ''}{head}",
        why.conclusion,
        f"probabilities: {chances}",
        *(f"uncertain: {doubt}" for doubt in why.doubts),
        f"RR before {_ms(why.interval_ms)} (due {_ms(why.due_ms)}), after "
        f"{_ms(why.next_interval_ms)}",
    ]
    longest = max((abs(reason.spoke) for reason in why.reasons), default=1.0) or 1.0
    wide = max(len(reason.name) for reason in why.reasons)
    both = why.against != why.runner_up
    beside = f" (in brackets against {why.runner_up})" if both else ""
    lines.append(f"what spoke for {why.label} (+) or {why.against} (-), in log odds{beside}:")
    for reason in why.reasons:
        bar = round(_BAR * abs(reason.spoke) / longest)
        mark = ("+" if reason.spoke > 0 else "-") * bar
        star = "*" if reason.decided else " "
        second = reason.spoke_against_runner_up
        also = "" if second is None else f" ({second:+.2f})"
        lines.append(
            f"{star} {reason.name:{wide}} {reason.spoke:+6.2f}{also:9} {mark:{_BAR}} {reason.said}"
            if both
            else f"{star} {reason.name:{wide}} {reason.spoke:+6.2f} {mark:{_BAR}} {reason.said}"
        )
    lines += [
        f"  {'a usual beat':{wide}} {why.usual_log_odds:+6.2f}; all together {why.log_odds:+.2f}",
        *(
            f"lead {lead.lead} alone: {lead.label} {100 * lead.probabilities[lead.label]:.1f} %"
            for lead in why.leads
        ),
        usual(why),
        f"labelled by the weights {why.labelled_by!r}, "
        f"{'whole recording' if why.setting == 'whole' else 'bounded past'}; not a medical device",
    ]
    return "\n  ".join(lines)


def usual(why: BeatExplanation) -> str:
    """Say what was taken as usual."""
    if why.usual_is_normal:
        return f"usual is the median of the {why.usual_beats} certain N beats nearby"
    return (
        f"usual is the median of all {why.usual_beats} beats nearby: too few are certainly N there"
    )


def _ms(value: float | None) -> str:
    return "not known" if value is None else f"{value:.0f} ms"
