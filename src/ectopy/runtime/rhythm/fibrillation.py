"""`FibrillationModel`: how much the surroundings of a beat look like atrial fibrillation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features import irregularity
from ectopy.runtime.rhythm.trees import TreeModel

Float64 = npt.NDArray[np.float64]

MANIFEST: Final = "bundle.json"
TREES: Final = "fibrillation.onnx"
BLOCK: Final = 60_000
"""Intervals described at a time, so that two weeks of them fit in memory; a multiple of the strides
of all `irregularity.SCALES`, so that the places are the same."""
MARGIN: Final = 300  # intervals around them, likewise; windows reach 120


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
        """Score a run of beats without a gap: times of its places, and their log-odds."""
        parts = []
        for first in range(0, max(len(times_s) - 1, 1), BLOCK):
            at, measures = described(times_s, first, first + BLOCK)
            parts.append((at, self.logits(measures)))
        return np.concatenate([at for at, _ in parts]), np.concatenate([x for _, x in parts])

    def evidence(self, logits: npt.ArrayLike) -> Float64:
        """Give what the smoothing adds up: log-odds with a bias, and bounded.

        Bounded because neighbouring places share their intervals, so that none may settle much.
        """
        limit = float(self.manifest["limit"])
        return np.clip(np.asarray(logits, float) + float(self.manifest["bias"]), -limit, limit)


def described(
    times_s: Float64, first: int = 0, last: int | None = None
) -> tuple[Float64, npt.NDArray[np.float32]]:
    """Describe a run of beats without a gap: the times of its places, and their measures.

    Parameters
    ----------
    times_s : ndarray of float64, shape (n_beats,)
        Ascending, two at least.
    first, last : int
        The intervals that are described, a multiple of `BLOCK` on; by default all.
    """
    rr = np.diff(times_s)
    last = len(rr) if last is None else min(last, len(rr))
    begin, end = max(first - MARGIN, 0), min(last + MARGIN, len(rr))
    at = irregularity.places(end - begin) + begin
    own = (at >= first) & ((at < last) | (last == len(rr)))
    middle = times_s[np.minimum(at[own] + 1, len(rr))]
    return middle, irregularity.describe(rr[begin:end])[own]
