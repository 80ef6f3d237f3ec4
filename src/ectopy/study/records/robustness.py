"""What noise, misplaced R peaks, gain, polarity and sampling rate do to a beat model's figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.report.schema import Ec57Row, ec57_row
from ectopy.study.records.read import Annotated
from ectopy.study.records.score import Labelling, annotated, certain, score

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

WHITE_MV: Final = 0.05
"""White noise as large as half a small P wave, at the record's own rate."""
NOISE_DB: Final = (24, 12, 6, 0)
JITTER_S: Final = (0.01, 0.025, 0.05)
GAINS: Final = (0.1, 10.0)
RATES_HZ: Final = (128.0, 250.0, 500.0, 1000.0)

WHITE: Final = f"simulated white noise of {WHITE_MV:g} mV"
AS_RECORDED: Final = "as recorded"

Change = Callable[[Annotated, Int64, np.random.Generator], tuple[Annotated, Int64]]


def conditions() -> Iterator[tuple[str, Change]]:
    """List every disturbance by name; all noise is simulated."""
    yield AS_RECORDED, lambda record, peaks, rng: (record, peaks)
    for kind, make in (("muscle", muscle), ("baseline", baseline), ("electrode motion", motion)):
        for level in NOISE_DB:
            yield f"simulated {kind} noise, {level} dB", _noise(make, level)
    yield WHITE, _white
    for width in JITTER_S:
        yield f"R peaks displaced by up to {1000 * width:g} ms", _jitter(width)
    for gain in GAINS:
        yield f"gain {gain:g}", _scale(gain)
    yield "upside down", _scale(-1.0)
    for rate in RATES_HZ:
        yield f"resampled to {rate:g} Hz", _resampled(rate)
    for lead in (0, 1):
        yield f"lead {lead + 1} alone", _alone(lead)


def robustness(
    records: Sequence[Annotated],
    label: Labelling,
    /,
    seed: int = 0,
    only: Collection[str] = (),
    **about: Any,
) -> list[Ec57Row]:
    """Score a labelling under every disturbance, from (displaced) reference peaks.

    Over all beats, and over those that are certain.

    Parameters
    ----------
    records : sequence of Annotated
        Records the model was not trained on.
    label : callable
        ``label(signal_mv, fs_hz, r_peaks)`` with ``classes`` and ``uncertain``.
    seed : int
        Of noise and displacement.
    only : collection of str
        Conditions to score; all of them by default.
    **about
        What else the rows say.

    Returns
    -------
    list of Ec57Row
        One a condition.
    """
    found = []
    for name, change in conditions():
        if only and name not in only:
            continue
        given, sure = [], []
        for number, record in enumerate(records):
            rng = np.random.default_rng([seed, number])
            disturbed, peaks = change(record, record.beats()[0], rng)
            said = label(disturbed.signal_mv, disturbed.fs_hz, peaks)
            # Scored at the annotated places: this is about classes, not about detection.
            given.append((record, annotated(record, record.beats()[0], said.classes)))
            sure.append(certain(record, said))
        all_beats, certain_beats = score(given)["gross"], score(sure)["gross"]
        found.append(ec57_row(all_beats, certain=certain_beats, condition=name, **about))
    return found


def muscle(n: int, fs_hz: float, rng: np.random.Generator) -> Float32:
    """Muscle noise: white above 20 Hz."""
    return _filtered(rng, n, fs_hz, (20.0, 0.45 * fs_hz))


def baseline(n: int, fs_hz: float, rng: np.random.Generator) -> Float32:
    """Baseline wander: 0.05 to 0.5 Hz."""
    return _filtered(rng, n, fs_hz, (0.05, 0.5))


def motion(n: int, fs_hz: float, rng: np.random.Generator) -> Float32:
    """Electrode motion: 1 to 10 Hz in bursts of two seconds, the band of QRS and P waves."""
    noise = _filtered(rng, n, fs_hz, (1.0, 10.0))
    burst = int(2 * fs_hz)
    return noise * np.repeat(rng.random(n // burst + 1) < 0.5, burst)[:n].astype(np.float32)


def _filtered(
    rng: np.random.Generator, n: int, fs_hz: float, band_hz: tuple[float, float]
) -> Float32:
    from scipy.signal import butter, sosfilt

    sos = butter(2, band_hz, btype="bandpass", fs=fs_hz, output="sos")
    return np.asarray(sosfilt(sos, rng.standard_normal(n)), dtype=np.float32)


def _white(record: Annotated, peaks: Int64, rng: np.random.Generator) -> tuple[Annotated, Int64]:
    noise = WHITE_MV * rng.standard_normal(record.signal_mv.shape)
    return replace(record, signal_mv=(record.signal_mv + noise).astype(np.float32)), peaks


def _noise(make: Callable[[int, float, np.random.Generator], Float32], level_db: int) -> Change:
    def change(
        record: Annotated, peaks: Int64, rng: np.random.Generator
    ) -> tuple[Annotated, Int64]:
        n = record.signal_mv.shape[1]
        noisy = []
        for lead in record.signal_mv:
            noise = make(n, record.fs_hz, rng)
            # As PhysioNet's nst: signal power is the squared QRS height, peak to peak, over 8.
            reach = max(1, round(0.05 * record.fs_hz))
            at = np.clip(peaks[:, None] + np.arange(-reach, reach + 1), 0, n - 1)
            power = np.median(np.ptp(np.nan_to_num(lead)[at], axis=1)) ** 2 / 8
            wanted = np.sqrt(power / 10 ** (level_db / 10))
            noisy.append(lead + wanted / (noise.std() + 1e-12) * noise)
        return replace(record, signal_mv=np.stack(noisy).astype(np.float32)), peaks

    return change


def _jitter(width_s: float) -> Change:
    def change(
        record: Annotated, peaks: Int64, rng: np.random.Generator
    ) -> tuple[Annotated, Int64]:
        moved = peaks + np.rint(rng.uniform(-1, 1, len(peaks)) * width_s * record.fs_hz)
        inside = np.clip(moved, 0, record.signal_mv.shape[1] - 1).astype(np.int64)
        return record, np.maximum.accumulate(inside)

    return change


def _scale(gain: float) -> Change:
    def change(
        record: Annotated, peaks: Int64, rng: np.random.Generator
    ) -> tuple[Annotated, Int64]:
        return replace(record, signal_mv=np.float32(gain) * record.signal_mv), peaks

    return change


def _resampled(rate_hz: float) -> Change:
    def change(
        record: Annotated, peaks: Int64, rng: np.random.Generator
    ) -> tuple[Annotated, Int64]:
        from fractions import Fraction

        from scipy.signal import resample_poly

        step = Fraction(rate_hz / record.fs_hz).limit_denominator(1000)
        signal = resample_poly(
            record.signal_mv, step.numerator, step.denominator, axis=1, padtype="line"
        )
        moved = np.minimum(np.rint(peaks * float(step)), signal.shape[1] - 1).astype(np.int64)
        return replace(record, signal_mv=signal.astype(np.float32), fs_hz=rate_hz), moved

    return change


def _alone(lead: int) -> Change:
    def change(
        record: Annotated, peaks: Int64, rng: np.random.Generator
    ) -> tuple[Annotated, Int64]:
        return replace(record, signal_mv=record.signal_mv[lead : lead + 1]), peaks

    return change
