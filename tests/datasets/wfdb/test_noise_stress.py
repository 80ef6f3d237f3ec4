"""The noise stress test: levels as `nst` gives them, two minutes on and two off, without a step."""

import numpy as np
import pytest

from ectopy.beats.aami import to_classes
from ectopy.datasets.locate import locate
from ectopy.datasets.wfdb.databases import MITDB
from ectopy.datasets.wfdb.noise import recorded_noise
from ectopy.datasets.wfdb.noise_stress import gains, noisy_samples, stressed
from ectopy.errors import ConfigError
from ectopy.study.records.read import read

FS = 100.0
PEAKS = np.arange(50, 80_000, 80)


def made(n: int = 80_000) -> np.ndarray:
    """Beats of 1 and of 2 mV in two leads."""
    signal = np.zeros((2, n), np.float32)
    signal[0, PEAKS], signal[1, PEAKS] = 1.0, 2.0
    return signal


@pytest.mark.parametrize("snr_db", [24.0, -6.0])
def test_the_level_is_that_of_the_squared_height_over_eight(snr_db: float) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (2, 80_000)).astype(np.float32)
    noisy = stressed(made(), FS, PEAKS, noise, FS, snr_db)
    on = noisy_samples(80_000, FS)
    for lead, height in enumerate((1.0, 2.0)):
        added = (noisy - made())[lead]
        level = 10 * np.log10(height**2 / 8 / np.var(added[on][:12_000]))
        assert level == pytest.approx(snr_db, abs=0.3)
        assert not added[:30_000].any(), "five minutes as they were"
        assert np.ptp(added[42_000:54_000]) < 1e-6, "and two without noise"


def test_there_is_no_step_where_noise_begins_ends_or_begins_anew() -> None:
    slow = np.sin(np.arange(7_000) / 500).astype(np.float32)[None] + 5
    added = (stressed(made(), FS, PEAKS, slow, FS, 0.0) - made())[0]
    assert np.abs(np.diff(added)).max() < 0.01 * np.ptp(added)


def test_noise_at_another_rate_is_brought_to_that_of_the_recording() -> None:
    slow = np.sin(0.3 + 2 * np.pi * np.arange(90_000) / 360).astype(np.float32)[None]
    added = (stressed(made(), FS, PEAKS, slow, 360.0, 0.0) - made())[0, 31_000:32_000]
    assert np.count_nonzero(np.diff(np.sign(added - added.mean()))) == pytest.approx(20, abs=1)


def test_silence_and_no_beats_cannot_be_measured() -> None:
    with pytest.raises(ConfigError, match="silent"):
        stressed(made(), FS, PEAKS, np.zeros((1, 900), np.float32), FS, 6.0)
    with pytest.raises(ConfigError, match="no beat"):
        stressed(made(), FS, PEAKS[:0], np.ones((1, 900), np.float32), FS, 6.0)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "kind", "told"),
    # What `nst` of the WFDB Software Package 10.7.0 prints for 24 dB.
    [
        ("118", "electrode motion", (0.186907, 0.482522)),
        ("118", "muscle", (0.774036, 0.570458)),
        ("203", "baseline", (0.372961, 0.416797)),
        ("106", "electrode motion", (0.141142, 0.0947654)),
    ],
)
def test_levels_are_those_of_nst(name: str, kind: str, told: tuple[float, float]) -> None:
    record = read(locate(MITDB.files), name)
    kinds = record.reference.symbols[to_classes(record.reference.symbols) >= 0]
    normal = record.beats()[0][~np.isin(kinds, ("V", "E", "F"))]
    noise = next(one for one in recorded_noise() if one.kind == kind)
    found = gains(record.signal_mv, record.fs_hz, normal, noise.signal, 24.0)
    np.testing.assert_allclose(found, told, rtol=0.047)  # nst cuts the noise to whole units
    np.testing.assert_allclose(found.mean() / np.mean(told), 0.98, atol=0.015)
