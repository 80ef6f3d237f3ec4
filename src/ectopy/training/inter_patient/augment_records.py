"""What other recorders, leads and detectors do to an ECG: augmentation of training records."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from ectopy.beats.conditioning.canonical import RATE_HZ
from ectopy.training.inter_patient.other_rhythms import rewrite
from ectopy.training.inter_patient.training_record import TrainingRecord

Float32 = npt.NDArray[np.float32]


class RecordAugmentation(BaseModel):
    """How strongly a copy of a training record is disturbed.

    Examples
    --------
    >>> from ectopy.beats import to_classes
    >>> from ectopy.beats.conditioning import canonical_signal, positions
    >>> from ectopy.training.inter_patient import RecordAugmentation, TrainingRecord
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> record = TrainingRecord(
    ...     "simulated",
    ...     canonical_signal(recording.read(), recording.fs_hz),
    ...     positions(reference.samples, recording.fs_hz),
    ...     to_classes(reference.symbols),
    ...     np.zeros(len(reference), dtype=np.float32),
    ... )
    >>> louder = RecordAugmentation(rhythm=0, noise=0.2).apply(record, np.random.default_rng(0))
    >>> len(louder.y) == len(record.y)
    True
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rhythm: float = Field(
        1.0,
        ge=0,
        le=1,
        description="share of records given another rhythm, by "
        "`ectopy.training.inter_patient.other_rhythms`",
    )
    one_lead: float = Field(
        0.0, ge=0, le=1, description="share of records that keep only one of their leads"
    )
    flip: float = Field(0.0, ge=0, le=1, description="share of leads turned upside down")
    noise: float = Field(
        0.0, ge=0, description="largest level of muscle or motion noise, relative to the QRS"
    )
    jitter_s: float = Field(0.0, ge=0, description="largest displacement of R peaks, s")

    def apply(self, record: TrainingRecord, rng: np.random.Generator) -> TrainingRecord:
        """Disturb one record."""
        if rng.random() < self.rhythm:
            record = rewrite(record, rng)
        signal, at = record.signal, record.at
        if len(signal) > 1 and rng.random() < self.one_lead:
            signal = signal[rng.integers(len(signal))][None]
        signs = np.where(rng.random(len(signal)) < self.flip, -1, 1).astype(np.float32)
        signal = signal * signs[:, None]
        if self.noise:
            signal = np.stack([self._noisy(lead, rng) for lead in signal])
        at = at + rng.uniform(-1, 1, len(at)) * RATE_HZ * self.jitter_s * rng.random()
        at = np.maximum.accumulate(np.clip(at, 0, signal.shape[1] - 1))
        return replace(record, signal=signal, at=at)

    def _noisy(self, lead: Float32, rng: np.random.Generator) -> Float32:
        """Add bursts of noise, ten seconds long, to six leads in ten."""
        if rng.random() > 0.6:
            return lead
        from scipy.signal import lfilter

        white = rng.standard_normal(len(lead)).astype(np.float32)
        if rng.integers(2):  # electrode motion: a resonance at 1 to 5 Hz
            noise = lfilter([1.0], [1.0, -1.75, 0.79], white)
        else:  # muscle: mostly high frequencies
            noise = np.diff(white, prepend=np.float32(0)) + 0.5 * white
        burst = int(10 * RATE_HZ)
        on = np.repeat(rng.random(len(lead) // burst + 1) < 0.5, burst)[: len(lead)]
        level = np.percentile(np.abs(lead), 98) * np.exp(
            rng.uniform(np.log(0.02), np.log(self.noise))
        )
        return np.asarray(lead + level * on * noise / noise.std(), dtype=np.float32)
