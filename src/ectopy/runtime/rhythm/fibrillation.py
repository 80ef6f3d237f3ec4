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

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of the trees."""
        return sha256(self.folder / TREES)

    def logits(self, measures: npt.NDArray[np.float32]) -> Float64:
        """Score places: measures as `irregularity.describe` gives them, to log-odds."""
        if not len(measures):
            return np.zeros(0)
        session = _session(self.folder / TREES)
        return np.asarray(session.run(None, {"measures": measures})[0], dtype=np.float64)[:, 0]

    def evidence(self, logits: npt.ArrayLike) -> Float64:
        """Give what the smoothing adds up: log-odds with a bias, and bounded.

        Bounded because neighbouring places share their intervals, so that none may settle much.
        """
        limit = float(self.manifest["limit"])
        return np.clip(np.asarray(logits, float) + float(self.manifest["bias"]), -limit, limit)


def described(
    times_s: Float64, runs: list[tuple[int, int]]
) -> list[tuple[Float64, npt.NDArray[np.float32]]]:
    """Describe runs of beats without a gap: for each the times of its places, and their measures.

    Parameters
    ----------
    times_s : ndarray of float64, shape (n_beats,)
        Ascending.
    runs : list of (int, int)
        As `ectopy.runtime.rhythm.segments.segments` gives them; of two beats at least.
    """
    found = []
    for first, last in runs:
        own = times_s[first:last]
        rr = np.diff(own)
        at = np.minimum(irregularity.places(len(rr)) + 1, len(rr))
        found.append((own[at], irregularity.describe(rr)))
    return found


@cache
def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        path.read_bytes(), options, providers=["CPUExecutionProvider"]
    )
