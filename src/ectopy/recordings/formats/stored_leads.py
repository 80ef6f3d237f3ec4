"""Leads that a file holds as a whole, each with its own unit and rate, as one recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import DataFormatError
from ectopy.recordings.formats import budget
from ectopy.recordings.formats.common import Signal, Stated, choose_leads, lead_names, to_mv
from ectopy.recordings.formats.resample import resampled
from ectopy.recordings.recording import Float32, Recording, lead_called
from ectopy.recordings.subject import NOBODY, Subject

_LARGEST: Final = 1 << 15
"""Of the numbers that formats with 16 bits store; physical values are smaller."""


@dataclass(frozen=True)
class StoredLead:
    """One lead as it is stored.

    Attributes
    ----------
    name : str
        As the file has it.
    units : str
        Of the numbers times ``factor`` plus ``offset``; empty where the file does not say.
    fs_hz : float
        Sampling rate in Hz, 0 where the file does not say it.
    numbers : ndarray, shape (n_samples,)
        NaN where a sample is missing.
    factor, offset : float
        From numbers to ``units``.
    """

    name: str
    units: str
    fs_hz: float
    numbers: npt.NDArray[Any]
    factor: float = 1.0
    offset: float = 0.0

    def millivolts(self, path: Path, stated: Stated) -> Float32:
        """Give the samples in mV, those that are no numbers as missing."""
        factor, offset = stated.scale(self.units), 0.0
        if stated.gain is None:
            factor, offset = factor * self.factor, factor * self.offset
        budget.check_scale(path, self.name, factor, offset, _LARGEST)
        with np.errstate(over="ignore", invalid="ignore"):  # one that is too large is missing
            out = (self.numbers * factor + offset).astype(np.float32)
        out[~np.isfinite(out)] = np.nan
        return out


def note_count(name: str, found: int, promised: float | None, notes: list[str]) -> None:
    """Note a lead that holds another number of samples than its file promises."""
    if promised is not None and promised != found:
        notes.append(f"{lead_called(name)} holds {found} samples; the file promises {promised:g}")


def recording_of(
    path: Path,
    leads: Sequence[StoredLead],
    stated: Stated,
    *,
    kind: str,
    start: datetime | None,
    notes: list[str],
    subject: Subject = NOBODY,
    recorded: tuple[tuple[float, float], ...] | None = None,
) -> Recording:
    """Make a recording of the leads among what a file stores, at the highest of their rates.

    Parameters
    ----------
    path : Path
        The file.
    leads : sequence of StoredLead
        All begin at the same time; those that end early end in missing samples.
    stated : Stated
        What the user says of the file.
    kind : str
        The format, for the source.
    start, subject : datetime, Subject
        When, and who.
    notes : list of str
        What was assumed so far; more is added.
    recorded : tuple of (float, float), optional
        Where there is signal, in seconds from the start, if not everywhere.

    Returns
    -------
    Recording
        In mV.

    Raises
    ------
    DataFormatError
        If there is no lead, no unit or no rate, or one that cannot be true.
    """
    leads = [lead for lead in leads if len(lead.numbers)]
    if not leads:
        raise DataFormatError(f"{path} holds no leads with samples")
    silent = not any(lead.fs_hz for lead in leads)
    signals = [
        Signal(x.name or f"lead {i + 1}", x.units, stated.fs_hz or 0.0 if silent else x.fs_hz)
        for i, x in enumerate(leads)
    ]
    if (
        stated.units is None
        and stated.gain is None
        and all(to_mv(s.units) is None for s in signals)
    ):
        raise DataFormatError(
            f"{path} does not say what its numbers mean in volts; state units or gain"
        )
    kept = choose_leads(path, signals, stated, notes)
    highest = max(signals[i].fs_hz for i in kept)
    fs_hz = stated.rate(path, None if silent else highest, notes)
    longest = max(len(leads[i].numbers) * (highest / signals[i].fs_hz) for i in kept)
    budget.check(path, fs_hz, len(kept), round(longest))
    rows = [leads[i].millivolts(path, stated) for i in kept]
    rows = [
        row if signals[i].fs_hz == highest else resampled(row, highest, signals[i].fs_hz)
        for i, row in zip(kept, rows, strict=True)
    ]
    n_samples = max(len(row) for row in rows)
    if any(len(row) != n_samples for row in rows):
        notes.append("some leads end before others; the rest of them is missing samples")
    signal = np.full((len(rows), n_samples), np.nan, dtype=np.float32)
    for place, row in zip(signal, rows, strict=True):
        place[: len(row)] = row
    made = Recording.from_array(
        signal,
        fs_hz,
        lead_names([signals[i].name for i in kept]),
        name=path.stem,
        start=start,
        source=f"{kind} {path.name}",
        notes=tuple(notes),
        subject=subject,
    )
    if recorded is None:
        return made
    samples = [(round(a * highest), min(round(b * highest), n_samples)) for a, b in recorded]
    return replace(made, recorded=tuple(samples))
