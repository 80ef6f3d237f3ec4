import numpy as np
import pytest

from ectopy.beats.conditioning.calibration import (
    REACH_S,
    find_pulses,
    of_all_leads,
    without_pulses,
)
from ectopy.recordings.simulation.simulate import simulate


def strip(
    fs_hz: float,
    height_mv: float,
    length_s: float,
    *,
    droop_hz: float = 0.05,
    edge_s: float = 0.004,
) -> np.ndarray:
    """A pulse from 0.4 s on, as a recorder with this high-pass and these edges writes it."""
    t = np.arange(round(2 * fs_hz)) / fs_hz
    up, down = (0.5 + 0.5 * np.tanh((t - at) / (edge_s / 2)) for at in (0.4, 0.4 + length_s))
    fades = [np.exp(-2 * np.pi * droop_hz * np.maximum(t - at, 0)) for at in (0.4, 0.4 + length_s)]
    lead = height_mv * (up * fades[0] - down * fades[1])
    return lead + 0.01 * np.random.default_rng(0).standard_normal(len(t))


@pytest.mark.parametrize("fs_hz", [100, 128, 250, 360, 500, 1000])
@pytest.mark.parametrize("height_mv", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("length_s", [0.1, 0.2, 0.4])
def test_a_pulse_is_found_and_measured(fs_hz: float, height_mv: float, length_s: float) -> None:
    lead = strip(fs_hz, height_mv, length_s).astype(np.float32)
    (pulse,) = find_pulses(lead[None], fs_hz)
    assert pulse.height_mv == pytest.approx(height_mv, rel=0.06)
    assert pulse.expected
    assert abs(pulse.start / fs_hz - 0.4) < 0.05
    assert abs(pulse.stop / fs_hz - 0.4 - length_s) < 0.07
    flat = without_pulses(lead[None], [pulse])[0]
    assert np.ptp(flat) < 0.25 * height_mv  # noise, and the step that the droop leaves
    assert np.ptp(lead) > 0.9 * height_mv  # the recording itself is left alone


def test_the_droop_of_a_monitor_and_the_edges_of_a_muscle_filter() -> None:
    for lead in (strip(500, 1, 0.2, droop_hz=0.5), strip(500, 1, 0.2, edge_s=0.012)):
        assert len(find_pulses(lead[None].astype(np.float32), 500)) == 1


def test_each_lead_by_itself() -> None:
    one, none = strip(250, 1, 0.2), np.zeros(500)
    found = find_pulses(np.float32([none, one, none, one]), 250)
    assert [pulse.lead for pulse in found] == [1, 3]
    assert of_all_leads(found, [1, 3]).tolist() == [found[0].start]
    assert of_all_leads(found, [0, 1]).tolist() == of_all_leads(found, [1, 2]).tolist() == []


def test_a_row_of_pulses_is_found_and_what_an_electrode_does_is_not() -> None:
    t = np.arange(5000) / 250
    row = np.where((t % 1 > 0.4) & (t % 1 < 0.6), 1.0, 0.0)
    assert len(find_pulses(row[None].astype(np.float32), 250)) == 20
    # As in MIT-BIH's 108 at 18:04: down for 0.13 s, up for 0.25 s, and down for good.
    jumps = np.select([t < 1, t < 1.13, t < 1.38], [2.0, 0.0, 2.0], 0.0)
    for lead in (jumps, -row, np.where(t > 1, 1.0, 0.0)):
        assert find_pulses(lead[None].astype(np.float32), 250) == []


def test_a_wrong_size_in_one_of_several_leads_has_to_come_twice() -> None:
    flat, pulse = np.zeros(500), strip(250, 3.1, 0.2)
    assert find_pulses(np.float32([flat, pulse]), 250) == []
    assert len(find_pulses(np.float32([pulse, pulse]), 250)) == 2
    row = np.float32([np.r_[flat, flat], np.r_[pulse[:300], pulse, flat[:200]]])
    assert len(find_pulses(row, 250)) == 2
    apart = np.float32([np.zeros(2000), np.r_[pulse, flat, flat, pulse]])
    assert find_pulses(apart, 250) == []
    assert len(find_pulses(np.float32([pulse]), 250)) == 1


@pytest.mark.parametrize("fs_hz", [128, 250, 360, 500])
def test_where_a_recording_is_cut_changes_no_pulse_further_away(fs_hz: int) -> None:
    rng = np.random.default_rng(0)
    rows = 0.02 * rng.standard_normal((2, 60 * fs_hz)).astype(np.float32)
    for at in rng.uniform(1, 58, 60):
        begin, length = round(at * fs_hz), round(rng.uniform(0.08, 0.45) * fs_hz)
        rows[rng.integers(2), begin : begin + length] += rng.choice([0.3, 0.5, 1, 1, -1, 2])
    every = find_pulses(rows, fs_hz)
    assert len(every) > 5
    for second in range(1, 50):
        cut = second * fs_hz
        found = [one.moved(cut) for one in find_pulses(rows[:, cut:], fs_hz, cut)]
        away = cut + REACH_S * fs_hz
        assert [x for x in found if x.start >= away] == [x for x in every if x.start >= away]
        found = find_pulses(rows[:, :cut], fs_hz)
        before = cut - REACH_S * fs_hz
        assert [x for x in found if x.stop < before] == [x for x in every if x.stop < before]


def test_missing_samples_and_hardly_any() -> None:
    lead = strip(250, 1, 0.2)
    lead[:60] = np.nan
    assert len(find_pulses(lead[None].astype(np.float32), 250)) == 1
    lead[110:120] = np.nan
    assert find_pulses(lead[None].astype(np.float32), 250) == []
    for n in range(8):
        assert find_pulses(np.ones((1, n), np.float32), 250) == []


def test_no_wave_of_the_heart_is_a_pulse() -> None:
    recording, _ = simulate(600, rng=np.random.default_rng(3))
    assert find_pulses(recording.read(), recording.fs_hz) == []


@pytest.mark.data
@pytest.mark.parametrize("name", ["mitdb/108", "mitdb/203", "mitdb/107", "mitdb/102", "svdb/800"])
def test_nor_is_a_paced_one_or_an_artefact(data_dir, name):
    from ectopy.recordings.open import open_recording

    recording = open_recording(data_dir / f"{name}.hea")
    assert find_pulses(recording.read(), recording.fs_hz) == []
