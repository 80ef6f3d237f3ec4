"""What noise, misplaced R peaks, gain, polarity and sampling rate do to a beat model's figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.datasets.wfdb.noise import RecordedNoise
from ectopy.datasets.wfdb.noise_stress import BEGINS_S, stressed
from ectopy.report.schema import Ec57Row, ec57_row
from ectopy.study.records.read import Annotated
from ectopy.study.records.score import Labelling, annotated, certain, score

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

WHITE_MV: Final = 0.05
"""White noise as large as half a small P wave, at the record's own rate."""
NOISE_DB: Final = (24, 18, 12, 6, 0, -6)
"""Levels of the Noise Stress Test Database."""
VENTRICULAR: Final = ("V", "E", "F", "r", "?")
"""Beats whose height says nothing of the signal's level."""
JITTER_S: Final = (0.01, 0.025, 0.05)
GAINS: Final = (0.1, 10.0)
RATES_HZ: Final = (128.0, 250.0, 500.0, 1000.0)

WHITE: Final = f"simulated white noise of {WHITE_MV:g} mV"
AS_RECORDED: Final = "as recorded"
FROM_MINUTE_5: Final = "as recorded, from minute 5"
RECORDED: Final = "recorded"
"""What rows of noise begin with; they are scored from minute 5 on, where the noise begins."""

Change = Callable[[Annotated, Int64, np.random.Generator], tuple[Annotated, Int64]]


def conditions(noises: Sequence[RecordedNoise]) -> Iterator[tuple[str, Change]]:
    """List every disturbance by name; white noise is simulated, the others were recorded."""
    yield AS_RECORDED, _unchanged
    yield FROM_MINUTE_5, _unchanged
    for noise in noises:
        for level in NOISE_DB:
            yield f"{RECORDED} {noise.kind} noise, {level} dB", _noise(noise, level)
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


def of_noise(condition: str) -> bool:
    """Tell whether a condition is of noise, or what to compare that with."""
    return "noise" in condition or condition in (AS_RECORDED, FROM_MINUTE_5)


def robustness(
    records: Sequence[Annotated],
    label: Labelling,
    noises: Sequence[RecordedNoise],
    /,
    seed: int = 0,
    only: Callable[[str], bool] | None = None,
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
    noises : sequence of RecordedNoise
        What is added from minute 5 on, two minutes on and two off, as the Noise Stress Test has it.
    seed : int
        Of noise and displacement.
    only : callable, optional
        ``only(condition)`` tells whether to score it; all are by default.
    **about
        What else the rows say.

    Returns
    -------
    list of Ec57Row
        One a condition.
    """
    found = []
    for name, change in conditions(noises):
        if only and not only(name):
            continue
        given, sure = [], []
        for number, record in enumerate(records):
            rng = np.random.default_rng([seed, number])
            disturbed, peaks = change(record, record.beats()[0], rng)
            said = label(disturbed.signal_mv, disturbed.fs_hz, peaks)
            # Scored at the annotated places: this is about classes, not about detection.
            given.append((record, annotated(record, record.beats()[0], said.classes)))
            sure.append(certain(record, said))
        late = name == FROM_MINUTE_5 or name.startswith(f"{RECORDED} ")
        skip_s = BEGINS_S if late else 0.0
        all_beats, certain_beats = (score(some, skip_s=skip_s)["gross"] for some in (given, sure))
        found.append(ec57_row(all_beats, certain=certain_beats, condition=name, **about))
    return found


def _unchanged(
    record: Annotated, peaks: Int64, rng: np.random.Generator
) -> tuple[Annotated, Int64]:
    return record, peaks


def _white(record: Annotated, peaks: Int64, rng: np.random.Generator) -> tuple[Annotated, Int64]:
    noise = WHITE_MV * rng.standard_normal(record.signal_mv.shape)
    return replace(record, signal_mv=(record.signal_mv + noise).astype(np.float32)), peaks


def _noise(noise: RecordedNoise, level_db: int) -> Change:
    def change(
        record: Annotated, peaks: Int64, rng: np.random.Generator
    ) -> tuple[Annotated, Int64]:
        kinds = record.reference.symbols[record.beat]
        normal = record.beats()[0][~np.isin(kinds, VENTRICULAR)]
        noisy = stressed(
            record.signal_mv, record.fs_hz, normal, noise.signal, noise.fs_hz, level_db
        )
        return replace(record, signal_mv=noisy), peaks

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
