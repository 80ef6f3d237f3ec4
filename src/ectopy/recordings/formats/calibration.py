"""The calibration pulse that some recorders store at an end of every lead of a strip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.recordings.recording import Float32

_LOOK_S: Final = 1.5
"""How far from an end of the strip; Philips stores 0.4 s with the pulse in their middle."""
_SHORTEST_S, _LONGEST_S = 0.15, 0.3
"""Of the pulse, which lasts 200 ms."""
_FLAT_S: Final = 0.02
"""The least of flat line on either side."""
_ALIKE: Final = 0.05
"""How far the leads may be apart, of the height: conversions are lossy (0.02 mV were seen)."""
_FEWEST: Final = 3
"""Leads that must agree. Two may be alike; the same upright rectangle in three cannot be a heart's,
for then I, II and III, or aVR, aVL and aVF, would not add up."""
_RIGHT: Final = (0.9, 1.1)  # mV


@dataclass(frozen=True)
class Pulse:
    """A calibration pulse.

    Attributes
    ----------
    first, last : int
        Samples from the end of the strip that it stands at to where the leads go their own ways.
    height_mv : float
        As it was read; 1 mV where the gain is right.
    """

    first: int
    last: int
    height_mv: float

    def note(self, fs_hz: float) -> str:
        """Say what was found and left out, and whether the gain is right."""
        where = "first" if self.first == 0 else "last"
        said = (
            f"the {where} {(self.last - self.first) / fs_hz:.1f} s were left out: they hold the "
            f"recorder's calibration pulse, which reads as {self.height_mv:.2f} mV"
        )
        if _RIGHT[0] <= self.height_mv <= _RIGHT[1]:
            return said
        return f"{said}, expected 1.00; the gain seems to be wrong, state the right one"


def find_pulse(signal: Float32, fs_hz: float) -> Pulse | None:
    """Find a calibration pulse at the end of a strip, or at its beginning.

    Parameters
    ----------
    signal : ndarray of float32, shape (n_leads, n_samples)
        In mV.
    fs_hz : float
        Sampling rate.

    Examples
    --------
    >>> strip = np.random.default_rng(0).normal(size=(12, 5500)).astype(np.float32)
    >>> strip[:, 5300:] = 0
    >>> strip[:, 5350:5450] = 1
    >>> find_pulse(strip, 500)
    Pulse(first=5300, last=5500, height_mv=1.0)
    """
    n_samples = signal.shape[1]
    look = round(_LOOK_S * fs_hz)
    if len(signal) < _FEWEST or n_samples < 2 * look:
        return None
    if found := _at_the_edge(signal[:, : -look - 1 : -1], fs_hz):
        return Pulse(n_samples - found[0], n_samples, found[1])
    if found := _at_the_edge(signal[:, :look], fs_hz):
        return Pulse(0, *found)
    return None


def _at_the_edge(seen: Float32, fs_hz: float) -> tuple[int, float] | None:
    """Give how many samples from the edge belong to a pulse, and its height; None without one."""
    if not np.isfinite(seen).all():
        return None
    flat = max(round(_FLAT_S * fs_hz), 2)
    above = seen - np.median(seen[:, :flat])
    level, spread = np.median(above, axis=0), np.ptp(above, axis=0)
    shared = (level > 0) & (spread <= _ALIKE * level)
    begin, end = _first_run(shared, round(_SHORTEST_S * fs_hz))
    if begin < flat or not end - begin <= round(_LONGEST_S * fs_hz):
        return None
    height = float(np.median(level[begin:end]))
    even = np.abs(level[begin:end] - height).max() <= 2 * _ALIKE * height
    low = np.abs(above).max(axis=0) <= _ALIKE * height
    back = end + 2  # where it falls, a sample may be between
    rest = int(np.argmin(np.append(low[back:], False)))
    if not even or rest < flat or not low[: begin - 2].all():
        return None
    return back + rest, height


def _first_run(where: npt.NDArray[np.bool_], shortest: int) -> tuple[int, int]:
    """Give the first stretch of at least so many samples; an empty one without."""
    edges = np.flatnonzero(np.diff(where, prepend=False, append=False))
    begins, ends = edges[::2], edges[1::2]
    long = np.flatnonzero(ends - begins >= max(shortest, 2))
    return (int(begins[long[0]]), int(ends[long[0]])) if len(long) else (0, 0)
