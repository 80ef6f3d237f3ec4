"""The rhythm in a sentence or two: for the first page, the command line and a notebook."""

from __future__ import annotations

from typing import Final

from ectopy.analysis.report.wording import counted, duration, percent
from ectopy.analysis.summary.model import Summary
from ectopy.analysis.summary.rhythm_model import Fibrillation, Rhythm, RhythmTime
from ectopy.recordings.clock import Clock
from ectopy.runtime.rhythm.strip_told import StripTold

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

STRIP_LOOKS: Final = {
    "sinus": "sinus rhythm",
    "other": "another rhythm, or one with ectopic beats, slow, fast or blocked",
    "": "no rhythm more than all others together",
}
"""What a strip looks like that is not told as fibrillation; of none where it is not decided."""
STRIP_NOT_SEEN: Final = (
    "Fibrillation is told, or not, of the strip as a whole, from its signal: P waves, what lies "
    "between the beats, their shapes, and how irregular they are. Irregular flutter may be called "
    "fibrillation; fibrillation with regular beats, or under a paced rhythm, is not told. Whatever "
    "is regular and has normal beats is called sinus-like, be it flutter with a regular block or a "
    "junctional rhythm."
)
"""What no strip shows here."""


def answer(summary: Summary, clock: Clock) -> str:
    """Name what was found: fibrillation with its burden, what came in episodes, the rest."""
    told = summary.rhythm
    if not told.decided_s:
        return "not decided"
    episodes = [_episodes(kind, clock) for kind in _in_episodes(told)]
    first = _ventricular_fibrillation(told)
    said = [_fibrillation(summary, clock), *episodes[first:], *_rest(told)]
    text = _put_together(episodes[:first], said, told, "; ")
    return text[0].upper() + text[1:]


def brief(summary: Summary) -> str:
    """Name what was found in a few words, without times of day."""
    told = summary.rhythm
    if not told.decided_s:
        return "rhythm not decided"
    episodes = [
        f"{kind.title} {_times(kind)} ({duration(kind.seconds)})" for kind in _in_episodes(told)
    ]
    first = _ventricular_fibrillation(told)
    atrial = ""
    if told.strip is not None:
        atrial = _brief_strip(told, told.strip)
    elif told.fibrillation.episodes:
        longest = told.fibrillation.longest
        how_many = counted(told.fibrillation.episodes, "episode")
        lasting = f", longest {duration(longest.duration_s)}" if longest else ""
        atrial = f"AF {_share(told.fibrillation.percent)} ({how_many}{lasting})"
    elif told.fibrillation.percent is not None:
        atrial = f"no AF{_outside(told)}"
    said = [atrial, *episodes[first:], *_rest(told)[:FEW]]
    return _put_together(episodes[:first], said, told, ", ")


def _fibrillation(summary: Summary, clock: Clock) -> str:
    """Tell burden, episodes, the longest and the rates; or that there is none."""
    found: Fibrillation = summary.rhythm.fibrillation
    if summary.rhythm.strip is not None:
        return _of_strip(summary.rhythm, summary.rhythm.strip)
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


def _of_strip(told: Rhythm, strip: StripTold) -> str:
    """Tell what the signal of a strip as a whole says, which is no burden."""
    if _nothing_of_strip(told, strip):
        return ""
    if not strip.finds_af:
        looks = STRIP_LOOKS[strip.kind if strip.decided else ""]
        found = (
            "no atrial fibrillation" if strip.excludes_af else "atrial fibrillation not excluded"
        )
        return (
            f"{found}{_outside(told)}: by its signal the strip as a whole looks like {looks} "
            f"(probability of fibrillation {strip.af:.2f})"
        )
    rate = told.fibrillation.rate_inside
    mean = "" if rate is None else f", mean rate {rate:.0f}/min"
    return (
        f"atrial fibrillation, by the signal of the strip as a whole (probability {strip.af:.2f})"
        f"{mean}"
    )


def _nothing_of_strip(told: Rhythm, strip: StripTold) -> bool:
    """Tell whether nothing is to be said: it is noisy, or what it says is of no beat, or paced."""
    if strip.finds_af:
        return not told.fibrillation.episodes
    return strip.kind == "noisy" or all(kind.key in ("paced", "none") for kind in told.kinds)


def _brief_strip(told: Rhythm, strip: StripTold) -> str:
    if _nothing_of_strip(told, strip):
        return ""
    if strip.finds_af:
        return f"AF by the strip's signal (probability {strip.af:.2f})"
    if not strip.excludes_af:
        return f"AF not excluded{_outside(told)} (probability {strip.af:.2f} by the strip's signal)"
    return f"no AF{_outside(told)} by the strip's signal"


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


def _put_together(first: list[str], others: list[str], told: Rhythm, comma: str) -> str:
    """Say how much is not decided: where it is much, before shares of the rest are told."""
    said = comma.join(filter(None, others))
    if told.not_decided_s:
        part = percent(told.not_decided_s, told.not_decided_s + told.decided_s)
        undecided = f"{part} of the recording not decided"
        if said and told.not_decided_s > MUCH * told.decided_s:
            said = f"{undecided}; of the rest: {said}"
        else:
            said = comma.join(filter(None, [said, undecided]))
    return comma.join(filter(None, [*first, said]))


def _share(of_decided: float | None) -> str:
    return "–" if of_decided is None else percent(of_decided, 100)
