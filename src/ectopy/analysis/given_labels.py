"""Labels that are given, not made: the beats of an annotation file, as a reader left them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import NOT_A_BEAT, to_classes
from ectopy.classes import AAMI
from ectopy.errors import DataFormatError
from ectopy.files import sha256
from ectopy.recordings.annotated import at_rate
from ectopy.recordings.annotations import (
    REFERENCE_EXTENSIONS,
    Annotations,
    read_annotations,
)
from ectopy.recordings.recording import Recording
from ectopy.runtime.labels import BeatLabels

UNCERTAIN_SUBTYPE: Final = 1
"""Subtype of a beat whose class should not be relied on; 0 for the others."""


def read_marks(file: Path, otherwise_hz: Callable[[DataFormatError], float]) -> Annotations:
    """Read annotations, of a reference without the subtypes of its beats.

    Parameters
    ----------
    file : Path
        With its extension, as in ``results/100.ect``.
    otherwise_hz : callable
        Gives the rate where neither the file nor a header beside it tells it, or raises what it is
        given.
    """
    record, extension = file.with_suffix(""), file.suffix[1:]
    try:
        marks = read_annotations(record, extension)
    except DataFormatError as error:
        if file.with_suffix(".hea").is_file():
            raise
        marks = read_annotations(record, extension, fs_hz=otherwise_hz(error))
    # In reference annotations a subtype tells something else, as the form of a VEB.
    if extension in REFERENCE_EXTENSIONS and marks.subtypes is not None:
        beat = to_classes(marks.symbols) != NOT_A_BEAT
        return replace(marks, subtypes=np.where(beat, 0, marks.subtypes))
    return marks


def uncertain(marks: Annotations) -> npt.NDArray[np.bool_]:
    """Tell which annotations are beats whose class should not be relied on."""
    if marks.subtypes is None:
        return np.zeros(len(marks), dtype=bool)
    beat = to_classes(marks.symbols) != NOT_A_BEAT
    return np.asarray(beat & (marks.subtypes == UNCERTAIN_SUBTYPE))


@dataclass(frozen=True, eq=False)
class GivenLabels:
    """Beats and their classes.

    Attributes
    ----------
    name : str
        Of the annotation file.
    sha256 : str
        Of its content.
    samples : ndarray of int64, shape (n_beats,)
        R peaks at the recording's rate, ascending, each once.
    labels : BeatLabels
        Their classes; the probability of what was stated is 1.
    """

    name: str
    sha256: str
    samples: npt.NDArray[np.int64]
    labels: BeatLabels

    behind_s: ClassVar[int] = 0
    ahead_s: ClassVar[int] = 0
    leads_used: ClassVar[int] = 1

    def between(self, first: int, last: int) -> BeatLabels:
        """Give the labels of the beats from one sample to before another."""
        here = slice(*np.searchsorted(self.samples, [first, last]))
        labels = self.labels
        return BeatLabels(labels.probabilities[here], labels.classes[here], labels.uncertain[here])

    @classmethod
    def read(cls, file: Path, recording: Recording, escape: str = "N") -> GivenLabels:
        """Read an annotation file of a recording.

        Parameters
        ----------
        file : Path
            With its extension, as in ``results/100.ect``.
        recording : Recording
            What it annotates.
        escape : {"N", "S"}
            Class of the supraventricular escape beats e, j and n.

        Raises
        ------
        DataNotFoundError
            If there is no such file.
        DataFormatError
            If it is damaged, holds no beat of the recording, or one after its end.
        """
        marks = at_rate(read_marks(file, lambda _: recording.fs_hz), recording.fs_hz)
        classes = to_classes(marks.symbols, escape)
        beat = np.flatnonzero(classes != NOT_A_BEAT)
        if not len(beat):
            raise DataFormatError(f"{file} holds no beat, expected annotations of {recording.name}")
        last = int(marks.samples[beat[-1]])
        if last >= recording.n_samples + round(recording.fs_hz):
            raise DataFormatError(
                f"{file} has a beat at {last / recording.fs_hz:.1f} s, but {recording.name} lasts "
                f"{recording.duration_s:.1f} s; give the annotations of this recording"
            )
        beat = beat[marks.samples[beat] < recording.n_samples]
        samples, first = np.unique(marks.samples[beat], return_index=True)
        chosen = classes[beat[first]]
        doubt = uncertain(marks)[beat[first]]
        stated = np.eye(len(AAMI), dtype=np.float32)[chosen]
        return cls(file.name, sha256(file), samples, BeatLabels(stated, chosen, doubt))
