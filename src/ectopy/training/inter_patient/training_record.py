"""`TrainingRecord`: an annotated record in the form that the beat model is trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class TrainingRecord:
    """One annotated record, or a disturbed copy of one.

    Attributes
    ----------
    name : str
        Record name.
    signal : ndarray of float32, shape (n_leads, n)
        Canonical signal.
    at : ndarray of float64, shape (n_beats,)
        Annotated R peaks on the canonical grid.
    y : ndarray of int64, shape (n_beats,)
        Classes.
    fibrillation : ndarray of float32, shape (n_beats,)
        1 where the rhythm is atrial fibrillation or flutter, 0 where not, NaN where nobody says.
    patient : str
        Who it is of; by default somebody with no other record.
    teaches : ndarray of bool, shape (n_beats,), optional
        Beats whose class is known, where it is not that of all of them. Such a record teaches, but
        nothing is calibrated or judged by it.

    Examples
    --------
    >>> from ectopy.beats import to_classes
    >>> from ectopy.beats.conditioning import canonical_signal, positions
    >>> from ectopy.training.inter_patient import TrainingRecord
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> record = TrainingRecord(
    ...     "simulated",
    ...     canonical_signal(recording.read(), recording.fs_hz),
    ...     positions(reference.samples, recording.fs_hz),
    ...     to_classes(reference.symbols),
    ...     np.zeros(len(reference), dtype=np.float32),
    ... )
    >>> len(record.at) == len(record.y)
    True
    """

    name: str
    signal: npt.NDArray[np.float32]
    at: npt.NDArray[np.float64]
    y: npt.NDArray[np.int64]
    fibrillation: npt.NDArray[np.float32]
    patient: str = ""
    teaches: npt.NDArray[np.bool_] | None = None

    @property
    def judges(self) -> bool:
        """Whether the class of every beat is known."""
        return self.teaches is None

    @property
    def taught(self) -> npt.NDArray[np.int64]:
        """Classes of the beats that teach."""
        return self.y if self.teaches is None else self.y[self.teaches]
