"""Which stretches of a recording are labelled together, and which hold nothing to label."""

from __future__ import annotations

from typing import Final

import numpy as np

from ectopy.recordings.recording import Recording
from ectopy.recordings.stretches import Stretch, stretches

PIECE_SAMPLES: Final = 1_800_000
"""Samples of all leads labelled at once (7 MB); with the threads' number it bounds the memory."""

LONGEST_S, SHORTEST_S = 3600, 300
"""Seconds of a piece: the classifier looks back minutes, so short pieces waste its time."""

SKIPPED_S: Final = 300
"""Seconds of nothing that are left out; shorter gaps cost less than a piece of their own."""


def plan(recording: Recording, second: int, behind_s: int, ahead_s: int) -> list[Stretch]:
    """Cut a recording into stretches that begin on whole grid seconds; long gaps are their own.

    Parameters
    ----------
    recording : Recording
        Cut where it was recorded; gaps of `SKIPPED_S` and more become stretches of nothing.
    second : int
        Samples in a grid second.
    behind_s, ahead_s : int
        Seconds around a stretch on which its labels may depend.
    """
    piece_s = PIECE_SAMPLES // (second * len(recording.leads))
    step = int(np.clip(piece_s, SHORTEST_S, LONGEST_S)) * second
    return stretches(
        recording.n_samples,
        step,
        behind=behind_s * second,
        ahead=ahead_s * second,
        recorded=_recorded(recording, second),
    )


def _recorded(recording: Recording, second: int) -> list[tuple[int, int]] | None:
    """Give what is between long gaps, in whole seconds.

    Each has a second more to either side, so that no R peak is moved out of it to its extreme.
    """
    n_samples = recording.n_samples
    if recording.recorded is None:
        return None
    runs = np.array(recording.recorded, dtype=np.int64).reshape(-1, 2)
    apart = np.flatnonzero(runs[1:, 0] - runs[:-1, 1] >= SKIPPED_S * second)
    first = runs[np.r_[0, apart + 1], 0] // second * second - second
    last = -(-runs[np.r_[apart, len(runs) - 1], 1] // second) * second + second
    first[first < SKIPPED_S * second] = 0
    last[last > n_samples - SKIPPED_S * second] = n_samples
    return list(zip(first.tolist(), last.tolist(), strict=True))
