"""Variability by the Task Force's definitions: against SciPy, and of intervals that are known."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from scipy.signal import lombscargle

from ectopy.analysis.events import Intervals, measure
from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.settings import Settings
from ectopy.analysis.summary.spectrum import periodogram
from ectopy.analysis.summary.statistics import heart_rate
from ectopy.analysis.summary.variability import variability
from ectopy.classes import AAMI
from ectopy.recordings.clock import Clock

FS = 250.0
HOUR_S = 3600


def rhythm(letters: str, rr_s: float | np.ndarray = 0.8, fs_hz: float = FS) -> Intervals:
    """Make a rhythm of these beats; a small letter is an uncertain one."""
    intervals = np.broadcast_to(np.asarray(rr_s, dtype=float), len(letters) - 1)
    samples = np.round(np.r_[1.0, 1.0 + np.cumsum(intervals)] * fs_hz).astype(np.int64)
    code = np.frombuffer(letters.upper().encode(), dtype=np.uint8)
    classes = np.argmax(code[:, None] == [ord(letter) for letter in AAMI], axis=1)
    n = len(letters)
    beats = LabelledBeats(
        samples,
        classes,
        np.eye(5, dtype=np.float32)[classes],
        np.frombuffer(letters.encode(), dtype=np.uint8) > ord("Z"),
        np.ones(n, dtype=np.float32),
        np.zeros(n, dtype=np.uint8),
        np.zeros(n, dtype=np.uint8),
    )
    states = np.zeros(int(samples[-1] / fs_hz) + 2, dtype=np.uint8)
    return measure(beats, fs_hz, states, round(fs_hz), Settings())


def normal(rr_s: np.ndarray, fs_hz: float = FS) -> Intervals:
    return rhythm("N" * (len(rr_s) + 1), rr_s, fs_hz)


def told(beats: Intervals, duration_s: float | None = None, start: datetime | None = None):
    duration_s = float(beats.times_s[-1]) + 1 if duration_s is None else duration_s
    return variability(beats, Clock(start, duration_s), Settings())


def modulated(
    seconds: float, waves: dict[float, float], mean_s: float = 0.8, fs_hz: float = 1000.0
) -> Intervals:
    """Make a rhythm whose intervals are swung by sines of these frequencies and amplitudes in s."""
    intervals, now = [], 1.0
    while now < seconds:
        rr = mean_s + sum(a * np.sin(2 * np.pi * f * now) for f, a in waves.items())
        intervals.append(rr)
        now += rr
    return normal(np.array(intervals), fs_hz)


def test_by_its_definitions() -> None:
    rng = np.random.default_rng(3)
    intervals = np.round((0.8 + rng.normal(0, 0.03, 900)) * FS) / FS
    letters = list("N" * 901)
    letters[400] = "V"
    found = told(rhythm("".join(letters), intervals), 900)
    nn = 1000 * np.delete(intervals, [399, 400])
    assert found.nn_intervals == 898
    assert found.sdnn_ms == pytest.approx(nn.std(ddof=1), abs=0.06)
    change = np.delete(1000 * np.diff(intervals), [398, 399, 400])
    assert found.rmssd_ms == pytest.approx(np.sqrt(np.mean(change**2)), abs=0.06)
    assert found.nn50 == (np.abs(change) > 50 + 1e-6).sum()
    assert found.pnn50_percent == pytest.approx(100 * found.nn50 / len(change), abs=0.06)
    assert found.nn_hours == pytest.approx(nn.sum() / 3.6e6, abs=0.006)


def test_of_nothing() -> None:
    none = measure(LabelledBeats.empty(), FS, np.zeros(0, dtype=np.uint8), 250, Settings())
    for start in (None, datetime(2024, 5, 6, 22)):
        found = told(none, 0, start)
        assert (found.nn_intervals, found.spectrum, found.triangular_index) == (0, None, None)
        assert found.hints == []
    assert told(rhythm("N")).nn_intervals == 0


def test_spread_is_not_told_of_a_handful_of_intervals() -> None:
    steps = 0.8 + 0.02 * (np.arange(60) % 3)
    few = told(normal(steps[:29]), 30)
    assert (few.nn_intervals, few.sdnn_ms, few.rmssd_ms, few.nn50, few.pnn50_percent) == (
        29,
        *[None] * 4,
    )
    assert few.mean_nn_ms is not None
    more = told(normal(steps[:31]), 30)
    assert more.nn_intervals == 31
    assert None not in (more.sdnn_ms, more.rmssd_ms, more.pnn50_percent)
    # Enough intervals, but none of them side by side.
    apart = told(rhythm("NNV" * 40), 96)
    assert apart.nn_intervals == 40
    assert (apart.rmssd_ms, apart.pnn50_percent) == (None, None)


def test_five_minute_measures_are_of_whole_parts() -> None:
    def parts(seconds: int) -> tuple[float | None, float | None]:
        n = int(seconds / 0.8)
        steps = np.round((0.8 + np.random.default_rng(2).normal(0, 0.02, n)) * FS) / FS
        found = told(normal(steps), seconds)
        return found.sdnn_index_ms, found.sdann_ms

    assert parts(120) == parts(299) == (None, None)
    index, sdann = parts(400)
    assert index == pytest.approx(20, abs=3)
    assert sdann is None
    assert None not in parts(601)


@pytest.mark.parametrize("fs_hz", [128.0, 250.0, 360.0, 1000.0])
def test_the_triangular_index_does_not_hang_on_the_sampling_rate(fs_hz: float) -> None:
    rng = np.random.default_rng(1)
    sd = 0.04
    found = told(normal(0.9 + rng.normal(0, sd, 4000), fs_hz))
    # A normal distribution's height over a bin of 1/128 s.
    expected = sd * np.sqrt(2 * np.pi) * 128
    assert found.triangular_index == pytest.approx(expected, rel=0.08)
    assert told(normal(0.9 + rng.normal(0, sd, 1200), fs_hz)).triangular_index is None  # 18 min


def test_the_periodogram_is_scipy_s() -> None:
    rng = np.random.default_rng(4)
    groups = [np.sort(rng.uniform(0, 1, n)) for n in (40, 90, 3)]
    values = [rng.normal(0, 1, len(turns)) for turns in groups]
    weights = [rng.uniform(0.2, 1, len(turns)) for turns in groups]
    starts = np.cumsum([0, *map(len, groups)])[:-1]
    ours = periodogram(*map(np.concatenate, (groups, values, weights)), starts, 30)
    for turns, here, weight, power in zip(groups[:2], values, weights, ours, strict=False):
        # SciPy's is A² n / 4 for a sine of amplitude A, ours A² / 2.
        fit = lombscargle(turns, here, 2 * np.pi * np.arange(1, 31), weights=weight)
        np.testing.assert_allclose(power, 2 * fit / len(turns), rtol=1e-6)
    assert np.isfinite(ours).all()


@pytest.mark.parametrize(
    ("hz", "band"),
    [(0.02, "vlf_ms2"), (0.06, "lf_ms2"), (0.1, "lf_ms2"), (0.25, "hf_ms2"), (0.35, "hf_ms2")],
)
def test_a_swing_has_its_power_in_its_band(hz: float, band: str) -> None:
    amplitude = 0.03
    found = told(modulated(1000, {hz: amplitude})).spectrum
    assert found is not None
    assert found.parts == 3
    expected = (1000 * amplitude) ** 2 / 2
    assert getattr(found, band) == pytest.approx(expected, rel=0.06)
    others = {"vlf_ms2", "lf_ms2", "hf_ms2"} - {band}
    assert all(getattr(found, other) < 0.05 * expected for other in others)


def test_a_drift_is_not_taken_for_a_band() -> None:
    found = told(modulated(1000, {0.1: 0.02, 0.0008: 0.15})).spectrum
    assert found is not None
    assert found.lf_ms2 == pytest.approx(200, rel=0.1)
    assert found.hf_ms2 < 10


def test_ectopic_beats_leave_the_bands_as_they_are_and_many_of_them_leave_none() -> None:
    clean = modulated(1000, {0.1: 0.03, 0.25: 0.02})
    rr = clean.rr_s[1:].copy()
    letters = ["N"] * len(clean.beats)
    for at in range(20, len(rr), 50):  # early, with a pause after it
        letters[at] = "V"
        rr[at - 1], rr[at] = rr[at - 1] - 0.25, rr[at] + 0.25
    some, without = told(rhythm("".join(letters), rr, 1000.0)).spectrum, told(clean).spectrum
    assert some is not None
    assert without is not None
    assert some.lf_ms2 == pytest.approx(without.lf_ms2, rel=0.1)
    assert some.hf_ms2 == pytest.approx(without.hf_ms2, rel=0.25)
    assert told(rhythm("NNNV" * 300)).spectrum is None


def test_day_and_night_are_by_the_clock_and_the_settings() -> None:
    rng = np.random.default_rng(0)
    slow = 1.0 + rng.normal(0, 0.01, 3 * HOUR_S)
    fast = 0.6 + rng.normal(0, 0.02, int(3 * HOUR_S / 0.6))
    beats = normal(np.r_[slow, fast])
    ten = told(beats, start=datetime(2024, 5, 6, 4))  # 04:00 to 10:00, the night ends at 7
    assert ten.night is not None
    assert ten.day is not None
    assert ten.night.mean_nn_ms == pytest.approx(1000, abs=2)
    assert ten.day.mean_nn_ms == pytest.approx(600, abs=2)
    assert ten.night.sdnn_ms == pytest.approx(10, abs=1)
    assert ten.day.spectrum is not None
    # The part that 07:00 falls into (after one second) is neither's.
    assert ten.night.spectrum.parts + ten.day.spectrum.parts == ten.spectrum.parts
    assert ten.night.nn_intervals + ten.day.nn_intervals == ten.nn_intervals
    late = Settings(night_begins_h=2, night_ends_h=5)
    clock = Clock(datetime(2024, 5, 6, 4, 2), float(beats.times_s[-1]))
    other = variability(beats, clock, late)
    assert other.night.nn_hours == pytest.approx(58 / 60, abs=0.01)
    assert other.night.spectrum.parts == 11  # the twelfth goes on into the day
    rate = heart_rate(beats, late, clock)
    assert rate.night == pytest.approx(60, abs=0.5)
    assert rate.day == pytest.approx(
        60 * (beats.beats.samples.size - 3481) / (3 * HOUR_S + 7319), rel=0.01
    )
    assert told(beats).day is None
    assert heart_rate(beats, late).day is None


def test_ultra_low_power_is_that_of_the_day_and_needs_one() -> None:
    def of(hours: float) -> float | None:
        n = int(hours * HOUR_S / 0.9)
        at = 0.9 * np.arange(n)
        return told(normal(0.9 + 0.1 * np.sin(2 * np.pi * at / 7200)), hours * HOUR_S).ulf_ms2

    assert of(17) is None
    assert of(24) == pytest.approx(5000, rel=0.03)
    assert of(50) == pytest.approx(5000, rel=0.03)  # two days, each by itself


@pytest.mark.parametrize(
    ("letters", "spread", "hint"),
    [
        ("N" * 200, 0.01, None),
        ("NNV" * 60, 0.01, "33 % of the beats are ectopic"),
        ("NNQ" * 60, 0.01, "33 % of the beats are paced"),
        ("N" * 200, 0.15, "differ from the one before"),
        ("NNn" * 60, 0.01, "between reliable normal beats"),
    ],
)
def test_hints_say_why_it_may_be_no_sinus_rhythm(
    letters: str, spread: float, hint: str | None
) -> None:
    rng = np.random.default_rng(0)
    found = told(rhythm(letters, 0.7 + rng.uniform(-1.7, 1.7, len(letters) - 1) * spread))
    if hint is None:
        assert found.hints == []
    else:
        (said,) = found.hints
        assert hint in said


def test_fibrillation_that_the_rhythm_tells_of_is_the_hint() -> None:
    rng = np.random.default_rng(0)
    own = normal(0.7 + rng.uniform(-0.25, 0.25, 200))
    clock = Clock(None, float(own.times_s[-1]) + 1)
    assert variability(own, clock, Settings(), 37.4).hints == [
        "37 % of the time is atrial fibrillation"
    ]
    assert "atrial" not in variability(own, clock, Settings(), 0.0).hints[0]
