"""`FibrillationModel`: how much the surroundings of a beat look like atrial fibrillation."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features import irregularity
from ectopy.errors import ModelError
from ectopy.files import sha256

Float64 = npt.NDArray[np.float64]

MANIFEST: Final = "bundle.json"
TREES: Final = "fibrillation.onnx"
BLOCK: Final = 60_000
"""Intervals described at a time, so that two weeks of them fit in memory; a multiple of the strides
of all `irregularity.SCALES`, so that the places are the same."""
MARGIN: Final = 300  # intervals around them, likewise; windows reach 120
PACKAGED: Final = Path(__file__).parent / "weights"


@dataclass(frozen=True)
class FibrillationModel:
    """Trees that tell fibrillation from RR intervals, with how their evidence is smoothed.

    Attributes
    ----------
    name : str
        As the manifest says.
    folder : Path
        Where the files are.
    manifest : dict
        What it was trained on; ``bias``, ``limit`` and ``change_cost`` of the smoothing.
    """

    name: str
    folder: Path
    manifest: dict[str, Any] = field(repr=False)

    @classmethod
    def load(cls, folder: Path = PACKAGED) -> FibrillationModel:
        """Load the packaged model, or one from a folder.

        Raises
        ------
        ModelError
            If a file is missing or says nothing usable.
        """
        for path in (folder / MANIFEST, folder / TREES):
            if not path.is_file():
                raise ModelError(f"{path} is missing, expected the weights for the rhythm there")
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            found = cls(str(manifest["name"]), folder, manifest)
            for key in ("bias", "limit", "change_cost"):
                float(manifest[key])
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{folder / MANIFEST} is no manifest of rhythm weights ({error}); train them anew"
            ) from error
        return found

    @property
    def files(self) -> list[Path]:
        """What its word depends on."""
        return [self.folder / MANIFEST, self.folder / TREES]

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the trees."""
        return sha256(self.folder / TREES)

    def logits(self, measures: npt.NDArray[np.float32]) -> Float64:
        """Score places: measures as `irregularity.describe` gives them, to log-odds."""
        if not len(measures):
            return np.zeros(0)
        session = tree_session(self.folder / TREES)
        return np.asarray(session.run(None, {"measures": measures})[0], dtype=np.float64)[:, 0]

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


@cache
def tree_session(path: Path) -> Any:
    """Open trees as an ONNX session of one thread, once a process."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        path.read_bytes(), options, providers=["CPUExecutionProvider"]
    )
