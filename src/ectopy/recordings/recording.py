"""`Recording`: leads in millivolts at one sampling rate, read piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.recordings.subject import NOBODY, Subject

Float32 = npt.NDArray[np.float32]
LARGEST_MV: Final = 1e8
"""A sample beyond this is a damaged number: raw 24-bit numbers taken as mV are below it, and the
fourth powers that beats are compared by still fit float32."""


def lead_called(name: str) -> str:
    """Say which lead in a sentence: ``lead II``, and ``lead 2`` for one that is named so."""
    return name if name.casefold().startswith("lead") else f"lead {name}"


@dataclass(frozen=True, eq=False)
class InMemory:
    """Reads samples (n_leads, n) that are in memory."""

    samples: Float32

    def __eq__(self, other: object) -> bool:
        """Tell whether the same samples are read; a missing one is like another."""
        return isinstance(other, InMemory) and np.array_equal(
            self.samples, other.samples, equal_nan=True
        )

    def __hash__(self) -> int:
        """Give what equal samples have in common."""
        return hash(self.samples.shape)

    def __call__(self, start: int, stop: int) -> Float32:
        """Give samples ``start`` to ``stop`` of every lead."""
        return self.samples[:, start:stop]


@dataclass(frozen=True)
class Notes:
    """Gives what several parts of a recording have to say, each sentence once."""

    parts: tuple[Callable[[], tuple[str, ...]], ...]

    def __call__(self) -> tuple[str, ...]:
        """Ask every part."""
        return tuple(dict.fromkeys(note for part in self.parts for note in part()))


@dataclass(frozen=True)
class Recording:
    """One ECG recording, whatever file it came from.

    Samples are read on demand, so that a week of signal never has to fit in memory. A recording
    pickles: of a file that is read piece by piece only where it is, else with its samples.

    Attributes
    ----------
    name : str
        Record name, for output files and reports.
    fs_hz : float
        Sampling rate in Hz, the same for all leads.
    leads : tuple of str
        Lead names, unique, in file order.
    n_samples : int
        Samples in each lead.
    reader : callable
        Something that pickles; ``reader(start, stop)`` gives samples ``start`` to ``stop`` of
        every lead in mV, shape (n_leads, stop - start), float32; a missing sample is NaN.
    start : datetime, optional
        When the first sample was taken, where the file says so.
    source : str
        Where it came from: format and file, or the simulator and its seed.
    simulated : bool
        True where no heart was involved; every output then says SIMULATED.
    notes : tuple of str
        What the reader had to assume or repair, one sentence each.
    recorded : tuple of (int, int), optional
        Where there is signal, as first sample and the one after the last, in order; between them
        nothing was recorded and every sample is NaN. None: from the first sample to the last.
    found_reading : callable
        Gives what is only known once the samples are read (a checksum that does not fit), as
        ``notes`` do; nothing before that. `all_notes` gives both.
    derived : tuple of str
        Those of the leads that the file does not store, computed from others on reading; they hold
        nothing that those do not.
    subject : Subject
        Who it is of, as far as the file says; for reports and results, never for a log.

    Examples
    --------
    >>> recording = ectopy.Recording.from_array(np.zeros((2, 5000)), 500, ("II", "V1"))
    >>> recording.duration_s
    10.0
    >>> recording.read(0, 1000).shape
    (2, 1000)
    """

    name: str
    fs_hz: float
    leads: tuple[str, ...]
    n_samples: int
    reader: Callable[[int, int], Float32] = field(repr=False)
    start: datetime | None = None
    source: str = ""
    simulated: bool = False
    notes: tuple[str, ...] = ()
    recorded: tuple[tuple[int, int], ...] | None = field(default=None, repr=False)
    found_reading: Callable[[], tuple[str, ...]] = field(default=tuple, repr=False)
    subject: Subject = field(default=NOBODY, repr=False)
    derived: tuple[str, ...] = ()

    @classmethod
    def from_array(
        cls,
        signal_mv: npt.ArrayLike,
        fs_hz: float,
        leads: str | Sequence[str],
        *,
        name: str = "array",
        start: datetime | None = None,
        source: str = "array",
        simulated: bool = False,
        notes: tuple[str, ...] = (),
        subject: Subject = NOBODY,
    ) -> Recording:
        """Wrap samples in memory: (n_leads, n_samples) in mV; one lead's name may stand alone."""
        leads = (leads,) if isinstance(leads, str) else tuple(leads)
        with np.errstate(over="ignore"):  # numbers that are too large are missing, see `read`
            signal = np.atleast_2d(np.asarray(signal_mv, dtype=np.float32))
        if signal.ndim != 2 or signal.shape[0] != len(leads):
            raise ConfigError(
                f"signal has shape {signal.shape}, expected ({len(leads)}, n_samples) "
                f"for the leads {', '.join(leads)}"
            )
        if not fs_hz > 0:
            raise ConfigError(f"sampling rate is {fs_hz} Hz, expected a positive number")
        return cls(
            name=name,
            fs_hz=float(fs_hz),
            leads=leads,
            n_samples=signal.shape[1],
            reader=InMemory(signal),
            start=start,
            source=source,
            simulated=simulated,
            notes=notes,
            subject=subject,
        )

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.fs_hz

    @property
    def all_notes(self) -> tuple[str, ...]:
        """What was assumed or repaired, and what reading the samples has shown so far."""
        return (*self.notes, *self.found_reading())

    def read(self, start: int = 0, stop: int | None = None) -> Float32:
        """Read samples ``start`` to ``stop`` (clipped to the recording) of every lead, in mV.

        Returns
        -------
        ndarray of float32, shape (n_leads, n)
            NaN where samples are missing, or beyond `LARGEST_MV`.
        """
        begin = min(max(start, 0), self.n_samples)
        end = self.n_samples if stop is None else min(max(stop, begin), self.n_samples)
        with np.errstate(over="ignore", invalid="ignore"):  # what does not fit is missing
            part = self.reader(begin, end)
            there = np.abs(part) <= LARGEST_MV
        return part if there.all() else np.where(there, part, np.float32(np.nan))

    def lead_index(self, lead: str) -> int:
        """Position of a lead by its name, ignoring case.

        Raises
        ------
        ConfigError
            If there is no such lead; the message lists those there are.
        """
        names = [name.casefold() for name in self.leads]
        if lead.casefold() not in names:
            raise ConfigError(
                f"{self.name} has no lead {lead!r}; its leads are {', '.join(self.leads)}"
            )
        return names.index(lead.casefold())
