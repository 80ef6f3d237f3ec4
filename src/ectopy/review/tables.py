"""Beats as they are sent: some of them, filtered, and all of them in binary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ectopy.analysis.events import Intervals
from ectopy.classes import AAMI
from ectopy.review.labels import Labels

Int64 = npt.NDArray[np.int64]

UNCERTAIN, STATED, CLEAR = 1, 2, 4
"""Flags of a beat in `packed`."""


def chosen_beats(
    labels: Labels,
    fs_hz: float,
    start_s: float | None = None,
    stop_s: float | None = None,
    classes: Sequence[str] | None = None,
    uncertain: bool | None = None,
    stated: bool | None = None,
) -> Int64:
    """Give the rows of the beats that are asked for, in order of time.

    Parameters
    ----------
    labels : Labels
        As they stand.
    fs_hz : float
        Sampling rate in Hz.
    start_s, stop_s : float, optional
        From when to before when.
    classes : sequence of str, optional
        Which classes.
    uncertain, stated : bool, optional
        Only those that are, or are not.
    """
    wanted = labels.there.copy()
    if start_s is not None:
        wanted &= labels.samples >= start_s * fs_hz
    if stop_s is not None:
        wanted &= labels.samples < stop_s * fs_hz
    if classes:
        wanted &= np.isin(labels.classes, [AAMI.index(name) for name in classes])
    if uncertain is not None:
        wanted &= labels.uncertain == uncertain
    if stated is not None:
        wanted &= labels.stated == stated
    return np.flatnonzero(wanted)


def packed(
    labels: Labels, intervals: Intervals, start_s: float | None = None, stop_s: float | None = None
) -> tuple[bytes, int]:
    """Give beats column after column, little-endian, and how many there are.

    Float64 samples, float32 RR intervals in s, uint8 classes, uint8 flags.
    """
    beats = intervals.beats
    edges = [0.0 if start_s is None else start_s, np.inf if stop_s is None else stop_s]
    first, last = np.searchsorted(beats.samples, np.asarray(edges) * intervals.fs_hz)
    here = slice(int(first), int(last))
    stated = labels.stated[np.flatnonzero(labels.there)]
    flags = UNCERTAIN * beats.uncertain + STATED * stated + CLEAR * intervals.clear
    columns = (
        beats.samples[here].astype("<f8"),
        intervals.rr_s[here].astype("<f4"),
        beats.classes[here].astype(np.uint8),
        flags[here].astype(np.uint8),
    )
    return b"".join(column.tobytes() for column in columns), len(columns[0])
