"""What a reader asks first, answered in words: who, when, how long, how good, and the rhythm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ectopy.analysis.report.rhythm_words import answer
from ectopy.analysis.report.wording import counted, duration, named, percent
from ectopy.analysis.summary.model import LeadSummary, Moment, Summary
from ectopy.beats.conditioning.quality import FLAT, STATES
from ectopy.recordings.clock import Clock

Answer = tuple[str, str]
"""A question in a word or two, and its answer."""

FEW_LEADS: Final = 3
"""Leads whose quality is told one by one; of more only the worst is."""
LOST: Final = STATES[FLAT:]
"""States of a second in which nothing can be labelled."""
SEXES: Final = {"F": "female", "M": "male"}


def recording(summary: Summary, clock: Clock) -> Iterator[Answer]:
    """Tell who, when, how long and how good."""
    if summary.settings.anonymous:
        yield "Patient", "left out, as was asked for"
    else:
        yield "Patient", _subject(summary) or "the file does not say who"
    if clock.began:
        yield "Recorded", f"begun {clock.began}, ended {clock.text(summary.duration_s)}"
    else:
        yield (
            "Recorded",
            "the file does not say when it began, so times are elapsed (h:mm:ss)",
        )
    yield "Length", duration(summary.duration_s)
    yield "Analysed", _analysed(summary)
    names = [lead.name for lead in summary.leads]
    leading = next(lead.name for lead in summary.leads if lead.leading)
    marked = f", R peaks marked on {leading}" if len(names) > 1 else ""
    yield "Signal", f"{named(names)} at {summary.fs_hz:g} Hz{marked}"
    yield "Quality", _quality(summary)


def _subject(summary: Summary) -> str:
    who = summary.subject
    if who is None:
        return ""
    age = ""
    if who.age_years is not None:
        old = who.age_years
        age = f"{old:.0f} years" if old >= 2 else f"{12 * old:.0f} months"
    said = [who.name, SEXES.get(who.sex, ""), age]
    said += [f"born {who.birth_year}" if who.birth_year else "", f"no. {who.id}" if who.id else ""]
    return ", ".join(filter(None, said))


def _analysed(summary: Summary) -> str:
    """Tell the time that could be analysed, what was lost, and what of it is not good."""
    seconds = summary.signal_seconds
    total = sum(seconds.values())
    if not total:
        return "nothing"
    lost = sum(seconds[state] for state in LOST)
    # The last second may be cut short; whole seconds are counted.
    done = max(0.0, summary.duration_s - lost)
    said = f"{duration(done)} ({percent(total - lost, total)})"
    if lost:
        why = " and ".join(state for state in LOST if seconds[state])
        said += f"; lost {duration(lost)} ({percent(lost, total)}, {why})"
    return said


def _quality(summary: Summary) -> str:
    used = [lead for lead in summary.leads if lead.used] or summary.leads
    if len(summary.leads) <= FEW_LEADS:
        return "; ".join(f"{lead.name} {_lead(lead)}" for lead in summary.leads)
    worst = min(used, key=_good)
    if _good(worst) == 1:
        return f"good all along in {named([lead.name for lead in used])}"
    best = percent(summary.signal_seconds[STATES[0]], sum(summary.signal_seconds.values()))
    return f"{best} good in a lead used; the worst of these, {worst.name}, {_lead(worst)}"


def _good(lead: LeadSummary) -> float:
    return lead.seconds[STATES[0]] / max(1, sum(lead.seconds.values()))


def _lead(lead: LeadSummary) -> str:
    """Tell the share of good seconds, and what the others are."""
    total = sum(lead.seconds.values())
    bad = [
        f"{percent(lead.seconds[state], total)} {state}"
        for state in STATES[1:]
        if lead.seconds[state]
    ]
    text = f"{percent(lead.seconds[STATES[0]], total)} good"
    return f"{text} ({', '.join(bad)})" if bad else text


def rhythm(summary: Summary, clock: Clock) -> Iterator[Answer]:
    """Name the rhythm, and say what of it cannot be told."""
    yield "Rhythm", answer(summary, clock)
    if summary.rhythm.cannot_show:
        yield "Cannot be told", "; ".join(summary.rhythm.cannot_show)
    if summary.pacing.since_s is not None:
        yield "Pacing", _pacing(summary, clock)


def rates(summary: Summary, clock: Clock) -> Iterator[Answer]:
    """Tell beats, rates with their times, and pauses."""
    yield "Beats", _beats(summary)
    rate = summary.heart_rate
    mean = _rate(rate.mean)
    if rate.day is not None and rate.night is not None:
        mean += f" (day {_rate(rate.day)}, night {_rate(rate.night)})"
    yield "Mean rate", mean if rate.mean is not None else "– (not enough beats in good signal)"
    span = f" ({counted(summary.settings.rate_window_beats, 'interval')})"
    yield "Lowest", _moment(rate.lowest, clock) + (span if rate.lowest else "")
    yield "Highest", _moment(rate.highest, clock) + (span if rate.highest else "")
    if rate.slowest_minute and rate.fastest_minute and summary.duration_s >= 600:
        yield "Slowest minute", _moment(rate.slowest_minute, clock)
        yield "Fastest minute", _moment(rate.fastest_minute, clock)
    yield "Pauses", _pauses(summary, clock)


def _pacing(summary: Summary, clock: Clock) -> str:
    """Tell how much of the rhythm a pacemaker drives, and since when."""
    found = summary.pacing
    paced = found.verdict == "paced"
    beats = found.beats if paced else found.suspected_beats
    if beats == summary.beats:
        return f"{'paced' if paced else 'perhaps paced'} throughout"
    when = " and ".join(clock.text(at) for at in (found.since_s, found.until_s) if at is not None)
    return (
        f"{'paced' if paced else 'perhaps paced'} ({percent(beats, summary.beats)} of the "
        f"beats, between {when})"
    )


def _beats(summary: Summary) -> str:
    counts = ", ".join(f"{n.certain:,} {x}" for x, n in summary.classes.items() if n.certain)
    said = f"{summary.beats:,}"
    if counts:
        said += f": {counts}"
    if summary.uncertain:
        said += f", {summary.uncertain:,} uncertain"
    return said


def _rate(bpm: float | None) -> str:
    return "–" if bpm is None else f"{bpm:.0f}/min"


def _moment(moment: Moment | None, clock: Clock) -> str:
    if moment is None:
        return "–"
    return f"{_rate(moment.bpm)} at {clock.text(moment.time_s)}"


def _pauses(summary: Summary, clock: Clock) -> str:
    if not summary.signal_seconds[STATES[0]]:
        return "– (no good signal)"
    limit = f"of {summary.settings.pause_s:.1f} s or more"
    longest = summary.pauses.longest
    if longest is None:
        return f"none {limit} in good signal"
    return (
        f"{summary.pauses.count:,} {limit}; longest {longest.duration_s:.2f} s at "
        f"{clock.text(longest.time_s)}"
    )


def doubts(summary: Summary) -> Iterator[Answer]:
    """Tell what is uncertain."""
    if summary.beats:
        yield "Uncertain", _uncertain(summary)


def _uncertain(summary: Summary) -> str:
    if not summary.uncertain:
        return f"none of {counted(summary.beats, 'beat')}"
    signal = summary.uncertain_by_signal
    model = summary.uncertain - signal
    why = [f"{signal:,} in poor signal"] if signal else []
    unsure = f"{model:,} of which the model is not sure"
    if summary.pacing.since_s is not None:
        if max(summary.pacing.beats, summary.pacing.suspected_beats) < summary.beats:
            unsure += ", or without a pacing spike in the paced rhythm"
        else:
            unsure = f"{model:,} without a pacing spike in the paced rhythm"
    why += [unsure] if model else []
    return (
        f"{percent(summary.uncertain, summary.beats)} of the labels "
        f"({summary.uncertain:,} of {counted(summary.beats, 'beat')}): {', '.join(why)}"
    )
