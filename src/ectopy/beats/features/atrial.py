"""What lies before the QRS of each beat, by frequency: P waves repeat there, f waves do not.

The half second before a QRS is averaged over the beats around it. What is left in the average
repeats from beat to beat (a P wave; the T wave of a fast heart); the rest does not: noise, and the
waves of atrial fibrillation, 4 to 10 a second, whose phase no QRS keeps. Power is set against the
QRS, so gain drops out, and squares forget polarity.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.conditioning.canonical import RATE_HZ
from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.beats.conditioning.segments import segments
from ectopy.beats.features.context import CHUNK, Seen

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

BANDS_HZ: Final = (3.0, 5.0, 7.0, 9.0, 12.0, 16.0, 22.0, 30.0)
"""Middles of the bands; each is some 4 Hz wide, as half a second allows."""
N_ATRIAL: Final = 3 * len(BANDS_HZ)

LENGTH: Final = 64  # canonical samples, half a second
BEFORE_R: Final = 8  # and so many between them and the beat's centre
_QRS: Final = 10  # samples of the QRS to either side of it
AROUND: Final = 12
"""Beats to either side that what repeats is averaged over."""
UNLIKE: Final = 0.2  # of likeness to the usual QRS lost at which a beat counts 1/e there
_TAPER: Final = 12  # samples at either end over which they fade: P waves lie close to the QRS
_FLOOR: Final = 1e-6  # of the QRS's power: less is nothing, a thousandth of its height


def atrial(signal: Float32, seen: Seen) -> Float32:
    """Measure what lies before each beat, lead by lead.

    Parameters
    ----------
    signal : ndarray of float32, shape (n_leads, n)
        Canonical signal.
    seen : Seen
        What `ectopy.beats.features.context.look` saw in it.

    Returns
    -------
    ndarray of float32, shape (n_leads, N_ATRIAL, n_beats)
        Logarithms of the power in each of `BANDS_HZ` against the QRS's: of all, of what repeats,
        and of the rest.

    Examples
    --------
    >>> from ectopy.beats.features import look
    >>> signal = np.random.default_rng(0).normal(size=(1, 2000)).astype(np.float32)
    >>> atrial(signal, look(signal, np.arange(100.0, 1900.0, 150.0))).shape
    (1, 24, 12)
    """
    told = np.empty((len(signal), N_ATRIAL, len(seen)), np.float32)
    if not len(seen):
        return told
    first = np.floor(seen.at).astype(np.int64) - BEFORE_R - LENGTH
    number = np.arange(len(seen))
    with one_thread:
        for own, (lead, measured, on) in enumerate(
            zip(signal, seen.measured[-1], seen.on[-1], strict=True)
        ):
            weight = np.exp(-(((1 - measured[0]) / UNLIKE) ** 2)) * on + 1e-3
            for start in range(0, len(seen), CHUNK):
                stop = min(start + CHUNK, len(seen))
                near = slice(max(start - AROUND, 0), min(stop + AROUND, len(seen)))
                some = _Stretch(lead, first[near], weight[near])
                told[own, :, start:stop] = some.measure(number[start:stop] - near.start).T
    return told


class _Stretch:
    """Beats in turn of one lead: what lies before each, and running averages of it."""

    def __init__(self, lead: Float32, first: npt.NDArray[np.int64], weight: Float64) -> None:
        self.before = segments(lead, first, LENGTH)
        qrs = segments(lead, first + LENGTH + BEFORE_R - _QRS, 2 * _QRS + 1)
        qrs = qrs - qrs.mean(axis=1, keepdims=True)
        self.size = np.einsum("ij,ij->i", qrs, qrs) / qrs.shape[1]
        self.weight = weight

    def measure(self, own: npt.NDArray[np.int64]) -> Float32:
        """Measure some of them, given by number, shape (n, N_ATRIAL)."""
        low, high = np.maximum(own - AROUND, 0), np.minimum(own + AROUND + 1, len(self.weight))

        def around(values: npt.NDArray[np.floating]) -> Float64:
            sums = np.cumsum(np.concatenate([np.zeros((1, values.shape[1])), values]), axis=0)
            return np.asarray(sums[high] - sums[low])

        weight = self.weight[:, None]
        total = around(weight)
        mean = around(self.before * weight) / total
        usual = around(self.size[:, None] * weight) / total + 1e-10
        # Of an average of so many beats one part in so many does not repeat; and a beat is part of
        # its own average, which takes as much off what is left of it.
        beats = np.maximum(total / self.weight.max(), 1.5)
        of_mean = _power(mean)
        apart = around(_power(self.before) * weight) / total - of_mean
        same = np.maximum(of_mean - np.maximum(apart, 0) / (beats - 1), 0)
        before = self.before[own]
        powers = [_power(before), same, _power(before - mean) * (beats / (beats - 1))]
        return np.concatenate(
            [np.log(power / usual + _FLOOR) for power in powers], axis=1, dtype=np.float32
        )


def _bank() -> Float64:
    """Give the waves that samples are multiplied by, shape (LENGTH, 2 * bands)."""
    time = np.arange(LENGTH) / RATE_HZ
    angle = 2 * np.pi * np.multiply.outer(time, np.array(BANDS_HZ))
    edge = np.minimum(np.arange(LENGTH), np.arange(LENGTH)[::-1]) + 0.5
    taper = np.sin(np.pi / 2 * np.minimum(1, edge / _TAPER))[:, None] ** 2
    taper /= taper.sum()
    return np.concatenate([taper * np.cos(angle), taper * np.sin(angle)], axis=1)


_BANK: Final = _bank()


def _power(samples: npt.NDArray[np.floating]) -> Float64:
    waves = ((samples - samples.mean(axis=1, keepdims=True)) @ _BANK) ** 2
    n = len(BANDS_HZ)
    return np.asarray(waves[:, :n] + waves[:, n:])
