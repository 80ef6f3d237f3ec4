"""Where many beats are faint none is relied on; a faint one among clear ones is no harm."""

import numpy as np
import pytest

import ectopy
from ectopy.beats.detection.faint import faint_stretches
from ectopy.datasets.locate import locate
from ectopy.datasets.wfdb.databases import SVDB
from ectopy.datasets.wfdb.noise import recorded_noise
from ectopy.datasets.wfdb.noise_stress import noisy_samples, stressed
from ectopy.recordings.annotated import open_annotated
from ectopy.recordings.recording import Recording


def test_one_in_five_is_no_harm_and_one_in_two_is() -> None:
    strength, samples = np.ones(100, np.float32), 200 * np.arange(100)
    strength[::5] = 0.4
    assert not faint_stretches(strength, samples, 250)[3:-3].any()
    strength[50::2] = 0.4
    assert faint_stretches(strength, samples, 250)[55:].all()
    assert not faint_stretches(strength, samples, 250)[3:40].any()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_beats(n: int) -> None:
    samples = 200 * np.arange(n)
    assert not faint_stretches(np.ones(n, np.float32), samples, 250).any()
    assert faint_stretches(np.full(n, 0.3, np.float32), samples, 250).all()


def test_what_lies_beyond_ten_seconds_does_not_count() -> None:
    strength = np.repeat([0.4, 1], 5).astype(np.float32)
    near = np.r_[np.arange(5) * 200, 900 + np.arange(5) * 200]
    assert faint_stretches(strength, near, 250)[5]
    far = near + np.repeat([0, 2600], 5)
    assert faint_stretches(strength, far, 250).tolist() == [True] * 5 + [False] * 5


@pytest.mark.data
def test_in_noise_that_wins_hardly_a_beat_is_certain() -> None:
    record = open_annotated(locate(SVDB.files) / "821")
    recording, fs_hz = record.recording, record.recording.fs_hz
    motion = next(one for one in recorded_noise() if one.kind == "electrode motion")
    peaks = ectopy.analyze(recording).beats.samples
    noisy = stressed(recording.read(), fs_hz, peaks, motion.signal, motion.fs_hz, -6.0)
    beats = ectopy.analyze(Recording.from_array(noisy, fs_hz, recording.leads)).beats
    inside = noisy_samples(recording.n_samples, fs_hz)[beats.samples]
    assert beats.uncertain[inside].mean() > 0.97
    assert beats.uncertain[: np.flatnonzero(inside)[0] - 10].mean() < 0.2
