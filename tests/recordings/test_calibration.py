"""A calibration pulse is no beat, tells whether the gain is right, and is not found elsewhere."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import recording_files as files
import vendor_files as made

from ectopy.recordings.formats.calibration import Pulse, find_pulse
from ectopy.recordings.open import open_recording

NAMES = ("I", "II", "III", "V1", "V2")
FS_HZ = files.FS_HZ


def strip(seconds: float = 8) -> np.ndarray:
    """Five leads in units of 5 uV, of which the limb leads add up."""
    two, v1 = files.digital(seconds)
    return np.array([two // 3, two, two - two // 3, v1, two // 2])


def with_pulse(
    rows: np.ndarray, height: float = 200, lasts_s: float = 0.2, flat_s: float = 0.1
) -> np.ndarray:
    """Put a pulse, with flat line around it, over the end."""
    flat, high = round(flat_s * FS_HZ), round(lasts_s * FS_HZ)
    out = rows.astype(float)
    out[:, -2 * flat - high :] = 0
    out[:, -flat - high : -flat] = height
    return out


@pytest.mark.parametrize("noise", [0, 2])
@pytest.mark.parametrize("height", [100, 200, 400])
def test_it_is_found_at_either_end(noise: int, height: int) -> None:
    lossy = np.random.default_rng(0).integers(-noise, noise + 1, size=(5, 2000))
    signal = ((with_pulse(strip(), height) + lossy) / 200).astype(np.float32)
    found = find_pulse(signal, FS_HZ)
    assert found is not None
    assert (found.first, found.last) == (pytest.approx(1900, abs=3), 2000)
    assert found.height_mv == pytest.approx(height / 200, rel=0.02)
    mirrored = find_pulse(signal[:, ::-1], FS_HZ)
    assert mirrored == Pulse(0, 2000 - found.first, found.height_mv)


@pytest.mark.parametrize(
    "signal",
    [
        strip(),
        with_pulse(strip())[:2],  # two leads may be alike
        with_pulse(strip(), lasts_s=0.1),
        with_pulse(strip(), lasts_s=0.5),
        with_pulse(strip(), flat_s=0.008),
        with_pulse(strip()) * np.array([1, 1, 1, 1, 2])[:, None],  # not the same in all
        -with_pulse(strip()),
        with_pulse(strip(2)),  # too short to be sure
        np.zeros((5, 2000)),
        np.tile(strip()[:1], (5, 1)),  # the same beats in all leads
    ],
)
def test_it_is_not_found_in_anything_else(signal: np.ndarray) -> None:
    assert find_pulse((signal / 200).astype(np.float32), FS_HZ) is None


def test_missing_samples_are_no_pulse() -> None:
    signal = (with_pulse(strip()) / 200).astype(np.float32)
    signal[2, -5] = np.nan
    assert find_pulse(signal, FS_HZ) is None


def test_it_is_left_out_and_the_gain_checked(tmp_path: Path) -> None:
    rows = with_pulse(strip()).astype(int)
    path = made.philips(tmp_path / "a.xml", NAMES, rows, FS_HZ)
    recording = open_recording(path)
    assert recording.notes == (
        "the last 0.4 s were left out: they hold the recorder's calibration pulse, which reads as "
        "1.00 mV",
    )
    np.testing.assert_allclose(recording.read(), rows[:, : recording.n_samples] / 200, atol=1e-6)
    assert recording.n_samples == pytest.approx(1900, abs=3)
    wrong = open_recording(path, gain=100)
    assert wrong.notes[0].endswith(
        "2.00 mV, expected 1.00; the gain seems to be wrong, state the right one"
    )


def test_a_strip_that_begins_with_it_begins_later(tmp_path: Path) -> None:
    rows = with_pulse(strip()).astype(int)[:, ::-1]
    recording = open_recording(made.philips(tmp_path / "a.xml", NAMES, rows, FS_HZ))
    cut = rows.shape[1] - recording.n_samples
    assert recording.start == made.WHEN + timedelta(seconds=cut / FS_HZ)
    np.testing.assert_allclose(recording.read(), rows[:, cut:] / 200, atol=1e-6)


def test_no_beat_is_labelled_in_it(tmp_path: Path) -> None:
    from ectopy.cli.analyze import analyze_all

    path = made.philips(tmp_path / "a.xml", NAMES, with_pulse(strip(12)).astype(int), FS_HZ)
    analyze_all([path], tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "a.summary.json").read_text())
    assert summary["beats"] == pytest.approx(11.5 / 0.8, abs=1)
    assert "calibration pulse" in (tmp_path / "out" / "a.html").read_text()
    last = (tmp_path / "out" / "a.beats.csv").read_text().splitlines()[-1]
    assert float(last.split(",")[1]) < 11.6
