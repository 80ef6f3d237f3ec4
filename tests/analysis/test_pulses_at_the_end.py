"""A strip that ends in the same calibration pulse in all leads, as Philips' do, in any format."""

import json
from pathlib import Path

import numpy as np
import pytest

import ectopy
from ectopy.beats.conditioning.calibration import find_pulses

FS = 500
NAMES = ("I", "II", "III", "V1", "V2")


@pytest.fixture
def ecg() -> np.ndarray:
    """Give 12 s of five leads, whose limb leads add up."""
    recording, _ = ectopy.simulate(12, rng=np.random.default_rng(0), fs_hz=FS)
    two, v1 = recording.read()
    return np.array([two / 3, two, two - two / 3, v1, two / 2])


def with_pulse(ecg: np.ndarray, *, height: float = 1.0, level: float = 0.1) -> np.ndarray:
    """Put a pulse between two flat lines over the end, the ECG on a level of its own."""
    out = ecg + level * np.arange(len(ecg))[:, None]
    out[:, -200:] = 0
    out[:, -150:-50] = height
    return out.astype(np.float32)


@pytest.mark.parametrize("height", [0.5, 1.0, 2.0])
def test_all_leads_have_it_and_the_flat_lines(ecg: np.ndarray, height: float) -> None:
    found = find_pulses(with_pulse(ecg, height=height), FS)
    assert sorted(pulse.lead for pulse in found) == list(range(5))
    assert {(pulse.start, pulse.stop) for pulse in found} == {(6000 - 200, 6000)}
    assert all(pulse.height_mv == pytest.approx(height, rel=0.02) for pulse in found)


def test_two_leads_of_five_are_not_all(ecg: np.ndarray) -> None:
    some = with_pulse(ecg)
    some[2:] = ecg[2:]
    assert {pulse.lead for pulse in find_pulses(some, FS)} <= {0, 1}


def test_no_beat_is_labelled_in_it(ecg: np.ndarray, tmp_path: Path) -> None:
    without = ectopy.analyze(ecg[:, :-200], fs_hz=FS, leads=NAMES)
    result = ectopy.analyze(with_pulse(ecg), fs_hz=FS, leads=NAMES)
    assert result.beats.samples.tolist() == without.beats.samples.tolist()
    assert result.beats.symbols.tolist() == without.beats.symbols.tolist()
    made = result.write(tmp_path)
    assert "calibration pulses of 1.00 mV" in made["html"].read_text(encoding="utf-8")
    told = json.loads(made["json"].read_text())
    assert any("calibration pulses of 1.00 mV" in note for note in told["notes"])


def test_a_wrong_height_is_a_warning(ecg: np.ndarray) -> None:
    summary = ectopy.analyze(with_pulse(ecg, height=1.4), fs_hz=FS, leads=NAMES).summary
    assert any("1.40 mV" in warning and "check gain" in warning for warning in summary.warnings)
