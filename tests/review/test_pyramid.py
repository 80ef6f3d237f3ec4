"""The pyramid gives the extremes of the signal, whatever its unit, offset and gaps."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ectopy.errors import Cancelled, ConfigError, DataFormatError
from ectopy.recordings.recording import Recording
from ectopy.review.pyramid import BLOCK, Pyramid, build
from ectopy.review.windows import window


def recorded(signal: np.ndarray, fs_hz: float = 250) -> Recording:
    return Recording.from_array(signal, fs_hz, [f"L{i}" for i in range(len(signal))])


@pytest.fixture(scope="module")
def signal() -> np.ndarray:
    """Two blocks and a bit: an ECG-like lead, one in huge numbers on an offset, one with gaps."""
    n = 2 * BLOCK + 1234
    rng = np.random.default_rng(0)
    lead = rng.normal(0, 0.3, n) + 2 * (np.arange(n) % 200 == 0)
    signal = np.stack([lead, 1e6 * lead - 3e5, lead]).astype(np.float32)
    signal[2, 1000:80_000] = np.nan
    return signal


@pytest.fixture(scope="module")
def built(signal: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pyramid") / "pyramid.bin"
    build(recorded(signal), path)
    return path


@given(st.data())
def test_a_window_holds_the_extremes_of_its_samples(
    signal: np.ndarray, built: Path, data: st.DataObject
) -> None:
    n = signal.shape[1]
    start = data.draw(st.integers(-50, n - 1))
    stop = data.draw(st.integers(max(start, 0) + 1, n + 50))
    columns = data.draw(st.integers(1, 3000))
    leads = data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=3))
    found = window(recorded(signal), Pyramid.mapped(built), start, stop, leads, columns)
    assert found.start <= max(start, 0)
    assert found.stop >= min(stop, n)
    bins = found.numbers.shape[1]
    spanned = min(stop, n) - max(start, 0)
    assert bins >= min(columns, spanned)
    assert bins <= max(5 * columns, 5)
    mv = found.millivolts
    for row, lead in enumerate(leads):
        values = signal[lead, found.start : found.stop]
        whole = np.full(bins * found.per_bin, np.nan, dtype=np.float32)
        whole[: len(values)] = values
        parts = whole.reshape(bins, found.per_bin)
        full = np.isfinite(parts).any(axis=1)
        size = np.nanmax(np.abs(signal[lead])) / 32000
        for side, how in enumerate((np.nanmin, np.nanmax)):
            got = mv[row, :, side] if found.per_bin > 1 else mv[row]
            np.testing.assert_allclose(got[full], how(parts[full], axis=1), atol=2 * size + 1e-4)
            assert np.isnan(got[~full]).all()


def test_a_flat_and_a_missing_lead_are_drawn_as_such(tmp_path: Path) -> None:
    signal = np.stack([np.full(9000, 1.5), np.full(9000, np.nan)])
    build(recorded(signal), tmp_path / "p")
    found = window(
        recorded(signal), Pyramid.mapped(tmp_path / "p"), 0, 9000, [0, 1], 100
    ).millivolts
    np.testing.assert_allclose(found[0, :100], 1.5, atol=1e-5)
    assert np.isnan(found[1]).all()


def test_what_is_no_window_is_refused(signal: np.ndarray, built: Path) -> None:
    ask = (recorded(signal), Pyramid.mapped(built))
    for start, stop in ((10, 10), (signal.shape[1], signal.shape[1] + 5), (-9, -1)):
        with pytest.raises(ConfigError, match="outside the recording"):
            window(*ask, start, stop, [0], 100)
    with pytest.raises(ConfigError, match="0 columns"):
        window(*ask, 0, 100, [0], 0)
    with pytest.raises(ConfigError, match="more than one answer"):
        window(*ask, 0, signal.shape[1], [0] * 100, 100_000)


def test_a_damaged_file_is_told(built: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(built.read_bytes()[:-5])
    other = tmp_path / "other"
    other.write_bytes(b"something else altogether, and long enough")
    for path in (cut, other, tmp_path / "none"):
        with pytest.raises(DataFormatError, match="open the recording again"):
            Pyramid.mapped(path)


def test_building_can_be_cancelled_and_leaves_nothing(signal: np.ndarray, tmp_path: Path) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(Cancelled):
        build(recorded(signal), tmp_path / "p", cancel=stop)
    assert not list(tmp_path.iterdir())
