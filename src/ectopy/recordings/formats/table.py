"""A table of samples, however stored, as a recording: rate, leads, units, gaps."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import (
    Signal,
    Stated,
    choose_leads,
    lead_names,
    some,
    to_mv,
)
from ectopy.recordings.formats.csv_columns import Columns, sort_columns
from ectopy.recordings.formats.csv_dialect import Shape
from ectopy.recordings.formats.csv_header import TableHeader, lead_channels, transfer
from ectopy.recordings.formats.csv_source import Blocks
from ectopy.recordings.formats.csv_times import Times, unwrapped
from ectopy.recordings.recording import Float32, Recording

_IN_MEMORY_BYTES: Final = 96 << 20
"""Bytes of samples that are kept in memory; those of longer tables go to a temporary file."""
_LONGEST_GAP_S: Final = 86_400
"""Missing samples are filled in for a day at most; beyond that a time is wrong, or memory is."""
_SAME_RATE: Final = 0.02
"""How far times may be off the rate that the header says, and still be rounded or jittery ones."""

OWN_COLUMNS: Final = {
    "beats": ("sample", "time_s", "class"),
    "events": ("kind", "of", "start_s"),
}
"""How the tables begin that `ectopy.analysis.outputs` writes."""


def refuse_own(path: Path, names: Sequence[str]) -> None:
    """Refuse a table of beats or events, whose times would pass for samples."""
    for what, columns in OWN_COLUMNS.items():
        if tuple(names[: len(columns)]) == columns:
            raise DataFormatError(
                f"{path} is a table of {what} that ectopy wrote, not of samples; name the "
                "recording that it was made from"
            )


def open_table(
    path: Path,
    stated: Stated,
    shape: Shape,
    said: TableHeader,
    blocks: Callable[[Path, Shape, Sequence[int], Times | None], Blocks],
    source: str,
) -> Recording:
    """Open a table of a known shape, whose pieces ``blocks`` reads."""
    notes: list[str] = []
    if said.channels:
        names = [c.name for c in said.channels]
        shape = shape.renamed([*names, *[""] * (shape.n_columns - len(names))])
    if said.lead and shape.n_columns == 1 and not shape.names[0]:
        shape = shape.renamed([said.lead])
    # A recorder that says what its columns are has no times among them.
    columns = sort_columns(shape, notes) if not said.channels else Columns((), None)
    times = columns.times
    fs_hz = stated.rate(path, _rate(said.fs_hz, times, notes), notes)
    if said.channels:
        leads = lead_channels(path, said.channels, stated)
        factors, offsets = _of_sensors(path, shape, said, leads, stated, notes)
    else:
        leads, factor = _leads(path, shape, said.units, columns.leads, fs_hz, stated, notes)
        factors, offsets = [factor] * len(leads), [0.0] * len(leads)
    if times is not None and times.utc:
        notes.append("the time of the start is in UTC, as the seconds since 1970 in the file are")
    samples = _read(path, blocks(path, shape, leads, times), len(leads), times, fs_hz)
    budget.check(path, fs_hz, len(leads), len(samples))
    return Recording(
        name=path.name.split(".")[0] if path.suffix.lower() == ".gz" else path.stem,
        fs_hz=fs_hz,
        leads=lead_names([_name(shape, said, i) for i in leads]),
        n_samples=len(samples),
        reader=_Rows(samples, tuple(factors), tuple(offsets)),
        start=times.start if times is not None and times.start else said.start,
        source=source,
        notes=tuple(notes),
    )


@dataclass(frozen=True, eq=False)
class _Rows:
    """Reads rows of a table (n, n_leads); factors and offsets bring the columns to mV."""

    samples: Float32
    factors: tuple[float, ...]
    offsets: tuple[float, ...]

    def __call__(self, start: int, stop: int) -> Float32:
        part = np.array(self.samples[start:stop].T, dtype=np.float32, order="C")
        part *= np.array(self.factors, dtype=np.float32)[:, None]
        if any(self.offsets):
            part += np.array(self.offsets, dtype=np.float32)[:, None]
        part[~np.isfinite(part)] = np.nan
        return part


def _rate(said: float | None, times: Times | None, notes: list[str]) -> float | None:
    """Give the rate of header and times; the header's, which is not rounded, where they agree."""
    if times is None:
        return said
    found = _round_rate(1 / times.step_s)
    if said is None:
        return found
    if abs(said / found - 1) > _SAME_RATE:
        notes.append(f"the header says {said:g} Hz, the times {found:g} Hz, which was taken")
        return found
    return said


def _round_rate(rate: float) -> float:
    """Give the whole number of Hz that rounded times stand for, where one is near."""
    return float(round(rate)) if math.isclose(rate, round(rate), rel_tol=2e-3) else rate


def _leads(
    path: Path,
    shape: Shape,
    said: str,
    columns: Sequence[int],
    fs_hz: float,
    stated: Stated,
    notes: list[str],
) -> tuple[list[int], float]:
    """Choose the leads among the columns, and give the factor to mV that they share."""
    if not columns:
        found = some(name for name in shape.names if name) or "only what grows from row to row"
        raise DataFormatError(
            f"{path} has no column of samples, expected one for each lead: it has {found}"
        )
    signals = [
        Signal(
            shape.names[i] or f"column {i + 1}",
            shape.units[i] or said or "mV",
            fs_hz,
            assumed=not (shape.units[i] or said),
        )
        for i in columns
    ]
    leads = [columns[k] for k in choose_leads(path, signals, stated, notes)]
    if stated.units is not None or stated.gain is not None:
        return leads, stated.scale("mV")
    units = {unit for i in leads if (unit := shape.units[i] or said)}
    if len({to_mv(unit) for unit in units}) > 1:
        raise DataFormatError(f"{path} has columns in {', '.join(sorted(units))}; state the units")
    if not units:
        notes.append("values were taken as mV; state units or gain if they are not")
    return leads, stated.scale(units.pop() if units else "mV")


def _of_sensors(
    path: Path,
    shape: Shape,
    said: TableHeader,
    leads: Sequence[int],
    stated: Stated,
    notes: list[str],
) -> tuple[list[float], list[float]]:
    """Give factors and offsets to mV of the columns of sensors."""
    if stated.units is not None or stated.gain is not None:
        return [stated.scale("mV")] * len(leads), [0.0] * len(leads)
    words = [row[i] for row in shape.rows for i in leads]
    if any("." in word or "e" in word for word in words):  # raw numbers are whole
        notes.append("values were taken as mV; state units or gain if they are not")
        return [1.0] * len(leads), [0.0] * len(leads)
    found = [transfer(path, said.channels[i]) for i in leads]
    notes += [note for _, _, note in found]
    return [factor for factor, _, _ in found], [offset for _, offset, _ in found]


def _name(shape: Shape, said: TableHeader, i: int) -> str:
    if said.channels and said.channels[i].ecg:
        return said.channels[i].sensor
    return shape.names[i]


def _read(path: Path, blocks: Blocks, n_leads: int, times: Times | None, fs_hz: float) -> Float32:
    """Read the pieces into (n_samples, n_leads), in memory or, when long, on disk.

    Gaps in the times become missing samples.
    """
    most = min(round(_LONGEST_GAP_S * fs_hz), budget.MOST_FILLED // n_leads)
    gaps = None if times is None else _Gaps(path, times, most)
    n_rows, on_disk = 0, 0
    kept: list[Float32] = []
    with tempfile.TemporaryFile() as disk:
        for clock, block in blocks:
            rows = block if gaps is None or clock is None else gaps.fill(clock, block)
            kept.append(rows)
            n_rows += len(rows)
            budget.check(path, fs_hz, n_leads, max(n_rows, 1))
            if (n_rows - on_disk) * n_leads * 4 > _IN_MEMORY_BYTES or on_disk:
                for part in kept:
                    disk.write(part.tobytes())
                kept, on_disk = [], n_rows
        if on_disk:
            disk.flush()
            # The file has no name, so it is gone when the last view of the map is.
            return np.memmap(disk, dtype=np.float32, mode="r", shape=(n_rows, n_leads))
    return np.concatenate([np.empty((0, n_leads), dtype=np.float32), *kept])


@dataclass
class _Gaps:
    """Puts missing samples where the times jump, from one piece to the next."""

    path: Path
    times: Times
    left: int  # missing samples that may still be filled in
    before: float | None = None  # time of the last row

    def fill(self, clock: npt.NDArray[np.float64], block: Float32) -> Float32:
        if not len(clock):
            return block
        if not np.isfinite(clock).all():
            raise DataFormatError(f"{self.path} has rows without a time")
        if not self.times.dated:
            clock = unwrapped(clock, self.before)
        step, jitter = self.times.step_s, self.times.jitter_s
        before = clock[0] - step if self.before is None else self.before
        steps = np.diff(clock, prepend=before)
        self.before = float(clock[-1])
        if (backward := np.flatnonzero(steps < -0.5 * step)).size:
            raise DataFormatError(
                f"{self.path} has times that go back, at {clock[backward[0]]:g} s; leave the times "
                "out and state the rate, or sort it"
            )
        lost = np.maximum(np.rint((steps - jitter) / step) - 1, 0)
        if lost.sum() > self.left:
            raise DataFormatError(
                f"{self.path} has gaps of more than {_LONGEST_GAP_S / 3600:g} hours, or "
                f"{budget.MOST_FILLED} samples of all columns, in its times; split it there, or "
                "leave the times out and state the rate"
            )
        if not lost.any():
            return block
        self.left -= int(lost.sum())
        where = np.repeat(np.arange(len(block)), lost.astype(np.int64))
        return np.insert(block, where, np.nan, axis=0)
