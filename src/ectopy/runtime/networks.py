"""The beat model's networks, as ONNX sessions, and what they are asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features.fibrillation_gate import averaged, opened
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


@dataclass(frozen=True)
class Member:
    """One of the models whose word is averaged: what tells fibrillation, and what labels with it.

    Attributes
    ----------
    folder : Path
        Of the bundle.
    stem : str
        Name of its files, without what tells them apart.
    two_sided : bool
        Whether it reads what only the whole recording tells.
    """

    folder: Path
    stem: str
    two_sided: bool

    def looks(self, features: Float32) -> Float32:
        """Tell how much the rhythm at each beat looks like fibrillation: logits (n_beats,)."""
        return network(self.folder, f"{self.stem}-fibrillation").logits(features)[:, 0]

    def averaged(self, looks: Float32) -> tuple[Float64, Float64]:
        """Average that over the beats around each one of a recording, as its gates do."""
        return averaged(looks, two_sided=self.two_sided)

    def judge(self, features: Float32, looks: Float32, short: Float64, long: Float64) -> Float64:
        """Give log probabilities (n_beats, n_classes), given the averages at each beat."""
        given = opened(features, looks, short, long)
        return log_softmax(network(self.folder, self.stem).logits(given).astype(np.float64))


def log_softmax(logits: Float64) -> Float64:
    """Logarithms of the probabilities that logits stand for, row by row."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
