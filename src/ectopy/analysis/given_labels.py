"""Labels that are given, not made: the beats of an annotation file, as a reader left them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import NOT_A_BEAT, to_classes
from ectopy.classes import AAMI
from ectopy.errors import DataFormatError
from ectopy.files import sha256
from ectopy.recordings.annotated import at_rate
from ectopy.recordings.annotations import REFERENCE_EXTENSIONS, read_annotations
from ectopy.recordings.recording import Recording
from ectopy.runtime.labels import BeatLabels

UNCERTAIN_SUBTYPE: Final = 1
"""Subtype of a beat whose class should not be relied on; 0 for the others."""


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
        extension = file.suffix[1:]
        try:
            marks = read_annotations(file.with_suffix(""), extension)
        except DataFormatError:
            if file.with_suffix(".hea").is_file():
                raise
            marks = read_annotations(file.with_suffix(""), extension, fs_hz=recording.fs_hz)
        marks = at_rate(marks, recording.fs_hz)
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
        doubt = np.zeros(len(samples), dtype=bool)
        # In reference annotations a subtype tells something else, as the form of a VEB.
        if marks.subtypes is not None and extension not in REFERENCE_EXTENSIONS:
            doubt = marks.subtypes[beat[first]] == UNCERTAIN_SUBTYPE
        stated = np.eye(len(AAMI), dtype=np.float32)[chosen]
        return cls(file.name, sha256(file), samples, BeatLabels(stated, chosen, doubt))
