import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.analysis.pieces import pieces
from ectopy.beats.conditioning.qrs_band import band_pass
from ectopy.beats.conditioning.quality import assess
from ectopy.beats.conditioning.quality_limits import QualityLimits
from ectopy.beats.detection.fibrillation_waves import MEASURES, SAMPLES, describe
from ectopy.beats.detection.ventricular_fibrillation import (
    BEHIND_S,
    FILTER_S,
    NEVER,
    PACKAGED,
    VentricularFibrillation,
    Weights,
    fibrillation_log_odds,
)
from ectopy.errors import ModelError
from ectopy.recordings.open import open_recording
from ectopy.recordings.simulation.simulate import simulate

Float32 = npt.NDArray[np.float32]
FS_HZ = 250


def fibrillation(seconds: int, seed: int = 0) -> Float32:
    """Make waves whose frequency and size wander, four to six a second."""
    rng = np.random.default_rng(seed)
    n = seconds * FS_HZ
    knots = np.arange(0, n + FS_HZ, FS_HZ // 2)

    def wander(low: float, high: float) -> npt.NDArray[np.float64]:
        return np.interp(np.arange(n), knots, rng.uniform(low, high, len(knots)))

    phase = 2 * np.pi * np.cumsum(wander(3.8, 5.8)) / FS_HZ
    waves = wander(0.3, 0.8) * np.sin(phase) + 0.15 * np.sin(1.37 * phase + 1)
    return (waves + 0.01 * rng.standard_normal(n)).astype(np.float32)


def odds(signal: Float32) -> Float32:
    signal = np.atleast_2d(signal)
    bands = list(band_pass(signal, FS_HZ))
    return fibrillation_log_odds(bands, assess(signal, FS_HZ, QualityLimits(), bands))


def sinus(seconds: int) -> Float32:
    recording, _ = simulate(seconds, rng=np.random.default_rng(3), fs_hz=FS_HZ)
    return recording.read()


def test_fibrillation_after_beats_is_alarmed_in_time_and_ends() -> None:
    beats = sinus(60)[0]
    signal = np.concatenate([beats, fibrillation(40), beats])
    (alarm,) = VentricularFibrillation().alarms(odds(signal))
    assert 62 < alarm.alarm_s < 70
    assert abs(alarm.onset_s - 60) < 4
    assert abs(alarm.end_s - 100) < 4
    spans = VentricularFibrillation().spans_s(odds(signal), 1.0)
    np.testing.assert_allclose(spans, [[alarm.onset_s, alarm.end_s]])


def test_flat_lines_noise_beats_and_organised_tachycardia_are_none() -> None:
    rng = np.random.default_rng(1)
    t = np.arange(60 * FS_HZ) / FS_HZ
    wide = np.exp(-0.5 * (((t % 0.36) - 0.12) / 0.035) ** 2)  # 167 a minute, a line between
    for signal in (
        np.zeros(60 * FS_HZ),
        np.full(60 * FS_HZ, np.nan),
        0.004 * rng.standard_normal(60 * FS_HZ),
        0.3 * rng.standard_normal(60 * FS_HZ),
        np.cumsum(0.05 * rng.standard_normal(60 * FS_HZ)),
        wide + 0.01 * rng.standard_normal(60 * FS_HZ),
        sinus(60)[0],
    ):
        found = odds(signal.astype(np.float32))
        assert VentricularFibrillation().alarms(found) == []


def test_a_lead_with_calm_beats_says_that_the_other_shows_noise() -> None:
    beats, waves = sinus(60)[0], fibrillation(60)
    assert len(VentricularFibrillation().alarms(odds(waves))) == 1
    assert (odds(np.stack([beats, waves])) == NEVER).all()
    # A lead that is off says nothing, and neither does one that fibrillates too.
    for other in (np.full_like(waves, np.nan), np.zeros_like(waves), 0.5 * waves):
        assert len(VentricularFibrillation().alarms(odds(np.stack([other, waves])))) == 1


def test_too_little_signal_tells_nothing() -> None:
    for seconds in (0, 1, 3):
        found = odds(fibrillation(seconds))
        assert found.shape == (seconds,)
        assert VentricularFibrillation().alarms(found) == []


def test_a_second_is_told_from_what_is_before_its_end() -> None:
    signal = np.concatenate([sinus(30)[0], fibrillation(30)])
    whole = odds(signal)
    for second in (33, 36, 45):
        cut = signal[(second - BEHIND_S) * FS_HZ : round((second + 1 + FILTER_S) * FS_HZ)]
        assert odds(cut)[BEHIND_S] == pytest.approx(float(whole[second]), abs=1e-3)


def test_rows_are_described_alike_whatever_is_beside_them() -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((70, SAMPLES)).astype(np.float32)
    together = describe(rows)
    assert together.shape == (70, len(MEASURES))
    np.testing.assert_array_equal(together[13:14], describe(rows[13:14]))
    weights = Weights.load()
    np.testing.assert_array_equal(
        weights.log_odds(together)[13:14], weights.log_odds(together[13:14])
    )


def test_measures_of_a_sine_are_what_they_should_be() -> None:
    t = np.arange(SAMPLES) / 100
    (row,) = describe((0.4 * np.sin(2 * np.pi * 5 * t + 0.3)).astype(np.float32)[None])
    found = dict(zip(MEASURES, row.tolist(), strict=True))
    assert found["within_1_hz"] == pytest.approx(1, abs=0.01)
    assert found["centre_hz"] == pytest.approx(5, abs=0.05)
    assert found["leakage"] < 0.05  # half a period later it is its own negative
    assert found["crossings"] == pytest.approx(10, abs=0.5)
    assert found["mean_size"] == pytest.approx(2 * np.sqrt(2) / np.pi, abs=0.01)
    assert found["peakedness"] == pytest.approx(np.log(1.5), abs=0.02)
    assert found["loudness"] == pytest.approx(np.log10(0.4 / np.sqrt(2)), abs=0.01)
    assert found["repeats"] == pytest.approx(1, abs=0.05)
    assert found["unevenness"] == pytest.approx(0, abs=0.02)
    assert found["one_sidedness"] == pytest.approx(0, abs=0.01)


def test_the_same_whatever_the_gain_above_half_a_millivolt() -> None:
    waves = fibrillation(20)[None, : SAMPLES * 2 : 2] * 3
    np.testing.assert_allclose(describe(waves), describe(4 * waves), rtol=2e-2, atol=2e-2)


def test_pieces_carry_what_the_whole_recording_says(tmp_path: Path) -> None:
    """Two pieces of ten minutes, fibrillation across the cut."""
    beats = sinus(590)
    signal = np.concatenate([beats, np.stack([fibrillation(30)] * len(beats)), beats], axis=1)
    path = tmp_path / "holter.npy"
    np.save(path, signal)
    told = [piece.fibrillation for piece in pieces(path, fs_hz=FS_HZ, weights="ds1")]
    assert len(told) > 2
    joined = np.concatenate(told)
    np.testing.assert_allclose(joined, odds(signal), atol=1e-3)
    (alarm,) = VentricularFibrillation().alarms(joined)
    assert 592 < alarm.alarm_s < 600


def test_nothing_recorded_is_never_fibrillation(tmp_path: Path) -> None:
    signal = sinus(60)
    signal[:, 10 * FS_HZ : 50 * FS_HZ] = np.nan
    np.save(tmp_path / "gap.npy", signal)
    told = [one.fibrillation for one in pieces(tmp_path / "gap.npy", fs_hz=FS_HZ, weights="ds1")]
    joined = np.concatenate(told)
    assert joined.shape == (60,)
    assert (joined == NEVER).all()


@given(st.lists(st.floats(-9, 9), max_size=200), st.integers(1, 8), st.floats(0, 20))
def test_alarms_are_apart_and_in_order(log_odds: list[float], evidence: int, gap: float) -> None:
    settings = VentricularFibrillation(vf_evidence_s=evidence, vf_gap_s=gap)
    alarms = settings.alarms(log_odds)
    on = settings.probability(log_odds) >= settings.vf_probability
    assert bool(alarms) == bool(on.any())
    assert len(on) == len(log_odds)
    for one in alarms:
        assert one.onset_s <= one.alarm_s
        assert one.onset_s < one.end_s <= len(log_odds)
    for before, after in pairwise(alarms):
        assert after.alarm_s - before.alarm_s > gap


def test_weights_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    with pytest.raises(ModelError, match=r"weights\.json holds no weights"):
        Weights.load(path)
    for change in ({"measures": ["leakage"]}, {"factors": [1.0]}, {"constant": "much"}):
        path = tmp_path / f"{next(iter(change))}.json"
        path.write_text(json.dumps(json.loads(PACKAGED.read_text()) | change))
        with pytest.raises(ModelError, match="holds no weights"):
            Weights.load(path)


def test_weights_without_a_record_are_others_and_stay_the_same() -> None:
    whole, without = Weights.load(), Weights.load(without="cu04")
    assert not np.array_equal(whole.factors, without.factors)
    np.testing.assert_array_equal(without.factors, Weights.load(without="cu04").factors)
    assert Weights.load(without="A00001").factors.shape == (len(MEASURES),)


@pytest.mark.data
def test_a_marked_episode_is_alarmed_by_weights_that_never_saw_it(data_dir: Path) -> None:
    recording = open_recording(data_dir / "cudb" / "cu18.hea")
    signal = recording.read()
    bands = list(band_pass(signal, FS_HZ))
    quality = assess(signal, FS_HZ, QualityLimits(), bands)
    found = fibrillation_log_odds(bands, quality, Weights.load(without="cu18"))
    (alarm,) = VentricularFibrillation().alarms(found)
    assert 334.6 < alarm.alarm_s < 344.6
    assert abs(alarm.end_s - 361.4) < 6
