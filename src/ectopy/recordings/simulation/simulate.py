"""A simulator of continuous ECG with annotated N, S, V, F and Q beats, for tests and demos.

It is no heart: it shows that the machinery works, never how good a model is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.recordings.annotations import Annotations
from ectopy.recordings.recording import Float32, Recording
from ectopy.recordings.simulation.morphology import (
    FOLLOWS_QT,
    KINDS,
    WAVES,
    Patient,
    draw_patient,
)
from ectopy.recordings.simulation.rhythm import Beats, SimulationParameters, draw_beats

__all__ = ["Patient", "SimulationParameters", "draw_patient", "simulate"]

_NOISE_BLOCK: Final = 1 << 14
"""Samples that share one noise seed, so that any stretch reads the same however it is reached."""
_PIECE: Final = 1 << 18
"""Samples drawn at once: bounds the memory of a long read to some tens of megabytes."""
_REACH_SIGMAS: Final = 4.5
"""A Gaussian is drawn this far from its centre, where 0.004 % of its height is left."""


def simulate(
    duration_s: float,
    *,
    rng: np.random.Generator,
    fs_hz: float = 250.0,
    leads: tuple[str, ...] = ("II", "V1"),
    patient: Patient | None = None,
    parameters: SimulationParameters | None = None,
    name: str = "simulated",
) -> tuple[Recording, Annotations]:
    """Simulate one patient's ECG with the reference label of every beat.

    The samples are drawn when they are read, so that a week costs no more memory than an hour;
    the same stretch reads the same whatever was read before.

    Parameters
    ----------
    duration_s : float
        Length in seconds.
    rng : numpy.random.Generator
        Source of everything random: the same state gives the same recording.
    fs_hz : float
        Sampling rate, 50 Hz or more.
    leads : tuple of str
        Lead names. Standard names (I to V6, MLII) look from where they should; others look from a
        random direction.
    patient : Patient, optional
        From `draw_patient`; drawn from ``rng`` if not given.
    parameters : SimulationParameters, optional
        Shares of the classes, rhythm and noise.
    name : str
        Record name.

    Returns
    -------
    recording : Recording
        With ``simulated=True``.
    annotations : Annotations
        One for every beat, at the R peak (the main peak of a wide beat), to half a sample. Symbols:
        N; A and J (S); V; F; ``/`` (paced) and Q.

    Raises
    ------
    ConfigError
        If a value cannot be used.

    Examples
    --------
    >>> recording, reference = ectopy.simulate(60, rng=np.random.default_rng(0), leads=("II",))
    >>> recording.simulated, recording.read(0, 500).shape
    (True, (1, 500))
    >>> reference.symbols[:4]
    array(['N', 'N', 'N', 'N'], dtype='<U1')
    """
    parameters = parameters or SimulationParameters()
    if not (np.isfinite(duration_s) and duration_s >= 2):
        raise ConfigError(f"duration is {duration_s} s, expected two seconds or more")
    if not (np.isfinite(fs_hz) and fs_hz >= 50):
        raise ConfigError(f"sampling rate is {fs_hz} Hz, expected 50 Hz or more")
    if not leads or len(set(leads)) != len(leads):
        raise ConfigError(f"leads are {leads}, expected one or more different names")
    patient = patient or draw_patient(rng)
    n_samples = round(duration_s * fs_hz)
    beats = draw_beats(duration_s, patient, parameters, rng)
    drawing = _Drawing(
        beats=beats,
        patient=patient,
        projections=patient.projections(leads, rng),
        noise=_draw_noise(duration_s, len(leads), patient, parameters, rng),
        fs_hz=float(fs_hz),
    )
    recording = Recording(
        name=name,
        fs_hz=float(fs_hz),
        leads=tuple(leads),
        n_samples=n_samples,
        reader=drawing.read,
        source=f"simulator, noise seed {drawing.noise.seed}",
        simulated=True,
        notes=("SIMULATED: no patient was recorded",),
    )
    samples = np.rint(beats.times_s * fs_hz).astype(np.int64)
    annotations = Annotations(
        samples=samples,
        symbols=_SYMBOLS[beats.kinds],
        fs_hz=float(fs_hz),
        aux=np.zeros(len(samples), dtype="<U1"),
    )
    return recording, annotations


_SYMBOL_OF: Final = {"atrial": "A", "junctional": "J", "paced": "/"}
_SYMBOLS: Final = np.array([_SYMBOL_OF.get(kind, kind[0].upper()) for kind in KINDS])
_SYMBOLS[[kind.startswith("unclassifiable") for kind in KINDS]] = "Q"


@dataclass(frozen=True)
class _Noise:
    seed: int
    wander: npt.NDArray[np.float32]  # (n_leads, n) at wander_hz
    wander_hz: float
    muscle: npt.NDArray[np.float32]  # standard deviation at muscle_hz: it comes in bursts
    muscle_hz: float
    mains_mv: npt.NDArray[np.float32]  # (n_leads,)
    mains_hz: float


def _draw_noise(
    duration_s: float,
    n_leads: int,
    patient: Patient,
    parameters: SimulationParameters,
    rng: np.random.Generator,
) -> _Noise:
    wander_hz, muscle_hz = 8.0, 0.5
    t = np.arange(int(duration_s * wander_hz) + 3) / wander_hz
    # Breathing and slow drifts (below 0.5 Hz), shared by the leads in different parts.
    frequencies = np.array([patient.respiration_hz, 0.047, 0.11, 0.019])
    sources = np.sin(2 * np.pi * frequencies[:, None] * t + rng.uniform(0, 6.28, (4, 1)))
    mixing = rng.normal(size=(n_leads, 4)) * [1.0, 1.0, 0.6, 1.0]
    mixing *= parameters.wander_mv / np.sqrt((mixing**2).sum(axis=1, keepdims=True) / 2)
    bursts = np.exp(rng.normal(scale=0.7, size=int(duration_s * muscle_hz) + 3))
    return _Noise(
        seed=int(rng.integers(2**62)),
        wander=(mixing @ sources).astype(np.float32),
        wander_hz=wander_hz,
        muscle=(parameters.muscle_mv * bursts / np.exp(0.7**2)).astype(np.float32),
        muscle_hz=muscle_hz,
        mains_mv=(parameters.mains_mv * rng.uniform(0.3, 1.7, n_leads)).astype(np.float32),
        mains_hz=parameters.mains_hz,
    )


@dataclass(frozen=True)
class _Drawing:
    """Draws any stretch of the recording."""

    beats: Beats
    patient: Patient
    projections: npt.NDArray[np.float64]
    noise: _Noise
    fs_hz: float

    def read(self, start: int, stop: int) -> Float32:
        out = np.empty((len(self.projections), max(stop - start, 0)), dtype=np.float32)
        for begin in range(start, stop, _PIECE):
            end = min(begin + _PIECE, stop)
            piece = out[:, begin - start : end - start]
            piece[:] = self._complexes(begin, end)
            self._add_noise(piece, begin, end)
        return out

    def _complexes(self, start: int, stop: int) -> npt.NDArray[np.float64]:
        """Sum the Gaussians of all beats that reach into the stretch."""
        fs, beats = self.fs_hz, self.beats
        reach = 1.0  # s; the farthest end of any wave from its R peak
        first, last = np.searchsorted(beats.times_s, [start / fs - reach, stop / fs + reach])
        times, kinds = beats.times_s[first:last], beats.kinds[first:last]
        qt = np.cbrt(beats.sinus_rr_s[first:last])  # Fridericia, Acta Med Scand 1920
        amplitudes = self.patient.dipoles @ self.projections.T  # (kinds, waves, leads)
        out = np.zeros((len(self.projections), stop - start))
        for wave in range(len(WAVES)):
            here = np.flatnonzero(self.patient.dipoles[kinds, wave].any(axis=1))
            if not len(here):
                continue
            kind = kinds[here]
            stretch = qt[here] if FOLLOWS_QT[wave] else 1.0
            centre = times[here] + self.patient.centres_s[kind, wave] * stretch
            # A spike narrower than the sampling interval is smeared by the recorder's filter.
            sigma = np.maximum(self.patient.sigmas_s[kind, wave], 0.4 / fs)
            n = 2 * int(np.ceil(_REACH_SIGMAS * sigma.max() * fs)) + 1
            index = np.rint(centre * fs).astype(np.int64)[:, None] + np.arange(n) - n // 2
            # Single precision from here on: times are small now, and its exp is much cpu_speedups.
            shape = ((index / fs - centre[:, None]) / sigma[:, None]).astype(np.float32)
            shape = np.exp(np.float32(-0.5) * shape**2)
            shape *= beats.sizes[first:last].astype(np.float32)[here, None]
            flat = (index - start).ravel()
            inside = (flat >= 0) & (flat < stop - start)
            whole = bool(inside.all())
            flat = flat if whole else flat[inside]
            for lead, size in enumerate(amplitudes[kind, wave].T):
                height = (shape * size[:, None]).ravel()
                out[lead] += np.bincount(
                    flat, height if whole else height[inside], minlength=stop - start
                )
        return out

    def _add_noise(self, piece: Float32, start: int, stop: int) -> None:
        fs, noise = self.fs_hz, self.noise
        t = np.arange(start, stop) / fs
        for lead, drift in enumerate(noise.wander):
            piece[lead] += _stretched(drift, noise.wander_hz, t)
        if noise.mains_mv.any() and noise.mains_hz < fs / 2:
            turns = noise.mains_hz * t
            hum = np.sin(np.float32(2 * np.pi) * (turns - np.floor(turns)).astype(np.float32))
            for lead, size in enumerate(noise.mains_mv):
                piece[lead] += size * hum
        if not noise.muscle.any():
            return
        level = _stretched(noise.muscle, noise.muscle_hz, t)
        # Muscle noise ends near 150 Hz in what a recorder keeps, so fast sampling gets it smoothed.
        width = max(1, round(fs / 300))
        for block in range(start // _NOISE_BLOCK, -(-stop // _NOISE_BLOCK)):
            rng = np.random.default_rng([noise.seed, block])
            white = rng.standard_normal((len(piece), _NOISE_BLOCK), dtype=np.float32)
            if width > 1:
                sums = np.cumsum(np.pad(white, ((0, 0), (width, 0)), mode="wrap"), axis=1)
                white = (sums[:, width:] - sums[:, :-width]) / np.float32(np.sqrt(width))
            begin, end = max(block * _NOISE_BLOCK, start), min((block + 1) * _NOISE_BLOCK, stop)
            part = white[:, begin - block * _NOISE_BLOCK : end - block * _NOISE_BLOCK]
            piece[:, begin - start : end - start] += part * level[begin - start : end - start]


def _stretched(values: Float32, rate_hz: float, t: npt.NDArray[np.float64]) -> Float32:
    """Interpolate a slow series, sampled at ``rate_hz`` from time 0, at the times ``t``."""
    first = int(t[0] * rate_hz)
    near = values[first : int(t[-1] * rate_hz) + 2]
    grid = np.arange(first, first + len(near)) / rate_hz
    return np.interp(t, grid, near).astype(np.float32)
