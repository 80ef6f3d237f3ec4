"""Calibration pulses stored in a recording, from the signal to what is said of them."""

from __future__ import annotations

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.stream import Stream
from ectopy.recordings.simulation.simulate import simulate

FS = 250.0
LEADS = ("II", "V1")
EMPTY_S = 0.8
"""What is stored instead of the heart: a level, a pulse of 200 ms after 0.3 s, a level."""


def instead(signal: np.ndarray, at: int, height_mv: float, leads: int = 2) -> np.ndarray:
    """Put a pulse into the first leads at a sample, the others waiting meanwhile."""
    pulse = np.zeros((2, round(EMPTY_S * FS)), dtype=np.float32)
    pulse[:leads, 75:125] = height_mv
    level = signal[:, min(at, signal.shape[1] - 1)][:, None]
    return np.concatenate([signal[:, :at], pulse + level, signal[:, at:]], axis=1)


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    recording, _ = simulate(60, rng=np.random.default_rng(5), fs_hz=FS, leads=LEADS)
    return recording.read()


@pytest.mark.parametrize("at_s", [0, 60])
@pytest.mark.parametrize("leads", [1, 2])
@pytest.mark.parametrize("height_mv", [0.5, 1.0, 2.0])
def test_a_pulse_is_no_beat_and_changes_none(
    signal: np.ndarray, at_s: float, leads: int, height_mv: float
) -> None:
    at, longer = round(at_s * FS), round(EMPTY_S * FS)
    without = analyze(signal, fs_hz=FS)
    found = analyze(instead(signal, at, height_mv, leads), fs_hz=FS)
    moved = without.beats.samples + np.where(without.beats.samples >= at, longer, 0)
    assert np.array_equal(found.beats.samples, moved)
    assert (found.beats.classes == without.beats.classes).mean() > 0.98
    (told,) = found.summary.calibration
    assert told.height_mv == pytest.approx(height_mv, rel=0.05)
    assert (told.pulses, len(told.leads), told.expected) == (1, leads, True)
    note = next(note for note in found.summary.notes if "calibration pulse" in note)
    assert ("in all leads" in note) == (leads == 2)
    for one, other in zip(found.summary.leads, without.summary.leads, strict=True):
        assert one.amplitude_mv == pytest.approx(other.amplitude_mv, rel=0.05)


def test_a_pause_for_calibration_is_none_of_the_heart(signal: np.ndarray) -> None:
    row = instead(signal, round(30 * FS), 1.0)
    for _ in range(3):
        row = instead(row, round(30 * FS), 1.0)
    summary = analyze(row, fs_hz=FS).summary
    assert summary.calibration[0].pulses == 4
    assert summary.pauses.count == analyze(signal, fs_hz=FS).summary.pauses.count


def test_a_pulse_of_another_size_casts_doubt_on_the_gain(signal: np.ndarray) -> None:
    found = analyze(0.25 * instead(signal, 0, 1.0), fs_hz=FS).summary
    assert not found.calibration[0].expected
    said = next(warning for warning in found.warnings if "calibration pulse" in warning)
    assert "0.25 mV" in said
    assert "check gain and unit" in said
    assert not any("calibration pulse" in note for note in found.notes)


def test_a_stream_leaves_pulses_out_as_the_whole_file_does(signal: np.ndarray) -> None:
    with_pulse = instead(signal, round(20 * FS), 1.0)
    whole = analyze(with_pulse, fs_hz=FS, lead="lead 1", setting="past").beats
    stream = Stream(FS, ("lead 1", "lead 2"), lead="lead 1")
    parts = [stream.push(chunk) for chunk in np.array_split(with_pulse, 61, axis=1)]
    beats = LabelledBeats.join([*parts, stream.finish()])
    assert np.array_equal(beats.samples, whole.samples)
    assert np.array_equal(beats.classes, whole.classes)
    assert not ((beats.samples > 20 * FS) & (beats.samples < 20.7 * FS)).any()


@pytest.mark.data
@pytest.mark.parametrize("name", ["ludb/1", "ludb/51", "ludb/67", "mitdb/101", "mitdb/124"])
@pytest.mark.parametrize("where", ["start", "middle", "end"])
def test_pulses_put_into_real_records(data_dir, name, where):
    from ectopy.recordings.open import open_recording

    opened = open_recording(data_dir / f"{name}.hea")
    signal, fs_hz = opened.read(0, round(60 * opened.fs_hz)), opened.fs_hz
    without = analyze(signal, fs_hz=fs_hz).beats
    n = signal.shape[1]
    middle = int(without.samples[len(without) // 2 - 1 : len(without) // 2 + 1].mean())
    at = {"start": 0, "middle": middle, "end": n}[where]
    pulse = np.zeros(round(EMPTY_S * fs_hz), dtype=np.float32)
    pulse[round(0.3 * fs_hz) : round(0.5 * fs_hz)] = 1
    level = signal[:, min(at, n - 1)][:, None]
    found = analyze(
        np.concatenate([signal[:, :at], pulse + level, signal[:, at:]], axis=1), fs_hz=fs_hz
    )
    samples = found.beats.samples
    assert not ((samples >= at) & (samples < at + len(pulse))).any()
    back = np.where(samples >= at, samples - len(pulse), samples)
    near = np.abs(back[:, None] - without.samples).min(axis=0)
    assert (near <= 0.06 * fs_hz).all()
    assert len(samples) == len(without)
    assert found.summary.calibration[0].height_mv == pytest.approx(1, abs=0.05)
