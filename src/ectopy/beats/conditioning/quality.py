"""Signal quality: which seconds of which lead can be trusted, and which lead is best."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.calibration import find_pulses, without_pulses
from ectopy.beats.conditioning.clipping import clipped
from ectopy.beats.conditioning.qrs_band import NOMINAL_HZ, band_pass
from ectopy.beats.conditioning.quality_limits import QualityLimits
from ectopy.recordings.limb_leads import LIMB_LEADS, limb_lead
from ectopy.recordings.recording import Recording

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

GOOD: Final = 0
NOISY: Final = 1
SATURATED: Final = 2
FLAT: Final = 3
MISSING: Final = 4
STATES: Final = ("good", "noisy", "saturated", "flat", "missing")
"""What a second of a lead can be, from best to worst."""

SUMS: Final = frozenset(LIMB_LEADS[2:])
"""Leads that are sums of I and II: they tell nothing that these do not."""
TENTH: Final = NOMINAL_HZ // 10
"""Network samples in a tenth of a second."""
# A beat fills at least one tenth of a second in twenty-five, its waves at most three in four.
BEAT_RANK, REST_RANK = 0.95, 0.25
HARDLY_THERE: Final = 0.05
"""Share of the seconds looked at, below which too few speak for a lead."""
TOGETHER: Final = 250_000
"""Samples of leads that are judged together: few enough to stay in the processor's cache."""

LOOKS: Final = 60
"""Ten-second looks of a survey."""

READ_WHOLE: Final = 4_000_000
"""Samples of all leads up to which a survey reads a recording at once (16 MB)."""


@dataclass(frozen=True, eq=False)
class Quality:
    """Quality of a stretch of signal, second by second.

    Attributes
    ----------
    states : ndarray of uint8, shape (n_leads, n_seconds)
        Index into `STATES` of each grid second (``round(fs_hz)`` samples).
    amplitude_mv, noise_mv : ndarray of float32, shape (n_leads, n_seconds)
        Size of the beats, and of what is between them, from 1 to 40 Hz.
    upright : ndarray of float32, shape (n_leads, n_seconds)
        From -1 (beats point down) to 1 (up).

    Examples
    --------
    >>> from ectopy.beats.conditioning import STATES, QualityLimits, assess
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> quality = assess(recording.read(), 250, QualityLimits())
    >>> quality.states.shape, STATES[quality.states[0, 0]]
    ((2, 60), 'good')
    """

    states: UInt8
    amplitude_mv: Float32
    noise_mv: Float32
    upright: Float32

    def between(self, begin: int, end: int) -> Quality:
        """Select seconds."""
        at = slice(begin, end)
        return Quality(*(getattr(self, field.name)[:, at] for field in fields(self)))

    def of(self, leads: list[int]) -> Quality:
        """Select leads."""
        return Quality(*(getattr(self, field.name)[leads] for field in fields(self)))

    @classmethod
    def join(cls, parts: list[Quality], n_leads: int) -> Quality:
        """Put stretches one after another."""
        none = np.zeros((n_leads, 0), dtype=np.float32)
        parts = parts or [cls(none.astype(np.uint8), none, none, none)]
        return cls(
            *(np.concatenate([getattr(p, f.name) for p in parts], axis=1) for f in fields(cls))
        )


@dataclass(frozen=True)
class LeadQuality:
    """How a lead looks over the whole recording.

    Attributes
    ----------
    name : str
        Lead name.
    there : float
        Share of the seconds looked at in which it is neither flat nor missing.
    good : float
        Share of those that are good.
    amplitude_mv, noise_mv : float
        Median size of the beats and of what is between them in the good seconds.
    upright : float
        From -1 (beats point down) to 1 (up), the median of the good seconds.

    Examples
    --------
    >>> from ectopy.beats.conditioning import QualityLimits, survey
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> scores = [lead.score for lead in survey(recording, QualityLimits())]
    >>> recording.leads[np.argmax(scores)]
    'II'
    """

    name: str
    there: float
    good: float
    amplitude_mv: float
    noise_mv: float
    upright: float

    @property
    def score(self) -> float:
        """Rank leads, from 0 to 1: good seconds, times the beats' share of what is there.

        How long a lead was off does not count, so that an outage changes nothing elsewhere; where
        it is off, others lead. One that was there in hardly any second looked at comes last.

        A lead II keeps its place against one that is up to a third better: it is what beat
        classifiers were taught on, and it shows the P wave.
        """
        clean = self.amplitude_mv / (self.amplitude_mv + 4 * self.noise_mv + 1e-3)
        known = 1.0 if self.there >= HARDLY_THERE else self.there
        return known * self.good * clean * (1.0 if is_lead_ii(self.name) else 0.75)


def assess(
    leads: Float32, second: int, limits: QualityLimits, bands: list[Float32] | None = None
) -> Quality:
    """Judge every second of every lead.

    Parameters
    ----------
    leads : ndarray of float32, shape (n_leads, n_samples)
        ECG in mV from the start of a grid second; NaN where samples are missing.
    second : int
        Samples in a grid second.
    limits : QualityLimits
        The thresholds.
    bands : list of ndarray, optional
        What `band_pass` gives for each lead, if it is known already.

    Returns
    -------
    Quality
        A last, incomplete second counts as a whole one.

    Examples
    --------
    >>> from ectopy.beats.conditioning import FLAT, QualityLimits, assess
    >>> flat = np.zeros((1, 2500), dtype=np.float32)
    >>> (assess(flat, 250, QualityLimits()).states == FLAT).all().item()
    True
    """
    if bands is None:
        bands = list(band_pass(leads, second))
    some = max(1, TOGETHER // max(1, leads.shape[1]))
    parts = [
        _leads(leads[i : i + some], np.stack(bands[i : i + some]), second, limits)
        for i in range(0, len(leads), some)
    ]
    return Quality(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _leads(
    leads: Float32, band: Float32, second: int, limits: QualityLimits
) -> tuple[UInt8, Float32, Float32, Float32]:
    n = leads.shape[1]
    seconds = -(-n // second)
    if not seconds:
        none = np.zeros((len(leads), 0), dtype=np.float32)
        return none.astype(np.uint8), none, none, none
    rest = ((0, 0), (0, seconds * second - n))
    block = np.pad(leads, rest, mode="edge") if rest[1][1] else leads
    block = block.reshape(len(leads), seconds, second)
    low, high = block.min(axis=-1), block.max(axis=-1)
    holed = np.nonzero(np.isnan(low))
    missing = np.zeros(low.shape, dtype=bool)
    if len(holed[0]):
        low[holed], high[holed] = np.fmin.reduce(block[holed], 1), np.fmax.reduce(block[holed], 1)
        missing[holed] = np.isnan(block[holed]).mean(axis=1) > 0.5
    span = np.nan_to_num(high - low)
    amplitude, noise, upright = _sizes(band)
    states = np.full(low.shape, GOOD, dtype=np.uint8)
    states[noise > limits.noise_ratio * amplitude] = NOISY
    states[_unsteady(block, limits.baseline_jump_mv)] = NOISY
    states[clipped(block, low, high, limits.saturated_s)] = SATURATED
    for own, flat in zip(states, span < limits.flat_mv, strict=True):
        own[_lasting(flat, limits.flat_seconds)] = FLAT
    states[missing] = MISSING
    return states, amplitude, noise, upright


def _unsteady(block: Float32, jump_mv: float) -> npt.NDArray[np.bool_]:
    """Find neighbouring seconds whose means differ too much: an electrode that moved."""
    mean = block.mean(axis=-1)
    jump = np.zeros((len(mean), mean.shape[1] + 1), dtype=bool)
    jump[:, 1:-1] = np.abs(np.diff(mean)) > jump_mv  # false next to missing samples
    return np.asarray(jump[:, 1:] | jump[:, :-1])


def _sizes(band: Float32) -> tuple[Float32, Float32, Float32]:
    """Size of the beats and of what is between them, and whether beats point up, over 5 s."""
    tenths = band.reshape(len(band), -1, NOMINAL_HZ // TENTH, TENTH)
    above, below = tenths.max(axis=-1), -tenths.min(axis=-1)
    up, down = _ranked(above, BEAT_RANK)[0], _ranked(below, BEAT_RANK)[0]
    rest, beat = _ranked(np.maximum(above, below), REST_RANK, BEAT_RANK)
    return beat, rest, (up - down) / np.maximum(up + down, 1e-6)


def _ranked(tenths: Float32, *ranks: float) -> list[Float32]:
    """Quantiles over five seconds of the values of tenths of a second."""
    seconds = tenths.shape[1]
    around = np.pad(tenths, ((0, 0), (2, 2), (0, 0)), mode="edge")
    windows = np.concatenate([around[:, i : i + seconds] for i in range(5)], axis=-1)
    places = [int(rank * windows.shape[-1]) for rank in ranks]
    windows.partition(places, axis=-1)
    return [windows[..., place] for place in places]


def _lasting(state: npt.NDArray[np.bool_], least: int) -> npt.NDArray[np.bool_]:
    """Keep only what is true for at least ``least`` elements in a row."""
    edges = np.diff(np.r_[0, state.astype(np.int8), 0])
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    kept = np.zeros(len(state) + 1, dtype=np.int64)
    long = ends - begins >= least
    np.add.at(kept, begins[long], 1)
    np.add.at(kept, ends[long], -1)
    return np.cumsum(kept)[:-1] > 0


def survey(recording: Recording, limits: QualityLimits) -> list[LeadQuality]:
    """Judge each lead by ten-second looks spread evenly over what was recorded.

    There are up to `LOOKS` of two leads, and fewer of more: of many leads, each counts less.

    Returns
    -------
    list of LeadQuality
        In file order.

    Examples
    --------
    >>> from ectopy.beats.conditioning import QualityLimits, survey
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> [lead.score > 0 for lead in survey(recording, QualityLimits())]
    [True, True]
    """
    second = round(recording.fs_hz)
    # Places are counted in recorded seconds alone: in a gap there is nothing to judge.
    runs = np.array(recording.recorded or [(0, recording.n_samples)], dtype=np.int64) // second
    held = np.maximum(runs[:, 1] - runs[:, 0], 0)
    total = max(1, int(held.sum()))
    look = min(10, total)
    windows = LOOKS if len(recording.leads) <= 2 else max(LOOKS // len(recording.leads), 12)
    starts = np.unique(np.linspace(0, total - look, min(windows, -(-total // look))).astype(int))
    before = np.cumsum(held) - held
    run = np.searchsorted(before + held, starts, side="right").clip(max=len(held) - 1)
    starts = starts + runs[run, 0] - before[run]
    starts = np.maximum(np.minimum(starts, runs[run, 1] - look), runs[run, 0])
    starts = np.maximum(np.minimum(starts, recording.n_samples // second - look), 0)
    looks = [(s * second, (s + look) * second) for s in starts.tolist()]
    if recording.n_samples * len(recording.leads) <= READ_WHOLE:
        # A WFDB header is parsed anew with every read, which takes longer than the samples.
        whole = recording.read()
        signals = [whole[:, begin:end] for begin, end in looks]
    else:
        signals = [recording.read(begin, end) for begin, end in looks]
    signals = [without_pulses(each, find_pulses(each, recording.fs_hz)) for each in signals]
    judged = assess(np.concatenate(signals), second, limits)
    seen = Quality(
        *(
            getattr(judged, field.name)
            .reshape(len(signals), len(recording.leads), -1)
            .transpose(1, 0, 2)
            .reshape(len(recording.leads), -1)
            for field in fields(judged)
        )
    )
    found = []
    for lead, name in enumerate(recording.leads):
        good = seen.states[lead] == GOOD
        size, rest, upright = (
            float(np.median(values[lead][good])) if good.any() else 0.0
            for values in (seen.amplitude_mv, seen.noise_mv, seen.upright)
        )
        there = int(np.count_nonzero(seen.states[lead] < FLAT))
        found.append(
            LeadQuality(
                name,
                there / max(1, len(good)),
                int(np.count_nonzero(good)) / max(1, there),
                size,
                rest,
                upright,
            )
        )
    return found


def is_lead_ii(name: str) -> bool:
    """Tell whether a name is one of lead II or of its modification."""
    return limb_lead(name) == "II" or name.casefold() in ("mlii", "ml2", "d2")


def ranked(leads: list[LeadQuality]) -> list[int]:
    """Order leads from best to worst; sums of leads that are there too come after all others."""
    names = [limb_lead(lead.name) for lead in leads]
    derived = SUMS if {"I", "II"} <= set(names) else frozenset()
    return sorted(range(len(leads)), key=lambda i: (names[i] in derived, -leads[i].score))
