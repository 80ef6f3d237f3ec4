"""`Piece`: a labelled stretch of a recording, and a way to stop before the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.beats.conditioning.quality import Quality
from ectopy.errors import Cancelled

Float32 = npt.NDArray[np.float32]


class Cancel(Protocol):
    """Anything that says when to stop: `threading.Event`, `multiprocessing.Event`."""

    def is_set(self) -> bool:
        """Tell whether to stop."""
        ...


@dataclass(frozen=True)
class Piece:
    """A stretch of a recording.

    Attributes
    ----------
    start_s, stop_s : float
        From when to when, in s from the start of the recording.
    beats : LabelledBeats
        Its beats.
    quality : Quality
        Of its seconds.
    fibrillation : ndarray of float32, shape (n_seconds,)
        How much each of them looks like ventricular fibrillation or flutter, in log-odds:
        `ectopy.beats.detection.VentricularFibrillation` makes alarms and spans of them.
    done_s, of_s : float
        How much of the work is done by now, in seconds of signal, and how much there is.
    labelled : bool
        False where it holds nothing and only tells the progress: with the whole recording, all
        of it is read before the first beat is labelled.

    Examples
    --------
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> for piece in ectopy.pieces(ectopy.Request(recording, setting="past")):
    ...     print(f"{piece.start_s:g} to {piece.stop_s:g} s: {len(piece.beats)} beats")
    0 to 60 s: 76 beats
    """

    start_s: float
    stop_s: float
    beats: LabelledBeats
    quality: Quality
    fibrillation: Float32
    done_s: float
    of_s: float
    labelled: bool = True


def check(cancel: Cancel | None) -> None:
    """Raise `Cancelled` where that was asked for."""
    if cancel is not None and cancel.is_set():
        raise Cancelled("the labelling was cancelled")
