"""Ventricular fibrillation and flutter, second by second from the signal, and alarms from that.

A second is looked at where the signal of a lead has no quiet line between waves; `describe` says
what the four seconds up to its end look like, and a logistic regression gives log-odds. They depend
on `BEHIND_S` seconds before it and `AHEAD_S` after it, so a recording may be cut anywhere on whole
grid seconds, and a stream need not wait.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from ectopy.beats.conditioning.qrs_band import FLOOR_MV, NOMINAL_HZ
from ectopy.beats.conditioning.quality import FLAT, GOOD, Quality
from ectopy.beats.detection.fibrillation_waves import MEASURES, SAMPLES, WINDOW_S, describe
from ectopy.errors import ModelError
from ectopy.schemas import plain

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

PACKAGED: Final = Path(__file__).parent / "weights" / "ventricular-fibrillation.json"

BEHIND_S: Final = 7
"""Grid seconds before a second that its log-odds depend on: flat ones are counted in a row."""
AHEAD_S: Final = 3
"""And after it: the filter's half second, and flat ones in a row, which only ever take away."""
FILTER_S: Final = 0.5
"""Seconds of signal after a second until it can be told, where no lead falls flat."""

RESTLESS: Final = 0.25
"""Of the waves' size (95th percentile of tenths of a second, over five): from which the quiet
quarter of them is no quiet line. Of the seconds of sinus rhythm 1 in 100 has none."""
CALM: Final = 0.15
BEATS_MV: Final = 0.2
"""A good lead with a line as calm as `CALM` between beats of this size shows that the heart beats,
and what other leads show is noise."""
NEVER: Final = -6.0
"""Log-odds where no lead is restless, and the least there are; the greatest are its opposite."""
BATCH: Final = 2048  # windows described at a time: few enough for the processor's cache
LATE_S: Final = 4.0
"""Seconds by which an alarm follows the change it tells: half of what it looks at, about."""


@dataclass(frozen=True)
class Alarm:
    """An alarm of ventricular fibrillation, in grid seconds from the start of the recording.

    Attributes
    ----------
    alarm_s : float
        When it could be given: so much signal was needed.
    onset_s, end_s : float
        When fibrillation is thought to have begun and ended.
    """

    alarm_s: float
    onset_s: float
    end_s: float


class VentricularFibrillation(BaseModel):
    """When log-odds of seconds are an alarm.

    Examples
    --------
    >>> import numpy as np
    >>> from ectopy.beats.detection import VentricularFibrillation
    >>> log_odds = np.r_[np.full(60, -6.0), np.full(20, 2.0), np.full(60, -6.0)]
    >>> VentricularFibrillation().alarms(log_odds)
    [Alarm(alarm_s=63.5, onset_s=59.0, end_s=77.0)]
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, json_schema_extra=plain
    )

    vf_probability: float = Field(
        0.5, gt=0, lt=1, description="probability from which there is an alarm"
    )
    vf_evidence_s: int = Field(
        3, ge=1, description="seconds whose log-odds are averaged, each from the four up to its end"
    )
    vf_gap_s: float = Field(
        10.0, ge=0, description="alarms closer together than this are one, in seconds"
    )

    def smoothed(self, log_odds: npt.ArrayLike) -> Float32:
        """Average the log-odds of each second and those before it."""
        padded = np.r_[np.full(self.vf_evidence_s - 1, NEVER), np.asarray(log_odds, np.float64)]
        if len(padded) < self.vf_evidence_s:
            return np.zeros(0, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.vf_evidence_s)
        mean: Float32 = windows.mean(axis=1).astype(np.float32)
        return mean

    def probability(self, log_odds: npt.ArrayLike) -> Float32:
        """Give the probability of fibrillation at the end of each grid second, shape (n_seconds,).

        It is that of a collection in which fibrillation is much more frequent than anywhere.
        """
        return np.asarray(1 / (1 + np.exp(-self.smoothed(log_odds))), dtype=np.float32)

    def spans_s(self, log_odds: npt.ArrayLike, second_s: float) -> npt.NDArray[np.float64]:
        """Give onset and end of each span of fibrillation in s, shape (n, 2).

        ``second_s`` is the length of a grid second: ``round(fs_hz) / fs_hz``.
        """
        found = [(alarm.onset_s, alarm.end_s) for alarm in self.alarms(log_odds)]
        return np.array(found, dtype=np.float64).reshape(-1, 2) * second_s

    def alarms(self, log_odds: npt.ArrayLike) -> list[Alarm]:
        """Give the alarms of a recording.

        Parameters
        ----------
        log_odds : array_like, shape (n_seconds,)
            From `fibrillation_log_odds`, of all its grid seconds.
        """
        sure = self.probability(log_odds) >= self.vf_probability
        on = np.flatnonzero(sure)
        if not len(on):
            return []
        apart = np.flatnonzero(np.diff(on) > self.vf_gap_s + 1)
        first, last = on[np.r_[0, apart + 1]] + 1, on[np.r_[apart, len(on) - 1]] + 1
        onset = np.maximum(first - LATE_S, 0)
        # What is looked at is four seconds long, so it lasts as long; where it lasts until the
        # recording ends, nobody saw it end.
        end = np.minimum(np.maximum(last - LATE_S + 1, onset + WINDOW_S), len(sure))
        end = np.where(last == len(sure), last, end)
        alarm = first + FILTER_S
        return [Alarm(*times) for times in np.stack([alarm, onset, end], axis=1).tolist()]


@dataclass(frozen=True)
class Weights:
    """A logistic regression on the measures of `describe`.

    Attributes
    ----------
    name : str
        As the file says.
    factors : ndarray of float32, shape (n_measures,)
        Log-odds for one unit of each measure.
    constant : float
        Log-odds where all measures are zero.
    """

    name: str
    factors: Float32
    constant: float

    @classmethod
    def load(cls, path: Path = PACKAGED, *, without: str | None = None) -> Weights:
        """Load the packaged weights, or those of a file.

        Parameters
        ----------
        path : Path
            A JSON file.
        without : str, optional
            Name of a record: give the weights that did not learn from it (nor from some others).

        Raises
        ------
        ModelError
            If the file is missing or holds something else.
        """
        return _load(path, without)

    def log_odds(self, measures: Float32) -> Float32:
        """Give log-odds of rows of measures."""
        # A sum, not a product of matrices: that rounds differently with the number of rows.
        total = (measures * self.factors).sum(axis=1) + np.float32(self.constant)
        bounded: Float32 = np.clip(total, NEVER, -NEVER).astype(np.float32)
        return bounded


@cache
def _load(path: Path, without: str | None) -> Weights:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if tuple(found["measures"]) != MEASURES:
            raise ValueError("other measures")
        own: dict[str, Any] = found
        if without is not None:
            own = found["left_out"][fold(without, list(found["left_out"]))]
        factors = np.asarray(own["factors"], dtype=np.float32)
        if factors.shape != (len(MEASURES),):
            raise ValueError(f"{len(factors)} factors")
        return Weights(str(found["name"]), factors, float(own["constant"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{path} holds no weights for ventricular fibrillation ({error}); train them anew"
        ) from error


def fold(record: str, folds: list[str]) -> str:
    """Tell in which fold a record was left out: its own, or one drawn by its name."""
    return record if record in folds else folds[crc32(record.encode()) % len(folds)]


def restless(
    bands: list[Float32], quality: Quality, share: float = RESTLESS
) -> tuple[Int64, Int64, Float32]:
    """Find the seconds of leads that are looked at, and describe them.

    Parameters
    ----------
    bands : list of ndarray of float32, shape (NOMINAL_HZ * n_seconds,)
        Of each lead, from `band_pass`.
    quality : Quality
        Of the same leads, from `assess`.
    share : float
        Of the waves' size, as `RESTLESS` says; training looks at more than alarms do.

    Returns
    -------
    lead, second : ndarray of int64, shape (n,)
        Leads that are neither flat nor missing for `WINDOW_S` up to the second's end, and have no
        quiet line in the five seconds up to there; nowhere where another lead shows calm beats.
    measures : ndarray of float32, shape (n, n_measures)
        From `describe`.
    """
    there = quality.states < FLAT
    n_leads, n_seconds = there.shape
    if n_seconds < WINDOW_S:
        none = np.zeros(0, dtype=np.int64)
        return none, none, np.zeros((0, len(MEASURES)), dtype=np.float32)
    held = there.copy()
    for back in range(1, WINDOW_S):
        held[:, back:] &= there[:, :-back]
    held[:, : WINDOW_S - 1] = False
    # `assess` looks at two seconds to either side: what it says of two seconds ago is of the past.
    size, rest = (
        np.concatenate([np.zeros((n_leads, 2), np.float32), each[:, :-2]], axis=1)
        for each in (quality.amplitude_mv, quality.noise_mv)
    )
    calm = (quality.states == GOOD) & (size >= BEATS_MV) & (rest < CALM * size)
    lead, second = np.nonzero(
        held & (rest > share * np.maximum(size, FLOOR_MV)) & ~calm.any(axis=0)
    )
    within = np.arange(SAMPLES) - SAMPLES + NOMINAL_HZ
    measures = [np.zeros((0, len(MEASURES)), dtype=np.float32)]
    band = np.stack(bands) if len(lead) else np.zeros((0, 0), dtype=np.float32)
    for start in range(0, len(lead), BATCH):
        some = slice(start, start + BATCH)
        measures.append(describe(band[lead[some, None], second[some, None] * NOMINAL_HZ + within]))
    return lead, second, np.concatenate(measures)


def fibrillation_log_odds(
    bands: list[Float32], quality: Quality, weights: Weights | None = None
) -> Float32:
    """Tell how much each second looks like ventricular fibrillation or flutter, in its worst lead.

    Parameters
    ----------
    bands : list of ndarray of float32, shape (NOMINAL_HZ * n_seconds,)
        Of each lead, from `band_pass`.
    quality : Quality
        Of the same leads, from `assess`.
    weights : Weights, optional
        Others than the packaged ones.

    Returns
    -------
    ndarray of float32, shape (n_seconds,)
        The largest of all leads, from `NEVER` up. `VentricularFibrillation` makes alarms of them.

    Examples
    --------
    >>> from ectopy.beats.conditioning import QualityLimits, assess
    >>> from ectopy.beats.conditioning.qrs_band import band_pass
    >>> from ectopy.beats.detection import fibrillation_log_odds
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> bands = list(band_pass(recording.read(), 250))
    >>> quality = assess(recording.read(), 250, QualityLimits(), bands)
    >>> fibrillation_log_odds(bands, quality).max().item()
    -6.0
    """
    _, second, measures = restless(bands, quality)
    found = np.full(quality.states.shape[1], NEVER, dtype=np.float32)
    if len(second):
        np.maximum.at(found, second, (weights or Weights.load()).log_odds(measures))
    return found
