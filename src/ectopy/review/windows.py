"""Windows of a recording as a screen needs them: samples, or minima and maxima, in 16 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.recordings.recording import Recording
from ectopy.review.pyramid import FACTOR, LEVELS, MISSING, Pyramid

Float32 = npt.NDArray[np.float32]

MOST_COLUMNS: Final = 100_000
"""An hour on one page is 60 lines of 1,000 columns."""
MOST_VALUES: Final = 2_000_000
"""Numbers in one answer: 4 MB."""
_LARGEST: Final = 32767


@dataclass(frozen=True, eq=False)
class Window:
    """A stretch of some leads.

    Attributes
    ----------
    start : int
        First sample.
    stop : int
        The sample after the last.
    per_bin : int
        Samples in each bin; 1 where the samples themselves are given.
    leads : list of int
        Which leads.
    offset_mv, scale_mv : ndarray of float32, shape (n_leads,)
        Number ``n`` of a lead stands for ``offset_mv + n * scale_mv``.
    numbers : ndarray of int16, shape (n_leads, n_bins, 2), or (n_leads, n_samples)
        Lowest and highest of each bin, or the samples; `ectopy.review.pyramid.MISSING` where there
        is none.
    """

    start: int
    stop: int
    per_bin: int
    leads: list[int]
    offset_mv: Float32
    scale_mv: Float32
    numbers: npt.NDArray[np.int16]

    @property
    def millivolts(self) -> Float32:
        """The numbers in mV, NaN where there is none."""
        shape = (-1, *(1,) * (self.numbers.ndim - 1))
        out = self.numbers * self.scale_mv.reshape(shape) + self.offset_mv.reshape(shape)
        return np.where(self.numbers == MISSING, np.float32(np.nan), out)


def window(
    recording: Recording,
    pyramid: Pyramid,
    start: int,
    stop: int,
    leads: list[int],
    columns: int,
) -> Window:
    """Give a stretch with at least as many bins as there are columns to draw, but not many more.

    Parameters
    ----------
    recording : Recording
        For its samples, where few of them fall into a column.
    pyramid : Pyramid
        Of that recording, for all else.
    start, stop : int
        First sample, and the one after the last; clipped to the recording.
    leads : list of int
        Which leads.
    columns : int
        Columns of the drawing.

    Raises
    ------
    ConfigError
        If nothing of it is in the recording, or it is more than one answer may hold.
    """
    begin, end = max(start, 0), min(stop, recording.n_samples)
    if begin >= end:
        raise ConfigError(
            f"the window from sample {start} to {stop} is outside the recording, which has "
            f"{recording.n_samples}"
        )
    if not 1 <= columns <= MOST_COLUMNS:
        raise ConfigError(f"{columns} columns were asked for, expected 1 to {MOST_COLUMNS}")
    level = 0
    while level < LEVELS and (end - begin) // FACTOR ** (level + 1) >= columns:
        level += 1
    per_bin = FACTOR**level
    first, last = begin // per_bin, -(-end // per_bin)
    if len(leads) * (last - first) * (2 if level else 1) > MOST_VALUES:
        raise ConfigError(
            f"a window of {len(leads)} leads and {columns} columns is more than one answer holds; "
            "ask for fewer"
        )
    if level:
        values = pyramid.minima_and_maxima(level, first, last, leads)
    else:
        values = recording.read(begin, end)[leads]
    offset, scale, numbers = _in_16_bits(values)
    # Bins are whole: a window may begin before what was asked for, and end after it.
    stop = min(last * per_bin, recording.n_samples)
    return Window(first * per_bin, stop, per_bin, leads, offset, scale, numbers)


def _in_16_bits(values: Float32) -> tuple[Float32, Float32, npt.NDArray[np.int16]]:
    """Scale each lead so that its range takes up 16 bits, in steps of no less than 0.1 µV."""
    there = np.isfinite(values)
    axes = tuple(range(1, values.ndim))
    low = np.min(values, axis=axes, where=there, initial=np.inf)
    high = np.max(values, axis=axes, where=there, initial=-np.inf)
    none = ~np.isfinite(low)
    low, high = np.where(none, 0, low), np.where(none, 0, high)
    offset = ((low + high) / 2).astype(np.float32)
    scale = np.maximum((high - low) / (2 * _LARGEST - 2), 1e-4).astype(np.float32)
    shape = (-1, *(1,) * (values.ndim - 1))
    numbers = np.rint((values - offset.reshape(shape)) / scale.reshape(shape))
    return offset, scale, np.where(there, numbers, MISSING).astype(np.int16)
