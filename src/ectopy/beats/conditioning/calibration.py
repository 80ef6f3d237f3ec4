"""Calibration pulses: 1 mV for 200 ms, stored in a strip so that a reader can check the gain.

They are no beats, and their size says whether millivolts are millivolts. A pulse jumps up, holds
its level and jumps back by as much; no wave of the heart does, not even a paced QRS. Room is left
for what filters make of one: edges softened down to 40 Hz, and the droop of 0.5 Hz. One that points
down is none: a moved electrode makes such.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

LENGTH_S: Final = (0.09, 0.42)  # 100 to 400 ms, and half an edge more or less
SMALLEST_MV: Final = 0.1
"""What is smaller may be a step of a coarse recorder, or a baseline that jumps."""
SIZES_MV: Final = (0.5, 1.0, 2.0)
"""At half, full and double gain; 1 mV is the standard (IEC 60601-2-25)."""
TOLERANCE: Final = 0.1
"""Of a size, that a pulse may be off; recorders are allowed 5 %, and noise adds to it."""

LOOK_S: Final = 0.02  # between the samples that are looked at first
EDGE_S: Final = 0.016  # that an edge may take
REST_S: Final = 0.06  # before and after the pulse, where the level holds as well
STEADY: Final = 0.12  # of the height: how far a level may stray from a straight line
SLOPED: Final = 0.2  # of the height: how far it may run within `2 * LOOK_S`
ALONE_S: Final = 0.5  # to the nearest jump that is no pulse's
AGAIN_S: Final = 1.8  # within which one of an odd size has to come again
SHARED_LEADS: Final = 3
"""Leads that have a pulse at once, and more than half of all, for it to be one of all of them."""
ALIKE_S: Final = 1.0  # to either side of a pulse of all leads, where they may be one flat line
ALIKE: Final = 0.05  # of the height: how far leads may be apart there
SAME: Final = 0.2  # of the height: how far its two edges may differ
REACH_S: Final = 4
"""Whole seconds around a sample that can change whether it is one of a pulse."""


@dataclass(frozen=True)
class Pulse:
    """A calibration pulse in one lead.

    Attributes
    ----------
    lead : int
        Index of the lead.
    start, stop : int
        First sample of its first edge, and one past the last of its second, with the overshoot
        that a filter adds.
    height_mv : float
        Height in mV.

    Examples
    --------
    >>> from ectopy.beats.conditioning import Pulse
    >>> Pulse(lead=0, start=50, stop=104, height_mv=1.0).expected
    True
    """

    lead: int
    start: int
    stop: int
    height_mv: float

    @property
    def expected(self) -> bool:
        """Whether it has one of `SIZES_MV`."""
        return any(abs(self.height_mv / size - 1) <= TOLERANCE for size in SIZES_MV)

    def moved(self, samples: int) -> Pulse:
        """Give the same pulse so many samples later."""
        return replace(self, start=self.start + samples, stop=self.stop + samples)


def find_pulses(leads: Float32, fs_hz: float, offset: int = 0) -> list[Pulse]:
    """Find the calibration pulses of each lead.

    Parameters
    ----------
    leads : ndarray of float32, shape (n_leads, n_samples)
        ECG in mV as recorded.
    fs_hz : float
        Sampling rate in Hz.
    offset : int
        Sample of the recording that the leads begin with: where a recording is cut changes no
        pulse but those within `REACH_S` of the cut.

    Returns
    -------
    list of Pulse
        Lead by lead, in order of time, as samples of what was given.

    Examples
    --------
    >>> from ectopy.beats.conditioning import find_pulses
    >>> recording, _ = ectopy.simulate(10, rng=np.random.default_rng(0))
    >>> signal = recording.read()
    >>> find_pulses(signal, recording.fs_hz)
    []
    >>> flat = np.zeros((1, 250), dtype=np.float32)
    >>> flat[0, 100:150] = 1
    >>> [(pulse.start, pulse.height_mv) for pulse in find_pulses(flat, 250)]
    [(94, 1.0)]
    """
    found = [pulse for i, lead in enumerate(leads) for pulse in _in_lead(lead, i, fs_hz, offset)]
    if len(leads) == 1:
        return found
    # A recorder writes a pulse of a wrong size more than once; an electrode jumps by any height.
    heights = np.array([pulse.height_mv for pulse in found])
    starts = np.array([pulse.start for pulse in found])

    def again(pulse: Pulse) -> bool:
        alike = np.abs(heights / pulse.height_mv - 1) <= TOLERANCE
        near = np.abs(starts - pulse.start) <= AGAIN_S * fs_hz
        return int(np.count_nonzero(alike & near)) > 1

    kept = [pulse for pulse in found if pulse.expected or again(pulse)]
    return kept if len(leads) < SHARED_LEADS else _of_most_leads(kept, leads, fs_hz)


def _of_most_leads(found: list[Pulse], leads: Float32, fs_hz: float) -> list[Pulse]:
    """Make a pulse that most leads have at one time a pulse of all, with the flat lines beside it.

    A recorder that ends a strip with its pulses draws the same in all leads, from the step with
    which a lead leaves its ECG, and which may hide the pulse.
    """
    made: list[Pulse] = []
    left = sorted(found, key=lambda pulse: pulse.start)
    while left:
        first = left[0]
        alike = [x for x in left if x.start - first.start <= first.stop - first.start]
        left = left[len(alike) :]
        if len({x.lead for x in alike}) < max(SHARED_LEADS, len(leads) // 2 + 1):
            made += alike
            continue
        height = round(float(np.median([x.height_mv for x in alike])), 4)
        start, stop = min(x.start for x in alike), max(x.stop for x in alike)
        reach = round(ALIKE_S * fs_hz)
        begin, end = max(start - reach, 0), min(stop + reach, leads.shape[1])
        apart = np.ptp(leads[:, begin:end], axis=0) > ALIKE * height  # false where samples miss
        before = np.flatnonzero(apart[: start - begin])
        after = np.flatnonzero(apart[stop - begin :])
        start = begin + int(before[-1]) + 1 if len(before) else begin
        stop += int(after[0]) if len(after) else end - stop
        made += [Pulse(lead, start, stop, height) for lead in range(len(leads))]
    return made


def without_pulses(leads: Float32, pulses: list[Pulse]) -> Float32:
    """Put a straight line in the place of each pulse; the leads themselves are left as they are."""
    if not pulses:
        return leads
    out = leads.copy()
    last = leads.shape[1] - 1
    for pulse in pulses:
        begin, end = max(pulse.start - 1, 0), min(pulse.stop, last)
        lead = out[pulse.lead]
        lead[begin : end + 1] = np.linspace(lead[begin], lead[end], end - begin + 1)
    return out


def of_all_leads(pulses: list[Pulse], leads: list[int]) -> Int64:
    """Give the first samples of pulses that stand in all of some leads at once, ascending."""
    first = _spans(pulses, leads[0])
    for lead in leads[1:]:
        other = _spans(pulses, lead)
        if not len(other):
            return other[:, 0]
        nearest = other[np.maximum(np.searchsorted(other[:, 0], first[:, 1]) - 1, 0)]
        both = (nearest[:, 1] > first[:, 0]) & (nearest[:, 0] < first[:, 1])
        first = first[both]
    return first[:, 0]


def _spans(pulses: list[Pulse], lead: int) -> Int64:
    own = sorted((one.start, one.stop) for one in pulses if one.lead == lead)
    return np.array(own, dtype=np.int64).reshape(-1, 2)


def _in_lead(lead: Float32, number: int, fs_hz: float, offset: int) -> list[Pulse]:
    if len(lead) < LENGTH_S[0] * fs_hz:
        return []
    hop = max(1, round(LOOK_S * fs_hz))
    first = -offset % hop  # looks are at the same samples, wherever a recording is cut
    at, height = _edges(lead[first::hop], hop)
    at += first
    length = np.diff(at) / fs_hz
    fits = (length >= LENGTH_S[0] - LOOK_S) & (length <= LENGTH_S[1] + LOOK_S)
    fits &= height[:-1] > 0
    fits &= np.abs(height[1:] + height[:-1]) <= 2 * SAME * np.abs(height[:-1])
    looked = {
        i: _pulse(lead, int(at[i]), int(at[i + 1]), hop, fs_hz)
        for i in np.flatnonzero(fits).tolist()
    }
    pulses: list[Pulse] = []
    near = np.r_[False, length < ALONE_S, False]  # each edge to the one before
    for i, found in looked.items():
        # Beside a pulse there is nothing but another one; an electrode jumps to and fro.
        large = 0.5 * height[i]
        alone = not near[i] or looked.get(i - 2) is not None or abs(height[i - 1]) < large
        alone &= not near[i + 2] or height[i + 2] > -large
        if found and alone:
            pulses.append(replace(found, lead=number))
    return pulses


def _edges(looks: Float32, hop: int) -> tuple[Int64, Float32]:
    """Find where a level gives way to another within two looks: from which sample, by how much."""
    held = np.pad(looks, 3, mode="edge")  # before the first sample and after the last
    step = np.abs(np.diff(held))
    run = step[:-1]
    run += step[1:]  # over two looks
    height = held[4:-2] - held[2:-4]
    size = np.abs(height)
    size *= SLOPED
    calm = np.maximum(run[:-4], run[4:]) < size
    calm &= size > 0.8 * SLOPED * SMALLEST_MV
    at = np.flatnonzero(calm)
    # Of looks in a row at the same edge, the first.
    first = at[np.diff(at, prepend=-9) > 1]
    return np.maximum(first - 1, 0) * hop, height[first]


def _pulse(lead: Float32, first: int, second: int, hop: int, fs_hz: float) -> Pulse | None:
    """Look closely at what may be a pulse between two edges."""
    edge = max(1, round(EDGE_S * fs_hz))
    rise, fall = (_steepest(lead, at - hop, at + 3 * hop, edge) for at in (first, second))
    if rise is None or fall is None or not LENGTH_S[0] <= (fall - rise) / fs_hz <= LENGTH_S[1]:
        return None
    rest = round(REST_S * fs_hz)
    levels = (
        lead[max(rise + 1 - rest, 0) : rise + 1],
        lead[rise + edge : fall + 1],
        lead[fall + edge : fall + edge + rest],
    )
    if any(not len(level) or not np.isfinite(level).all() for level in levels):
        return None
    lines = [_line(level.astype(np.float64)) for level in levels]
    up, down = lines[1][0] - lines[0][1], lines[1][1] - lines[2][0]
    height = (up + down) / 2
    if height < SMALLEST_MV or abs(up - down) > SAME * height:
        return None
    if max(line[2] for line in lines) > STEADY * height:
        return None
    # With what a filter's overshoot leaves before and after the edges.
    start, stop = max(rise - edge, 0), min(fall + 2 * edge + 1, len(lead))
    return Pulse(0, start, stop, round(float(height), 4))


def _steepest(lead: Float32, begin: int, end: int, edge: int) -> int | None:
    """Find after which sample the level moves most within the length of an edge."""
    begin, end = max(begin, 0), min(end + edge, len(lead))
    if end - begin <= edge:
        return None
    moved = np.abs(lead[begin + edge : end] - lead[begin : end - edge])
    if not np.isfinite(moved).all():
        return None
    # Of several that hold all of the edge, the middle one.
    most = np.flatnonzero(moved >= 0.98 * moved.max())
    return begin + int(most[len(most) // 2])


def _line(level: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """Fit a straight line: its first value, its last, and how far the level strays from it."""
    x = np.arange(len(level)) - (len(level) - 1) / 2
    mean = level.mean()
    slope = float(x @ level) / max(float(x @ x), 1.0)
    away = float(np.abs(level - mean - slope * x).max())
    return float(mean + slope * x[0]), float(mean + slope * x[-1]), away
