"""The two cuts against a plain loop, and what scaling and ends do to them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ectopy.beats import cut

FS = 125.0  # no resampling, so that samples can be compared one by one


def _signal(rng: np.random.Generator, seconds: float = 61.3) -> np.ndarray:
    return rng.normal(size=round(seconds * FS)).astype(np.float32)


def _peaks(rng: np.random.Generator, n: int) -> np.ndarray:
    r = np.cumsum(rng.integers(40, 170, size=200))
    return r[r < n]


def _kachuee_by_loop(signal: np.ndarray, r: np.ndarray) -> np.ndarray:
    beats = np.zeros((len(r), 187), dtype=np.float32)
    for i, peak in enumerate(r):
        w = peak // 1250
        window = signal[w * 1250 : (w + 1) * 1250]
        mine = r[r // 1250 == w]
        rr = np.diff(mine) if len(mine) > 1 else np.diff(r)
        n = min(int(np.rint(1.2 * np.median(rr))), 187, len(signal) - peak)
        piece = (signal[peak : peak + n] - window.min()) / (window.max() - window.min())
        beats[i, :n] = np.clip(piece, 0, 1)
    return beats


def test_kachuee_is_the_paper_by_loop(rng: np.random.Generator) -> None:
    signal = _signal(rng)
    r = _peaks(rng, len(signal))
    np.testing.assert_allclose(
        cut.kachuee(signal, FS, r), _kachuee_by_loop(signal, r), rtol=0, atol=1e-6
    )


def test_a_window_without_two_peaks_takes_the_recording_s_median(rng: np.random.Generator) -> None:
    signal = _signal(rng, 30)
    r = np.array([100, 200, 300, 400, 1500, 3000])  # one peak each in the second and third window
    beats = cut.kachuee(signal, FS, r)
    np.testing.assert_allclose(beats, _kachuee_by_loop(signal, r), atol=1e-6)
    assert (cut.kachuee(signal, FS, [1500])[0] > 0).sum() > 180  # alone: nothing to pad by


def test_centred_has_the_peak_in_the_middle_and_the_samples_before_it(
    rng: np.random.Generator,
) -> None:
    signal = _signal(rng)
    r = _peaks(rng, len(signal))[2:-2]
    beats = cut.centred(signal, FS, r)
    for beat, peak in zip(beats, r, strict=True):
        w = peak // 1250
        window = signal[w * 1250 : (w + 1) * 1250]
        scaled = np.clip((signal - window.min()) / (window.max() - window.min()), 0, 1)
        np.testing.assert_allclose(beat, scaled[peak - 93 : peak + 94], atol=1e-6)


def test_the_ends_repeat_the_last_sample(rng: np.random.Generator) -> None:
    signal = _signal(rng, 10)
    first, last = cut.centred(signal, FS, [0, len(signal) - 1])
    assert (first[:93] == first[93]).all()
    assert (last[93:] == last[93]).all()
    assert (cut.kachuee(signal, FS, [len(signal) - 1])[0, 1:] == 0).all()
    # svdb 860 has an annotation one past its last sample
    assert cut.kachuee(signal, FS, [len(signal)]).shape == (1, 187)


@pytest.mark.parametrize("cutter", [cut.kachuee, cut.centred])
@given(
    gain=st.floats(0.01, 100),
    offset=st.floats(-5, 5),
    fs_hz=st.sampled_from([100.0, 125.0, 250.0, 257.0, 360.0, 500.0]),
)
@settings(max_examples=20, deadline=None)
def test_gain_and_offset_do_not_matter(cutter, gain: float, offset: float, fs_hz: float) -> None:
    rng = np.random.default_rng(1)
    n = round(25 * fs_hz)
    signal = np.convolve(rng.normal(size=n), np.ones(5) / 5, "same")
    r = np.arange(0, n, round(0.8 * fs_hz))
    one, other = cutter(signal, fs_hz, r), cutter(gain * signal + offset, fs_hz, r)
    assert one.shape == (len(r), 187)
    assert one.dtype == np.float32
    assert one.min() >= 0
    assert one.max() <= 1
    np.testing.assert_allclose(one, other, atol=2e-4)


@pytest.mark.parametrize("cutter", [cut.kachuee, cut.centred])
def test_flat_and_empty_signals(cutter) -> None:
    assert (cutter(np.full(5000, 0.3), FS, [100, 200, 300]) == 0).all()
    assert cutter(np.zeros(5000), FS, []).shape == (0, 187)
    assert cutter([], FS, []).shape == (0, 187)


def test_missing_samples_are_bridged(rng: np.random.Generator) -> None:
    signal = np.linspace(0, 1, 5000, dtype=np.float32)
    holed = signal.copy()
    holed[1000:1040] = np.nan
    holed[:5] = np.nan
    resampled = cut.resample(holed, 360.0)
    assert np.isfinite(resampled).all()
    np.testing.assert_allclose(resampled[20:-20], cut.resample(signal, 360.0)[20:-20], atol=1e-3)
    assert (cut.resample(np.full(720, np.nan), 360.0) == 0).all()


@pytest.mark.parametrize("fs_hz", [128.0, 250.0, 257.5, 360.0, 1000.0])
def test_resampling_keeps_a_sine_and_the_peaks_in_place(fs_hz: float) -> None:
    seconds = np.arange(round(20 * fs_hz)) / fs_hz
    out = cut.resample(np.sin(2 * np.pi * 3 * seconds), fs_hz)
    expected = np.sin(2 * np.pi * 3 * np.arange(len(out)) / 125)
    assert abs(len(out) - 2500) <= 1
    np.testing.assert_allclose(out[50:-50], expected[50:-50], atol=5e-3)
