"""`FibrillationModel`: how much the surroundings of a beat look like atrial fibrillation."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ectopy.beats.features import irregularity
from ectopy.runtime.rhythm.trees import TreeModel

Float64 = npt.NDArray[np.float64]

MANIFEST: Final = "bundle.json"
TREES: Final = "fibrillation.onnx"
BLOCK: Final = 12_000
"""Intervals described at a time, so that two weeks of them fit in memory; a multiple of the strides
of all `irregularity.SCALES`, so that the places are the same."""
MARGIN: Final = 300  # intervals around them, likewise; windows reach 120
REMEMBERED: Final = 256
"""Blocks whose log-odds are remembered, 2 MB in all: labels that are corrected seldom move a beat,
and a month of beats has as many blocks."""


@dataclass(frozen=True)
class FibrillationModel(TreeModel):
    """Trees that tell fibrillation from RR intervals, with how their evidence is smoothed.

    The manifest has ``bias``, ``limit`` and ``change_cost`` of the smoothing.
    """

    manifest_file = MANIFEST
    trees_file = TREES
    of = ("the rhythm", "rhythm")

    def check(self) -> None:
        """See that the smoothing is told in numbers."""
        for key in ("bias", "limit", "change_cost"):
            float(self.manifest[key])

    def logits(self, measures: npt.NDArray[np.float32]) -> Float64:
        """Score places: measures as `irregularity.describe` gives them, to log-odds."""
        if not len(measures):
            return np.zeros(0)
        return self.run(measures)[:, 0]

    def score(self, times_s: Float64) -> tuple[Float64, Float64]:
        """Score a run of beats without a gap: times of its places, and their log-odds.

        What was scored lately is remembered, by the intervals that it depends on.
        """
        rr = np.diff(times_s)
        starts = range(0, max(len(rr), 1), BLOCK)
        blocks = [_Block.of(rr, first, min(first + BLOCK, len(rr))) for first in starts]
        at = np.concatenate([block.first + block.places for block in blocks])
        return _times(times_s, at), np.concatenate([self._remembered(block) for block in blocks])

    def _remembered(self, block: _Block) -> Float64:
        key = (self.folder / self.trees_file, *block.key)
        found = _LATELY.get(key)
        if found is None:
            found = self.logits(block.measures())
            _LATELY.put(key, found)
        return found

    def evidence(self, logits: npt.ArrayLike) -> Float64:
        """Give what the smoothing adds up: log-odds with a bias, and bounded.

        Bounded because neighbouring places share their intervals, so that none may settle much.
        """
        limit = float(self.manifest["limit"])
        return np.clip(np.asarray(logits, float) + float(self.manifest["bias"]), -limit, limit)


class _Block(NamedTuple):
    """Some intervals that are described, and those around them which that depends on.

    Attributes
    ----------
    around : ndarray of float64, shape (n,)
        All of these intervals, in seconds.
    first : int
        Place of the first of them in the run of beats.
    own : ndarray of bool, shape (n_places,)
        Which of the places of ``around`` are described.
    """

    around: Float64
    first: int
    own: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, rr: Float64, first: int, last: int) -> _Block:
        begin, end = max(first - MARGIN, 0), min(last + MARGIN, len(rr))
        at = irregularity.places(end - begin) + begin
        return cls(rr[begin:end], begin, (at >= first) & ((at < last) | (last == len(rr))))

    @property
    def places(self) -> npt.NDArray[np.int64]:
        return irregularity.places(len(self.around))[self.own]

    @property
    def key(self) -> tuple[bytes, bytes]:
        """All that the measures depend on."""
        return blake2b(self.around.tobytes()).digest(), np.packbits(self.own).tobytes()

    def measures(self) -> npt.NDArray[np.float32]:
        return irregularity.describe(self.around)[self.own]


class _Lately:
    """What was asked for lately, for several threads: what was used longest ago goes first."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._values: OrderedDict[Hashable, Float64] = OrderedDict()

    def get(self, key: Hashable) -> Float64 | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Hashable, value: Float64) -> None:
        value.flags.writeable = False  # it is given to all who ask
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._most:
                self._values.popitem(last=False)


_LATELY: Final = _Lately(REMEMBERED)


def described(times_s: Float64) -> tuple[Float64, npt.NDArray[np.float32]]:
    """Describe a run of beats without a gap: the times of its places, and their measures.

    Parameters
    ----------
    times_s : ndarray of float64, shape (n_beats,)
        Ascending, two at least.
    """
    rr = np.diff(times_s)
    block = _Block.of(rr, 0, len(rr))
    return _times(times_s, block.places), block.measures()


def _times(times_s: Float64, at: npt.NDArray[np.int64]) -> Float64:
    """Give the beats that end the intervals at some places."""
    return times_s[np.minimum(at + 1, len(times_s) - 1)]
