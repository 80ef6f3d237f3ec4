"""The records that alarms of ventricular fibrillation are learnt from and counted on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.aami import DS1, DS2
from ectopy.beats.conditioning.calibration import find_pulses, without_pulses
from ectopy.beats.conditioning.qrs_band import band_pass
from ectopy.beats.conditioning.quality import Quality, assess
from ectopy.beats.conditioning.quality_limits import QualityLimits
from ectopy.errors import DataNotFoundError
from ectopy.recordings.annotations import Annotations, read_annotations
from ectopy.recordings.open import open_recording
from ectopy.recordings.recording import Recording
from ectopy.recordings.rhythm_marks import fibrillation_spans

Float32 = npt.NDArray[np.float32]

MARKED: Final = "cudb"
NOISE: Final = "nstdb-noise"
SETS: Final = (MARKED, "ds1", "svdb", "afpdb-ltdb", "ludb", "cinc2017", NOISE)
"""Databases by their folders; ``ds1`` and ``ds2`` are parts of ``mitdb``."""

MIXED_RECORDS: Final = ("106", "112", "116", "119", "124", "203", "208", "220")
KINDS: Final = ("em", "ma", "bw")
DECIBELS: Final = (6, 0, -6)
# As `nst` mixes: from minute 5, two minutes on and two off.
NOISE_FROM_S, NOISE_TURN_S = 300, 120
LEARNT_NOISE_S: Final = 900
"""Half an hour of each noise was recorded: the first half is learnt from, the other counted on."""
QRS_S: Final = 0.05  # to either side of a beat, in which its height is measured
NORMAL_BEATS: Final = 300  # by which a lead's height is measured


@dataclass(frozen=True, eq=False)
class Seen:
    """A record as alarms see it.

    Attributes
    ----------
    name, of : str
        Record, and its set; with noise, ``DATABASE + KIND DECIBELS``.
    bands : list of ndarray of float32
        Of each lead, from `band_pass`.
    quality : Quality
        Of its seconds.
    second_s : float
        Length of a grid second.
    marked : list of tuple of float
        From when to when there is fibrillation or flutter of the ventricles, in s.
    noisy : ndarray of bool, shape (n_seconds,)
        Where noise was added, or is all there is.
    """

    name: str
    of: str
    bands: list[Float32]
    quality: Quality
    second_s: float
    marked: list[tuple[float, float]]
    noisy: npt.NDArray[np.bool_]

    @property
    def hours(self) -> float:
        """How long it is outside of marked episodes; of noise, the half that was not learnt."""
        seconds = len(self.noisy)
        if self.noisy.any():
            seconds = int(np.count_nonzero(self.noisy[LEARNT_NOISE_S:]))
        return (seconds * self.second_s - sum(end - begin for begin, end in self.marked)) / 3600


def paths(data: Path, of: str) -> list[Path]:
    """List the headers of a set's records.

    Raises
    ------
    DataNotFoundError
        If there is none.
    """
    if of in ("ds1", "ds2"):
        found = [data / "mitdb" / f"{name}.hea" for name in (DS1 if of == "ds1" else DS2)]
        found = [path for path in found if path.is_file()]
    else:
        found = sorted((data / of).glob("*.hea"))
    if not found:
        raise DataNotFoundError(f"{data} holds no record of {of}, expected its WFDB headers")
    return found


def seen(data: Path, of: str) -> Iterator[Seen]:
    """Read the records of a set."""
    for path in paths(data, of):
        recording = open_recording(path)
        marks = path.with_suffix(".atr")
        own = read_annotations(path.with_suffix("")) if marks.is_file() else None
        spans: list[tuple[float, float]] = []
        if own is not None:
            found = fibrillation_spans(own, stop=recording.n_samples)
            spans = [
                (begin / recording.fs_hz, end / recording.fs_hz)
                for begin, end in zip(found.first.tolist(), found.last.tolist(), strict=True)
            ]
        yield _look(recording, recording.read(), of, spans, noise_only=of == NOISE)


def mixed(data: Path) -> Iterator[Seen]:
    """Read records of DS1 with recorded noise added to both leads, at `DECIBELS`.

    As `nst` does it: the power of the signal is an eighth of the square of the usual QRS height.
    """
    noises = {kind: open_recording(data / NOISE / f"{kind}.hea").read() for kind in KINDS}
    for name in MIXED_RECORDS:
        path = data / "mitdb" / f"{name}.hea"
        recording = open_recording(path)
        clean, marks = recording.read(), read_annotations(path.with_suffix(""))
        at = np.arange(recording.n_samples) / recording.fs_hz
        on = (at >= NOISE_FROM_S) & ((at - NOISE_FROM_S) // NOISE_TURN_S % 2 == 0)
        for kind, noise in noises.items():
            noise = np.resize(noise, (len(noise), len(at))) if noise.shape[1] < len(at) else noise
            for decibels in DECIBELS:
                gain = _gains(clean, marks, noise, recording.fs_hz, decibels)
                loud = clean + gain[:, None] * noise[: len(clean), : len(at)] * on
                of = f"ds1 + {kind} {decibels:+d} dB"
                yield _look(recording, loud.astype(np.float32), of, [], noisy=on)


def _gains(
    clean: Float32, marks: Annotations, noise: Float32, fs_hz: float, decibels: float
) -> npt.NDArray[np.float64]:
    reach = round(QRS_S * fs_hz)
    beats = marks.samples[np.isin(marks.symbols, ("N", "L", "R"))]
    beats = beats[(beats > reach) & (beats < clean.shape[1] - reach)][:NORMAL_BEATS]
    around = clean[:, beats[:, None] + np.arange(-reach, reach)]
    height = np.median(np.ptp(around, axis=-1), axis=-1)
    second = round(fs_hz)
    blocks = noise[:, : noise.shape[1] // second * second].reshape(len(noise), -1, second)
    power = np.mean(np.var(blocks, axis=-1), axis=-1)[: len(clean)]
    gain: npt.NDArray[np.float64] = np.sqrt(height**2 / 8 / (power * 10 ** (decibels / 10)))
    return gain


def _look(
    recording: Recording,
    signal: Float32,
    of: str,
    marked: list[tuple[float, float]],
    *,
    noise_only: bool = False,
    noisy: npt.NDArray[np.bool_] | None = None,
) -> Seen:
    second = round(recording.fs_hz)
    signal = without_pulses(signal, find_pulses(signal, recording.fs_hz))
    bands = list(band_pass(signal, second))
    quality = assess(signal, second, QualityLimits(), bands)
    seconds = np.full(quality.states.shape[1], noise_only)
    if noisy is not None:
        seconds[:] = np.resize(noisy, len(seconds) * second).reshape(-1, second).all(axis=1)
    return Seen(recording.name, of, bands, quality, second / recording.fs_hz, marked, seconds)
