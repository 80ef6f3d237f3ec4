"""ONNX sessions of the beat model's networks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.classes import AAMI

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

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
def network(folder: Path, stem: str) -> Network:
    """Load ``STEM.onnx`` of a folder, once a process."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the caller labels pieces side by side
    options.inter_op_num_threads = 1
    options.log_severity_level = 3

    data = (folder / f"{stem}.onnx").read_bytes()
    return Network(onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"]))


def log_softmax(logits: Float64) -> Float64:
    """Logarithms of the probabilities that logits stand for, row by row."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
