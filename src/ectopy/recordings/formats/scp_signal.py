"""From packed samples to a signal: differences, thinned out stretches, reference beats."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats.scp_huffman import Table, unpack
from ectopy.recordings.formats.scp_layout import Beats, Lead, Packed

Ints = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Decoder:
    """What the leads of one file have in common.

    Attributes
    ----------
    path : Path
        The file.
    tables : tuple of Table
        None where the samples are 16-bit numbers.
    rhythm : Packed
        Section 6.
    beat : Packed, optional
        Section 5, where a reference beat was subtracted or samples were thinned out.
    beats : Beats, optional
        Section 4, likewise.
    subtracted : bool
        Whether the reference beat is missing from the rhythm.
    """

    path: Path
    tables: tuple[Table, ...]
    rhythm: Packed
    beat: Packed | None
    beats: Beats | None
    subtracted: bool

    def __post_init__(self) -> None:
        """Refuse what cannot be put together."""
        if self.factor > 1 and (self.rhythm.interval_us % self._beat_us):
            raise DataFormatError(
                f"{self.path} has a reference beat with a sample every {self._beat_us} us and "
                f"thinned out rhythm with one every {self.rhythm.interval_us} us, expected a "
                "multiple of that"
            )
        if self.subtracted and (self.beat is None or self.beats is None):
            missing = 5 if self.beat is None else 4
            raise DataFormatError(
                f"{self.path} is damaged: a reference beat was subtracted from its leads, but "
                f"section {missing}, which says {'which' if missing == 5 else 'where'}, is missing"
            )
        if self.subtracted and self._beat_us > self.rhythm.interval_us:
            raise DataFormatError(
                f"{self.path} is damaged: its reference beat has a sample every {self._beat_us} us "
                f"and its rhythm one every {self.rhythm.interval_us} us, expected no more"
            )

    @property
    def _beat_us(self) -> int:
        return self.beat.interval_us if self.beat is not None else self.rhythm.interval_us

    @property
    def factor(self) -> int:
        """Samples that one stands for between the protected stretches; 1 where none was left out.

        Recorders leave the mark of bimodal compression out, and say by their intervals alone that
        the residue of a subtraction is thinned out.
        """
        if not (self.rhythm.bimodal or self.subtracted):
            return 1
        return max(-(-self.rhythm.interval_us // self._beat_us), 1)

    @property
    def interval_us(self) -> float:
        """Microseconds from sample to sample of the whole signal."""
        return self.rhythm.interval_us / self.factor

    def signal(self, i: int, lead: Lead) -> tuple[Float64, int]:
        """Decode lead ``i``: its samples in units of ``rhythm.unit_nv``, and how many are stored.

        Returns
        -------
        tuple of ndarray, shape (lead.stop - lead.start,), and int
            Missing ones are NaN: there are fewer than promised.
        """
        n = lead.stop - lead.start
        packed = self.rhythm.leads[i]
        if n > 8 * len(packed) * self.factor:
            raise DataFormatError(
                f"{self.path} promises {n} samples of {lead.name} in {len(packed)} bytes, "
                f"expected at most {8 * len(packed) * self.factor}; it is damaged"
            )
        zones = self._zones(lead)
        stored = _stored_places(zones, n, self.factor)
        values = self._values(packed, len(stored), self.rhythm.differences)
        signal = np.full(n, np.nan)
        _spread(signal, values, stored, self.factor)
        if self.subtracted and self.beat is not None and self.beats is not None:
            self._add_beats(signal, i, lead)
        there = n if len(values) == len(stored) else int(stored[len(values), 0])
        return signal, there

    def _zones(self, lead: Lead) -> Ints:
        """Give the protected stretches within a lead, as samples of it."""
        if self.factor == 1 or self.beats is None:
            return np.empty((0, 2), dtype=np.int64)
        zones = (self.beats.protected - lead.start).clip(0, lead.stop - lead.start)
        zones[1:, 0] = np.maximum(zones[1:, 0], np.maximum.accumulate(zones[:-1, 1]))
        return zones[zones[:, 1] > zones[:, 0]]

    def _values(self, packed: bytes, most: int, differences: int) -> Ints:
        if self.tables:
            numbers = unpack(self.path, packed, self.tables, most)
        else:
            whole = packed[: len(packed) // 2 * 2]
            numbers = np.frombuffer(whole, dtype="<i2").astype(np.int64)[:most]
        return _added_up(numbers, differences)

    def _add_beats(self, signal: Float64, i: int, lead: Lead) -> None:
        """Add the reference beat wherever it was subtracted."""
        assert self.beat is not None
        assert self.beats is not None
        n = round(self.beats.length_ms * 1000 / self.beat.interval_us)
        beat = self._values(self.beat.leads[i], n, self.beat.differences)
        scaled = beat * (self.beat.unit_nv / self.rhythm.unit_nv if self.rhythm.unit_nv else 1.0)
        for first, qrs, after in self.beats.complexes:
            begin = qrs - self.beats.fiducial  # where the beat's first sample goes
            low, high = max(first, begin, lead.start), min(after, begin + len(beat), lead.stop)
            if high > low:
                signal[low - lead.start : high - lead.start] += scaled[low - begin : high - begin]


def _added_up(numbers: Ints, differences: int) -> Ints:
    """Give samples from their first or second differences, in 16 bits as they were taken."""
    if differences == 0 or not len(numbers):
        return numbers
    if differences == 1:
        whole = np.cumsum(numbers)
    else:  # the first two samples are stored as they are
        steps = numbers.copy()
        steps[1:2] -= numbers[:1]
        steps[1:] = np.cumsum(steps[1:])
        whole = np.cumsum(steps)
    return whole.astype(np.int16).astype(np.int64)


def _stored_places(zones: Ints, n: int, factor: int) -> Ints:
    """Give the first sample and the number of samples that each stored one stands for, (n, 2).

    Between protected stretches, one stands for ``factor`` samples; those left over at the end of
    such a stretch are kept one by one.
    """
    if factor == 1:
        return np.stack([np.arange(n), np.ones(n, dtype=np.int64)], axis=1)
    parts: list[Ints] = []
    begin = 0
    for low, high in [*zones.tolist(), [n, n]]:
        whole = (low - begin) // factor * factor
        for first, stop, step in ((begin, begin + whole, factor), (begin + whole, high, 1)):
            at = np.arange(first, stop, step)
            parts.append(np.stack([at, np.full(len(at), step)], axis=1))
        begin = high
    return np.concatenate(parts).astype(np.int64)


def _spread(signal: Float64, values: Ints, stored: Ints, factor: int) -> None:
    """Put samples where they belong, with straight lines between those that stand for several.

    Such a one lies in the middle of its samples: half of them are before the line to the next, and
    what is before the first and after the last of a stretch is level (EN 1064, annex C).
    """
    stored = stored[: len(values)]
    at, width = stored[:, 0], stored[:, 1]
    alone = width == 1
    signal[at[alone]] = values[alone]
    half = factor // 2
    thinned = np.flatnonzero(~alone)
    for j in range(factor):
        signal[at[thinned] + j] = values[thinned]
    # To the next one, if it follows in the same stretch.
    pairs = thinned[:-1][(np.diff(thinned) == 1) & (np.diff(at[thinned]) == factor)]
    step = (values[pairs + 1] - values[pairs]) / factor
    for j in range(factor):
        signal[at[pairs] + half + j] = values[pairs] + j * step
