"""The packaged networks of the beat model: ONNX sessions and their settings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.context import BeatInputs
from ectopy.errors import ModelError

Float32 = npt.NDArray[np.float32]

BATCH: Final = 1024  # rows of the encoder at a time: its activations stay in the cache


@dataclass(frozen=True)
class Network:
    """One trained encoder with its network over beats.

    Attributes
    ----------
    encoder, sequence : onnxruntime.InferenceSession
        Single-threaded sessions; several threads may use them at once.
    """

    encoder: Any
    sequence: Any

    def logits(self, given: BeatInputs, use: npt.NDArray[np.bool_] | None = None) -> Float32:
        """Score every beat.

        Parameters
        ----------
        given : BeatInputs
            One recording, or a piece of one.
        use : ndarray of bool, shape (n_beats, n_leads), optional
            Leads whose signal can be read at each beat; by default all.

        Returns
        -------
        ndarray of float32, shape (n_beats, n_classes)
        """
        n, n_leads, length, channels = given.beats.shape
        beats = given.beats.reshape(n * n_leads, length, channels)
        features = given.leads.reshape(n * n_leads, -1)
        names = [entry.name for entry in self.encoder.get_inputs()]
        parts = [
            self.encoder.run(
                None, {names[0]: beats[a : a + BATCH], names[1]: features[a : a + BATCH]}
            )[0]
            for a in range(0, n * n_leads, BATCH)
        ]
        embedded = np.concatenate(parts).reshape(n, n_leads, -1)
        names = [entry.name for entry in self.sequence.get_inputs()]
        fed = {names[0]: pool_leads(embedded, use)[None], names[1]: given.rhythm[None]}
        return np.asarray(self.sequence.run(None, fed)[0][0], dtype=np.float32)


def pool_leads(embedded: Float32, use: npt.NDArray[np.bool_] | None = None) -> Float32:
    """Mean and maximum over the usable leads: any number of leads, in any order.

    Parameters
    ----------
    embedded : ndarray of float32, shape (n_beats, n_leads, width)
        Not negative.
    use : ndarray of bool, shape (n_beats, n_leads), optional
        By default all leads. A beat without a usable lead keeps all of its leads.

    Returns
    -------
    ndarray of float32, shape (n_beats, 2 * width)
    """
    if use is None:
        return np.concatenate([embedded.mean(axis=1), embedded.max(axis=1)], axis=1)
    share = (use | ~use.any(axis=1, keepdims=True)).astype(np.float32)[:, :, None]
    kept = embedded * share
    mean = kept.sum(axis=1) / share.sum(axis=1)
    return np.concatenate([mean, kept.max(axis=1)], axis=1).astype(np.float32)


@cache
def network(folder: Any, stem: str) -> Network:
    """Load ``STEM-encoder.onnx`` and ``STEM-sequence.onnx`` of a folder, once a process."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the caller labels pieces side by side
    options.inter_op_num_threads = 1
    options.log_severity_level = 3

    def session(part: str) -> Any:
        data = (folder / f"{stem}-{part}.onnx").read_bytes()
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])

    return Network(session("encoder"), session("sequence"))


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
    found: dict[str, Any] = json.loads((place / f"beats-{name}.json").read_text("utf-8"))
    return found
