"""What was found of a beat, in the words of those who read ECGs."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.explanation.facts import Facts
from ectopy.beats.features.pooling import RECENT_BEATS
from ectopy.beats.features.prematurity import PAST_S, STEP, WANDER_BEATS
from ectopy.classes import AAMI
from ectopy.explain.contributions import Contributions, decided

Float64 = npt.NDArray[np.float64]

NAMES: Final = {
    "prematurity": "Prematurity",
    "pause": "Pause after it",
    "p_wave": "P wave",
    "qrs_width": "QRS width",
    "qrs_shape": "QRS shape and size",
    "st_t": "ST segment and T wave",
    "neighbours": "Beats around it",
    "rhythm": "Regularity of the rhythm",
    "recording": "Whole recording",
    "pacing": "Pacing spike",
}
"""What a reader calls each of `ectopy.explain.contributions.PLAYERS`."""

_IN_A_SENTENCE: Final = {
    "prematurity": "prematurity",
    "pause": "the pause after it",
    "p_wave": "the P wave",
    "qrs_width": "the width of the QRS",
    "qrs_shape": "the shape and size of the QRS",
    "st_t": "ST segment and T wave",
    "neighbours": "the beats around it",
    "rhythm": "the regularity of the rhythm",
    "recording": "the rest of the recording",
    "pacing": "a pacing spike",
}

ON_TIME: Final = 0.05  # of the due interval: what sinus rhythm itself wanders
NOT_KNOWN: Final = "not known: signal was lost there, or the interval is out of all limits"

WORTH_TELLING: Final = 0.01  # probability of a further class
FULL_PAUSE: Final = 0.03  # of two due intervals: 40 to 60 ms
CENTRE_MS: Final = 20  # by which R peaks of a wide QRS are away from its middle
WIDER: Final = 0.1  # of the usual width
TALLER: Final = 0.2  # of the usual height
STEADY_P: Final = 0.5
"""Likeness of the usual beats' own P waves below which there is no steady one to miss."""
FAINT_P: Final = 0.5  # of the usual size
LIKE: Final = 0.9  # likeness of a QRS that is told as like
REGULAR: Final = 0.25  # of intervals that are unlike the one before


def of_prematurity(facts: Facts, rr_ms: float) -> str:
    """Tell when the beat came, by the centres of the QRS; and by R peaks, where that differs."""
    interval, due, usual = facts.interval_ms, facts.due_ms, facts.usual_interval_ms
    short = 1 - interval / usual
    after = f"{interval:.0f} ms after the beat before"
    if abs(rr_ms - interval) > CENTRE_MS:
        after += f" by the middle of the QRS ({rr_ms:.0f} ms by the R peaks)"
    if abs(facts.early) >= ON_TIME:
        said = f"{_percent(facts.early)} {_early(facts.early)}: {after}, {due:.0f} ms were due"
        if abs(short) < ON_TIME:
            said += f"; usual beats nearby come after {usual:.0f} ms"
        return said
    if abs(short) >= 2 * ON_TIME:
        return (
            f"{_percent(short)} {_early(short)} for a usual beat nearby: {after}, these come after "
            f"{usual:.0f} ms; but so came the beats just before ({due:.0f} ms were due)"
        )
    return f"on time: {after}, {due:.0f} ms were due"


def of_pause(facts: Facts) -> str:
    """Tell when the next beat came."""
    if facts.pause > ON_TIME:
        said = f"next beat {_percent(facts.pause)} later than due"
        if facts.early > ON_TIME:
            full = abs(facts.both - 1) < FULL_PAUSE
            pause = "a full compensatory pause" if full else "no full compensatory pause"
            said += f": {pause}, both intervals are {2 * facts.both:.2f} due ones"
        return said
    if facts.pause < -ON_TIME:
        return f"none: the next beat comes {_percent(-facts.pause)} before it is due"
    return "none: the next beat comes when due"


def of_p_wave(facts: Facts) -> str:
    """Tell what stands before the QRS."""
    like, size = facts.p_likeness, facts.p_size
    compared = f"likeness {_two(like.own)}, usual beats {_two(like.usual)}"
    if like.usual < STEADY_P:
        return f"usual beats have no steady P wave to compare with ({compared})"
    if like.own >= max(like.low, STEADY_P):
        return f"P wave as usual ({compared})"
    if size.own < FAINT_P * size.usual:
        return f"no P wave where the usual one stands ({compared})"
    if like.own >= STEADY_P:
        return f"P wave differs from the usual one ({compared})"
    return f"no P wave like the usual one ({compared})"


def of_qrs_width(facts: Facts) -> str:
    """Tell how wide the QRS is: relative, for its measure is a spread and no duration."""
    ratio = facts.qrs_width.ratio
    slope = facts.qrs_slope.ratio
    if abs(ratio - 1) < WIDER:
        said = f"about as wide as usual ({_two(ratio)} times, by the spread of its slopes)"
    else:
        word = "wide" if ratio > 1 else "narrow"
        said = f"{word}: {_two(ratio)} times the usual width, by the spread of its slopes"
    return f"{said}, steepest slope {_two(slope)} of the usual"


def of_qrs_shape(facts: Facts) -> str:
    """Tell how like the usual one the QRS is."""
    like, height = facts.qrs_likeness, facts.qrs_height.ratio
    word = "like" if like.own >= min(LIKE, like.low) else "unlike"
    said = f"{word} the usual beat: likeness {_two(like.own)}, usual beats {_two(like.usual)}"
    if abs(np.log(height)) > np.log(1 + TALLER):
        said += f"; {_two(height)} times as tall"
    return said


def of_st_t(facts: Facts) -> str:
    """Tell how far ST and T are from the usual ones."""
    of = facts.st_t
    if of.own <= of.high:
        return "as usual: they differ no more than those of usual beats do"
    return f"differ from the usual ones {of.ratio:.1f} times as much as in usual beats"


def of_neighbours(beat: int, classes: npt.NDArray[np.int64]) -> str:
    """Tell what stands around the beat."""
    around = [AAMI[classes[i]] if 0 <= i < len(classes) else "" for i in (beat - 1, beat + 1)]
    before, after = around
    said = [f"{x} {where}" for x, where in ((before, "before"), (after, "after")) if x]
    last = _last(min(beat + 1, RECENT_BEATS), "beat")
    return f"{' and '.join(said)}; how these and the {last} look" if said else "alone"


def of_rhythm(facts: Facts, times_s: Float64, beat: int) -> str:
    """Tell how regular the rhythm before the beat is, and what early then means."""
    since = int(np.searchsorted(times_s, times_s[beat] - PAST_S))
    intervals = min(beat - since, WANDER_BEATS[1])
    if intervals < 2:
        return "too few beats before it to tell"
    share, fibrillates = facts.large_steps, facts.fibrillation > 0.5
    word = "regular" if share < REGULAR else "irregular" if fibrillates else "uneven"
    said = f"{word}: {_percent(share)} of the {_last(intervals, 'interval')} differ from the "
    said += f"one before by {_percent(STEP)} or more"
    if fibrillates:
        said += "; it looks like fibrillation or flutter, where early means little"
    return said


def of_recording(label: str, runner_up: str, factors: npt.NDArray[np.float64]) -> str:
    """Tell what all beats of the recording say of one more."""
    ratio = float(factors[AAMI.index(label)] / factors[AAMI.index(runner_up)])
    one, other = (label, runner_up) if ratio >= 1 else (runner_up, label)
    times = f"{max(ratio, 1 / ratio):.1f} times as likely"
    return f"{one} is {times} here, against {other}, as in other recordings"


def of_pacing() -> str:
    """Tell of a spike."""
    return "a pacing spike stands before the QRS, in a paced rhythm"


def conclusion(
    told: Contributions,
    probabilities: dict[str, float],
    decided_by: list[str],
    opposed: list[str],
    second: Contributions | None,
    certain: bool,
    usual_label: str,
) -> str:
    """Say in one sentence what the label is, what decided, and what spoke against it."""

    def chance(letter: str) -> str:
        p = probabilities[letter]
        return f"{letter} ({'over 99 %' if 0.99 < p < 1 else _percent(p)})"

    if decided_by:
        said = f"{_listed(decided_by)} decided"
    elif usual_label == told.label:
        said = f"Usual beats nearby would be called {told.label} too"
    else:
        said = "Nothing decided alone"
    said += f": {chance(told.label)} rather than {chance(told.against)}"
    if second is not None and probabilities[second.against] >= WORTH_TELLING:
        why = decided(second)
        said += f", and than {chance(second.against)}{f' for {_listed(why)}' if why else ''}"
    if opposed:
        said += f"; {_listed(opposed)} spoke against it"
    said += "." if certain else "; not certain."
    return said[0].upper() + said[1:]


def _last(count: int, noun: str) -> str:
    return f"last {noun}" if count == 1 else f"last {count} {noun}s"


def _early(share: float) -> str:
    return "early" if share > 0 else "late"


def _listed(groups: list[str]) -> str:
    """List groups within a sentence."""
    names = [_IN_A_SENTENCE[group] for group in groups]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _percent(share: float) -> str:
    shown = 100 * abs(share)
    return f"{shown:.0f} %" if shown >= 1 or shown == 0 else "under 1 %"


def _two(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
