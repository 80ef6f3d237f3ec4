"""Checksums of WFDB headers, compared while the samples are read for something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.recordings.wfdb.header import SignalLine

_MODULUS = 1 << 16
"""header(5): a checksum is the sum of all samples of a signal in 16 bits."""


@dataclass
class Checksums:
    """Sums of the samples read so far, each sample counted once, whatever is read twice.

    Attributes
    ----------
    path : Path
        The header.
    leads : tuple of str
        Names of the signals read.
    promised : tuple of int or None
        What the header gives for each; None where there is nothing to compare.
    n_samples : int
        Samples in each signal.
    """

    path: Path
    leads: tuple[str, ...]
    promised: tuple[int | None, ...]
    n_samples: int
    _sums: list[int] = field(init=False)
    _sums_without_missing: list[int] = field(init=False)
    _seen: list[tuple[int, int]] = field(init=False, default_factory=list)
    _lock: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        """Begin at nothing."""
        self._sums = [0] * len(self.leads)
        self._sums_without_missing = [0] * len(self.leads)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the lock behind, which no process shares with another."""
        with self._lock:
            return {key: value for key, value in vars(self).items() if key != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take a new lock."""
        vars(self).update(state, _lock=Lock())

    def add(
        self, begin: int, digital: list[npt.NDArray[Any]], missing: tuple[int | None, ...]
    ) -> None:
        """Count samples from ``begin`` on, those not counted before.

        ``missing`` is the number that marks a missing sample in each signal.
        """
        with self._lock:
            for low, high in self._mark(begin, begin + len(digital[0])):
                for i, (numbers, mark) in enumerate(zip(digital, missing, strict=True)):
                    if self.promised[i] is None:
                        continue
                    part = numbers[low - begin : high - begin]
                    total = int(part.sum(dtype=np.int64))
                    marks = 0 if mark is None else int(np.count_nonzero(part == mark))
                    self._sums[i] += total
                    self._sums_without_missing[i] += total - marks * (mark or 0)

    def _mark(self, begin: int, end: int) -> list[tuple[int, int]]:
        """Give what of a stretch was not read before, and remember that it was now."""
        fresh, at = [], begin
        for low, high in self._seen:
            if high > at and low < end:
                if low > at:
                    fresh.append((at, low))
                at = high
        if at < end:
            fresh.append((at, end))
        joined: list[tuple[int, int]] = []
        for low, high in sorted([*self._seen, *fresh]):
            if joined and joined[-1][1] == low:
                joined[-1] = (joined[-1][0], high)
            else:
                joined.append((low, high))
        self._seen = joined
        return fresh

    def notes(self) -> tuple[str, ...]:
        """Say which checksums do not fit, once every sample was read; nothing before."""
        if self._seen != [(0, self.n_samples)]:
            return ()
        # Writers differ in whether a missing sample counts.
        wrong = [
            lead
            for lead, promised, *sums in zip(
                self.leads, self.promised, self._sums, self._sums_without_missing, strict=True
            )
            if promised is not None and (promised % _MODULUS) not in [s % _MODULUS for s in sums]
        ]
        if not wrong:
            return ()
        return (
            f"the samples of {', '.join(wrong)} do not add up to the checksum in {self.path.name}: "
            "the signal file or its header was changed, or is damaged",
        )


def checksums(path: Path, lines: Sequence[tuple[str, SignalLine]], n: int) -> Checksums:
    """Give what to compare for the signals read, of ``n`` samples each.

    A checksum of 0 stands in many headers written by hand; of a signal that the header shifts, the
    first samples are not read.
    """
    promised = tuple(None if line.skew else line.checksum or None for _, line in lines)
    return Checksums(path, tuple(name for name, _ in lines), promised, n)
