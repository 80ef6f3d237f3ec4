"""A result's recording, looked at again where its beats are, to ask about any of them."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.request import Request
from ectopy.analysis.result import Result
from ectopy.analysis.work import Work
from ectopy.errors import ConfigError
from ectopy.explain.contributions import Question
from ectopy.explain.question import Look, Usual, question
from ectopy.explain.whole import Whole
from ectopy.runtime.bundle import Bundle, Setting, packaged
from ectopy.runtime.classifier import BeatClassifier

SAME: Final = 0.01
"""Largest difference of a probability between a result and the same labels made again: rounding of
other processors, and pieces cut elsewhere, are far below."""


@dataclass(frozen=True)
class Looked:
    """What labelled a result, and what it saw.

    Attributes
    ----------
    classifier : BeatClassifier
        With the weights of the result.
    setting : {"past", "whole"}
        As the result was labelled.
    looks : tuple of Look
        All beats; in the setting ``past`` those between gaps in the recording apart.
    leads : tuple of int
        Leads that it saw, the leading one first.
    first : int
        Row of the first beat of the looks.
    """

    classifier: BeatClassifier
    setting: Setting
    looks: tuple[Look, ...]
    leads: tuple[int, ...]
    first: int = 0

    def of(self, beat: int) -> tuple[Look, int]:
        """Give the look that a beat is in, and its place there."""
        beat -= self.first
        for look in self.looks:
            if beat < len(look.seen):
                return look, beat
            beat -= len(look.seen)
        raise IndexError(beat)

    def ask(self, result: Result, beat: int) -> tuple[Question, Usual]:
        """Ask about a beat of that result."""
        look, place = self.of(beat)
        here = slice(beat - place, beat - place + len(look.seen))
        sure = (result.beats.classes[here] == 0) & ~result.beats.uncertain[here]
        return question(self.classifier, self.setting, look, place, sure)


class Looks:
    """Looks at a result again, once for the weights that are named.

    Parameters
    ----------
    result : Result
        With its recording.
    """

    def __init__(self, result: Result) -> None:
        self._result = result
        self._found: dict[str | os.PathLike[str] | None, Looked] = {}

    def __call__(self, weights: str | os.PathLike[str] | None = None) -> Looked:
        """Give what `look_again` does."""
        if weights not in self._found:
            self._found[weights] = look_again(self._result, weights)
        return self._found[weights]


class NearLooks:
    """Looks at a result again, only around the beat that is asked about.

    What was looked at last is kept: the next beat is often near.

    Parameters
    ----------
    result : Result
        With its recording, labelled in the setting ``whole``.
    whole : Whole
        What its whole recording says, kept when it was labelled.
    weights : str or path, optional
        What labelled it; by default the packaged weights of that name.
    """

    def __init__(
        self, result: Result, whole: Whole, weights: str | os.PathLike[str] | None = None
    ) -> None:
        self._result, self._whole = result, whole
        self._classifier, self._work = _opened(result, weights)
        self._span = (0, 0)
        self._found: Looked | None = None

    def __call__(self, beat: int) -> Looked:
        """Look around a beat of the result.

        Raises
        ------
        ConfigError
            If the recording at hand is not the one that was labelled.
        """
        samples, whole = self._result.beats.samples, self._whole
        first, last = whole.around(beat) if len(whole) == len(samples) else (0, 0)
        if first == last:
            raise _another(self._result, 1)
        span = self._work.stretched((int(samples[first]), int(samples[last - 1]) + 1))
        if self._found is None or span != self._span:
            self._found, self._span = self._look(span), span
        return self._found

    def _look(self, span: tuple[int, int]) -> Looked:
        classifier, beats = self._classifier, self._result.beats
        parts = [part for run in self._work.seen(within=span) for part in run]
        first, last = np.searchsorted(beats.samples, span).tolist()
        if sum(map(len, parts)) != last - first:
            raise _another(self._result, 1)
        look, inner = self._whole.look(classifier, parts, first)
        made, known = look.labels.probabilities[inner], beats.probabilities[first:last][inner]
        _check(self._result, made, known)
        return Looked(classifier, "whole", (look,), tuple(self._work.labeller.leads), first)


def look_again(result: Result, weights: str | os.PathLike[str] | None = None) -> Looked:
    """Look at all beats of a result, as when they were labelled, and find none anew.

    Parameters
    ----------
    result : Result
        With its recording.
    weights : str or path, optional
        What labelled it; by default the packaged weights of that name.

    Raises
    ------
    ConfigError
        If a classifier of one's own or a reader labelled it, the weights are others, there is no
        beat, or the recording is not at hand or not the one that was labelled.
    """
    classifier, work = _opened(result, weights)
    setting = work.labeller.setting
    runs = work.seen()
    if setting == "whole":
        runs = [[part for run in runs for part in run]]
    looks = tuple(Look.of(classifier, setting, run) for run in runs)
    made = np.concatenate([look.labels.probabilities for look in looks])
    _check(result, made, result.beats.probabilities)
    return Looked(classifier, setting, looks, tuple(work.labeller.leads))


def _opened(result: Result, weights: str | os.PathLike[str] | None) -> tuple[BeatClassifier, Work]:
    """Make ready what labelled a result."""
    recording, by = result.signal(), result.summary.labelled_by
    if by.sha256 is None or by.setting is None:
        what = "a classifier of your own" if by.sha256 is None else "an annotation file"
        raise ConfigError(
            f"the labels of {result.name} are those of {by.name}, {what}, and only labels of "
            "ectopy's beat model can be explained; label the recording with weights first"
        )
    if weights is None and by.name not in packaged():
        raise ConfigError(
            f"{result.name} was labelled with the weights {by.name!r}, which are not packaged; "
            "name the folder that holds them",
            change="weights",
        )
    bundle = Bundle.load(by.name if weights is None else weights)
    if bundle.checksum != by.sha256:
        raise ConfigError(
            f"{result.name} was labelled with the weights {by.name!r} ({by.sha256[:12]}), and "
            f"those at {bundle.folder} are others ({bundle.checksum[:12]}); name the ones that "
            "labelled it, or label it anew",
            change="weights",
        )
    if not len(result.beats):
        raise ConfigError(f"{result.name} has no beat, so there is no label to explain")
    classifier = BeatClassifier(bundle)
    if by.r_peaks == "given":  # where nothing was recorded too
        recording = replace(recording, recorded=None)
    request = Request(
        recording,
        lead=result.summary.leads[result.leading].name,
        setting=by.setting,
        settings=result.summary.settings,
        classifier=classifier,
        r_peaks=result.beats.samples,
    )
    return classifier, Work(request, look_only=True)


def _check(result: Result, made: npt.NDArray[np.float32], known: npt.NDArray[np.float32]) -> None:
    """See that labels come out as they were."""
    apart = float(np.abs(made - known).max(initial=0)) if len(made) == len(known) else 1.0
    if not apart <= SAME:
        raise _another(result, apart)


def _another(result: Result, apart: float) -> ConfigError:
    return ConfigError(
        f"the labels of {result.name} cannot be made again from the recording at hand "
        f"(probabilities differ by up to {apart:.2f}); open the recording that was labelled, "
        "or label it anew"
    )
