"""How long the classes of given R peaks take: the whole of the beat model, nothing around it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ectopy.analysis.plan import LONGEST_S
from ectopy.beats.conditioning.one_thread import one_thread
from ectopy.bench.analyze import FS_HZ
from ectopy.errors import ConfigError
from ectopy.recordings.stretches import stretches
from ectopy.runtime.classifier import BeatClassifier

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LabelTimes:
    """Times to label some beats, in s; of each the best run.

    Attributes
    ----------
    beats : int
        Beats labelled.
    hours : float
        Length of the signal that they are in.
    threads : int
        Pieces labelled side by side.
    wall_s, processor_s : float
        In pieces of an hour side by side, as `ectopy analyze` does it; the seconds that each
        piece looks back on are labelled twice and counted once.
    call_wall_s, call_processor_s : float
        In one call, on one core.

    Examples
    --------
    >>> from ectopy.bench import time_labelling
    >>> times = time_labelling(beats=100, repeats=1)
    >>> round(times.hours, 2)
    0.03
    """

    beats: int
    hours: float
    threads: int
    wall_s: float
    processor_s: float
    call_wall_s: float
    call_processor_s: float


def time_labelling(beats: int = 100_000, repeats: int = 3, seed: int = 1) -> LabelTimes:
    """Time `BeatClassifier.classify` on simulated beats of two leads at 250 Hz.

    Parameters
    ----------
    beats : int
        Beats to label.
    repeats : int
        Runs; the best counts.
    seed : int
        Of the simulator.

    Examples
    --------
    >>> from ectopy.bench import time_labelling
    >>> time_labelling(beats=100, repeats=1).beats
    100
    """
    if beats < 1:
        raise ConfigError(f"beats is {beats}, expected 1 or more")
    signal, peaks = _simulated(beats, seed)
    classifier = BeatClassifier.load()
    pieces = _pieces(signal, peaks, classifier)
    threads = min(4, os.cpu_count() or 1, len(pieces))

    def one(piece: tuple[Float32, Int64]) -> None:
        classifier.classify(piece[0], FS_HZ, piece[1])

    one(pieces[0])  # loads the network
    side, call = [], []
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(repeats):
            with one_thread:
                side.append(_time(lambda: list(pool.map(one, pieces))))
            call.append(_time(lambda: one((signal, peaks))))
    return LabelTimes(
        len(peaks),
        signal.shape[1] / FS_HZ / 3600,
        threads,
        *np.min(side, axis=0).tolist(),
        *np.min(call, axis=0).tolist(),
    )


def _time(call: Callable[[], object]) -> tuple[float, float]:
    """Give the seconds that a call takes, on the wall and of the processor."""
    begin = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - begin[0], time.process_time() - begin[1]


def _simulated(beats: int, seed: int) -> tuple[Float32, Int64]:
    """Draw a recording that ends half a second after the last of so many beats."""
    from ectopy.recordings.simulation.simulate import simulate

    seconds = 2.0 + 1.2 * beats
    while True:
        recording, reference = simulate(seconds, rng=np.random.default_rng(seed), fs_hz=FS_HZ)
        if len(reference.samples) >= beats:
            break
        seconds *= 1.5  # a slow heart
    peaks = reference.samples[:beats]
    return recording.read(0, int(peaks[-1] + FS_HZ / 2)), peaks


def _pieces(
    signal: Float32, peaks: Int64, classifier: BeatClassifier
) -> list[tuple[Float32, Int64]]:
    """Cut into hours, each with what the classifier looks at around it."""
    behind, ahead = (int(reach * FS_HZ) for reach in (classifier.behind_s, classifier.ahead_s))
    hours = stretches(signal.shape[1], int(LONGEST_S * FS_HZ), behind=behind, ahead=ahead)
    return [
        (signal[:, part.start : part.stop], peaks[part.near(peaks)] - part.start) for part in hours
    ]
