"""`strip_rhythm`: the rhythm of a strip of 9 to 60 s, or of half minutes of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.canonical import RATE_HZ
from ectopy.beats.conditioning.lead_votes import LeadVotes, withheld
from ectopy.beats.conditioning.quality import assess
from ectopy.beats.conditioning.quality_limits import QualityLimits
from ectopy.beats.detection.r_peaks import detect
from ectopy.beats.features.strips import FEWEST_BEATS, measure_strips
from ectopy.errors import ConfigError
from ectopy.runtime.classifier import BeatClassifier, SeenBeats
from ectopy.runtime.rhythm.strip_model import AF, NOISY, STRIP_KINDS, StripModel

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

WINDOW_S: Final = 30.0
STEP_S: Final = 15.0
"""Length of the windows that a longer strip is seen in, and from one to the next."""
AT_ONCE_S: Final = 40.0  # up to which a strip is one window
SHORTEST_S: Final = 9.0
"""Below which nothing is decided: no shorter strip was learnt from."""
CERTAIN: Final = 0.5
"""Probability of the likeliest kind below which nothing is decided."""
LEADS: Final = 2  # that are asked, the best ones


@dataclass(frozen=True, eq=False)
class StripRhythm:
    """The rhythm of windows.

    Attributes
    ----------
    onset_s, end_s : ndarray of float64, shape (n_windows,)
        The windows, in seconds.
    probabilities : ndarray of float64, shape (n_windows, 4)
        Of each of `STRIP_KINDS`.
    decided : ndarray of bool, shape (n_windows,)
        False where it is too noisy, too short or has too few beats to say, or where no kind is
        likelier than all others together.
    decision : tuple of float
        What the probability of each kind weighs in `kinds`: rare kinds more than 1, as F1 has it.
    """

    onset_s: Float64
    end_s: Float64
    probabilities: Float64
    decided: npt.NDArray[np.bool_]
    decision: tuple[float, ...] = (1.0, 1.0, 1.0, 1.0)

    @property
    def places(self) -> npt.NDArray[np.int64]:
        """Place in `STRIP_KINDS` of what each window is called, decided or not."""
        return np.asarray((self.probabilities * self.decision).argmax(axis=1), dtype=np.int64)

    @property
    def kinds(self) -> npt.NDArray[np.str_]:
        """What each window is called, decided or not, shape (n_windows,)."""
        return np.array(STRIP_KINDS)[self.places]

    @property
    def sure(self) -> npt.NDArray[np.bool_]:
        """Where what it is called is not noise, and has a probability of `CERTAIN` or more."""
        own = np.take_along_axis(self.probabilities, self.places[:, None], axis=1)[:, 0]
        return np.asarray((self.places != NOISY) & (own >= CERTAIN))

    @property
    def af_log_odds(self) -> Float64:
        """Log-odds of fibrillation against all else, shape (n_windows,)."""
        af = np.clip(self.probabilities[:, AF], 1e-6, 1 - 1e-6)
        return np.asarray(np.log(af / (1 - af)))


def strip_rhythm(
    parts: Sequence[SeenBeats], duration_s: float, *, model: StripModel | None = None
) -> StripRhythm:
    """Tell the rhythm of a short strip as a whole: sinus, AF, another rhythm, or too noisy.

    From the signal and the beats together, so that 10 beats may do: P waves, what lies between
    the beats, their shapes, and how irregular they are.

    What a strip cannot show: when an episode began or ended, and so not whether there is
    fibrillation of 30 s or more, nor how much of it. AF is one kind for the whole strip, and stands
    for flutter too where that is irregular. "Other" is whatever is neither: ectopic beats, a fast
    or slow heart, block, flutter with a regular one. A strip in sinus rhythm says nothing of the
    hour around it.

    Parameters
    ----------
    parts : sequence of SeenBeats
        What `ectopy.runtime.classifier.BeatClassifier.look` took from it in the setting ``whole``;
        none where no beat was found.
    duration_s : float
        Of the strip, in seconds. Beyond `AT_ONCE_S` it is seen in windows, whose log probabilities
        are averaged.
    model : StripModel, optional
        By default the packaged one.

    Returns
    -------
    StripRhythm
        One window.

    Raises
    ------
    ConfigError
        If the strip has no length.
    """
    windows = window_rhythm(parts, duration_s, model=model)
    mean = np.log(np.maximum(windows.probabilities, 1e-6)).mean(axis=0, keepdims=True)
    probabilities = np.exp(mean) / np.exp(mean).sum()
    whole = np.zeros(1), np.array([float(duration_s)])
    told = StripRhythm(*whole, probabilities, windows.decided[:1], windows.decision)
    return replace(told, decided=told.sure & windows.decided.any())


def window_rhythm(
    parts: Sequence[SeenBeats], duration_s: float, *, model: StripModel | None = None
) -> StripRhythm:
    """Tell the rhythm of windows of half a minute, every quarter of one, all over a recording.

    Parameters and errors are those of `strip_rhythm`. The last window ends with the recording.

    Returns
    -------
    StripRhythm
    """
    if not duration_s > 0:
        raise ConfigError(f"the strip lasts {duration_s:g} s, expected more than 0")
    onset, end = strip_windows(duration_s)
    start, stop = onset * RATE_HZ, end * RATE_HZ
    model = model or StripModel.load()
    none = np.tile(np.eye(len(STRIP_KINDS))[NOISY], (len(onset), 1))
    parts = [part for part in parts if len(part)]
    if not parts:
        return StripRhythm(onset, end, none, np.zeros(len(onset), dtype=bool), model.decision)
    at = _places(parts)
    enough = np.searchsorted(at, stop) - np.searchsorted(at, start) >= FEWEST_BEATS
    total, weight = np.zeros_like(none), np.zeros((len(onset), 1))
    for lead in range(min(LEADS, parts[0].seen.on.shape[1])):
        on = np.concatenate([part.seen.on[-1, lead] for part in parts])
        heard = _share(at, on, start, stop)[:, None] + 1e-6
        total += model.log_probabilities(window_measures(parts, onset, end, lead)) * heard
        weight += heard
    probabilities = np.exp(total / weight)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    probabilities = np.where(enough[:, None], probabilities, none)
    told = StripRhythm(onset, end, probabilities, enough, model.decision)
    return replace(told, decided=enough & told.sure & (end - onset >= SHORTEST_S))


def window_measures(
    parts: Sequence[SeenBeats], onset_s: Float64, end_s: Float64, lead: int = 0
) -> Float32:
    """Give what the trees are asked with: measures of windows of one lead, (n_windows, N_STRIP).

    Parameters
    ----------
    parts : sequence of SeenBeats
        At least one, each with a beat.
    onset_s, end_s : ndarray of float64, shape (n_windows,)
        The windows, in seconds.
    lead : int
        Number of the lead.
    """
    return measure_strips(
        _places(parts),
        np.concatenate([part.seen.measured[-1, lead] for part in parts], axis=1),
        np.concatenate([part.before[lead] for part in parts], axis=1),
        np.concatenate([part.noise for part in parts], axis=1),
        np.concatenate([part.seen.lost for part in parts]),
        np.concatenate([part.seen.on[-1, lead] for part in parts]),
        onset_s * RATE_HZ,
        end_s * RATE_HZ,
    )


def look_at_strip(
    signal_mv: npt.ArrayLike,
    fs_hz: float,
    *,
    r_peaks: npt.ArrayLike | None = None,
    classifier: BeatClassifier | None = None,
) -> list[SeenBeats]:
    """Find the beats of a strip in memory, and take from its signal what `strip_rhythm` needs.

    Parameters
    ----------
    signal_mv : array_like, shape (n_leads, n_samples) or (n_samples,)
        ECG in mV, of any gain and polarity; NaN where samples are missing.
    fs_hz : float
        Sampling rate in Hz.
    r_peaks : array_like of int, shape (n_beats,), optional
        Sample indices of the R peaks, ascending; by default they are found.
    classifier : BeatClassifier, optional
        By default one with the packaged weights, of which nothing but its detector is asked.

    Returns
    -------
    list of SeenBeats
        One part, or none where there is no beat.
    """
    classifier = classifier or BeatClassifier()
    signal = np.atleast_2d(np.asarray(signal_mv, dtype=np.float32))
    if r_peaks is None:
        r_peaks = detect(signal, fs_hz, network=classifier.bundle.detector)
    peaks, second = np.asarray(r_peaks, dtype=np.int64), round(fs_hz)
    if not len(peaks):
        return []
    states = assess(signal, second, QualityLimits()).states
    votes = LeadVotes.of(states, peaks, second)
    signal = withheld(signal, states, second)
    return [classifier.look(signal, fs_hz, peaks, "whole", votes)]


def strip_windows(duration_s: float) -> tuple[Float64, Float64]:
    """Give onset and end of windows in seconds, evenly from the first sample to the last."""
    if duration_s <= AT_ONCE_S:
        return np.zeros(1), np.array([float(duration_s)])
    steps = int(np.ceil((duration_s - WINDOW_S) / STEP_S)) + 1
    onset = np.linspace(0, duration_s - WINDOW_S, steps)
    return onset, onset + WINDOW_S


def _places(parts: Sequence[SeenBeats]) -> Float64:
    return np.asarray(np.maximum.accumulate(np.concatenate([part.seen.at for part in parts])))


def _share(at: Float64, on: npt.NDArray[np.bool_], start: Float64, stop: Float64) -> Float64:
    """Give the share of each window's beats at which a lead is on."""
    sums = np.concatenate([[0], np.cumsum(on)])
    first, last = np.searchsorted(at, start), np.searchsorted(at, stop)
    return np.asarray((sums[last] - sums[first]) / np.maximum(last - first, 1))
