"""`Annotations`: where the beats are and what they were called, as WFDB files hold them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Annotations:
    """Annotations of one recording, in time order.

    Attributes
    ----------
    samples : ndarray of int64, shape (n,)
        Sample index of each annotation (for beats, the R peak or QRS onset as annotated).
    symbols : ndarray of str, shape (n,)
        WFDB symbols (``N``, ``V``, ``+`` and so on).
    fs_hz : float
        Rate that ``samples`` counts in.
    aux : ndarray of str, shape (n,)
        Auxiliary text (rhythm changes such as ``(AFIB``); empty where there is none.
    subtypes : ndarray of int64, shape (n,), optional
        WFDB subtypes; of a change of signal quality (``~``), bits 4 and 5 say that leads 0 and 1
        cannot be read. None where the source does not say.
    """

    samples: npt.NDArray[np.int64]
    symbols: npt.NDArray[np.str_]
    fs_hz: float
    aux: npt.NDArray[np.str_]
    subtypes: npt.NDArray[np.int64] | None = None

    def __len__(self) -> int:
        """Count the annotations."""
        return len(self.samples)
