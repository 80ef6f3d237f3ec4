"""A pyramid of minima and maxima of a recording, so that any stretch is drawn at once.

One memory-mapped file: a header, for each lead and block of `BLOCK` samples how its numbers are
scaled, then level after level the lowest and the highest number of 4, 16, 64 samples and so on.
Each block has a scale of its own, so that 16 bits suffice whatever unit or offset a recorder had.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.piece import Cancel
from ectopy.errors import Cancelled, DataFormatError
from ectopy.files import atomic_path
from ectopy.recordings.recording import Recording

Int16 = npt.NDArray[np.int16]
Float32 = npt.NDArray[np.float32]

FACTOR: Final = 4
LEVELS: Final = 8
BLOCK: Final = FACTOR**LEVELS
"""Samples that share a scale: four minutes at 250 Hz, one bin of the coarsest level."""
MISSING: Final = -32768
"""Stands for no sample."""
_LARGEST: Final = 32767
_MAGIC: Final = b"ectopyP1"
_AT_ONCE: Final = 4 << 20
"""Samples of all leads read at once (16 MiB)."""
_FINEST_MV: Final = 1e-9
"""Smallest step of a scale: a flat line has no height to divide by."""


@dataclass(frozen=True, eq=False)
class Pyramid:
    """The levels, mapped into memory.

    Attributes
    ----------
    n_samples : int
        Samples of each lead.
    scales : ndarray of float32, shape (n_leads, n_blocks, 2)
        Millivolts of number 0 and of one step, block by block.
    levels : list of ndarray of int16, shape (n_leads, n_bins, 2)
        Lowest and highest of 4, 16, 64, ... samples; `MISSING` where there are none.
    """

    n_samples: int
    scales: Float32
    levels: list[Int16]

    @classmethod
    def mapped(cls, path: Path) -> Pyramid:
        """Map a file that `build` wrote.

        Raises
        ------
        DataFormatError
            If it is none of ours, or not whole.
        """
        try:
            held = np.memmap(path, dtype=np.uint8, mode="r")
        except (OSError, ValueError) as error:
            raise DataFormatError(f"{path} cannot be opened; open the recording again") from error
        head = held[:24].tobytes()
        if head[:8] != _MAGIC:
            raise DataFormatError(f"{path} is no pyramid of ours; open the recording again")
        n_leads, n_samples = np.frombuffer(head[8:], dtype="<i8").tolist()
        if len(held) != _size(n_leads, n_samples):
            raise DataFormatError(f"{path} is not whole; open the recording again")
        return cls(n_samples, *_layout(held, n_leads, n_samples))

    def minima_and_maxima(self, level: int, first: int, last: int, leads: list[int]) -> Float32:
        """Give bins of a level in millivolts, NaN where there are no samples.

        Parameters
        ----------
        level : int
            From 1: bins of ``4**level`` samples.
        first, last : int
            The first bin, and the one after the last.
        leads : list of int
            Which leads.

        Returns
        -------
        ndarray of float32, shape (n_leads, last - first, 2)
        """
        found = self.levels[level - 1][leads, first:last]
        block = np.arange(first, last) // FACTOR ** (LEVELS - level)
        scale = self.scales[leads][:, block]
        out = found * scale[..., 1:] + scale[..., :1]
        return np.where(found == MISSING, np.float32(np.nan), out)


def build(
    recording: Recording,
    path: Path,
    *,
    cancel: Cancel | None = None,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Build the pyramid of a recording: one pass over its samples, whole or not at all.

    Parameters
    ----------
    recording : Recording
        Opened.
    path : Path
        The file.
    cancel : Cancel, optional
        Set it to stop.
    progress : callable, optional
        Called with the share that is done.

    Raises
    ------
    Cancelled
        If ``cancel`` was set.
    """
    n_leads, n_samples = len(recording.leads), recording.n_samples
    n_blocks = _n_blocks(n_samples)
    with atomic_path(path) as temporary:
        with temporary.open("r+b") as file:
            file.write(_MAGIC + np.array([n_leads, n_samples], dtype="<i8").tobytes())
            size = _size(n_leads, n_samples)
            os.truncate(file.fileno(), size)
            if hasattr(os, "posix_fallocate"):  # writing to a page without room kills the process
                os.posix_fallocate(file.fileno(), 0, size)
        held = np.memmap(temporary, dtype=np.uint8, mode="r+")
        scales, levels = _layout(held, n_leads, n_samples)
        step = max(1, _AT_ONCE // (BLOCK * n_leads))
        for block in range(0, n_blocks, step):
            if cancel is not None and cancel.is_set():
                raise Cancelled("the analysis was cancelled")
            last = min(block + step, n_blocks)
            signal = recording.read(block * BLOCK, last * BLOCK)
            _fill(signal, block, last, scales, levels)
            if progress:
                progress(last / n_blocks)
        held.flush()


def _fill(signal: Float32, first: int, last: int, scales: Float32, levels: list[Int16]) -> None:
    """Work out some blocks."""
    n_leads, n = signal.shape
    if n < (last - first) * BLOCK:
        signal = np.pad(signal, ((0, 0), (0, (last - first) * BLOCK - n)), constant_values=np.nan)
    low: Float32 = signal
    high: Float32 = signal
    # Minima of what has no gaps take half the time.
    if np.isfinite(signal.sum(dtype=np.float64)):
        least: Any = np.minimum
        most: Any = np.maximum
    else:
        least, most = np.fmin, np.fmax
    made = []
    for _ in range(LEVELS):
        low, high = _reduced(low, least), _reduced(high, most)
        made.append((low, high))
    lowest, highest = (np.nan_to_num(one) for one in made[-1])
    middle = (lowest + highest) / 2
    unit = np.maximum((highest - lowest) / (2 * _LARGEST - 2), np.float32(_FINEST_MV))
    scales[:, first:last, 0], scales[:, first:last, 1] = middle, unit
    for level, (low, high) in enumerate(made, start=1):
        per = FACTOR ** (LEVELS - level)
        here = levels[level - 1][:, first * per : last * per]
        for side, values in enumerate((low, high)):
            away = values.reshape(n_leads, last - first, per) - middle[..., None]
            numbers = np.rint(away / unit[..., None])
            there = np.isfinite(numbers)
            if not there.all():
                numbers = np.where(there, numbers, MISSING)
            here[..., side] = numbers.reshape(n_leads, -1)


def _reduced(values: Float32, how: Any) -> Float32:
    """Join four neighbours each."""
    parts = [values[:, i::FACTOR] for i in range(FACTOR)]
    out: Float32 = how(how(parts[0], parts[1]), how(parts[2], parts[3]))
    return out


def _n_blocks(n_samples: int) -> int:
    return max(1, -(-n_samples // BLOCK))


def _size(n_leads: int, n_samples: int) -> int:
    bins = sum(FACTOR ** (LEVELS - level) for level in range(1, LEVELS + 1))
    return int(24 + n_leads * _n_blocks(n_samples) * (8 + 4 * bins))


def _layout(
    held: npt.NDArray[np.uint8], n_leads: int, n_samples: int
) -> tuple[Float32, list[Int16]]:
    """Give views of the parts of the file."""
    n_blocks, at = _n_blocks(n_samples), 24

    def part(dtype: str, *shape: int) -> npt.NDArray[np.generic]:
        nonlocal at
        begin = at
        at += int(np.prod(shape)) * np.dtype(dtype).itemsize
        return held[begin:at].view(dtype).reshape(shape)

    scales = part("<f4", n_leads, n_blocks, 2)
    levels = [
        part("<i2", n_leads, n_blocks * FACTOR ** (LEVELS - level), 2)
        for level in range(1, LEVELS + 1)
    ]
    return scales, levels  # type: ignore[return-value]
