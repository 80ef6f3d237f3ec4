"""`StripModel`: the packaged trees that tell the rhythm of a strip."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features.strips import N_STRIP
from ectopy.errors import ModelError
from ectopy.files import sha256
from ectopy.runtime.rhythm.fibrillation import PACKAGED, tree_session

Float64 = npt.NDArray[np.float64]

STRIP_KINDS: Final = ("sinus", "AF", "other", "noisy")
SINUS, AF, OTHER, NOISY = range(4)
"""Places in `STRIP_KINDS`."""
MANIFEST: Final = "strips.json"
TREES: Final = "strips.onnx"


@dataclass(frozen=True)
class StripModel:
    """Trees that tell sinus rhythm, fibrillation, another rhythm and noise in a strip.

    Attributes
    ----------
    name : str
        As the manifest says.
    folder : Path
        Where the files are.
    manifest : dict
        What it was trained on, its figures, and ``decision``: what each kind's probability weighs.
    """

    name: str
    folder: Path
    manifest: dict[str, Any] = field(repr=False)

    @classmethod
    def load(cls, folder: Path = PACKAGED) -> StripModel:
        """Load the packaged model, or one from a folder.

        Raises
        ------
        ModelError
            If a file is missing or says nothing usable.
        """
        for path in (folder / MANIFEST, folder / TREES):
            if not path.is_file():
                raise ModelError(f"{path} is missing, expected the weights for strips there")
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            found = cls(str(manifest["name"]), folder, manifest)
            if len(found.decision) != len(STRIP_KINDS):
                raise ValueError("decision is not one number a kind")
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{folder / MANIFEST} is no manifest of strip weights ({error}); train them anew"
            ) from error
        return found

    @property
    def decision(self) -> tuple[float, ...]:
        """What the probability of each kind weighs when one is chosen."""
        return tuple(float(one) for one in self.manifest["decision"])

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the trees."""
        return sha256(self.folder / TREES)

    def logits(self, measures: npt.NDArray[np.float32]) -> Float64:
        """Score windows, shape (n, `N_STRIP`) to (n, 4)."""
        if not len(measures):
            return np.zeros((0, len(STRIP_KINDS)))
        if measures.shape[1] != N_STRIP:
            raise ModelError(f"a window has {measures.shape[1]} measures, expected {N_STRIP}")
        session = tree_session(self.folder / TREES)
        return np.asarray(session.run(None, {"measures": measures})[0], dtype=np.float64)

    def log_probabilities(self, measures: npt.NDArray[np.float32]) -> Float64:
        """Give the logarithms of the probabilities of `STRIP_KINDS`, shape (n, 4)."""
        logits = self.logits(measures)
        logits -= logits.max(axis=1, keepdims=True)
        return np.asarray(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))
