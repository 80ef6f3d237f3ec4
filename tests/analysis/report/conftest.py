"""A result in which something of everything happens, for every test of the page."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.result import Result
from ectopy.analysis.summary.rhythm import rhythm
from ectopy.analysis.tables import Rhythms
from ectopy.recordings.clock import Clock
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import KEYS, NONE

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


def _told(result: Result, *spans: tuple[float, str]) -> Result:
    """Give a result another rhythm: kinds and where each begins, in s."""
    onset = np.array([begin for begin, _ in spans])
    kind = np.array([KEYS.index(key) for _, key in spans])
    probability = np.where(kind == NONE, np.nan, 0.9).astype(np.float32)
    seconds = np.full(int(np.ceil(result.duration_s)), np.nan, dtype=np.float32)
    end = np.append(onset[1:], result.duration_s)
    course = RhythmCourse(onset, end, kind, probability, seconds)
    clock = Clock(result.start, result.duration_s)
    part = rhythm(course, result.intervals, result.summary.settings)
    summary = result.summary.model_copy(update={"rhythm": part})
    return replace(result, rhythm=Rhythms(course, clock), summary=summary)


@pytest.fixture
def told() -> Callable[..., Result]:
    return _told


@pytest.fixture(scope="session")
def fibrillating(busy: Result) -> Result:
    """Give the same with two episodes of fibrillation, a run in one of them, and much else."""
    return _told(
        busy,
        (0, "sinus"),
        (600, "af"),
        (700, "b"),
        (900, "sinus"),
        (1200, "vf"),
        (1230, "none"),
        (1300, "sinus"),
        (3000, "af"),
        (3500, "vt"),
        (3504, "af"),
        (5000, "sinus"),
        (6000, "tachy"),
        (6300, "paced"),
    )
