"""From a labelled beat to why it has its label."""

from __future__ import annotations

import os
from typing import Final

import numpy as np

from ectopy.analysis.doubts import fibrillating
from ectopy.analysis.explanation import words
from ectopy.analysis.explanation.facts import Facts
from ectopy.analysis.explanation.looked import Looked, NearLooks
from ectopy.analysis.explanation.model import BeatExplanation, LeadAlone, Reason
from ectopy.analysis.result import Result
from ectopy.beats.conditioning.canonical import ratio
from ectopy.beats.conditioning.quality import GOOD, STATES
from ectopy.beats.detection.faint import faint_stretches
from ectopy.beats.detection.paced_rhythm import NOT_PACED, PACED
from ectopy.classes import AAMI
from ectopy.errors import ConfigError
from ectopy.explain.contributions import PLAYERS, Question, contributions, decided
from ectopy.explain.question import lead_alone
from ectopy.recordings.clock import Clock

OPPOSED: Final = 0.7
"""Log odds that are told as having spoken against a label: they halve the odds."""

NEAR_S: Final = 0.5
"""How far from the time that was asked for a beat may be."""


def explain(
    result: Result,
    at: float | str,
    weights: str | os.PathLike[str] | None = None,
    looks: NearLooks | None = None,
) -> BeatExplanation:
    """Tell why the beat at a time has its label, see `Result.explain`.

    With ``looks`` the recording is looked at again around that beat alone.
    """
    beat = find_beat(result, at)
    if len(result.answers):
        raise ConfigError(
            f"the labels of {result.name} were adapted to {len(result.answers)} of a reader's "
            "answers, which the weights do not explain; explain them as they were before, by "
            "Result.unadapted"
        )
    looked = result.looked(weights) if looks is None else looks(beat)
    question, usual = looked.ask(result, beat)
    beats, by = result.beats, result.summary.labelled_by
    order = np.argsort(-beats.probabilities[beat], kind="stable").tolist()
    label = AAMI[beats.classes[beat]]
    runner_up = next(AAMI[i] for i in order if AAMI[i] != label)
    others = ["N", runner_up] if label != "N" and runner_up != "N" else [runner_up]
    found = contributions(question, label, others)
    told, second = found[0], found[1] if len(found) > 1 else None
    facts, names = Facts.of(question, usual), decided(told)
    reasons = [
        Reason(
            name,
            words.NAMES[name],
            _said(name, facts, question, beat, result, (label, told.against)),
            float(told.values[i]),
            None if second is None else float(second.values[i]),
            name in names,
        )
        for i, name in enumerate(PLAYERS)
        if question.players[i]
    ]
    probabilities = dict(zip(AAMI, beats.probabilities[beat].tolist(), strict=True))
    certain = not beats.uncertain[beat]
    late_s = (facts.due_ms - facts.interval_ms) / 1000
    leads = _leads(result, looked, beat)
    opposed = [PLAYERS[i] for i in np.argsort(told.values) if told.values[i] < -OPPOSED]
    conclusion = words.conclusion(
        told, probabilities, names, opposed[:2], second, certain, _usual_label(question)
    )
    rr_s = result.intervals.rr_s
    time_s = float(result.intervals.times_s[beat])
    look, place = looked.of(beat)
    centres_s = look.seen.at / float(ratio(result.fs_hz)) / result.fs_hz
    return BeatExplanation(
        record=result.name,
        sample=int(beats.samples[beat]),
        time_s=time_s,
        time=Clock(result.start, result.duration_s).text(time_s),
        label=label,
        runner_up=runner_up,
        against=told.against,
        probabilities=probabilities,
        certain=certain,
        doubts=() if certain else _doubts(result, looked, question, beat, leads),
        conclusion=conclusion,
        interval_ms=_ms(rr_s[beat]),
        next_interval_ms=_ms(rr_s[beat + 1]) if beat + 1 < len(beats) else None,
        due_ms=None if np.isnan(rr_s[beat]) else facts.due_ms,
        due_s=None if np.isnan(rr_s[beat]) else float(centres_s[place]) + late_s,
        reasons=tuple(sorted(reasons, key=lambda reason: -abs(reason.spoke))),
        usual_log_odds=told.usual,
        log_odds=told.total,
        usual_beats=len(usual.beats),
        usual_is_normal=usual.normal,
        leads=leads,
        labelled_by=by.name,
        setting=looked.setting,
        simulated=result.summary.simulated,
        centre_s=float(centres_s[place]),
        usual_centres_s=centres_s[usual.beats],
        result=result,
    )


def find_beat(result: Result, at: float | str) -> int:
    """Find the beat of a result that a time names.

    Parameters
    ----------
    result : Result
        Whose beats.
    at : float or str
        In seconds from the start, or as `ectopy.recordings.clock.Clock.seconds` reads it. A time
        written without a fraction, or a whole number, means the second that begins there; of
        several beats in it the first that is not N.

    Raises
    ------
    ConfigError
        If the time is none, or outside the recording, or no beat is within half a second of it.
    """
    clock = Clock(result.start, result.duration_s)
    begin = clock.seconds(at) if isinstance(at, str) else float(at)
    if not 0 <= begin <= result.duration_s:
        raise ConfigError(
            f"{at} is outside {result.name}, which runs from {clock.text(0)} to "
            f"{clock.text(result.duration_s)}"
        )
    times, beats = result.intervals.times_s, result.beats
    if not len(times):
        raise ConfigError(f"{result.name} has no beat, so there is no label to explain")
    end = begin if isinstance(at, float) or "." in str(at) else np.ceil(begin + 1e-6)
    away = np.maximum(np.maximum(begin - times, times - end), 0)
    near = np.flatnonzero(away <= away.min() + 1e-9)
    ectopic = near[beats.classes[near] != 0]
    beat = int(ectopic[0] if len(ectopic) else near[0])
    if away[beat] > NEAR_S:
        raise ConfigError(
            f"{result.name} has no beat within {NEAR_S:g} s of {clock.text(begin)}; the nearest is "
            f"at {clock.text(times[beat])} ({times[beat]:.2f} s from the start)"
        )
    return beat


def _said(
    name: str,
    facts: Facts,
    question: Question,
    beat: int,
    result: Result,
    classes: tuple[str, str],
) -> str:
    """Put one reason into words."""
    if name == "neighbours":
        return words.of_neighbours(beat, result.beats.classes)
    if name == "recording":
        assert question.factors is not None
        return words.of_recording(*classes, question.factors)
    if name == "pacing":
        return words.of_pacing()
    if name == "rhythm":
        return words.of_rhythm(facts, result.intervals.times_s, beat)
    rr_s = result.intervals.rr_s
    if name == "prematurity":
        if not beat:
            return "the first beat: nothing before it tells when it was due"
        rr_ms = _ms(rr_s[beat])
        return words.NOT_KNOWN if rr_ms is None else words.of_prematurity(facts, rr_ms)
    if name == "pause":
        if beat + 1 == len(result.beats):
            return "the last beat: nothing follows it"
        if np.isnan(rr_s[beat + 1]):
            return words.NOT_KNOWN
    told: str = getattr(words, f"of_{name}")(facts)
    return told


def _usual_label(question: Question) -> str:
    """Tell what a beat that is usual in everything would be called."""
    nothing = np.zeros((1, len(PLAYERS)), dtype=bool)
    return AAMI[int(question.of_players(nothing)[0].argmax())]


def _leads(result: Result, looked: Looked, beat: int) -> tuple[LeadAlone, ...]:
    """Ask each lead alone; of a single one there is nothing more to ask."""
    if len(looked.leads) < 2:
        return ()
    (look, at), told = looked.of(beat), []
    for place, lead in enumerate(looked.leads):
        p = lead_alone(looked.classifier, looked.setting, look, at, place)
        probabilities = dict(zip(AAMI, p.tolist(), strict=True))
        told.append(
            LeadAlone(result.summary.leads[lead].name, AAMI[int(p.argmax())], probabilities)
        )
    return tuple(told)


def _doubts(
    result: Result,
    looked: Looked,
    question: Question,
    beat: int,
    leads: tuple[LeadAlone, ...],
) -> tuple[str, ...]:
    """Say why a label is uncertain."""
    found = []
    quality, p = result.beats.quality[beat], result.beats.probabilities[beat]
    if quality > GOOD:
        found.append(f"the signal is {STATES[quality]} there")
    beats, spans_s = result.beats, result.background.vf_spans_s
    if fibrillating(beats.samples[[beat]], np.array(spans_s) * result.fs_hz).any():
        found.append("it looks like ventricular fibrillation or flutter there, which has no beats")
    if faint_stretches(beats.strength, beats.samples, result.background.second)[beat]:
        found.append("many beats around it are faint, as noise is that looks like beats")
    if beat and np.isnan(result.intervals.rr_s[beat]):
        found.append("signal was lost since the beat before, so nobody knows whether it is early")
    least = question.chosen["uncertain_below"]
    if p.max() < least:
        found.append(
            f"the model gives its class {100 * p.max():.1f} %, under the {100 * least:.1f} % from "
            "which it is relied on"
        )
    look, place = looked.of(beat)
    pacing = look.pacing[place]
    if pacing == PACED and not look.spiked[place]:
        found.append("the rhythm is paced, and no spike stands before this beat")
    elif pacing not in (PACED, NOT_PACED):
        found.append("pacing spikes are suspected around it")
    if look.noise[place] > 0:
        found.append("noise where the P wave lies makes an S beat and a normal one look alike")
    if len({lead.label for lead in leads}) > 1:
        said = ", ".join(f"{lead.lead} alone says {lead.label}" for lead in leads)
        found.append(f"the leads disagree: {said}")
    return tuple(found) or ("it was called so where it was labelled",)


def _ms(seconds: float) -> float | None:
    return None if np.isnan(seconds) else 1000 * float(seconds)
