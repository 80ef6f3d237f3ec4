"""The rhythm in a sentence or two: for the first page, the command line and a notebook."""

from __future__ import annotations

from typing import Final

from ectopy.analysis.report.wording import counted, duration, percent
from ectopy.analysis.summary.model import Summary
from ectopy.analysis.summary.rhythm_model import Fibrillation, Rhythm, RhythmTime
from ectopy.recordings.clock import Clock

EPISODES: Final = ("vf", "vt", "ivr", "svt")
"""Rhythms that are told by how often they come, the most serious first; others by their share."""

MUCH: Final = 0.1
"""Of the decided time, from which what is not decided is said first."""

LEAST: Final = 5.0
"""Percent of the decided time from which a rhythm that is no arrhythmia of its own is named."""
FEW: Final = 2
"""Of these, how many are named where there is little room; there is a table of all."""

NOT_SEEN: Final = (
    "P waves are not looked for: whatever is regular and has normal beats is called sinus-like, be "
    "it flutter or atrial tachycardia with a regular block, second-degree block or a junctional "
    "rhythm; irregular flutter is called fibrillation. Fibrillation under a paced rhythm is not "
    "told."
)
"""What no recording shows here."""


def answer(summary: Summary, clock: Clock) -> str:
    """Name what was found: fibrillation with its burden, what came in episodes, the rest."""
    told = summary.rhythm
    if not told.decided_s:
        return "not decided"
    said = [_episodes(kind, clock) for kind in _in_episodes(told)]
    said.insert(_ventricular_fibrillation(told), _fibrillation(summary, clock))
    said += _rest(told)
    text = _with_undecided("; ".join(filter(None, said)), told, "; ")
    return text[0].upper() + text[1:]


def brief(summary: Summary) -> str:
    """Name what was found in a few words, without times of day."""
    told = summary.rhythm
    if not told.decided_s:
        return "rhythm not decided"
    said = [
        f"{kind.title} {_times(kind)} ({duration(kind.seconds)})" for kind in _in_episodes(told)
    ]
    atrial = ""
    if told.fibrillation.episodes:
        longest = told.fibrillation.longest
        episodes = counted(told.fibrillation.episodes, "episode")
        lasting = f", longest {duration(longest.duration_s)}" if longest else ""
        atrial = f"AF {_share(told.fibrillation.percent)} ({episodes}{lasting})"
    elif told.fibrillation.percent is not None:
        atrial = f"no AF{_outside(told)}"
    said.insert(_ventricular_fibrillation(told), atrial)
    said += _rest(told)[:FEW]
    return _with_undecided(", ".join(filter(None, said)), told, ", ")


def _fibrillation(summary: Summary, clock: Clock) -> str:
    """Tell burden, episodes, the longest and the rates; or that there is none."""
    found: Fibrillation = summary.rhythm.fibrillation
    longest = found.longest
    if longest is None:
        if found.percent is None:
            return ""  # nobody could know
        shortest = summary.settings.af_shortest_s
        return f"no atrial fibrillation of {shortest:g} s or more found{_outside(summary.rhythm)}"
    rates = ""
    if found.rate_inside is not None:
        rates = f", mean rate {found.rate_inside:.0f}/min"
        if found.rate_outside is not None:
            rates += f" in it and {found.rate_outside:.0f}/min outside"
    if found.seconds >= summary.duration_s - 1:
        return f"atrial fibrillation throughout{rates}"
    began = clock.text(longest.time_s)
    one = found.episodes == 1
    when = (
        f"{duration(found.seconds)} in one episode, from {began}"
        if one
        else f"{duration(found.seconds)} in {found.episodes:,} episodes, longest "
        f"{duration(longest.duration_s)} from {began}"
    )
    return f"atrial fibrillation {_share(found.percent)} of the time ({when}){rates}"


def _outside(told: Rhythm) -> str:
    """Say where it was looked for."""
    paced = any(kind.key == "paced" for kind in told.kinds)
    return " outside the paced rhythm" if paced else ""


def _episodes(kind: RhythmTime, clock: Clock) -> str:
    """Tell how often a rhythm came, and its longest."""
    longest = f"{duration(kind.longest.duration_s)} at {clock.text(kind.longest.time_s)}"
    if kind.episodes == 1:
        return f"{kind.title} once ({longest})"
    return f"{kind.title} {_times(kind)} (longest {longest})"


def _times(kind: RhythmTime) -> str:
    return "once" if kind.episodes == 1 else f"{kind.episodes:,} times"


def _ventricular_fibrillation(told: Rhythm) -> int:
    """Say whether there is some, which goes before all else."""
    return int(any(kind.key == "vf" for kind in told.kinds))


def _in_episodes(told: Rhythm) -> list[RhythmTime]:
    found = {kind.key: kind for kind in told.kinds}
    return [found[key] for key in EPISODES if key in found]


def _rest(told: Rhythm) -> list[str]:
    """Tell the shares of the others, the longest first, but for those that are hardly there."""
    left_out = ("none", "af", *EPISODES)
    return [
        f"{kind.title} {_share(kind.percent)}"
        for kind in told.kinds
        if kind.key not in left_out and (kind.percent or 0) >= LEAST
    ]


def _with_undecided(text: str, told: Rhythm, comma: str) -> str:
    """Say how much is not decided: before all else where it is much, for shares are of the rest."""
    if not told.not_decided_s:
        return text
    part = percent(told.not_decided_s, told.not_decided_s + told.decided_s)
    if told.not_decided_s > MUCH * told.decided_s and not _ventricular_fibrillation(told):
        return f"{part} of the recording not decided; of the rest: {text}"
    return f"{text}{comma}{part} of the recording not decided"


def _share(of_decided: float | None) -> str:
    return "–" if of_decided is None else percent(of_decided, 100)
