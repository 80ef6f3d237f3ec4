"""The rhythm of an annotated record: from the beats of an annotation file, or from its signal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.request import Request
from ectopy.analysis.settings import Settings
from ectopy.beats.reference import beat_times
from ectopy.errors import DataFormatError
from ectopy.recordings.annotated import open_annotated
from ectopy.recordings.annotations import Annotations, read_annotations
from ectopy.recordings.rhythm_marks import Spans
from ectopy.recordings.wfdb.header import read_header
from ectopy.runtime.bundle import Setting
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.episodes import rhythm_of
from ectopy.runtime.rhythm.fibrillation import FibrillationModel
from ectopy.runtime.rhythm.kinds import AF, KEYS, NONE
from ectopy.runtime.rhythm.settings import RhythmSettings

UNMARKED: Final = "unmarked"
"""What is before the first rhythm mark of a record."""


@dataclass(frozen=True, eq=False)
class ToldRecord:
    """What was told of one record, and its reference.

    Attributes
    ----------
    reference : Annotations
        With rhythm marks.
    fibrillation : Spans
        Episodes, at the rate of the reference.
    length, stop : int
        Samples in the record, and where there is nothing more to tell a rhythm from.
    about : dict of str to float
        Seconds decided and not.
    course : RhythmCourse or None
        All rhythms, where they are told from the signal.
    """

    reference: Annotations
    fibrillation: Spans
    length: int
    stop: int
    about: dict[str, float]
    course: RhythmCourse | None = None


def from_annotations(
    path: Path,
    extension: str,
    beats_of: str,
    settings: RhythmSettings,
    model: FibrillationModel,
) -> ToldRecord:
    """Tell fibrillation from the beats of an annotation file; no signal is read."""
    reference = read_annotations(path, extension)
    _check(reference, path, extension)
    own = reference if beats_of == extension else read_annotations(path, beats_of)
    fs_hz = reference.fs_hz
    header = path.with_name(f"{path.name}.hea")
    frames = read_header(header).n_frames if header.is_file() else None
    beats = beat_times(own)
    told = int(beats[-1] * fs_hz) + 1 if len(beats) else 0
    # A header without signals need not say how long the record is; marks stand beyond the last.
    length = int(frames or max(reference.samples.max(initial=0), told))
    stop = min(length, told)  # beyond the last beat there is nothing to tell the rhythm from
    result = rhythm_of(beats, settings=settings, model=model)
    about = {
        "decided_s": result.decided_s,
        "not_decided_s": result.not_decided_s,
        "after_last_beat_s": round((length - stop) / fs_hz, 3),
    }
    return ToldRecord(reference, _samples(result.episodes, fs_hz), length, stop, about)


def from_signal(
    path: Path,
    extension: str,
    classifier: Classifier,
    setting: Setting | None,
    settings: Settings,
) -> ToldRecord:
    """Label the recording and tell all its rhythms, as `analyze` does."""
    record = open_annotated(path, extension)
    _check(record.reference, path, extension)
    request = Request(record.recording, classifier=classifier, setting=setting, settings=settings)
    course = analyze(request).rhythm
    stop = record.recording.n_samples
    about = {
        "decided_s": course.decided_s,
        "not_decided_s": course.seconds(NONE),
        "after_last_beat_s": 0.0,
    }
    spans = _samples(course.episodes(AF), record.fs_hz)
    return ToldRecord(record.reference, spans, stop, stop, about, course)


def by_mark(told: ToldRecord, start: int = 0) -> dict[str, dict[str, float]]:
    """Give the seconds of each of our rhythms within each rhythm that the reference marks.

    Returns
    -------
    dict of str to dict of str to float
        By the text of the mark (`UNMARKED` before the first), then by key of our kind.
    """
    course, reference = told.course, told.reference
    assert course is not None
    at = reference.symbols == "+"
    fs_hz = reference.fs_hz
    begin = np.append(0.0, reference.samples[at] / fs_hz)
    marks = np.append(UNMARKED, [text.strip("\0 ") for text in reference.aux[at].tolist()])
    first, last = start / fs_hz, told.stop / fs_hz
    edges = np.unique(np.clip(np.concatenate([begin, course.onset_s, [first, last]]), first, last))
    middle, length = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    of_mark = marks[np.searchsorted(begin, middle, side="right") - 1]
    ours = course.kind[np.searchsorted(course.onset_s, middle, side="right") - 1]
    table: dict[str, dict[str, float]] = {}
    for mark in dict.fromkeys(of_mark.tolist()):
        own = of_mark == mark
        seconds = np.bincount(ours[own], length[own], minlength=len(KEYS))
        found = zip(KEYS, seconds.tolist(), strict=True)
        table[mark] = {key: round(s, 3) for key, s in found if s > 0}
    return table


def _check(reference: Annotations, path: Path, extension: str) -> None:
    if not np.char.startswith(reference.aux[reference.symbols == "+"], "(").any():
        raise DataFormatError(f"{path}.{extension} has no rhythm marks")


def _samples(spans_s: npt.NDArray[np.float64], fs_hz: float) -> Spans:
    edges = np.rint(spans_s * fs_hz).astype(np.int64)
    return Spans(edges[:, 0], edges[:, 1])
