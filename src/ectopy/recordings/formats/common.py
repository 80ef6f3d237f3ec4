"""What every format shares: what the user stated, units, which signals are ECG leads, checks."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ectopy.errors import ConfigError, DataFormatError, EctopyError
from ectopy.recordings.formats.budget import HIGHEST_HZ, LOWEST_HZ
from ectopy.recordings.formats.resample import ratio
from ectopy.recordings.recording import LARGEST_MV, Recording, lead_called

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
    r"eeg|eog|emg|resp|spo2|sao2|pleth?\b|ppg|\babp\b|\bbp\b|press|pulse|flow|thor|abdo|chest|snor"
    r"|temp|accel|^acc|gyro|magnet|marker|event|status|trigger|batt|gsr|eda|position|^hr$"
    r"|heart ?rate|\b[lr]oc\b|chin\b|\bleg\b|nasal|cannula|annot|label|class|quality|flag|packet"
    r"|lead.?off",
    re.IGNORECASE,
)
# Electrodes of the international 10-20 system and its finer grids (Oostenveld and Praamstra 2001),
# alone or against a reference.
_PLACE: Final = (
    r"(fp[12z]|af[z1-9]\d?|f([1-9]|10|z)|fc[z1-6]|ft([7-9]|10)|c[1-6z]|t([3-9]|10)|cp[z1-6]"
    r"|tp([7-9]|10)|p([1-9]|10|z)|po[z3-8]|o[12z]|[am][12]|i[z12]|nz)"
)
_EEG: Final = re.compile(rf"{_PLACE}([-:/ ]({_PLACE}|ref|le|re|avg|av|ar|cle))?", re.IGNORECASE)
_CHEST: Final = re.compile(r"[acm]\d", re.IGNORECASE)
_LOOSE_NAME: Final = re.compile(r"[dxyz]\d?", re.IGNORECASE)  # also the fourth bank of an EEG cap
_MOST_UNNAMED: Final = 32
"""Voltages that may be leads though none is called like one; recorders of more are for the EEG."""
_MOST_LISTED: Final = 8

# Errors of Python itself, and words of its own and of NumPy's, which tell a user nothing.
_INTERNAL: Final = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NameError, NotImplementedError,
    RecursionError, TypeError, UnicodeError, struct.error,
)  # fmt: skip
_SAYS_INTERNALS: Final = re.compile(
    r"\bnp\.|numpy|<class|object at|\bobjects?\b|invalid literal|could not convert|out of range"
    r"|unpack|broadcast|dtype|\bbuffer|\bself\b|\b\w+(Error|Exception|Warning)\b|\w+\.\w+\.\w+"
    r"|\w\(\)|__|positional|\bkeyword|operand|axis|iterable|None\b|codec|\[Errno|[a-z]\(\w+=",
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

    Examples
    --------
    >>> from ectopy.recordings.formats import Stated
    >>> Stated(fs_hz=250, units="uV").scale("mV")
    0.001
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
                f"{path} does not say its sampling rate; state it", change="fs_hz"
            )
        if not LOWEST_HZ <= found <= HIGHEST_HZ:
            raise DataFormatError(
                f"{path} says its sampling rate is {found:g} Hz, expected {LOWEST_HZ:g} to "
                f"{HIGHEST_HZ:g} Hz; state the right one",
                change="fs_hz",
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
    no_recording : type of error, optional
        Of formats that hold anything, as tables do: the error by which a file is told for no
        recording; in a folder it is then left out.
    seconds : callable, optional
        ``seconds(head, size)`` tells from the first 8 KiB and the size of a file of this format how
        long it is, or None where they do not say; nothing in it is checked.

    Examples
    --------
    >>> from ectopy.recordings.formats import FORMATS
    >>> [known.name for known in FORMATS][:3]
    ['EDF', 'ISHNE', 'SCP-ECG']
    """

    name: str
    recognises: Callable[[Path, bytes], bool]
    opens: Callable[[Path, Stated], Recording]
    extensions: tuple[str, ...] = ()
    no_recording: type[EctopyError] | None = None
    seconds: Callable[[bytes, int], float | None] | None = None


@dataclass(frozen=True)
class Signal:
    """One signal of a file, as far as choosing goes."""

    name: str
    units: str
    fs_hz: float
    assumed: bool = False  # the units, because the file does not say them


def to_mv(units: str) -> float | None:
    """Give the factor from a unit to mV, or None if it is no voltage."""
    return _TO_MV.get(units.casefold().replace(" ", "").strip("[]()"))


def choose_leads(
    path: Path, signals: Sequence[Signal], stated: Stated, notes: list[str]
) -> list[int]:
    """Choose the ECG leads among the signals of a file, and note what is left out and why.

    Signals that are no voltage, or whose names say that they are something else (EEG, respiration
    and so on), are left out; if some names say ECG, so are those not called like a lead. Leads of
    a lower rate than the highest are chosen too, to be brought to it (`resample.join`).
    """
    if not signals:
        raise NoLeadsError(f"{path} holds no signals")
    voltages = [
        i
        for i, signal in enumerate(signals)
        if (stated.units or stated.gain or to_mv(signal.units) is not None)
        and (is_lead(signal.name) or not _OTHER_SIGNAL.search(signal.name))
    ]
    # Where a name says ECG, a voltage that is not called like a lead is something else (an EEG
    # channel of a sleep study); where none does, leads have names that nobody can list.
    if any(_SAYS_ECG.search(signals[i].name) for i in voltages):
        chosen = [i for i in voltages if is_lead(signals[i].name)]
    elif stated.units or stated.gain:
        chosen = voltages
    else:
        chosen = _without_eeg(signals, voltages)
    if not chosen:
        found = some(
            f"{s.name} ({'no unit' if s.assumed else s.units or 'no unit'})" for s in signals
        )
        raise NoLeadsError(
            f"{path} has no signal that can be told for an ECG lead: it has {found}; if one is, "
            "state its units"
        )
    left = [signals[i].name for i in range(len(signals)) if i not in chosen]
    if left:
        notes.append(f"signals left out because they are not ECG leads: {some(left)}")
    highest = max(signals[i].fs_hz for i in chosen)
    kept = []
    for i in chosen:
        name, fs_hz = signals[i].name, signals[i].fs_hz
        if fs_hz == highest:
            kept.append(i)
        elif fs_hz < LOWEST_HZ:
            notes.append(f"{lead_called(name)} was left out: {fs_hz:g} Hz is too slow for an ECG")
        elif ratio(highest, fs_hz) is None:
            notes.append(
                f"{lead_called(name)} was left out: its {fs_hz:g} Hz have no simple ratio to the "
                f"{highest:g} Hz of other leads"
            )
        else:
            kept.append(i)
            notes.append(f"{lead_called(name)} was resampled from {fs_hz:g} Hz to {highest:g} Hz")
    return kept


def _without_eeg(signals: Sequence[Signal], voltages: list[int]) -> list[int]:
    """Leave out the electrodes of an EEG, and signals too many to be leads that nobody names so."""
    names = {i: signals[i].name.replace(".", "").strip() for i in voltages}
    # C1 to C6 are chest leads to some and, beside other places on the head, EEG to others.
    if any(_EEG.fullmatch(name) and not _CHEST.fullmatch(name) for name in names.values()):
        voltages = [i for i in voltages if not _EEG.fullmatch(names[i])]
    named = any(is_lead(name) and not _LOOSE_NAME.fullmatch(name) for name in names.values())
    if len(voltages) > _MOST_UNNAMED and not named:
        return []
    return voltages


def by_rate(signals: Sequence[Signal], kept: Sequence[int]) -> dict[float, list[int]]:
    """Group the chosen signals by their rate: positions among the chosen, highest rate first."""
    groups: dict[float, list[int]] = {}
    for at, i in enumerate(kept):
        groups.setdefault(signals[i].fs_hz, []).append(at)
    return dict(sorted(groups.items(), reverse=True))


def some(names: Iterable[str]) -> str:
    """List names, the first few of them where there are many."""
    known = list(names)
    more = [f"and {len(known) - _MOST_LISTED} more"] if len(known) > _MOST_LISTED + 1 else []
    return ", ".join(known[:_MOST_LISTED] + more if more else known)


def is_lead(name: str) -> bool:
    """Tell a name that leads have, or that says ECG."""
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
    """Give what another library's error says, on one line and not too long.

    What only its author can read (names of types and functions, a failed look-up) is left out, and
    so is what follows the first sentence: advice to who calls the library.
    """
    text = re.split(r"[.!?] (?=[A-Z])", " ".join(str(error).split()))[0].rstrip(".")
    if not text or isinstance(error, _INTERNAL) or _SAYS_INTERNALS.search(text):
        return "what it holds does not fit that"
    return text if len(text) <= 160 else text[:157] + "..."
