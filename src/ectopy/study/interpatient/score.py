"""Score beat models on annotated records by EC57: settings, peaks, conventions, disturbances."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ectopy.beats.detection.r_peaks import detect
from ectopy.classes import AAMI
from ectopy.evaluation.ec57 import counting as ec57
from ectopy.recordings.annotations import Annotations
from ectopy.study.interpatient.records import Annotated

Int64 = npt.NDArray[np.int64]


class Labels(Protocol):
    """What a classifier gives."""

    @property
    def classes(self) -> Int64:
        """Class of each beat."""


Labelling = Callable[[npt.NDArray[np.float32], float, Int64], Labels]


def labels(record: Annotated, label: Labelling, peaks: Int64) -> Annotations:
    """Label the beats at ``peaks`` and give them as annotations."""
    classes = label(record.signal_mv, record.fs_hz, peaks).classes
    return Annotations(
        peaks,
        np.array(AAMI)[classes],
        record.fs_hz,
        np.full(len(peaks), "", dtype=np.str_),
    )


def peaks_of(record: Annotated, kind: str) -> Int64:
    """R peaks of a record: "reference" or "detected"."""
    return record.beats()[0] if kind == "reference" else detect(record.signal_mv, record.fs_hz)


def score(
    given: Iterable[tuple[Annotated, Annotations]],
    *,
    escape: str = "N",
    skip_s: float = 0.0,
    leave_out: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Report labelled records by EC57: ``records``, ``gross`` and ``average``.

    Parameters
    ----------
    given : iterable of (Annotated, Annotations)
        Records with our labels.
    escape : {"N", "S"}
        Class of escape beats.
    skip_s : float
        Seconds left out at the start.
    leave_out : tuple of str
        Records not to count.
    """
    return ec57.statistics(
        {
            record.name: ec57.match(
                record.reference,
                found,
                escape=escape,
                skip_s=skip_s,
                n_samples=record.signal_mv.shape[1],
            )
            for record, found in given
            if record.name not in leave_out
        }
    )


def brief(statistics: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what a table needs of the gross figures, with their intervals over records."""
    gross = statistics["gross"]
    told: dict[str, Any] = {
        name: {key: gross[name][key] for key in ("se", "ppv", "f1")} for name in ("SVEB", "VEB")
    }
    for name in ("SVEB", "VEB"):
        told[name]["f1_interval"] = gross[name]["intervals"]["f1"]
        told[name] |= {key: gross[name][key] for key in ("tp", "fn", "fp")}
    told["accuracy"] = gross["accuracy"]
    told["macro_f1_nsv"] = gross["macro_f1_nsv"]
    told["beats"] = gross["beats"]
    return told
