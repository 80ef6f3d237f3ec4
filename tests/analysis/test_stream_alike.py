"""A stream gives what the file does in the setting ``past``, whatever happens in the signal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.stream import Stream
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate

FS_HZ = 360.0  # pulses are looked for at every seventh sample, which no second is a multiple of
SECONDS = 700
LEADS = ("II", "V1")


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    recording, _ = simulate(SECONDS, rng=np.random.default_rng(8), fs_hz=FS_HZ)
    noise = np.random.default_rng(6).normal(0, 0.01, (2, recording.n_samples))
    return (recording.read() + noise).astype(np.float32)


def off(begin_s: float, end_s: float, value: float) -> Callable[[np.ndarray], None]:
    def spoil(signal: np.ndarray) -> None:
        signal[:, round(begin_s * FS_HZ) : round(end_s * FS_HZ)] = value

    return spoil


def pulses(height_mv: float, apart_s: float, leads: slice) -> Callable[[np.ndarray], None]:
    def spoil(signal: np.ndarray) -> None:
        for at_s in np.arange(20.0, SECONDS - 20, apart_s):
            at, rest = round(at_s * FS_HZ), round(0.3 * FS_HZ)
            signal[leads, at : at + 3 * rest] = signal[leads, at][..., None]
            signal[leads, at + rest : at + 2 * rest] += height_mv

    return spoil


def no_beats(signal: np.ndarray) -> None:
    """Let nothing but noise be there for a while, as in fibrillation or asystole."""
    here = slice(round(200 * FS_HZ), round(240 * FS_HZ))
    n = here.stop - here.start
    signal[:, here] = np.random.default_rng(1).normal(0, 0.02, (2, n)).astype(np.float32)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(off(120, 150, np.nan), id="off for 30 s"),
        pytest.param(off(120, 540, np.nan), id="missing for 7 min"),
        pytest.param(off(120, 540, 0.0), id="zero for 7 min"),
        pytest.param(off(0, 400, np.nan), id="begins with a gap"),
        pytest.param(no_beats, id="no beats for 40 s"),
        pytest.param(pulses(1.0, 23.7, slice(0, 2)), id="pulses in both leads"),
        pytest.param(pulses(1.0, 23.7, slice(0, 1)), id="pulses in one lead"),
        pytest.param(pulses(0.3, 61.3, slice(0, 1)), id="now and then one of an odd size"),
        pytest.param(pulses(0.3, 1.3, slice(0, 1)), id="a row of an odd size"),
    ],
)
def test_a_stream_is_the_file(signal: np.ndarray, spoil: Callable[[np.ndarray], None]) -> None:
    spoilt = signal.copy()
    spoil(spoilt)
    alike(spoilt, FS_HZ)


@pytest.mark.parametrize("fs_hz", [257.3, 333.0])
def test_at_a_rate_of_which_no_second_is_whole(signal: np.ndarray, fs_hz: float) -> None:
    alike(signal, fs_hz)  # as if it had been sampled slower


def alike(spoilt: np.ndarray, fs_hz: float) -> None:
    result = analyze(Recording.from_array(spoilt, fs_hz, LEADS), setting="past")
    whole, leading = result.beats, result.leading
    stream = Stream(fs_hz, LEADS, lead=LEADS[leading])
    parts = [stream.push(chunk) for chunk in np.array_split(spoilt, 27, axis=1)]
    found = LabelledBeats.join([*parts, stream.finish()])
    np.testing.assert_array_equal(found.samples, whole.samples)
    np.testing.assert_array_equal(found.classes, whole.classes)
    np.testing.assert_array_equal(found.uncertain, whole.uncertain)
    np.testing.assert_array_equal(found.quality, whole.quality)
    np.testing.assert_array_equal(found.pacing, whole.pacing)
    np.testing.assert_allclose(found.probabilities, whole.probabilities, atol=1e-3)
    np.testing.assert_allclose(found.strength, whole.strength, atol=1e-4)
