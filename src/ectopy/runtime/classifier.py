"""`BeatClassifier`: R peaks of any recording to calibrated classes, with a bundle's weights."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.canonical import (
    BAND_REACH_S,
    RATE_HZ,
    canonical,
    positions,
    ratio,
)
from ectopy.beats.conditioning.lead_votes import BREAK_S, LeadVotes, withheld
from ectopy.beats.conditioning.quality import assess
from ectopy.beats.conditioning.quality_limits import QualityLimits
from ectopy.beats.detection.pacing import spikes
from ectopy.beats.features.atrial import atrial
from ectopy.beats.features.context import (
    CHAIN_AHEAD,
    CHAIN_BEHIND,
    HISTORY_S,
    Seen,
    look,
)
from ectopy.beats.features.fibrillation_gate import GATE_BEATS
from ectopy.beats.features.noise import doubt, noise_at
from ectopy.beats.features.pooling import RECENT_BEATS
from ectopy.beats.features.rr_intervals import marks
from ectopy.errors import ConfigError
from ectopy.runtime.bundle import SETTINGS, Bundle, Setting
from ectopy.runtime.labels import BeatLabels, adapt, decide, mark_paced
from ectopy.runtime.lead_pairs import LEADS, scores
from ectopy.runtime.networks import Member
from ectopy.runtime.rhythm.beat_by_beat import BeatRhythm

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
SideBySide = Callable[[Callable[[int], Float64], Iterable[int]], Iterable[Float64]]

CHUNK: Final = 8192
"""Beats scored at once, to bound the memory and share them out to threads."""
AHEAD_BEATS: Final = 2
"""Later beats that a beat's features depend on in the setting ``past``."""
PAST_BEATS: Final = RECENT_BEATS + 2 + max(GATE_BEATS)
"""Beats back that measures are averaged over, and theirs, and the gates on them."""
SLOWEST_S: Final = 2.0  # seconds a beat at 30 a minute; slower hearts lose a little exactness


@dataclass(frozen=True)
class SeenBeats:
    """Beats as far as the signal says: what is left to do needs no signal.

    Attributes
    ----------
    seen : Seen
        Places and measures.
    spiked : ndarray of bool, shape (n_beats,)
        Where a pacing spike stands before the beat.
    noise : ndarray of float32, shape (2, n_beats)
        From `ectopy.beats.features.noise.noise_at`.
    before : ndarray of float32, shape (n_leads, N_ATRIAL, n_beats)
        From `ectopy.beats.features.atrial.atrial`.
    """

    seen: Seen
    spiked: npt.NDArray[np.bool_]
    noise: Float32
    before: Float32

    def __len__(self) -> int:
        """Count the beats."""
        return len(self.spiked)

    def __getitem__(self, part: slice) -> SeenBeats:
        """Select beats."""
        return SeenBeats(
            self.seen[part], self.spiked[part], self.noise[:, part], self.before[..., part]
        )


class BeatClassifier:
    """The beat model of a bundle.

    Two settings, always told apart. In ``past`` the labels of a beat depend on a bounded past
    (`behind_s`) and at most two beats ahead (`ahead_s`), so it streams. In ``whole`` the whole
    recording is read before any beat of it is labelled. `classify` takes signal in memory; a long
    recording goes through `look` piece by piece and then, without its signal, `score` and `decide`.

    Parameters
    ----------
    weights : str, path or Bundle
        What `Bundle.load` takes.

    Attributes
    ----------
    bundle : Bundle
        The weights.
    name : str
        Their name.
    leads_used : int
        Leads it makes use of, best first; one will do, and of more than two each pair is asked.
    behind_s, ahead_s : int
        In ``past`` the labels of the beats in [a, b) depend only on signal and peaks within
        [a - behind_s, b + ahead_s), down to 30 beats a minute, but for the recording's true
        start and end.

    Examples
    --------
    >>> from ectopy.runtime.classifier import BeatClassifier
    >>> BeatClassifier.load("ds1").name
    'ds1'
    """

    def __init__(self, weights: str | os.PathLike[str] | Bundle = "default") -> None:
        self.bundle = Bundle.load(weights)
        self.name = self.bundle.name
        self.leads_used = LEADS
        self.behind_s = int(HISTORY_S + PAST_BEATS * SLOWEST_S + 2 * BAND_REACH_S) + 1
        self.ahead_s = 10

    @classmethod
    def load(cls, weights: str | os.PathLike[str] | Bundle = "default") -> BeatClassifier:
        """Load weights by the name of a packaged bundle or by their folder, see `Bundle.load`."""
        return cls(weights)

    def members(self, setting: Setting) -> list[Member]:
        """Give the models whose word is averaged in a setting."""
        told = self.bundle.manifest[setting]["networks"]
        return [Member(self.bundle.folder, one["stem"], one["two_sided"]) for one in told]

    def classify(
        self,
        signal_mv: npt.ArrayLike,
        fs_hz: float,
        r_peaks: npt.ArrayLike,
        setting: Setting = "past",
        votes: LeadVotes | None = None,
    ) -> BeatLabels:
        """Label beats. Thread-safe.

        Parameters
        ----------
        signal_mv : array_like, shape (n_leads, n_samples) or (n_samples,)
            ECG in mV; gain, polarity and lead do not matter. NaN where samples are missing.
        fs_hz : float
            Sampling rate in Hz.
        r_peaks : array_like of int, shape (n_beats,)
            Sample indices of the R peaks, ascending.
        setting : {"past", "whole"}
            What the label of a beat may depend on.
        votes : LeadVotes, optional
            Which leads are heard at each beat, where that is known already; the signal then is
            one that was `ectopy.beats.conditioning.lead_votes.withheld` where leads are lost.

        Returns
        -------
        BeatLabels

        Raises
        ------
        ConfigError
            If the peaks are not ascending or lie outside the signal, or there is no such setting.
        """
        if setting not in SETTINGS:
            raise ConfigError(
                f"setting is {setting!r}, expected {' or '.join(SETTINGS)}", change="setting"
            )
        signal = np.atleast_2d(np.asarray(signal_mv, dtype=np.float32))
        peaks = _checked(r_peaks, signal)
        if not len(peaks):
            return self.decide([], [], setting)
        if votes is None:
            second = round(fs_hz)
            states = assess(signal, second, QualityLimits()).states
            votes = LeadVotes.of(states, peaks, second)
            signal = withheld(signal, states, second)
        seen = self.look(signal, fs_hz, peaks, setting, votes)
        runs = apart([seen]) if setting == "past" else [[seen]]
        return BeatLabels.join(
            [self.decide(list(self.score(run, setting)), run, setting) for run in runs]
        )

    def look(
        self,
        signal: Float32,
        fs_hz: float,
        r_peaks: Int64,
        setting: Setting,
        votes: LeadVotes,
        *,
        begin: int = 0,
        keep: tuple[int, int] | None = None,
    ) -> SeenBeats:
        """Take from a piece of signal what it says of its beats.

        Parameters
        ----------
        signal : ndarray of float32, shape (n_leads, n_samples)
            The piece in mV, with `LOOK_BEHIND_S` and `LOOK_AHEAD_S` around the beats to keep.
        fs_hz : float
            Sampling rate in Hz.
        r_peaks : ndarray of int64, shape (n_beats,)
            Peaks in it, as samples of the piece.
        setting : {"past", "whole"}
            How the beats will be labelled.
        votes : LeadVotes
            Which leads are heard at each of the peaks.
        begin : int
            Sample of the recording that the piece begins with, a multiple of the denominator of
            `ectopy.beats.conditioning.canonical.ratio`, so that all pieces lie on one grid.
        keep : tuple of int, optional
            Samples of the piece whose beats are kept, first and one past the last; all of them.
        """
        own = slice(0, len(r_peaks))
        if keep is not None:
            own = slice(*np.searchsorted(r_peaks, keep).tolist())
        sides = tuple(sorted({member.two_sided for member in self.members(setting)}))
        clean = canonical(signal, fs_hz)
        seen = look(clean, positions(r_peaks, fs_hz), sides=sides, own=own, votes=votes)
        moved = begin * ratio(fs_hz).numerator // ratio(fs_hz).denominator
        return SeenBeats(
            replace(seen, at=seen.at + moved),
            spikes(signal, fs_hz, r_peaks[own]),
            noise_at(clean, seen),
            atrial(clean, seen),
        )

    def score(
        self, parts: Sequence[SeenBeats], setting: Setting, side_by_side: SideBySide = map
    ) -> Iterator[Float64]:
        """Ask the networks about what `look` took from a recording, or from some beats' past.

        Parameters
        ----------
        parts : sequence of SeenBeats
            All beats, in order, at least one in each part; they are put together a stretch at a
            time, to save memory.
        setting : {"past", "whole"}
            As it was for `look`.
        side_by_side : callable
            ``map``, or the method of that name of a pool of threads.

        Yields
        ------
        ndarray of float64, shape (n, 5)
            Scores of the next `CHUNK` beats, for `decide`.
        """
        ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
        if not len(ends):
            return
        n = int(ends[-1])
        at = np.maximum.accumulate(np.concatenate([part.seen.at for part in parts]))
        lost = np.concatenate([part.seen.lost for part in parts])
        whole = marks(at / RATE_HZ, lost) if setting == "whole" else None
        rhythm = self.rhythm(at, lost, setting)

        def some(start: int) -> Float64:
            stop = min(start + CHUNK, n)
            first = max(start - CHAIN_BEHIND - max(GATE_BEATS), 0)
            ahead = CHAIN_AHEAD + max(GATE_BEATS) if setting == "whole" else AHEAD_BEATS
            last = min(stop + ahead, n)
            near = [
                part.seen[max(first - end + len(part), 0) : last - end + len(part)]
                for part, end in zip(parts, ends.tolist(), strict=True)
                if end > first and end - len(part) < last
            ]
            seen = replace(Seen.join(near), at=at[first:last])
            around = None if rhythm is None else rhythm[first:last]
            return self.weigh(seen, setting, whole, around)[start - first : stop - first]

        yield from side_by_side(some, range(0, n, CHUNK))

    def decide(
        self, scores: Sequence[Float64], parts: Sequence[SeenBeats], setting: Setting
    ) -> BeatLabels:
        """Turn the scores of a recording's beats, which `look` saw in parts, into labels."""
        if not scores:
            return BeatLabels.none()
        chosen, all_scores = self.bundle.manifest[setting], np.concatenate(scores)
        noise = np.concatenate([part.noise for part in parts], axis=1)
        spiked = np.concatenate([part.spiked for part in parts])
        labels = decide(adapt(all_scores) if chosen["adapt"] else all_scores, chosen, doubt(noise))
        return mark_paced(labels, spiked, whole=setting == "whole")

    def rhythm(
        self, at: Float64, lost: npt.NDArray[np.bool_], setting: Setting
    ) -> BeatRhythm | None:
        """Tell from the places of a recording's beats where it fibrillates, if the weights ask."""
        model = self.bundle.rhythm
        if model is None:
            return None
        if setting == "whole":
            return BeatRhythm.of_whole(model, at / RATE_HZ, lost)
        return BeatRhythm(model, at / RATE_HZ, lost)

    def weigh(
        self, seen: Seen, setting: Setting, whole: Float64 | None, rhythm: BeatRhythm | None
    ) -> Float64:
        """Average what the setting's members say of beats in a row: log probabilities (n, 5).

        ``whole`` is `ectopy.beats.features.rr_intervals.marks` of the recording, in the setting
        ``whole``; ``rhythm`` is of these beats. The first and last beats miss what is around
        them, see `score`.
        """
        return scores(self.members(setting), seen, whole, rhythm)


def apart(parts: Sequence[SeenBeats]) -> list[list[SeenBeats]]:
    """Set the beats of a recording apart where `BREAK_S` lie between two of them.

    In ``past`` nothing is known of what lies behind: a stream does not look back far enough.
    """
    runs: list[list[SeenBeats]] = [[]]
    last = np.inf
    for part in parts:
        gaps = np.diff(part.seen.at, prepend=min(last, part.seen.at[0]))
        cuts = [0, *np.flatnonzero(gaps >= BREAK_S * RATE_HZ).tolist(), len(part)]
        for number, (begin, end) in enumerate(pairwise(cuts)):
            if number:
                runs.append([])
            if begin < end:
                runs[-1].append(part[begin:end])
        last = part.seen.at[-1]
    return [run for run in runs if run]


def _checked(r_peaks: npt.ArrayLike, signal: Float32) -> Int64:
    peaks = np.asarray(r_peaks, dtype=np.int64)
    if peaks.ndim != 1 or (np.diff(peaks) < 0).any():
        raise ConfigError("R peaks are not in ascending order; sort the sample indices")
    if len(peaks) and (peaks[0] < 0 or peaks[-1] >= signal.shape[1]):
        raise ConfigError(
            f"R peaks span samples {peaks[0]} to {peaks[-1]}, but the signal has "
            f"{signal.shape[1]}; they must come from the same recording"
        )
    return peaks
