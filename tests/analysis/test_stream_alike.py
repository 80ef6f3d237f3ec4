"""A stream gives what the file does in the setting ``past``, whatever happens in the signal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.stream import Stream
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runtime.labels import BeatLabels

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

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


def fibrillations(signal: np.ndarray) -> None:
    """Let the ventricles fibrillate twice, with a pause that is too short for two episodes."""
    for begin_s, end_s in ((100, 131), (134, 170)):
        here = slice(round(begin_s * FS_HZ), round(end_s * FS_HZ))
        at_s = np.arange(here.stop - here.start) / FS_HZ
        waves = 1 + 0.3 * np.sin(2 * np.pi * 0.3 * at_s)
        rate_hz = 5 + 0.4 * np.sin(2 * np.pi * 0.11 * at_s)
        waves *= 0.6 * np.sin(2 * np.pi * np.cumsum(rate_hz) / FS_HZ)
        signal[:, here] = waves + np.random.default_rng(2).normal(0, 0.02, (2, len(at_s)))


def faint_beside_gaps(signal: np.ndarray) -> None:
    """Lose the signal now and then, with noise of a beat's shape on one side of it."""
    rng = np.random.default_rng(3)
    for at_s in range(60, SECONDS - 60, 60):
        after = at_s + 20  # whose beats are farther off than a stream can look
        off(at_s, after, np.nan)(signal)
        begin_s = at_s - 12 if at_s % 120 else after
        here = slice(round(begin_s * FS_HZ), round((begin_s + 12) * FS_HZ))
        noise = rng.normal(0, 1, (2, here.stop - here.start))
        kernel = np.hanning(round(0.06 * FS_HZ))
        signal[:, here] += 0.12 * np.apply_along_axis(np.convolve, 1, noise, kernel, "same")


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
        pytest.param(fibrillations, id="ventricular fibrillation"),
        pytest.param(faint_beside_gaps, id="faint beats beside gaps"),
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


class Indifferent:
    """A classifier that looks at nothing beside a beat."""

    behind_s = ahead_s = 0
    leads_used = 1

    def classify(self, signal_mv: Float32, fs_hz: float, r_peaks: Int64) -> BeatLabels:
        probabilities = np.tile(np.float32([0.9, 0.1, 0, 0, 0]), (len(r_peaks), 1))
        none = np.zeros(len(r_peaks), dtype=np.int64)
        return BeatLabels(probabilities, none, none.astype(bool))


@pytest.mark.parametrize("spoil", [fibrillations, faint_beside_gaps, off(120, 150, np.nan)])
def test_doubts_do_not_hang_on_the_classifier(
    signal: np.ndarray, spoil: Callable[[np.ndarray], None]
) -> None:
    spoilt = signal.copy()
    spoil(spoilt)
    whole = alike(spoilt, FS_HZ, Indifferent())
    assert whole.uncertain.any()
    assert not whole.uncertain.all()


def alike(spoilt: np.ndarray, fs_hz: float, classifier: Classifier | None = None) -> LabelledBeats:
    recording = Recording.from_array(spoilt, fs_hz, LEADS)
    result = analyze(recording, setting="past", classifier=classifier)
    whole, leading = result.beats, result.leading
    stream = Stream(fs_hz, LEADS, lead=LEADS[leading], classifier=classifier)
    parts = [stream.push(chunk) for chunk in np.array_split(spoilt, 27, axis=1)]
    found = LabelledBeats.join([*parts, stream.finish()])
    np.testing.assert_array_equal(found.samples, whole.samples)
    np.testing.assert_array_equal(found.classes, whole.classes)
    np.testing.assert_array_equal(found.uncertain, whole.uncertain)
    np.testing.assert_array_equal(found.quality, whole.quality)
    np.testing.assert_array_equal(found.pacing, whole.pacing)
    np.testing.assert_allclose(found.probabilities, whole.probabilities, atol=1e-3)
    np.testing.assert_allclose(found.strength, whole.strength, atol=1e-4)
    return whole
