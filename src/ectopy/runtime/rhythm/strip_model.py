"""`StripModel`: the packaged trees that tell the rhythm of a strip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features.strips import N_STRIP
from ectopy.errors import ModelError
from ectopy.runtime.rhythm.trees import TreeModel

Float64 = npt.NDArray[np.float64]

STRIP_KINDS: Final = ("sinus", "AF", "other", "noisy")
SINUS, AF, OTHER, NOISY = range(4)
"""Places in `STRIP_KINDS`."""
MANIFEST: Final = "strips.json"
TREES: Final = "strips.onnx"


@dataclass(frozen=True)
class StripModel(TreeModel):
    """Trees that tell sinus rhythm, fibrillation, another rhythm and noise in a strip.

    The manifest has ``decision``: what each kind's probability weighs.
    """

    manifest_file = MANIFEST
    trees_file = TREES
    of = ("strips", "strip")

    def check(self) -> None:
        """See that there is a weight for each kind."""
        if len(self.decision) != len(STRIP_KINDS):
            raise ValueError("decision is not one number a kind")

    @property
    def decision(self) -> tuple[float, ...]:
        """What the probability of each kind weighs when one is chosen."""
        return tuple(float(one) for one in self.manifest["decision"])

    def logits(self, measures: npt.NDArray[np.float32]) -> Float64:
        """Score windows, shape (n, `N_STRIP`) to (n, 4)."""
        if not len(measures):
            return np.zeros((0, len(STRIP_KINDS)))
        if measures.shape[1] != N_STRIP:
            raise ModelError(f"a window has {measures.shape[1]} measures, expected {N_STRIP}")
        return self.run(measures)

    def log_probabilities(self, measures: npt.NDArray[np.float32]) -> Float64:
        """Give the logarithms of the probabilities of `STRIP_KINDS`, shape (n, 4)."""
        logits = self.logits(measures)
        logits -= logits.max(axis=1, keepdims=True)
        return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))
