"""Which stretches of a recording are labelled together, and which hold nothing to label."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

import numpy as np

from ectopy.recordings.recording import Recording

PIECE_SAMPLES: Final = 1_800_000
"""Samples of all leads labelled at once (7 MB); with the threads' number it bounds the memory."""

LONGEST_S, SHORTEST_S = 3600, 300
"""Seconds of a piece: the classifier looks back minutes, so short pieces waste its time."""

SKIPPED_S: Final = 300
"""Seconds of nothing that are left out; shorter gaps cost less than a piece of their own."""


@dataclass(frozen=True)
class Stretch:
    """Samples ``begin`` to ``end`` of a recording, and whether anything was recorded there."""

    begin: int
    end: int
    recorded: bool


@dataclass(frozen=True)
class Plan:
    """A whole recording in pieces that begin on whole grid seconds, in order.

    Attributes
    ----------
    pieces : tuple of Piece
        One after another, without a space between.
    behind, ahead : int
        Samples around a piece on which its labels may depend.
    """

    pieces: tuple[Stretch, ...]
    behind: int
    ahead: int

    def oldest(self, number: int) -> int:
        """Give the first piece that the labels of one depend on."""
        reach = self.pieces[number].begin - self.behind
        return min(bisect_left(self.pieces, reach + 1, key=lambda piece: piece.end), number)

    def needed(self, number: int) -> int:
        """Give the number after the last piece that the labels of one depend on."""
        reach = self.pieces[number].end + self.ahead
        last = bisect_left(self.pieces, reach, key=lambda piece: piece.end)
        return min(last + 1, len(self.pieces))


def plan(recording: Recording, second: int, behind_s: int, ahead_s: int) -> Plan:
    """Cut a recording into pieces; gaps of `SKIPPED_S` and more become pieces of nothing.

    Parameters
    ----------
    recording : Recording
        Cut where it was recorded.
    second : int
        Samples in a grid second.
    behind_s, ahead_s : int
        Seconds around a piece on which its labels may depend.
    """
    piece_s = PIECE_SAMPLES // (second * len(recording.leads))
    step = int(np.clip(piece_s, SHORTEST_S, LONGEST_S)) * second
    pieces: list[Stretch] = []
    done = 0
    for begin, end in _stretches(recording, second):
        if begin > done:
            pieces.append(Stretch(done, begin, recorded=False))
        pieces += [Stretch(a, min(a + step, end), recorded=True) for a in range(begin, end, step)]
        done = end
    if done < recording.n_samples:
        pieces.append(Stretch(done, recording.n_samples, recorded=False))
    return Plan(tuple(pieces), behind_s * second, ahead_s * second)


def _stretches(recording: Recording, second: int) -> list[tuple[int, int]]:
    """Give the stretches between long gaps, in whole seconds.

    Each has a second more to either side, so that no R peak is moved out of it to its extreme.
    """
    n_samples = recording.n_samples
    if recording.recorded is None:
        return [(0, n_samples)] if n_samples else []
    runs = np.array(recording.recorded, dtype=np.int64).reshape(-1, 2)
    apart = np.flatnonzero(runs[1:, 0] - runs[:-1, 1] >= SKIPPED_S * second)
    first = runs[np.r_[0, apart + 1], 0] // second * second - second
    last = -(-runs[np.r_[apart, len(runs) - 1], 1] // second) * second + second
    first[first < SKIPPED_S * second] = 0
    last[last > n_samples - SKIPPED_S * second] = n_samples
    return list(zip(first.tolist(), last.tolist(), strict=True))
