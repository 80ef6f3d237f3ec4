"""Strips with one label each, described, to learn their rhythm from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features.strips import FEWEST_BEATS
from ectopy.errors import DataNotFoundError
from ectopy.recordings.open import open_recording
from ectopy.recordings.strip_labels import read_strip_labels
from ectopy.runtime.classifier import BeatClassifier, SeenBeats
from ectopy.runtime.rhythm.strip_model import STRIP_KINDS
from ectopy.runtime.rhythm.strips import look_at_strip, strip_windows, window_measures

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

REFERENCE: Final = "REFERENCE-v3.csv"
PART: Final = 0.6
LONGEST_PART_S: Final = 24.0
PARTS: Final = 3
"""Share of a strip that a part of it is, its longest duration, and how many there are."""


@dataclass(frozen=True, eq=False)
class Strip:
    """A strip with its label.

    Attributes
    ----------
    name : str
        Of the record; each is taken for one patient.
    kind : int
        Place of its label in `STRIP_KINDS`.
    measures : ndarray of float32, shape (n_windows, N_STRIP)
        Of its windows that have beats enough.
    parts : ndarray of float32, shape (n_parts, N_STRIP)
        Of shorter parts of it, which have its label too: more of the same heart to learn from.
    """

    name: str
    kind: int
    measures: Float32
    parts: Float32


def cinc2017(folder: Path, names: Sequence[str] | None = None) -> list[Strip]:
    """Read and describe the strips of the PhysioNet/CinC Challenge 2017.

    Strips in which too few beats are found have nothing to learn from, and are left out.

    Raises
    ------
    DataNotFoundError
        If the labels, or none of the strips, are there.
    """
    labels = read_strip_labels(folder / REFERENCE)
    classifier = BeatClassifier()
    found = []
    for name in names or labels:
        path = folder / f"{name}.hea"
        if not path.is_file():
            continue
        recording = open_recording(path)
        parts = look_at_strip(recording.read(), recording.fs_hz, classifier=classifier)
        if not parts:
            continue
        whole = _measured(parts, *strip_windows(recording.duration_s))
        if len(whole):
            some = _measured(parts, *_parts(recording.duration_s))
            found.append(Strip(name, STRIP_KINDS.index(labels[name]), whole, some))
    if not found:
        raise DataNotFoundError(f"{folder} holds no strip that {REFERENCE} names")
    return found


def _measured(parts: Sequence[SeenBeats], onset_s: Float64, end_s: Float64) -> Float32:
    measures = window_measures(parts, onset_s, end_s)
    return measures[measures[:, 0] >= FEWEST_BEATS]


def _parts(duration_s: float) -> tuple[Float64, Float64]:
    """Give onset and end of parts of a strip: its beginning, its middle, its end."""
    length = min(PART * duration_s, LONGEST_PART_S)
    onset = np.linspace(0, duration_s - length, PARTS)
    return onset, onset + length


def stacked(strips: Sequence[Strip]) -> tuple[Float32, Int64]:
    """Put the windows of strips together, and tell whose each is."""
    who = np.repeat(np.arange(len(strips)), [len(strip.measures) for strip in strips])
    return np.concatenate([strip.measures for strip in strips]), who


def kinds_of(strips: Sequence[Strip]) -> Int64:
    """Give the labels of strips, as places in `STRIP_KINDS`."""
    return np.array([strip.kind for strip in strips], dtype=np.int64)
