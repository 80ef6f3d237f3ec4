"""`AnnotatedRecord`: a recording with its reference annotations, both counted at one rate."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ectopy.errors import DataFormatError
from ectopy.recordings.annotations import Annotations, read_annotations
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording


@dataclass(frozen=True)
class AnnotatedRecord:
    """A recording and what somebody marked in it.

    Which marks are beats, and of which class, is a convention: see
    `ectopy.beats.reference.reference_beats`.

    Attributes
    ----------
    recording : Recording
        Its samples are read when they are asked for.
    reference : Annotations
        In time order, at the recording's rate. A mark may stand after the last sample (one of
        svdb's record 860 does); ``notes`` says so.
    source : str
        Where the annotations came from, for messages.

    Examples
    --------
    >>> from ectopy.recordings import open_annotated
    >>> record = open_annotated("records/a")
    >>> record.recording.duration_s, len(record.reference)
    (120.0, 105)
    """

    recording: Recording
    reference: Annotations
    source: str = "reference"

    @property
    def name(self) -> str:
        """Record name."""
        return self.recording.name

    @property
    def fs_hz(self) -> float:
        """Rate of samples and annotations, Hz."""
        return self.recording.fs_hz

    @property
    def notes(self) -> tuple[str, ...]:
        """What was assumed or repaired in reading, and how many annotations lie past the signal."""
        late = int(np.count_nonzero(self.reference.samples >= self.recording.n_samples))
        said = (f"{late} of {len(self.reference)} annotations stand after the last sample",)
        return (*self.recording.all_notes, *(said if late else ()))


def open_annotated(path: str | os.PathLike[str], extension: str = "atr") -> AnnotatedRecord:
    """Open a WFDB record with its reference annotations.

    Parameters
    ----------
    path : path
        Record without extension, as in ``mitdb/100``.
    extension : str
        Annotator, as in ``atr``.

    Raises
    ------
    DataNotFoundError
        If the header or the annotations are not there.
    DataFormatError
        If either cannot be read, or no annotation lies within the recording.

    Examples
    --------
    >>> record = open_annotated("mitdb/100")  # doctest: +SKIP
    >>> record.recording.read(0, 3600).shape  # doctest: +SKIP
    (2, 3600)
    """
    record = Path(path)
    marks = read_annotations(record, extension)
    recording = open_recording(record.with_name(f"{record.name}.hea"))
    reference = at_rate(marks, recording.fs_hz)
    source = f"{record}.{extension}"
    if len(reference) and reference.samples[0] >= recording.n_samples:
        raise DataFormatError(
            f"{source} begins at sample {reference.samples[0]}, but its record has "
            f"{recording.n_samples} samples; give the annotations of this record"
        )
    return AnnotatedRecord(recording, reference, source)


def at_rate(annotations: Annotations, fs_hz: float) -> Annotations:
    """Count annotations at another rate, each to the nearest sample, in time order."""
    samples = np.asarray(annotations.samples, dtype=np.int64)
    if annotations.fs_hz != fs_hz:
        samples = np.rint(samples * (fs_hz / annotations.fs_hz)).astype(np.int64)
    order = np.argsort(samples, kind="stable")
    kinds = annotations.subtypes
    return Annotations(
        samples[order],
        annotations.symbols[order],
        fs_hz,
        annotations.aux[order],
        None if kinds is None else kinds[order],
    )
