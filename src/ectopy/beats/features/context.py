"""Signal and R peaks to what the beat model reads: the beat, the patient's usual beat, the rhythm.

One implementation for training and for labelling. Each lead is seen from 0.33 s before to 0.38 s
after the beat's centre and compared with the patient's own usual beat: a running mean of recent
beats that were neither premature nor unlike the others, which survives records where most beats
are ectopic. Amplitudes are ratios to that usual beat, so gain drops out. What comes out is not
samples but measures (likeness, P wave, width, amplitude): on left-out patients they did better
than the networks on samples that were tried (docs/results/interpatient.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.canonical import BAND_REACH_S, RATE_HZ, canonical, positions, snap
from ectopy.beats.conditioning.lead_votes import LeadVotes
from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.features.pooling import over_leads
from ectopy.beats.features.prematurity import sinus
from ectopy.beats.features.rr_intervals import (
    LONG_S,
    N_PAST,
    TWO_SIDED_BEATS,
    following,
    marks,
    rhythm,
    sinus_weight,
    windows,
)
from ectopy.beats.features.shape import LENGTH, N_MEASURES, OwnMeasures
from ectopy.beats.features.usual_beat import BLOCK, USUAL_BEATS, USUAL_S, UsualBeat, cut

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

SETTLED_BEATS: Final = 8
"""Beats that a lead's usual beat has to rest on before the lead is heard beside one that is."""

CHUNK: Final = 2048  # beats at a time: the arrays stay in the processor's cache

HISTORY_S: Final = max(LONG_S, 2 * USUAL_S)

LOOK_BEHIND_S: Final = int(2 * USUAL_S + 2 * BAND_REACH_S) + 65
LOOK_AHEAD_S: Final = int(2 * USUAL_S + 2 * BAND_REACH_S) + 1
"""Seconds around a beat that `look` depends on: two usual beats, and before those the 32 intervals
(at 30 a minute) that tell what is premature."""

CHAIN_BEHIND: Final = 256
CHAIN_AHEAD: Final = max(TWO_SIDED_BEATS) + 2
"""Beats around one that `describe` depends on; before it the longest chain of averages: 128 of
what depends on 40, 16 and 32, and the beats next to those."""


def inputs(
    signal_mv: npt.ArrayLike, fs_hz: float, r_peaks: npt.ArrayLike, *, two_sided: bool = False
) -> Float32:
    """Prepare a recording, or a piece of one.

    Parameters
    ----------
    signal_mv : array_like, shape (n_leads, n_samples)
        ECG in mV (any gain and polarity do); NaN where samples are missing.
    fs_hz : float
        Sampling rate in Hz.
    r_peaks : array_like of int, shape (n_beats,)
        Sample indices of the R peaks, ascending; anywhere on the QRS will do.
    two_sided : bool
        Use later beats too, as far as the recording goes (the whole-recording setting).

    Returns
    -------
    ndarray of float32, shape (n_beats, n_features)
        Rhythm, then the measures of the leads: mean, largest and smallest over the leads, those of
        the previous and of the next beat, recent mean and mean square; last, the sifted rhythm
        (`ectopy.beats.features.prematurity`).
    """
    return from_canonical(
        canonical(signal_mv, fs_hz), positions(r_peaks, fs_hz), two_sided=two_sided
    )


def from_canonical(signal: Float32, at: Float64, *, two_sided: bool = False) -> Float32:
    """Prepare a canonical signal (n_leads, n) with R peaks on the canonical grid, as `inputs`."""
    if not len(at):
        some = np.array([100.0, 200.0, 300.0])
        return from_canonical(np.zeros((1, 400), np.float32), some, two_sided=two_sided)[:0]
    seen = look(signal, at, sides=(two_sided,))
    whole = marks(seen.at / RATE_HZ, seen.lost) if two_sided else None
    return describe(seen, in_rhythm(seen, whole=whole))[0]


@dataclass(frozen=True)
class Seen:
    """All that the signal says of some beats: `describe` needs no signal.

    Attributes
    ----------
    at : ndarray of float64, shape (n_beats,)
        Centres of the beats on the recording's canonical grid, ascending.
    measured : ndarray of float32, shape (n_sides, n_leads, N_MEASURES, n_beats)
        Measures against the usual beat of the past, of both sides, or of the one and the other.
    on : ndarray of bool, shape (n_sides, n_leads, n_beats)
        Where a lead is on and heard.
    lost : ndarray of bool, shape (n_beats,)
        Where signal was lost since the beat before.

    Examples
    --------
    >>> from ectopy.beats.features import look
    >>> signal = np.random.default_rng(0).normal(size=(1, 2000)).astype(np.float32)
    >>> len(look(signal, np.arange(100.0, 1900.0, 150.0))[:5])
    5
    """

    at: Float64
    measured: Float32
    on: Bool
    lost: Bool

    def __len__(self) -> int:
        """Count the beats."""
        return len(self.at)

    def __getitem__(self, part: slice) -> Seen:
        """Select beats."""
        return Seen(self.at[part], self.measured[..., part], self.on[..., part], self.lost[part])

    def of(self, leads: tuple[int, ...]) -> Seen:
        """Select leads."""
        if len(leads) == self.on.shape[1]:
            return self
        chosen = list(leads)
        return replace(self, measured=self.measured[:, chosen], on=self.on[:, chosen])

    @classmethod
    def join(cls, parts: list[Seen]) -> Seen:
        """Put stretches of one recording one after another."""
        return cls(
            np.concatenate([part.at for part in parts]),
            np.concatenate([part.measured for part in parts], axis=-1),
            np.concatenate([part.on for part in parts], axis=-1),
            np.concatenate([part.lost for part in parts]),
        )


def look(
    signal: Float32,
    at: Float64,
    *,
    sides: tuple[bool, ...] = (False,),
    own: slice = slice(None),
    votes: LeadVotes | None = None,
) -> Seen:
    """Measure beats in a canonical signal against the patient's usual beat.

    Parameters
    ----------
    signal : ndarray of float32, shape (n_leads, n)
        From `ectopy.beats.conditioning.canonical.canonical`.
    at : ndarray of float64, shape (n_beats,)
        R peaks on its grid, ascending.
    sides : tuple of bool
        Which usual beats to measure against: of the past alone (False), or of both sides (True).
    own : slice
        Which of the beats to measure; the others are what is around them. One beat depends on
        those within `LOOK_BEHIND_S` and `LOOK_AHEAD_S`.
    votes : LeadVotes, optional
        Which leads are heard at each of the beats; by default all of them.

    Examples
    --------
    >>> from ectopy.beats.conditioning import canonical_signal, positions
    >>> from ectopy.beats.features import look
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> signal = canonical_signal(recording.read(), recording.fs_hz)
    >>> len(look(signal, positions(reference.samples, recording.fs_hz))) == len(reference)
    True
    """
    votes = votes or LeadVotes.all(len(signal), len(at))
    with one_thread:
        at = snap(signal, at, votes.heard)
        times = at / RATE_HZ
        weight = sinus_weight(times, votes.lost).astype(np.float32)
        spans = [windows(times, USUAL_BEATS, USUAL_S, side) for side in sides]
        first, last, _ = own.indices(len(at))
        last_known = following(times, 1, votes.lost) == np.arange(len(at))
        measured = np.empty((len(sides), len(signal), N_MEASURES, last - first), np.float32)
        on = np.empty((len(sides), len(signal), last - first), dtype=bool)
        for start in range(first, last, CHUNK):
            stop = min(start + CHUNK, last)
            chunk = _Chunk(at, weight, sides, spans, start, stop, last_known[start:stop])
            here = slice(start - first, stop - first)
            for number, lead in enumerate(signal):
                found = chunk.measure(lead, votes.heard[number])
                for side, (measures, there) in enumerate(found):
                    measured[side, number, :, here], on[side, number, here] = measures, there
    if not votes.heard.all():
        on &= np.stack([_settled(votes.heard, *span)[:, own] for span in spans])
    return Seen(at[own], measured, on, votes.lost[own])


def _settled(heard: Bool, first: Int64, last: Int64) -> Bool:
    """Tell where a lead is heard and its usual beat rests on enough beats, (n_leads, n_beats)."""
    count = np.pad(np.cumsum(heard, axis=1), ((0, 0), (1, 0)))
    known: Int64 = count[:, last] - count[:, first]
    return np.asarray(heard & (known >= np.minimum(SETTLED_BEATS, known.max(axis=0))))


@dataclass(frozen=True)
class InRhythm:
    """What the intervals around beats say of them, for one side: no lead counts here.

    Attributes
    ----------
    intervals, sifted : ndarray of float32, shape (n_beats, n)
        From `ectopy.beats.features.rr_intervals` and `ectopy.beats.features.prematurity`.

    Examples
    --------
    >>> from ectopy.beats.features import in_rhythm, look
    >>> signal = np.random.default_rng(0).normal(size=(1, 2000)).astype(np.float32)
    >>> (told,) = in_rhythm(look(signal, np.arange(100.0, 1900.0, 150.0)))
    >>> told.sifted.shape
    (12, 42)
    """

    intervals: Float32
    sifted: Float32


def in_rhythm(seen: Seen, *, whole: Float64 | None = None) -> list[InRhythm]:
    """Set beats into their rhythm.

    Parameters
    ----------
    seen : Seen
        Beats of a recording, or some in a row: a beat depends on those `CHAIN_BEHIND` before and
        `CHAIN_AHEAD` after it.
    whole : ndarray of float64, optional
        `ectopy.beats.features.rr_intervals.marks` of the recording, where a side is two-sided.

    Returns
    -------
    list of InRhythm
        Of each side, the last one two-sided where ``whole`` is given.

    Examples
    --------
    >>> from ectopy.beats.features import in_rhythm, look
    >>> signal = np.random.default_rng(0).normal(size=(1, 2000)).astype(np.float32)
    >>> (told,) = in_rhythm(look(signal, np.arange(100.0, 1900.0, 150.0)))
    >>> len(told.intervals)
    12
    """
    times = seen.at / RATE_HZ
    intervals, sifted = rhythm(times, whole, seen.lost), sinus(times, seen.lost)
    last = len(seen.measured) - 1
    return [
        InRhythm(intervals[:, : N_PAST if whole is None or side < last else None], sifted)
        for side in range(last + 1)
    ]


def describe(seen: Seen, told: list[InRhythm]) -> list[Float32]:
    """Put together what rhythm and leads say of each beat.

    Parameters
    ----------
    seen : Seen
        Beats, in the leads that are to speak.
    told : list of InRhythm
        What `in_rhythm` gives for them.

    Returns
    -------
    list of ndarray of float32, shape (n_beats, n_features)
        Of each side.

    Examples
    --------
    >>> from ectopy.beats.features import describe, in_rhythm, look
    >>> signal = np.random.default_rng(0).normal(size=(1, 2000)).astype(np.float32)
    >>> seen = look(signal, np.arange(100.0, 1900.0, 150.0))
    >>> (features,) = describe(seen, in_rhythm(seen))
    >>> features.shape[0]
    12
    """
    described = []
    after = following(seen.at / RATE_HZ, 1, seen.lost)
    for own, measured, on in zip(told, seen.measured, seen.on, strict=True):
        parts = [own.intervals, over_leads(measured, on, after).T, own.sifted]
        features = np.empty((len(seen), sum(part.shape[1] for part in parts)), np.float32)
        for start in range(0, len(seen), CHUNK):
            here = slice(start, start + CHUNK)
            np.concatenate([part[here] for part in parts], axis=1, out=features[here])
        described.append(features)
    return described


class _Chunk:
    """Some beats in turn, those around them, and whose average the usual beat of each is.

    A usual beat is an average over a window, weighted by another average over windows; so beats
    are cut up to two windows before the first, and the first average is taken up to one before.

    Parameters
    ----------
    at, weight : ndarray, shape (n_all_beats,)
        Centres of all beats on the canonical grid, and how surely each is not premature.
    sides : tuple of bool
        Whether the usual beat is one of both sides, for each one that is wanted.
    spans : list of tuple of ndarray of int64, shape (n_all_beats,)
        For each side first and one-past-last beat of each one's window.
    start, stop : int
        First beat of the chunk, and the one after its last.
    last_known : ndarray of bool, shape (stop - start,)
        Which of its beats have none after them, see `ectopy.beats.features.rr_intervals.following`.
    """

    def __init__(
        self,
        at: Float64,
        weight: Float32,
        sides: tuple[bool, ...],
        spans: list[tuple[Int64, Int64]],
        start: int,
        stop: int,
        last_known: Bool,
    ) -> None:
        n_all, self.last_known = len(at), last_known
        self.n_beats = stop - start
        blocks = -(-self.n_beats // BLOCK)
        reach = 2 * USUAL_BEATS if any(sides) else 1
        # Beats that are cut, by number; beyond the recording's ends the last one repeats, in no
        # window.
        number = np.arange(start - 2 * USUAL_BEATS, start + blocks * BLOCK + reach)
        near = np.clip(number, 0, n_all - 1)
        self.near, self.at, self.weight = near, at[near], weight[near]
        self.usuals = [
            UsualBeat(near, number[0], self.weight, span, blocks, USUAL_BEATS if side else 0)
            for side, span in zip(sides, spans, strict=True)
        ]

    def measure(self, lead: Float32, heard: Bool) -> list[tuple[Float32, Bool]]:
        """Measure the beats in one lead (N_MEASURES, n_beats), and tell where it is on.

        ``heard`` tells it of all beats, shape (n_all_beats,).
        """
        beats, heard = cut(lead, self.at), heard[self.near]
        first = 2 * USUAL_BEATS
        around = slice(first - 1, first + self.n_beats + 1)
        own = OwnMeasures(beats[:LENGTH, around], heard[around], self.last_known)
        return [own.against(usual.of(beats, heard)[:, : self.n_beats]) for usual in self.usuals]
