from pathlib import Path

import numpy as np
import pytest

from ectopy.beats.peaks import detect
from ectopy.errors import ConfigError


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
