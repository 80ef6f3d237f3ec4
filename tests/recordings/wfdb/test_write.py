"""Writing WFDB records: what was stored comes back, and WFDB's own package reads the same."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording
from ectopy.recordings.wfdb.write import record_name, write_record

FS_HZ = 250.0


def written(folder: Path, signal: np.ndarray, **about: object) -> Recording:
    leads = [f"lead {i}" for i in range(len(np.atleast_2d(signal)))]
    recording = Recording.from_array(signal, FS_HZ, leads, **about)  # type: ignore[arg-type]
    header, _ = write_record(folder, recording, "r")
    return open_recording(header)


@pytest.mark.parametrize("per_mv", [200, 1000])
def test_the_numbers_that_recorders_store_come_back(tmp_path: Path, per_mv: int) -> None:
    stored = np.random.default_rng(0).integers(-5 * per_mv, 5 * per_mv, (2, 3000))
    signal = (stored / per_mv).astype(np.float32)
    signal[1, 100:200] = np.nan
    again = written(tmp_path, signal, start=datetime(2026, 3, 1, 12, 30, 5))
    found = again.read()
    np.testing.assert_allclose(found, signal, rtol=2e-7, atol=0)  # of float32's last place
    there = np.isfinite(signal)
    np.testing.assert_array_equal(np.rint(found[there] * per_mv), stored[there])
    assert again.leads == ("lead 0", "lead 1")
    assert again.start == datetime(2026, 3, 1, 12, 30, 5)
    assert not again.all_notes, "checksums fit, and nothing was assumed"
    wfdb = pytest.importorskip("wfdb")
    theirs = wfdb.rdrecord(str(tmp_path / "r"))
    np.testing.assert_allclose(theirs.p_signal.T, signal, atol=1e-6)
    assert theirs.fs == FS_HZ


@given(
    middle=st.floats(-400, 400),
    reach=st.floats(1e-3, 1e4),
    seed=st.integers(0, 99),
)
def test_nothing_is_lost_but_what_16_bits_cannot_hold(
    tmp_path_factory: pytest.TempPathFactory, middle: float, reach: float, seed: int
) -> None:
    noise = np.random.default_rng(seed).uniform(-1, 1, (1, 500))
    signal = (middle + reach * noise).astype(np.float32)
    again = written(tmp_path_factory.mktemp("w"), signal).read()
    # Round gains lose up to 2.5 times. A lead about 0 mV keeps its zero; the middle of another is
    # rounded to a whole mV.
    off = abs(middle) if abs(middle) <= reach else 1
    step = max(2.5 * (reach + off) / 32766, 1 / 50_000)
    assert np.abs(again - signal).max() <= step / 2 + np.abs(signal).max() * 1e-6


def test_leads_without_voltage_and_simulated_ones(tmp_path: Path) -> None:
    signal = np.stack([np.zeros(500), np.full(500, np.nan), np.full(500, 3.5)])
    again = written(tmp_path, signal, simulated=True)
    np.testing.assert_array_equal(again.read(), signal.astype(np.float32))
    assert "# SIMULATED" in (tmp_path / "r.hea").read_text()


@given(st.text())
def test_any_name_becomes_one_of_a_record(name: str) -> None:
    made = record_name(name)
    assert made.isascii()
    assert 0 < len(made) <= 40
    assert made.replace("-", "").replace("_", "").isalnum() or "_" in made
