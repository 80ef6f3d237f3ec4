"""The packaged networks of the beat model: ONNX sessions and their settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.classes import AAMI
from ectopy.errors import ModelError

Float32 = npt.NDArray[np.float32]

BATCH: Final = 128  # beats at a time: the hidden layer stays in the cache of one core


@dataclass(frozen=True)
class Network:
    """One trained network.

    Attributes
    ----------
    session : onnxruntime.InferenceSession
        Single-threaded; several threads may use it at once.
    """

    session: Any

    def logits(self, features: Float32) -> Float32:
        """Score beats: (n_beats, n_features) to (n_beats, n_classes)."""
        name = self.session.get_inputs()[0].name
        parts = [
            self.session.run(None, {name: features[start : start + BATCH]})[0]
            for start in range(0, len(features), BATCH)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(AAMI)), np.float32)


@cache
def network(folder: Any, stem: str) -> Network:
    """Load ``STEM.onnx`` of a folder, once a process."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the caller labels pieces side by side
    options.inter_op_num_threads = 1
    options.log_severity_level = 3

    data = (folder / f"{stem}.onnx").read_bytes()
    return Network(onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"]))


def weights() -> Any:
    """Folder of the packaged weights."""
    return resources.files("ectopy.runtime") / "weights"


def settings(name: str, folder: Any = None) -> dict[str, Any]:
    """Read the settings of a beat model, by default a packaged one.

    Raises
    ------
    ModelError
        If there is no such model.
    """
    place = weights() if folder is None else folder
    known = sorted(
        entry.name.removeprefix("beats-").removesuffix(".json")
        for entry in place.iterdir()
        if entry.name.startswith("beats-") and entry.name.endswith(".json")
    )
    if name not in known:
        raise ModelError(f"there is no beat model {name!r}; there are {', '.join(known)}")
    found: dict[str, Any] = json.loads((place / f"beats-{name}.json").read_text(encoding="utf-8"))
    return found
