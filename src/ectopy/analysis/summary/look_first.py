"""Which recordings have to be looked at first, and why: by rule, from their summaries alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ectopy.analysis.report.wording import counted, duration, percent
from ectopy.analysis.summary.model import Run, Summary
from ectopy.analysis.unmarked import NOT_MARKED

UNDECIDED: Final = 0.2
"""Share of a recording that is no strip from which an undecided rhythm has to be looked at."""
FROM_S: Final = 60


@dataclass(frozen=True)
class Look:
    """Why a recording has to be looked at.

    Attributes
    ----------
    weight : float
        How pressing it is: of two recordings, the one with the higher weight goes first.
    why : str
        The reasons, in words.
    """

    weight: float
    why: str


def look(summary: Summary) -> Look | None:
    """Tell why a recording has to be looked at; None where nothing in it asks for that.

    Examples
    --------
    >>> from ectopy.analysis.summary.look_first import look
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> look(ectopy.analyze(recording).summary).why
    '1 VE run, the longest 4 beats at 100/min; VE burden 11 %'
    """
    reasons: list[str] = []
    weight = 0.0
    if not summary.beats:
        reasons.append("no beat was found")
    weight += _of_rhythm(summary, reasons)
    if summary.pacing.since_s is not None:
        reasons.append(f"{'paced' if summary.pacing.beats else 'perhaps a paced'} rhythm")
        weight += 1.0
    for short, part, factor in (("VE", summary.veb, 1000.0), ("SVE", summary.sveb, 10.0)):
        if part.runs:
            reasons.append(_runs(short, part.runs, part.longest_run))
            longest = part.longest_run.beats if part.longest_run else 0
            weight += factor * ((part.tachycardias or 0) + longest / 5) + part.runs
    if summary.pauses.longest:
        longest_s = summary.pauses.longest.duration_s
        pauses = counted(summary.pauses.count, "pause")
        reasons.append(f"{pauses}, the longest {longest_s:.1f} s")
        weight += 1000.0 * max(longest_s - 2.5, 0) + summary.pauses.count
    burden = summary.classes["V"].percent or 0.0
    if burden >= 10:
        reasons.append(f"VE burden {burden:.0f} %")
        weight += 10 * burden
    return Look(weight, "; ".join(reasons)) if reasons else None


def _of_rhythm(summary: Summary, reasons: list[str]) -> float:
    """Add what of the rhythm has to be looked at to the reasons; give how serious it is."""
    weight = 0.0
    told = summary.rhythm
    for kind in told.kinds:
        if kind.key == "vf":
            reasons.append(f"{kind.title}, {duration(kind.seconds)}")
            weight += 1e6 + kind.seconds
    unmarked = [
        text.partition("? ")[0] + "?" for text in summary.warnings if text.startswith(NOT_MARKED)
    ]
    reasons += unmarked
    weight += 1e5 * len(unmarked)
    fibrillation = told.fibrillation
    if told.strip is not None:
        if fibrillation.episodes:
            reasons.append("atrial fibrillation in a strip")
            weight += 500.0 + 1000 * told.strip.af
    elif fibrillation.longest and fibrillation.percent is not None:
        episodes = counted(fibrillation.episodes, "episode")
        longest = duration(fibrillation.longest.duration_s)
        burden = percent(fibrillation.percent, 100)
        reasons.append(f"atrial fibrillation {burden} in {episodes}, longest {longest}")
        weight += 500.0 + 10 * fibrillation.percent
    whole = told.decided_s + told.not_decided_s
    if told.not_decided_s > UNDECIDED * whole and whole >= FROM_S:
        reasons.append(f"rhythm not decided for {percent(told.not_decided_s, whole)} of the time")
        weight += 5.0
    return weight


def _runs(short: str, count: int, longest: Run | None) -> str:
    text = counted(count, f"{short} run")
    if longest and longest.rate_bpm:
        text += f", the longest {longest.beats} beats at {longest.rate_bpm:.0f}/min"
    return text
