"""Limb leads that follow from two others: eight stored leads make twelve."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.recordings.recording import Float32, Recording

LIMB_LEADS: Final = ("I", "II", "III", "aVR", "aVL", "aVF")
_FROM_I_AND_II: Final = {
    "I": (1.0, 0.0), "II": (0.0, 1.0), "III": (-1.0, 1.0), "aVR": (-0.5, -0.5),
    "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0),
}  # fmt: skip
"""Einthoven (1913): II = I + III; Goldberger (1942): each augmented lead is against the mean of the
other two electrodes."""
_NAMES: Final = {
    **{lead.casefold(): lead for lead in LIMB_LEADS},
    **{f"d{lead.casefold()}": lead for lead in LIMB_LEADS[:3]},  # as in French and Spanish
}
_BEFORE: Final = re.compile(r"(?:(?:ecg|ekg|lead)[ _-]*)*", re.IGNORECASE)


@dataclass(frozen=True)
class _WithDerived:
    """Reads leads, and others that are sums of two of them."""

    reader: Callable[[int, int], Float32]
    known: tuple[int, int]
    weights: tuple[tuple[float, float], ...]

    def __call__(self, start: int, stop: int) -> Float32:
        stored = self.reader(start, stop)
        one, other = stored[list(self.known)]
        # Sum by sum: a matrix product would not promise the same for every piece.
        derived = [one * np.float32(a) + other * np.float32(b) for a, b in self.weights]
        return np.concatenate([stored, derived])


def with_limb_leads(recording: Recording) -> Recording:
    """Give the recording with those of III, aVR, aVL and aVF (or I and II) that it does not store.

    They are computed on reading, from two that are stored: III = II - I, aVR = -(I + II) / 2,
    aVL = I - II / 2, aVF = II - I / 2. Any two limb leads give the other four, and where more than
    two are stored those of I and II are taken, or the first two. A derived lead holds no more than
    its two leads do, and is missing where one of them is.

    Parameters
    ----------
    recording : Recording
        Anything; one with fewer than two limb leads, or all six, is given back as it is.

    Returns
    -------
    Recording
        The stored leads first, as they were, then the derived ones, named in ``derived``.

    Examples
    --------
    >>> from ectopy.recordings import Recording, with_limb_leads
    >>> eight = Recording.from_array(np.zeros((2, 500)), 500, ("I", "II"))
    >>> with_limb_leads(eight).leads
    ('I', 'II', 'III', 'aVR', 'aVL', 'aVF')
    >>> with_limb_leads(eight).derived
    ('III', 'aVR', 'aVL', 'aVF')
    """
    stored: dict[str, int] = {}
    for i, name in enumerate(recording.leads):
        if (limb := limb_lead(name)) is not None and name not in recording.derived:
            stored.setdefault(limb, i)
    missing = [name for name in LIMB_LEADS if name not in {limb_lead(x) for x in recording.leads}]
    known = [name for name in LIMB_LEADS if name in stored][:2]
    if len(known) < 2 or not missing:
        return recording
    basis = np.array([_FROM_I_AND_II[name] for name in known])
    weights = np.array([_FROM_I_AND_II[name] for name in missing]) @ np.linalg.inv(basis)
    first, second = known
    return replace(
        recording,
        leads=(*recording.leads, *missing),
        reader=_WithDerived(recording.reader, (stored[first], stored[second]), _rounded(weights)),
        derived=(*recording.derived, *missing),
        notes=(
            *recording.notes,
            f"{_listed(missing)} {'were' if len(missing) > 1 else 'was'} computed from {first} and "
            f"{second}, as the file does not store {'them' if len(missing) > 1 else 'it'}",
        ),
    )


def limb_lead(name: str) -> str | None:
    """Give the limb lead that a name stands for, or None: ``lead II``, ``AVF``, ``ii``, ``DII``."""
    return _NAMES.get(_BEFORE.sub("", name.strip(), count=1).casefold())


def chest_lead(name: str) -> str | None:
    """Give the chest lead that a name stands for, or None: ``lead V1``, ``v1``, ``C1`` (IEC)."""
    found = re.fullmatch("[vc]([1-6])", _BEFORE.sub("", name.strip(), count=1), re.IGNORECASE)
    return f"V{found[1]}" if found else None


def _rounded(weights: npt.NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Give weights without what inverting adds: all are multiples of a third or a quarter."""
    exact = np.rint(weights * 12) / 12
    return tuple((float(a), float(b)) for a, b in exact)


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
