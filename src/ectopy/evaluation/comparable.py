"""What of an annotation file EC57 compares: beats, and the periods that excuse their absence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import to_classes
from ectopy.errors import ConfigError
from ectopy.recordings.annotations import Annotations

Int64 = npt.NDArray[np.int64]

_UNREADABLE: Final = 0x30  # WFDB signal quality: bits 4 and 5, leads 0 and 1 cannot be read


@dataclass(frozen=True)
class Beats:
    """The beats of one annotator that are compared, and the periods in which others are not.

    Attributes
    ----------
    samples, classes : ndarray of int64, shape (n_beats,)
        Where each beat is, and its AAMI class.
    fibrillation, shutdown : ndarray of int64, shape (n_periods, 2)
        First and last sample of each period of ventricular fibrillation, and of each in which the
        annotator could read neither lead.
    """

    samples: Int64
    classes: Int64
    fibrillation: Int64
    shutdown: Int64

    @classmethod
    def of(
        cls, annotations: Annotations, side: str, escape: str, fs_hz: float, window_s: float
    ) -> Beats:
        """Take what counts out of annotations, at the rate ``fs_hz``."""
        if not (annotations.fs_hz > 0 and fs_hz > 0):
            raise ConfigError(
                f"the {side} annotations count in {annotations.fs_hz} Hz, expected a positive rate"
            )
        samples = np.asarray(annotations.samples, dtype=np.int64)
        if (np.diff(samples) < 0).any():
            raise ConfigError(f"the {side} annotations are not in time order; sort them first")
        if annotations.fs_hz != fs_hz:
            samples = np.rint(samples * (fs_hz / annotations.fs_hz)).astype(np.int64)
        symbols = np.asarray(annotations.symbols)
        classes = to_classes(symbols, escape=escape)
        fibrillation = _fibrillation(samples, symbols)
        beat = (classes >= 0) & ~_between(samples, symbols)
        shutdown = _shutdown(samples, symbols, annotations.subtypes, beat, window_s * fs_hz)
        return cls(samples[beat], classes[beat], fibrillation, shutdown)


def _fibrillation(samples: Int64, symbols: npt.NDArray[np.str_]) -> Int64:
    """Periods from ``[`` to the next ``]``, or to the end."""
    begins, ends = np.flatnonzero(symbols == "["), np.flatnonzero(symbols == "]")
    after = np.searchsorted(ends, begins)
    last = np.append(samples[ends], np.iinfo(np.int64).max)[after]
    return np.stack([samples[begins], last], axis=1).astype(np.int64)


def _between(samples: Int64, symbols: npt.NDArray[np.str_]) -> npt.NDArray[np.bool_]:
    """Whether each annotation stands between a ``[`` and its ``]`` in the file."""
    place = np.arange(len(samples))
    opened = np.maximum.accumulate(np.where(symbols == "[", place, -1)) if len(place) else place
    closed = np.maximum.accumulate(np.where(symbols == "]", place, -1)) if len(place) else place
    return np.asarray(opened > closed)


def _shutdown(
    samples: Int64,
    symbols: npt.NDArray[np.str_],
    subtypes: Int64 | None,
    beat: npt.NDArray[np.bool_],
    window: float,
) -> Int64:
    """Periods in which neither lead can be read.

    From a ``~`` that says so to the ``~`` that follows it. A single mark within the period, as the
    AHA database has, stands for all from a match window after the beat before it to a match window
    before the next annotation.
    """
    if subtypes is None:
        return np.zeros((0, 2), dtype=np.int64)
    noise = symbols == "~"
    marks = np.flatnonzero(noise & ((subtypes & _UNREADABLE) == _UNREADABLE))
    periods = []
    for mark in marks:  # a handful in a record
        if mark + 1 == len(samples):
            periods.append((samples[mark], np.iinfo(np.int64).max))
        elif noise[mark + 1] and mark + 1 not in marks:
            periods.append((samples[mark], samples[mark + 1]))
        else:
            before = np.flatnonzero(beat[:mark])
            end = int(samples[mark + 1] - window)
            begin = int(samples[before[-1]] + window) if len(before) else 0
            periods.append((min(begin, end), end))
    return np.array(periods, dtype=np.int64).reshape(-1, 2)


def within(samples: Int64, periods: Int64) -> npt.NDArray[np.bool_]:
    """Whether each sample lies in one of the periods (first and last sample included)."""
    inside = np.zeros(len(samples), dtype=bool)
    for first, last in periods:
        inside |= (samples >= first) & (samples <= last)
    return inside


def to_samples(seconds: float, fs_hz: float) -> int:
    """Seconds as samples, halves up, as WFDB rounds them."""
    return int(seconds * fs_hz + 0.5)
