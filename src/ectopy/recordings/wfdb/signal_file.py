"""One signal file of a WFDB record: any frames of it, as stored numbers, each signal apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.wfdb import flac
from ectopy.recordings.wfdb.encodings import COMPRESSED, ENCODINGS, missing_mark
from ectopy.recordings.wfdb.header import SignalLine

Ints = npt.NDArray[Any]

_STRIDE: Final = 1 << 14
"""Frames between two that are remembered of format 8, of which each sample needs all before it."""


@dataclass(frozen=True)
class SignalFile:
    """A signal file with the signals that share it.

    Attributes
    ----------
    path : Path
        The file.
    lines : tuple of SignalLine
        Its signals, in the order of their samples in a frame.
    n_frames : int
        Frames of the record; what the file holds after them is not looked at.
    """

    path: Path
    lines: tuple[SignalLine, ...]
    n_frames: int

    @property
    def encoding(self) -> str:
        """Signal format, the same for all its signals."""
        return self.lines[0].encoding

    @property
    def frame(self) -> int:
        """Samples of all signals in a frame."""
        return sum(line.per_frame for line in self.lines)

    @property
    def compressed(self) -> bool:
        """Whether the file is in FLAC."""
        return self.encoding in COMPRESSED

    def held_frames(self) -> int:
        """Count the frames that the file holds."""
        if self.compressed:
            held = flac.length(self.path, self.encoding, len(self.lines)) - self.lines[0].offset
            return max(held, 0) // self.lines[0].per_frame
        n_bytes = self.path.stat().st_size - self.lines[0].offset
        return ENCODINGS[self.encoding].held(n_bytes) // self.frame

    def read(self, begin: int, end: int, wanted: Sequence[int]) -> list[Ints]:
        """Read frames ``begin`` to ``end`` of the signals at the positions ``wanted``.

        Returns
        -------
        list of ndarray of int, shape ((end - begin) * samples in a frame,)
            Stored numbers; frames that a skew takes from behind the end are marked missing.
        """
        last = min(end + max(self.lines[i].skew for i in wanted), self.n_frames)
        frames = self._frames(begin, last) if last > begin else None
        out = []
        for i in wanted:
            line = self.lines[i]
            column = sum(other.per_frame for other in self.lines[:i])
            mine = None if frames is None else frames[line.skew :, column : column + line.per_frame]
            if mine is None or len(mine) < end - begin:
                kind = np.int32 if mine is None or self.encoding == "8" else mine.dtype
                whole = np.full((end - begin, line.per_frame), missing_mark(self.encoding), kind)
                if mine is not None:
                    whole[: len(mine)] = mine
                mine = whole
            out.append(mine[: end - begin].reshape(-1))
        return out

    def _frames(self, begin: int, end: int) -> Ints:
        """Decode frames, shape (frames, samples of all signals)."""
        if self.compressed:
            return self._flac(begin, end)
        if self.encoding == "8":
            return self._added_up(begin, end)
        return self._decoded(begin, end)

    def _decoded(self, begin: int, end: int) -> Ints:
        encoding = ENCODINGS[self.encoding]
        first, stop = begin * self.frame, end * self.frame
        low, high = first // encoding.samples, -(-stop // encoding.samples)
        n_bytes = (high - low) * encoding.block
        raw = np.fromfile(
            self.path, np.uint8, n_bytes, offset=self.lines[0].offset + low * encoding.block
        )
        start = low * encoding.samples
        if start + encoding.held(len(raw)) < stop:
            raise DataFormatError(f"{self.path} ends before frame {end}, which it had when opened")
        if len(raw) < n_bytes:  # the last block holds fewer samples than fit
            raw = np.append(raw, np.zeros(n_bytes - len(raw), dtype=np.uint8))
        return encoding.decode(raw)[first - start : stop - start].reshape(-1, self.frame)

    def _flac(self, begin: int, end: int) -> Ints:
        per_frame, n = self.lines[0].per_frame, len(self.lines)
        if any(line.per_frame != per_frame for line in self.lines):
            raise DataFormatError(
                f"{self.path} is compressed, but its signals differ in their samples a frame"
            )
        at = self.lines[0].offset
        rows = flac.read(self.path, self.encoding, n, at + begin * per_frame, at + end * per_frame)
        # From the samples of one moment side by side to those of one signal.
        return rows.reshape(-1, per_frame, n).swapaxes(1, 2).reshape(-1, n * per_frame)

    def _added_up(self, begin: int, end: int) -> Ints:
        stride = begin // _STRIDE
        sums, columns = self._sums, np.cumsum([0, *(line.per_frame for line in self.lines)])
        steps = self._decoded(stride * _STRIDE, end).astype(np.int32)
        for i, line in enumerate(self.lines):
            mine = steps[:, columns[i] : columns[i + 1]]
            added = np.cumsum(mine, dtype=np.int32) + (line.initial + sums[stride, i])
            mine[:] = added.astype(np.int32).reshape(mine.shape)
        return steps[begin - stride * _STRIDE :]

    @cached_property
    def _sums(self) -> npt.NDArray[np.int64]:
        """What the differences of each signal add up to before each stride."""
        n = -(-self.n_frames // _STRIDE)
        sums = np.zeros((n, len(self.lines)), dtype=np.int64)
        columns = np.cumsum([0, *(line.per_frame for line in self.lines)])[:-1]
        for at in range(n - 1):
            frames = self._decoded(at * _STRIDE, (at + 1) * _STRIDE)
            each = frames.sum(axis=0, dtype=np.int64)
            sums[at + 1] = sums[at] + np.add.reduceat(each, columns)
        return sums


def groups(lines: Sequence[SignalLine]) -> dict[str, list[int]]:
    """Give the signal files that a header names, each with the places of its signals."""
    found: dict[str, list[int]] = {}
    for i, line in enumerate(lines):
        found.setdefault(line.file, []).append(i)
    return found
