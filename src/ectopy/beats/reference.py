"""The beats among a record's reference annotations, with their classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import NOT_A_BEAT, to_classes
from ectopy.errors import DataFormatError
from ectopy.recordings.annotated import AnnotatedRecord
from ectopy.recordings.annotations import Annotations


@dataclass(frozen=True)
class ReferenceBeats:
    """Annotated beats of a record, in time order.

    Attributes
    ----------
    samples : ndarray of int64, shape (n_beats,)
        Sample index of each beat, at the recording's rate; as annotated, so one may lie after
        the last sample.
    classes : ndarray of int64, shape (n_beats,)
        Position in `ectopy.classes.AAMI`.
    symbols : ndarray of str, shape (n_beats,)
        WFDB symbols.
    """

    samples: npt.NDArray[np.int64]
    classes: npt.NDArray[np.int64]
    symbols: npt.NDArray[np.str_]

    def __len__(self) -> int:
        """Count the beats."""
        return len(self.samples)


def reference_beats(record: AnnotatedRecord, escape: str = "N") -> ReferenceBeats:
    """Give the beats that were annotated; rhythm, noise and waves are left out.

    Parameters
    ----------
    record : AnnotatedRecord
        From `ectopy.recordings.annotated.open_annotated`.
    escape : {"N", "S"}
        Class of the supraventricular escape beats e, j and n.

    Raises
    ------
    DataFormatError
        If there is no beat among the annotations.
    ConfigError
        If ``escape`` is neither N nor S.
    """
    marks = record.reference
    classes = to_classes(marks.symbols, escape)
    beat = classes != NOT_A_BEAT
    if not beat.any():
        raise DataFormatError(
            f"{record.source} holds no beat annotation; give other annotations of this record",
            change="extension",
        )
    return ReferenceBeats(marks.samples[beat], classes[beat], marks.symbols[beat])


def beat_times(annotations: Annotations) -> npt.NDArray[np.float64]:
    """Give the times of the beats among annotations.

    Parameters
    ----------
    annotations : Annotations
        With rhythm, noise and waves, which are left out.

    Returns
    -------
    ndarray of float64, shape (n_beats,)
        Seconds, ascending, each moment once.
    """
    beats = annotations.samples[to_classes(annotations.symbols) != NOT_A_BEAT]
    return np.asarray(np.unique(beats) / annotations.fs_hz)
