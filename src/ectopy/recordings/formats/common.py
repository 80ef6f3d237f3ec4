"""What every format shares: what the user stated, units, which signals are ECG leads, checks."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ectopy.errors import ConfigError, DataFormatError
from ectopy.recordings.formats.budget import HIGHEST_HZ, LARGEST_MV, LOWEST_HZ
from ectopy.recordings.recording import Recording

# Recorders and archives write these in many ways; compared without case and spaces.
_TO_MV: Final = {
    **dict.fromkeys(("nv", "nanovolt", "nanovolts"), 1e-6),
    **dict.fromkeys(("uv", "µv", "μv", "microvolt", "microvolts"), 1e-3),  # both mu characters
    **dict.fromkeys(("mv", "millivolt", "millivolts"), 1.0),
    **dict.fromkeys(("v", "volt", "volts"), 1e3),
}
_LEAD_NAME: Final = re.compile(
    r"(ecg|ekg)|^(m?lead ?)?(I{1,3}|m?l?II|av[rlf]|[mc]?v\d{0,2}r?|d[123]|[xyz]|ml[1-6]|mlIII?)$",
    re.IGNORECASE,
)
_SAYS_ECG: Final = re.compile(r"ecg|ekg", re.IGNORECASE)
# Voltages that are not the heart's, and channels that are not voltages whatever their unit says.
_OTHER_SIGNAL: Final = re.compile(
    r"eeg|eog|emg|resp|spo2|sao2|pleth|ppg|\babp\b|\bbp\b|press|pulse|flow|thor|abdo|chest|snor"
    r"|temp|accel|^acc|gyro|marker|event|status|trigger|batt|gsr|eda|position|^hr$|heart rate",
    re.IGNORECASE,
)


class NoLeadsError(DataFormatError):
    """A file, or a part of one, is as its format wants it but has no ECG lead."""


@dataclass(frozen=True)
class Stated:
    """What the user states about a file; it goes before what the file says.

    Attributes
    ----------
    fs_hz : float, optional
        Sampling rate.
    units : str, optional
        Unit of the physical values: nV, uV, mV or V.
    gain : float, optional
        Stored numbers per millivolt (ADC units/mV).
    """

    fs_hz: float | None = None
    units: str | None = None
    gain: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.fs_hz is not None and not LOWEST_HZ <= self.fs_hz <= HIGHEST_HZ:
            raise ConfigError(
                f"stated sampling rate is {self.fs_hz} Hz, expected {LOWEST_HZ:g} to "
                f"{HIGHEST_HZ:g} Hz"
            )
        if self.units is not None and to_mv(self.units) is None:
            raise ConfigError(f"stated units are {self.units!r}, expected nV, uV, mV or V")
        if self.gain is not None and not 1 / LARGEST_MV <= abs(self.gain) <= LARGEST_MV:
            raise ConfigError(
                f"stated gain is {self.gain}, expected {1 / LARGEST_MV:g} to {LARGEST_MV:g} units "
                "per mV, or as much below 0"
            )
        if self.gain is not None and self.units is not None:
            raise ConfigError("both units and gain are stated; a gain is always per mV, leave one")

    def rate(self, path: Path, found: float | None, notes: list[str]) -> float:
        """Give the rate to use, checked; say so where it is not the file's own."""
        if self.fs_hz is not None:
            if found is not None and not math.isclose(found, self.fs_hz, rel_tol=1e-3):
                notes.append(
                    f"the sampling rate was stated as {self.fs_hz:g} Hz; the file says {found:g} Hz"
                )
            return float(self.fs_hz)
        if found is None:
            raise DataFormatError(
                f"{path} does not say its sampling rate; state it (fs_hz, on the command line --fs)"
            )
        if not LOWEST_HZ <= found <= HIGHEST_HZ:
            raise DataFormatError(
                f"{path} says its sampling rate is {found:g} Hz, expected {LOWEST_HZ:g} to "
                f"{HIGHEST_HZ:g} Hz; state the right one (fs_hz)"
            )
        return float(found)

    def scale(self, units: str) -> float:
        """Give the factor from the file's values to mV: stated gain, stated units, the file's."""
        if self.gain is not None:
            return 1 / self.gain
        factor = to_mv(self.units or units)
        return 1.0 if factor is None else factor


@dataclass(frozen=True)
class Format:
    """One file format.

    Attributes
    ----------
    name : str
        As people call it.
    recognises : callable
        ``recognises(path, head)`` tells from the first bytes whether a file is of this format.
    opens : callable
        ``opens(path, stated)`` gives the recording.
    extensions : tuple of str
        Usual extensions, for files too damaged to be told from their content.
    """

    name: str
    recognises: Callable[[Path, bytes], bool]
    opens: Callable[[Path, Stated], Recording]
    extensions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signal:
    """One signal of a file, as far as choosing goes."""

    name: str
    units: str
    fs_hz: float


def to_mv(units: str) -> float | None:
    """Give the factor from a unit to mV, or None if it is no voltage."""
    return _TO_MV.get(units.casefold().replace(" ", "").strip("[]()"))


def choose_leads(
    path: Path, signals: Sequence[Signal], stated: Stated, notes: list[str]
) -> list[int]:
    """Choose the ECG leads among the signals of a file, and note what is left out and why.

    Signals that are no voltage, or whose names say that they are something else (EEG, respiration
    and so on), are left out; if some names say ECG, so are those not called like a lead. Of leads
    with different sampling rates those with the highest stay.
    """
    if not signals:
        raise DataFormatError(f"{path} holds no signals")
    voltages = [
        i
        for i, signal in enumerate(signals)
        if (stated.units or stated.gain or to_mv(signal.units) is not None)
        and (_is_lead(signal.name) or not _OTHER_SIGNAL.search(signal.name))
    ]
    # Where a name says ECG, a voltage that is not called like a lead is something else (an EEG
    # channel of a sleep study); where none does, leads have names that nobody can list.
    if any(_SAYS_ECG.search(signals[i].name) for i in voltages):
        chosen = [i for i in voltages if _is_lead(signals[i].name)]
    else:
        chosen = voltages
    if not chosen:
        found = ", ".join(f"{s.name} ({s.units or 'no unit'})" for s in signals[:8])
        raise NoLeadsError(
            f"{path} has no signal that can be an ECG lead in volts: it has {found}; if one is, "
            "state its units"
        )
    highest = max(signals[i].fs_hz for i in chosen)
    kept = [i for i in chosen if math.isclose(signals[i].fs_hz, highest, rel_tol=1e-9)]
    left = [signals[i].name for i in range(len(signals)) if i not in kept]
    if left:
        notes.append(
            f"signals left out because they are not ECG leads at {highest:g} Hz: {', '.join(left)}"
        )
    return kept


def _is_lead(name: str) -> bool:
    return _LEAD_NAME.search(name.strip()) is not None


def lead_names(names: Sequence[str | None]) -> tuple[str, ...]:
    """Tidy lead names and make them unique: no ``ECG`` before a lead, a number after repeats."""
    tidy: list[str] = []
    taken: set[str] = set()
    for i, raw in enumerate(names):
        name = " ".join((raw or "").split())
        name = (
            re.sub(r"^(ECG|EKG)[ _:-]+(?=[A-Za-z])", "", name, flags=re.IGNORECASE)
            or f"lead {i + 1}"
        )
        unique, count = name, 1
        while unique.casefold() in taken:
            count += 1
            unique = f"{name} {count}"
        taken.add(unique.casefold())
        tidy.append(unique)
    return tuple(tidy)


def one_line(error: BaseException) -> str:
    """Give what another library's error says, on one line and not too long."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."
