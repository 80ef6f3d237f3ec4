"""What other recorders, leads and detectors do to an ECG: augmentation of training records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ectopy.beats.canonical import RATE_HZ
from ectopy.training.rhythms import rewrite

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Disturbance:
    """How strongly training records are disturbed; the defaults are the shipped model's.

    Attributes
    ----------
    rhythm : float
        Share of records given another rhythm (see `ectopy.training.rhythms`), each epoch anew.
    mix : float
        Share of records whose two leads become two random projections of them: other lead places.
    stretch : float
        Time is scaled by up to exp(±stretch).
    flip : float
        Share of leads turned upside down.
    noise : float
        Largest level of muscle or motion noise, relative to the QRS.
    jitter_s : float
        Largest displacement of R peaks, s.
    missed : float
        Largest share of beats left out, as a detector would.
    """

    rhythm: float = 0.6
    mix: float = 0.5
    stretch: float = 0.1
    flip: float = 0.3
    noise: float = 0.3
    jitter_s: float = 0.03
    missed: float = 0.005

    def apply(
        self, signal: Float32, at: Float64, y: Int64, rng: np.random.Generator
    ) -> tuple[Float32, Float64, Int64]:
        """Disturb one canonical record: signal (n_leads, n), R peaks and classes (n_beats,)."""
        if rng.random() < self.rhythm:
            signal, at, y = rewrite(signal, at, y, rng)
        if len(signal) > 1 and rng.random() < self.mix:
            signal = _project(signal, rng)
        signal, at = _stretch(signal, at, float(np.exp(rng.uniform(-1, 1) * self.stretch)))
        signal = signal * np.where(rng.random(len(signal)) < self.flip, -1, 1)[:, None]
        signal = np.stack([self._noisy(lead, rng) for lead in signal]).astype(np.float32)
        kept = rng.random(len(at)) > self.missed * rng.random()
        at, y = at[kept], y[kept]
        at = at + rng.uniform(-1, 1, len(at)) * RATE_HZ * self.jitter_s * rng.random()
        return signal, np.maximum.accumulate(np.clip(at, 0, signal.shape[1] - 1)), y

    def _noisy(self, lead: Float32, rng: np.random.Generator) -> Float32:
        """Add bursts of noise, ten seconds long, to six leads in ten."""
        if rng.random() > 0.6 or not self.noise:
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


def _project(signal: Float32, rng: np.random.Generator) -> Float32:
    """Look at the heart from elsewhere: random directions in the plane of the first two leads."""
    size = np.percentile(np.abs(signal[:2]), 98, axis=1)[:, None] + 1e-6
    pair = signal[:2] / size
    angles = rng.uniform(0, np.pi, 2)
    return np.stack([np.cos(a) * pair[0] + np.sin(a) * pair[1] for a in angles]).astype(np.float32)


def _stretch(signal: Float32, at: Float64, factor: float) -> tuple[Float32, Float64]:
    source = np.arange(int(signal.shape[1] * factor)) / factor
    own = np.arange(signal.shape[1])
    return np.stack([np.interp(source, own, lead) for lead in signal]).astype(
        np.float32
    ), at * factor
