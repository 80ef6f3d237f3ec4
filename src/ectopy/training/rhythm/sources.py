"""The records that the rhythm is learnt from, by database."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import DS1, to_classes
from ectopy.beats.reference import beat_times
from ectopy.errors import DataNotFoundError
from ectopy.recordings.annotations import Annotations, read_annotations
from ectopy.recordings.rhythm_marks import FIBRILLATION, FLUTTER, rhythm_spans
from ectopy.training.rhythm.examples import RhythmRecord

IRREGULAR_STEP: Final = 0.06
"""Of the usual interval: the median step between successive N-N intervals above which the normal
beats themselves are irregular, as in fibrillation; in sinus rhythm it is 0.01 to 0.04."""
MOST_IRREGULAR: Final = 1 / 3  # of a record's beats; beyond it the whole record is left out
AROUND: Final = 20  # N-N intervals on either side by which that is told


def ltafdb(folder: Path) -> list[RhythmRecord]:
    """Read the Long-Term AF Database: beats and rhythm marks of all records that are there.

    Raises
    ------
    DataNotFoundError
        If none is.
    """
    paths = sorted(folder.glob("*.atr"))
    if not paths:
        raise DataNotFoundError(f"{folder} holds no .atr files, expected the Long-Term AF Database")
    return _marked(paths, "ltafdb")


def ectopic_records(data: Path) -> list[RhythmRecord]:
    """Read DS1 of ``mitdb``, and ``svdb``: records full of ectopic beats.

    ``svdb`` marks no rhythm. Where its normal beats are irregular it may well be fibrillation, so
    beats there are left out (`regular`).

    Raises
    ------
    DataNotFoundError
        If a record of DS1 is not there.
    """
    found = _marked([data / "mitdb" / f"{record}.atr" for record in DS1], "mitdb")
    for path in sorted((data / "svdb").glob("*.atr")):
        annotations = read_annotations(path.with_suffix(""))
        times = regular(annotations)
        if len(times) >= (1 - MOST_IRREGULAR) * len(beat_times(annotations)):
            found.append(
                RhythmRecord(
                    f"svdb {path.stem}", times, np.zeros(0), np.zeros(0), 1 / annotations.fs_hz
                )
            )
    return found


def regular(annotations: Annotations) -> npt.NDArray[np.float64]:
    """Give the times of the beats where the normal ones among them are regular.

    Told by the annotators' classes, not by a model: around each beat the median step between
    successive N-N intervals is at most `IRREGULAR_STEP` of their median. Beats between which
    others were left out are far apart, and so no neighbours.
    """
    is_beat = to_classes(annotations.symbols) >= 0
    samples, first = np.unique(annotations.samples[is_beat], return_index=True)
    normal = annotations.symbols[is_beat][first] == "N"
    times = samples / annotations.fs_hz
    pairs = np.flatnonzero(normal[1:] & normal[:-1])
    if len(pairs) < 2 * AROUND + 1:
        return np.zeros(0)
    nn = times[pairs + 1] - times[pairs]
    steps = np.lib.stride_tricks.sliding_window_view(np.abs(np.diff(nn)), 2 * AROUND)
    usual = np.lib.stride_tricks.sliding_window_view(nn[1:], 2 * AROUND)
    step = np.median(steps, axis=1) / np.median(usual, axis=1)
    at = np.searchsorted(pairs, np.arange(len(times))) - AROUND
    return np.asarray(times[step[np.clip(at, 0, len(step) - 1)] <= IRREGULAR_STEP])


def _marked(paths: list[Path], database: str) -> list[RhythmRecord]:
    """Read beats and marks; flutter counts as fibrillation.

    Of the rhythm before the first mark nothing is known, so beats there are left out: LTAFDB's 64
    has its first after 18.9 hours, at a run of V beats in what is fibrillation thereafter.
    """
    found = []
    for path in paths:
        marks = read_annotations(path.with_suffix(""))
        spans = rhythm_spans(marks, (*FIBRILLATION, *FLUTTER))
        rate = marks.fs_hz
        times = beat_times(marks)
        known = marks.samples[marks.symbols == "+"].min(initial=marks.samples.max(initial=0)) / rate
        found.append(
            RhythmRecord(
                f"{database} {path.stem}",
                times[times >= known],
                spans.first / rate,
                spans.last / rate,
                1 / rate,
            )
        )
    return found
