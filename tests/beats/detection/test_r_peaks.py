from pathlib import Path

import numpy as np
import pytest

from ectopy.beats.detection.r_peaks import Detector, Peaks, detect
from ectopy.errors import ConfigError, ModelError


def beats(fs_hz: float, seconds: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Make a bare rhythm: narrow R waves and slow T waves with 10 uV of noise."""
    at = np.cumsum(rng.uniform(0.7, 0.9, int(seconds / 0.7)))
    at = at[at < seconds - 1]
    time = np.arange(int(seconds * fs_hz)) / fs_hz
    signal = rng.normal(0, 0.01, time.size)
    for peak in at:
        signal += np.exp(-0.5 * ((time - peak) / 0.012) ** 2)
        signal += 0.2 * np.exp(-0.5 * ((time - peak - 0.28) / 0.04) ** 2)
    return signal, at


@pytest.mark.parametrize("fs_hz", [100, 128, 250, 333.3, 1000, 2000])
@pytest.mark.parametrize("gain", [1.0, -1.0, 0.3, 4.0])
def test_every_beat_at_any_rate_gain_and_polarity(
    fs_hz: float, gain: float, rng: np.random.Generator
) -> None:
    signal, at = beats(fs_hz, 40, rng)
    found = detect(gain * signal, fs_hz) / fs_hz
    assert len(found) == len(at)
    assert np.abs(found - at).max() < max(0.008, 1.5 / fs_hz)


@pytest.mark.parametrize("value", [0.0, 5.0, np.nan])
def test_a_flat_or_missing_lead_has_no_beats(value: float) -> None:
    assert len(detect(np.full(5000, value), 250.0)) == 0


@pytest.mark.parametrize("samples", [0, 1, 10])
def test_a_snippet_is_no_error(samples: int) -> None:
    assert len(detect(np.zeros(samples), 250.0)) == 0


def test_a_wrong_rate_is_said() -> None:
    with pytest.raises(ConfigError, match="sampling rate"):
        detect(np.zeros(100), 0.0)


@pytest.mark.data
def test_record_100(data_dir: Path) -> None:
    import wfdb

    path = str(data_dir / "mitdb" / "100")
    record = wfdb.rdrecord(path)
    annotated = wfdb.rdann(path, "atr")
    reference = annotated.sample[np.isin(annotated.symbol, ["N", "A", "V"])]
    found = detect(record.p_signal[:, 0], record.fs)
    assert len(found) == len(reference)
    assert np.abs(found - reference).max() < 0.05 * record.fs


@pytest.mark.parametrize("piece_s", [1, 7, 33])
def test_pieces_give_the_same_peaks_as_the_whole(piece_s: int, rng: np.random.Generator) -> None:
    signal, _ = beats(250, 70, rng)
    signal[3000:4200] = np.nan  # a gap, and a burst of noise, cut wherever the pieces end
    signal[9000:10000] += rng.normal(0, 0.5, 1000)
    lead = signal[None].astype(np.float32)
    detector = Detector(250)
    parts = [
        detector.piece(lead[:, part.start : part.stop], part.start, (part.begin, part.end))
        for part in detector.stretches(lead.shape[1], piece_s)
    ]
    whole = detector.piece(lead, 0, (0, lead.shape[1]))
    joined = Peaks.join(parts)
    assert np.array_equal(joined.samples, whole.samples)
    assert np.allclose(joined.strength, whole.strength, atol=1e-4)


def test_missing_samples_hide_their_beats_and_no_others(rng: np.random.Generator) -> None:
    signal, at = beats(250, 60, rng)
    begin, end = 20.0, 30.0
    signal[int(begin * 250) : int(end * 250)] = np.nan
    found = detect(signal, 250) / 250
    assert not ((found > begin) & (found < end)).any()
    for peak in at[(at < begin - 0.3) | (at > end + 0.3)]:
        assert np.abs(found - peak).min() < 0.01


def test_a_dead_second_lead_does_not_hide_the_first(rng: np.random.Generator) -> None:
    signal, at = beats(250, 40, rng)
    found = detect(np.stack([signal, rng.normal(0, 0.003, len(signal))]), 250) / 250
    for peak in at:
        assert np.abs(found - peak).min() < 0.01
    assert len(found) <= len(at) + 1


def test_an_unknown_network_is_said() -> None:
    with pytest.raises(ModelError, match=r"other\.onnx is not there"):
        Detector(250, Path("other.onnx"))


def test_pieces_of_two_leads_give_the_same_peaks_as_the_whole(rng: np.random.Generator) -> None:
    signal, _ = beats(250, 90, rng)
    leads = np.stack([signal, 0.5 * signal]).astype(np.float32)
    leads[0, 5000:11000] += rng.normal(0, 0.6, 6000)  # where the first lead is in doubt
    detector = Detector(250)
    whole = detector.piece(leads, 0, (0, leads.shape[1]))
    alone = detector.piece(leads[:1], 0, (0, leads.shape[1]))
    assert not np.array_equal(whole.samples, alone.samples)  # the second lead is asked
    for piece_s in (1, 7, 40):
        parts = [
            detector.piece(leads[:, part.start : part.stop], part.start, (part.begin, part.end))
            for part in detector.stretches(leads.shape[1], piece_s)
        ]
        assert np.array_equal(Peaks.join(parts).samples, whole.samples)


def t_waves(fs_hz: float, at: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Make a lead in which the T wave looks like a QRS complex, and the QRS is hardly there."""
    time = np.arange(n) / fs_hz
    lead = rng.normal(0, 0.01, n)
    for peak in at:
        lead += np.exp(-0.5 * ((time - peak - 0.28) / 0.014) ** 2)
    return lead


def test_a_lead_that_is_sure_of_t_waves_is_outvoted(rng: np.random.Generator) -> None:
    signal, at = beats(250.0, 30, rng)
    wrong = t_waves(250.0, at, len(signal), rng)
    alone = detect(wrong, 250.0) / 250
    assert np.abs(alone[:, None] - at[None, :]).min(axis=1).min() > 0.2
    leads = np.stack([wrong, *(gain * signal for gain in (1.0, -0.6, 0.4, 0.8))])
    for order in ([0, 1, 2, 3, 4], [1, 0, 2, 3, 4], [4, 3, 2, 1, 0]):
        found = detect(leads[order], 250.0) / 250
        assert len(found) == len(at)
        assert np.abs(found - at).max() < 0.03  # refined on the first lead, whatever it shows


@pytest.mark.parametrize("value", [0.0, 3.0, np.nan])
@pytest.mark.parametrize("lead", [0, 1])
def test_an_outage_of_one_lead_changes_no_peak(
    value: float, lead: int, rng: np.random.Generator
) -> None:
    signal, at = beats(250.0, 60, rng)
    leads = np.stack([signal, -0.7 * signal])
    plain = detect(leads, 250.0)
    leads[lead, 20 * 250 : 40 * 250 + 100] = value
    found = detect(leads, 250.0)
    assert len(found) == len(plain) == len(at)
    assert np.abs(found - plain).max() <= 1
    outside = (plain < 18 * 250) | (plain > 43 * 250)
    assert (found == plain)[outside].all()
