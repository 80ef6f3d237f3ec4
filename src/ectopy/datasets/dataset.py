"""`BeatDataset`: beats of one length with their classes, patients and origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ectopy.beats.windows import Window
from ectopy.errors import DataFormatError


@dataclass(frozen=True)
class BeatDataset:
    """Beats ready for training or testing.

    Attributes
    ----------
    name : str
        Registry name, for example ``ecg5000``.
    X : ndarray of float32, shape (n_beats, n_samples) or (n_beats, n_samples, n_leads)
        One beat a row.
    y : ndarray of int64, shape (n_beats,)
        Class index into ``classes``.
    classes : tuple of str
        Class names in order.
    groups : ndarray of str, shape (n_beats,), optional
        Record or patient of each beat; None where the source does not tell.
    subjects : ndarray of str, shape (n_beats,), optional
        Whose each beat is; the same for records of one person, so that a split can keep them
        together. By default ``groups``.
    part : ndarray of str, shape (n_beats,), optional
        The source's own split (``train`` or ``test``); None where it has none.
    features : mapping of str to ndarray of float32, shapes (n_beats, n_values)
        Numbers known of each beat beside its signal, such as RR intervals, for networks with an
        input of that name.
    fs_hz : float, optional
        Sampling rate; None where the source has none (ECG5000).
    leads : tuple of str
        Names of the leads in order; empty where they are not known.
    window : Window, optional
        How such beats are cut from a raw signal; None where that cannot be done.
    no_window : str
        Why it cannot be done, where there is no ``window``.
    scaling : str
        How samples are scaled, in words, where there is no ``window`` that says it.
    simulated : bool
        True for made signals; every figure and report then says SIMULATED.
    provenance : str
        Where the beats come from and how they were cut, in a sentence.
    checksums : dict of str to str
        SHA-256 of each input file by name.
    caveats : tuple of str
        What this data cannot show, in plain words, for reports.

    Examples
    --------
    >>> data = ectopy.load_dataset("simulated-140", patients=2, duration_s=30)
    >>> few = data.take(np.arange(10))
    >>> few.X.shape, few.y.shape, data.simulated
    ((10, 140), (10,), True)
    """

    name: str
    X: npt.NDArray[np.float32]
    y: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    groups: npt.NDArray[np.str_] | None = None
    subjects: npt.NDArray[np.str_] | None = None
    part: npt.NDArray[np.str_] | None = None
    features: Mapping[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    fs_hz: float | None = None
    leads: tuple[str, ...] = ()
    window: Window | None = None
    no_window: str = "the data set does not tell how its beats were cut"
    scaling: str = "not told"
    simulated: bool = False
    provenance: str = ""
    checksums: dict[str, str] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that the arrays belong together; a record is a person's unless more is known.

        Raises
        ------
        DataFormatError
            If shapes disagree, a sample or a feature is not finite, or a label is outside the
            classes.
        """
        if self.subjects is None:
            object.__setattr__(self, "subjects", self.groups)
        if self.X.ndim not in (2, 3) or len(self.X) != len(self.y):
            raise DataFormatError(
                f"{self.name}: X has shape {self.X.shape} and y {self.y.shape}; "
                f"expected (n_beats, n_samples) or (n_beats, n_samples, n_leads), and (n_beats,)"
            )
        if not np.isfinite(self.X).all():
            row = _first_odd(self.X)
            raise DataFormatError(f"{self.name}: beat {row} holds NaN or infinite samples")
        for name, values in self.features.items():
            if values.ndim != 2 or len(values) != len(self.y):
                raise DataFormatError(
                    f"{self.name}: feature {name!r} has shape {values.shape}, expected "
                    f"({len(self.y)}, n_values)"
                )
            if not np.isfinite(values).all():
                raise DataFormatError(
                    f"{self.name}: feature {name!r} of beat {_first_odd(values)} is NaN or infinite"
                )
        if len(self.y) and not (self.y.min() >= 0 and self.y.max() < len(self.classes)):
            raise DataFormatError(
                f"{self.name}: labels run from {self.y.min()} to {self.y.max()}, "
                f"expected 0 to {len(self.classes) - 1}"
            )
        if self.leads and len(self.leads) != (1 if self.X.ndim == 2 else self.X.shape[2]):
            raise DataFormatError(
                f"{self.name}: X has shape {self.X.shape}, expected the {len(self.leads)} leads "
                f"{', '.join(self.leads)}"
            )
        for label in ("groups", "subjects", "part"):
            known = getattr(self, label)
            if known is not None and len(known) != len(self.y):
                raise DataFormatError(
                    f"{self.name}: {label} has {len(known)} entries for {len(self.y)} beats"
                )

    def __len__(self) -> int:
        """Count the beats."""
        return len(self.y)

    def take(self, index: npt.NDArray[Any]) -> BeatDataset:
        """Keep the beats that ``index`` (positions or a mask) selects, with all they carry."""
        return replace(
            self,
            X=self.X[index],
            y=self.y[index],
            groups=None if self.groups is None else self.groups[index],
            subjects=None if self.subjects is None else self.subjects[index],
            part=None if self.part is None else self.part[index],
            features={name: values[index] for name, values in self.features.items()},
        )

    def counts(self) -> dict[str, int]:
        """Count the beats of each class, in class order."""
        tally = np.bincount(self.y, minlength=len(self.classes))
        return {name: int(n) for name, n in zip(self.classes, tally, strict=True)}


def _first_odd(values: npt.NDArray[np.float32]) -> int:
    """Find the first row that holds a NaN or an infinite number."""
    return int(np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))[0])
