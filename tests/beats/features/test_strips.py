"""Measures of strips: what they must not depend on, and what they must tell apart."""

import numpy as np
import pytest
from scipy.signal import resample_poly

from ectopy.beats.conditioning.canonical import canonical, positions
from ectopy.beats.features.atrial import BANDS_HZ, N_ATRIAL, atrial
from ectopy.beats.features.context import Seen, look
from ectopy.beats.features.noise import noise_at
from ectopy.beats.features.strip_intervals import N_INTERVALS, intervals, quantile
from ectopy.beats.features.strips import N_STRIP, measure_strips

RATE_HZ = 500


def beats(
    rr: np.ndarray, p: float = 0.12, waves: float = 0.0, noise: float = 0.01, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Draw a strip at 500 Hz: QRS and T wave of each beat, a P wave, waves between them."""
    rng = np.random.default_rng(seed)
    at = np.cumsum(rr) + 0.5
    time = np.arange(round((at[-1] + 0.6) * RATE_HZ)) / RATE_HZ
    signal = rng.normal(0, noise, len(time)) + waves * np.sin(2 * np.pi * 6.3 * time)
    for centre, height, width in ((-0.16, p, 0.02), (0, 1.0, 0.012), (0.04, -0.3, 0.012),
                                  (0.28, 0.25, 0.05)):  # fmt: skip
        for beat in at:
            signal += height * np.exp(-0.5 * ((time - beat - centre) / width) ** 2)
    return signal.astype(np.float32), np.rint(at * RATE_HZ).astype(np.int64)


def seen_of(signal: np.ndarray, fs_hz: float, peaks: np.ndarray) -> tuple[np.ndarray, Seen]:
    clean = canonical(signal, fs_hz)
    return clean, look(clean, positions(peaks, fs_hz), sides=(False, True))


def measures(signal: np.ndarray, fs_hz: float, peaks: np.ndarray) -> np.ndarray:
    clean, seen = seen_of(signal, fs_hz, peaks)
    return measure_strips(
        seen.at,
        seen.measured[-1, 0],
        atrial(clean, seen)[0],
        noise_at(clean, seen),
        seen.lost,
        seen.on[-1, 0],
        np.zeros(1),
        np.array([float(clean.shape[1])]),
    )[0]


REGULAR = np.full(34, 0.85)
IRREGULAR = np.random.default_rng(1).uniform(0.45, 1.2, 36)


@pytest.mark.parametrize("rr", [REGULAR, IRREGULAR])
@pytest.mark.parametrize("gain", [0.1, 10, -1])
def test_measures_do_not_depend_on_gain_and_polarity(rr: np.ndarray, gain: float) -> None:
    signal, peaks = beats(rr)
    expected, found = measures(signal, RATE_HZ, peaks), measures(gain * signal, RATE_HZ, peaks)
    assert expected.shape == (N_STRIP,)
    # Small constants keep logarithms of nothing finite; at a tenth of the gain they show a little.
    assert np.abs(found - expected).max() < 0.15
    assert np.median(np.abs(found - expected)) < 1e-3


@pytest.mark.parametrize("rate", [128, 250])
@pytest.mark.parametrize("rr", [REGULAR, IRREGULAR])
def test_measures_do_not_depend_on_the_sampling_rate(rr: np.ndarray, rate: int) -> None:
    signal, peaks = beats(rr)
    divisor = np.gcd(rate, RATE_HZ)
    slow = resample_poly(signal, rate // divisor, RATE_HZ // divisor).astype(np.float32)
    expected = measures(signal, RATE_HZ, peaks)
    found = measures(slow, rate, np.rint(peaks * rate / RATE_HZ).astype(np.int64))
    close = np.abs(found - expected) < 0.05 + 0.1 * np.abs(expected)
    assert close.mean() > 0.95


def test_what_repeats_before_a_beat_is_told_from_what_does_not() -> None:
    bands = np.array(BANDS_HZ)
    slow = (bands > 4) & (bands < 10)
    slow_heart = np.random.default_rng(2).uniform(0.9, 1.3, 30)  # T waves do not reach there
    told = {}
    for name, p, waves in (("p waves", 0.12, 0.0), ("f waves", 0.0, 0.08)):
        signal, peaks = beats(slow_heart, p, waves)
        _, same, rest = atrial(*seen_of(signal, RATE_HZ, peaks))[0].reshape(3, len(bands), -1)
        told[name] = np.median(same[slow].max(axis=0)), np.median(rest[slow].max(axis=0))
    assert told["p waves"][0] > told["f waves"][0] + 0.5
    assert told["f waves"][1] > told["p waves"][1] + 1.0


def test_windows_are_measured_as_if_each_were_alone() -> None:
    """Beats outside a window change nothing of what is measured in it, and lost beats no NaN."""
    rng = np.random.default_rng(0)
    n = 200
    at = np.cumsum(rng.uniform(60, 160, n))
    rows = rng.normal(size=(21 + N_ATRIAL + 2, n)).astype(np.float32)
    parts = rows[:21], rows[21:-2], rows[-2:]
    lost, on = rng.random(n) < 0.05, rng.random(n) < 0.9
    start = np.array([0.0, 5000.0, 9000.0, 9000.0])
    stop = np.array([4000.0, 9000.0, 14000.0, 9001.0])
    together = measure_strips(at, *parts, lost, on, start, stop)
    assert np.isfinite(together).all()
    assert (together[3] == 0).all()  # hardly a beat
    for own, (a, b) in enumerate(zip(start[:3], stop[:3], strict=True)):
        here = (at >= a) & (at < b)
        alone = measure_strips(
            at[here], *(part[:, here] for part in parts), lost[here], on[here],
            np.array([a]), np.array([b]),
        )  # fmt: skip
        assert np.allclose(alone[0], together[own], atol=1e-5)


def test_intervals_are_told_from_those_that_are_there() -> None:
    rng = np.random.default_rng(0)
    rr = rng.uniform(0.5, 1.1, 30)
    padded = np.full((3, 50), np.nan)
    padded[0, :30] = rr
    padded[1, :30] = 0.8
    usual = np.ones(padded.shape, dtype=bool)
    told = intervals(padded, usual)
    assert told.shape == (3, N_INTERVALS)
    assert np.isfinite(told).all()
    alone = intervals(rr[None], usual[:1, :30])
    assert np.allclose(told[0], alone[0], atol=1e-6)
    assert told[0, 1] == pytest.approx(np.std(rr / np.median(rr)), abs=1e-6)
    assert told[1, 1] == pytest.approx(0, abs=1e-6)
    assert (told[2] == 0).all()


def test_quantiles_of_ragged_rows_are_numpy_s() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(5, 12))
    rows[1, 7:] = np.nan
    rows[2, 1:] = np.nan
    for share in (0.0, 0.25, 0.5, 0.9, 1.0):
        found = quantile(np.sort(rows, axis=1), share)
        assert np.allclose(found, np.nanquantile(rows, share, axis=1))
