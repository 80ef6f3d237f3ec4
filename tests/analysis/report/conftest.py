"""A result in which something of everything happens, for every test of the page."""

from dataclasses import dataclass

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.result import Result
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate

FS = 250


@dataclass(frozen=True)
class Labels:
    classes: np.ndarray
    probabilities: np.ndarray
    uncertain: np.ndarray


class Busy:
    """Calls beats by their number, so that something of everything happens."""

    behind_s = ahead_s = 12
    leads_used = 1

    def classify(self, signal_mv: np.ndarray, fs_hz: float, r_peaks: np.ndarray) -> Labels:
        pattern = "NNNNVNNVNNVNNNNNVNVNVNNNNVVNNNVVVVNNSNNSSNNSSSNNFNNQNNnnvvnn"
        at = (r_peaks // round(0.8 * fs_hz)) % len(pattern)
        letters = np.array(list(pattern))[at]
        classes = np.array(["NSVFQ".index(letter.upper()) for letter in letters], dtype=np.int64)
        probabilities = 0.9 * np.eye(5, dtype=np.float32)[classes]
        return Labels(classes, probabilities, np.char.islower(letters))


@pytest.fixture(scope="session")
def busy() -> Result:
    """Give 110 minutes of 15 leads in which something of everything happens."""
    recording, _ = simulate(300, rng=np.random.default_rng(5), fs_hz=FS)
    signal = np.tile(recording.read(), (8, 22))[:15]
    leads = tuple(f"L{i}" for i in range(15))
    return analyze(Recording.from_array(signal, FS, leads, name="busy"), classifier=Busy())
