"""A stretch of a recording among its neighbours: what was found in all of them labels one."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.labeller import Found, Labeller, Waiting
from ectopy.beats.conditioning.quality import MISSING
from ectopy.beats.detection.r_peaks import Peaks
from ectopy.beats.detection.ventricular_fibrillation import NEVER
from ectopy.recordings.stretches import Stretch

Number = TypeVar("Number", bound=np.generic)
Float32 = npt.NDArray[np.float32]


def label_among(
    labeller: Labeller, part: Stretch, around: dict[Stretch, Found]
) -> LabelledBeats | Waiting:
    """Label one stretch, given what was found in it and in those around it, in order."""
    if not part.recorded:
        return labeller.none()
    peaks = Peaks.join([found.peaks for found in around.values()])
    near, second = part.near(peaks.samples), labeller.second
    states = {each: found.quality.states for each, found in around.items()}
    log_odds = {each: found.fibrillation[None] for each, found in around.items()}
    return labeller.label(
        _signal({each: found.signal for each, found in around.items()}, part),
        part.start,
        Peaks(peaks.samples[near], peaks.strength[near]),
        _seconds(states, part, second, MISSING),
        _seconds(log_odds, part, second, NEVER)[0],
        (part.begin, part.end),
    )


def _seconds(
    told: dict[Stretch, npt.NDArray[Number]], around: Stretch, second: int, nothing: float
) -> npt.NDArray[Number]:
    """Put together what is told of stretches' seconds, all around one of them."""
    first, last = around.start // second, -(-around.stop // second)
    one = next(iter(told.values()))
    out = np.full((len(one), last - first), nothing, dtype=one.dtype)
    for part, own in told.items():
        here = part.begin // second
        begin, end = max(here, first), min(here + own.shape[1], last)
        if begin < end:
            out[:, begin - first : end - first] = own[:, begin - here : end - here]
    return out


def _signal(signals: dict[Stretch, Float32], around: Stretch) -> Float32:
    """Put the signals of stretches together, all around one of them; a gap's are missing."""
    start, stop = around.start, around.stop
    n_leads = len(next(iter(signals.values())))
    out = np.empty((n_leads, stop - start), dtype=np.float32)
    for part, signal in signals.items():
        begin, end = max(part.begin, start), min(part.end, stop)
        if begin < end:
            inside = slice(begin - part.begin, end - part.begin)
            out[:, begin - start : end - start] = signal[:, inside] if part.recorded else np.nan
    return out
