import numpy as np
import pytest

from ectopy.beats.conditioning.quality import SATURATED, assess
from ectopy.beats.conditioning.quality_limits import QualityLimits
from ectopy.recordings.simulation.simulate import simulate


def tall(fs_hz: float, step_mv: float = 0.005) -> np.ndarray:
    """Two leads with R waves of 1 to 2 mV, as a converter with such steps stores them."""
    recording, _ = simulate(60, rng=np.random.default_rng(3), fs_hz=fs_hz)
    signal = 1.5 * recording.read()
    return (np.round(signal / step_mv) * step_mv).astype(np.float32)


def saturated(signal: np.ndarray, fs_hz: float) -> np.ndarray:
    return assess(signal, round(fs_hz), QualityLimits()).states == SATURATED


@pytest.mark.parametrize("fs_hz", [128.0, 250.0, 360.0, 500.0])
@pytest.mark.parametrize("ceiling_mv", [0.5, 0.8])
def test_any_ceiling_that_is_held_is_found(fs_hz: float, ceiling_mv: float) -> None:
    signal = tall(fs_hz)
    second, clipped = round(fs_hz), np.clip(signal, -ceiling_mv, ceiling_mv)
    over = np.abs(signal).reshape(len(signal), -1, second) > ceiling_mv
    met = over.sum(axis=-1) > 1
    assert met.mean() > 0.3
    found = saturated(clipped, fs_hz)
    assert found[met].mean() > 0.95
    assert found[~over.any(axis=-1)].mean() < 0.02


def test_one_lead_that_is_clipped_is_told_from_the_other() -> None:
    signal = tall(128.0)
    signal[0] = np.clip(signal[0], -0.5, 0.5)
    found = saturated(signal, 128.0)
    assert found[0].mean() > 0.8
    assert not found[1].any()


@pytest.mark.parametrize("fs_hz", [128.0, 360.0])
@pytest.mark.parametrize("step_mv", [0.001, 0.005, 0.02, 0.04])
def test_tall_clean_waves_are_not_clipped_whatever_the_converter(
    fs_hz: float, step_mv: float
) -> None:
    assert saturated(tall(fs_hz, step_mv), fs_hz).mean() < 0.02


def test_a_rail_held_in_one_second_is_found() -> None:
    signal = tall(250.0)
    signal[0, 7600:7650] = 5.0
    found = saturated(signal, 250.0)
    assert np.flatnonzero(found[0]).tolist() == [30]


def test_missing_samples_are_no_ceiling() -> None:
    signal = tall(250.0)
    signal[:, ::7] = np.nan
    signal[1] = np.nan
    assert not saturated(signal, 250.0).any()
