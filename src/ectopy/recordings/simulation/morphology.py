"""What a simulated patient's beats look like: waves as Gaussians on a dipole, seen by each lead.

A beat is a sum of Gaussian waves (McSharry et al., IEEE Trans Biomed Eng 2003, 50:289-294). Each
wave is a dipole in millivolts with the axes left, down and forward; a lead sees its projection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

WAVES: Final = ("P", "Q", "R", "S", "T rise", "T", "V early", "V main", "V late", "V T", "spike")
"""Waves of any beat; each kind of beat uses some of them."""

# Centre (s after the R peak at a sinus RR of 1 s) and standard deviation (s). PR 160 ms (normal 120
# to 200), QRS near 90 ms (normal below 110, wide from 120: Surawicz et al., Circulation 2009,
# 119:e235-e240), QTc near 400 ms; a Gaussian is seen over about five standard deviations.
_CENTRE_S: Final = np.array(
    [-0.150, -0.024, 0, 0.024, 0.215, 0.272, -0.032, 0, 0.038, 0.275, -0.060]
)
_SIGMA_S: Final = np.array(
    [0.020, 0.0085, 0.0105, 0.0090, 0.048, 0.033, 0.017, 0.0205, 0.021, 0.052, 0.0010]
)
FOLLOWS_QT: Final = np.array([name in ("T rise", "T", "V T") for name in WAVES])
"""Waves whose distance from R grows with the RR interval; the others keep theirs."""

# A normal heart's waves as dipoles (mV): septal q to the right and forward, R to the left, down and
# backward, S of the base, T in the direction of R. With them lead II has P 0.15, R 1.0 and T 0.3 mV
# and V1 has rS.
_P: Final = np.array([0.08, 0.13, 0.03])
_NORMAL: Final = {
    "P": _P,
    "Q": np.array([-0.09, -0.05, 0.16]),
    "R": np.array([0.85, 0.78, -0.38]),
    "S": np.array([-0.20, -0.14, -0.42]),
    "T rise": np.array([0.10, 0.09, 0.05]),
    "T": np.array([0.15, 0.15, 0.09]),
}

# Directions from which the leads look, after the usual hexaxial and precordial geometry.
_LEADS: Final = {
    "I": (1.0, 0.0, 0.0),
    "II": (0.5, 0.87, 0.0),
    "III": (-0.5, 0.87, 0.0),
    "AVR": (-0.75, -0.43, 0.0),
    "AVL": (0.75, -0.43, 0.0),
    "AVF": (0.0, 0.87, 0.0),
    "V1": (-0.35, 0.0, 0.90),
    "V2": (0.10, 0.05, 1.15),
    "V3": (0.50, 0.10, 0.95),
    "V4": (0.85, 0.20, 0.60),
    "V5": (1.00, 0.20, 0.25),
    "V6": (0.95, 0.20, -0.10),
}

N_VENTRICULAR: Final = 3
"""Ventricular foci a patient may have; beats of one focus look alike."""
N_BLENDS: Final = 5
"""Shades of fusion and shapes of unclassifiable beats."""
KINDS: Final = (
    "normal",
    "atrial",
    "junctional",
    *(f"ventricular {i + 1}" for i in range(N_VENTRICULAR)),
    *(f"fusion {i + 1}" for i in range(N_BLENDS)),
    "paced",
    *(f"unclassifiable {i + 1}" for i in range(N_BLENDS)),
)
"""Kinds of beats, finer than classes."""


@dataclass(frozen=True)
class Patient:
    """One simulated patient: how fast the heart beats and what its beats look like.

    Attributes
    ----------
    heart_rate_bpm : float
        Mean sinus rate.
    respiration_hz : float
        Breathing rate, which sets the respiratory sinus arrhythmia and much of the wander.
    dipoles : ndarray, shape (kinds, waves, 3)
        Amplitude of each wave of each kind of beat in mV: left, down, forward.
    centres_s, sigmas_s : ndarray, shape (kinds, waves)
        Time of each wave after the R peak and its standard deviation, in seconds.
    lead_tilt : ndarray, shape (3, 3)
        Rotation of the heart in the chest, applied to every lead.

    Examples
    --------
    >>> from ectopy.recordings.simulation import draw_patient, simulate
    >>> patient = draw_patient(np.random.default_rng(0))
    >>> first, _ = simulate(60, rng=np.random.default_rng(1), patient=patient)
    >>> second, _ = simulate(60, rng=np.random.default_rng(2), patient=patient)
    >>> patient.dipoles.shape[-1]
    3
    """

    heart_rate_bpm: float
    respiration_hz: float
    dipoles: Array = field(repr=False)
    centres_s: Array = field(repr=False)
    sigmas_s: Array = field(repr=False)
    lead_tilt: Array = field(repr=False)

    def projections(self, leads: tuple[str, ...], rng: np.random.Generator) -> Array:
        """Give the direction of each lead, shape (n_leads, 3); unknown names get a random one."""
        rows = []
        for lead in leads:
            known = _LEADS.get(lead.upper().removeprefix("M").replace("LII", "II"))
            # Electrodes are never quite where the book says: about 10 % off.
            off = rng.normal(scale=0.08, size=3)
            rows.append((known if known is not None else _unit(rng.normal(size=3))) + off)
        return np.asarray(rows) @ self.lead_tilt


def draw_patient(rng: np.random.Generator, heart_rate_bpm: float | None = None) -> Patient:
    """Draw a patient at random: heart rate, axis, amplitudes, wave widths, ectopic foci.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of everything random.
    heart_rate_bpm : float, optional
        Mean sinus rate; drawn between 55 and 90 if not given.

    Examples
    --------
    >>> from ectopy.recordings.simulation import draw_patient
    >>> 50 < draw_patient(np.random.default_rng(0)).heart_rate_bpm < 100
    True
    """
    rate = rng.uniform(55, 90) if heart_rate_bpm is None else heart_rate_bpm
    n_kinds, n_waves = len(KINDS), len(WAVES)
    wave = {name: i for i, name in enumerate(WAVES)}
    kind = {name: i for i, name in enumerate(KINDS)}
    dipoles = np.zeros((n_kinds, n_waves, 3))
    pr_shift = rng.normal(scale=0.012)
    qt_factor = rng.normal(1.0, 0.04)
    centres = np.tile(_CENTRE_S * np.where(FOLLOWS_QT, qt_factor, 1), (n_kinds, 1))
    centres[:, wave["P"]] -= pr_shift
    # Widths of QRS waves and of P and T differ between patients by some 8 %.
    sigmas = np.tile(_SIGMA_S * rng.normal(1.0, 0.08, n_waves).clip(0.8, 1.2), (n_kinds, 1))
    sigmas[:, wave["spike"]] = _SIGMA_S[wave["spike"]]

    normal = np.zeros((n_waves, 3))
    for name, dipole in _NORMAL.items():
        size = rng.lognormal(0, 0.2)
        normal[wave[name]] = size * (
            dipole + rng.normal(scale=0.12 * np.linalg.norm(dipole), size=3)
        )
    dipoles[kind["normal"]] = dipoles[kind["atrial"]] = dipoles[kind["junctional"]] = normal
    # An ectopic atrial P starts elsewhere, so it points elsewhere; a junctional one is hidden.
    other_way = np.array([rng.uniform(-0.5, 0.7), rng.uniform(-1.0, -0.2), 0.5])
    dipoles[kind["atrial"], wave["P"]] = 0.17 * _unit(other_way)
    centres[kind["atrial"], wave["P"]] += rng.uniform(-0.015, 0.03)
    dipoles[kind["junctional"], wave["P"]] = 0

    foci = [_ventricular(rng, wave) for _ in range(N_VENTRICULAR)]
    for i, focus in enumerate(foci):
        dipoles[kind[f"ventricular {i + 1}"]] = focus
    for i, share in enumerate(np.linspace(0.3, 0.7, N_BLENDS)):
        dipoles[kind[f"fusion {i + 1}"]] = share * foci[0] + (1 - share) * normal
        # Two wavefronts meet, so the ventricles are done sooner than by the ectopic one alone.
        ventricular = slice(wave["V early"], wave["V late"] + 1)
        sigmas[kind[f"fusion {i + 1}"], ventricular] *= 0.85
        centres[kind[f"fusion {i + 1}"], ventricular] *= 0.8
    # Pacing at the apex of the right ventricle: to the left, up and backward, after a spike.
    apex = np.array([0.7, -0.9, -0.5]) + rng.normal(scale=0.15, size=3)
    dipoles[kind["paced"]] = _ventricular(rng, wave, _unit(apex))
    dipoles[kind["paced"], wave["spike"]] = rng.uniform(1.2, 2.5) * _unit(apex * [1, 0.6, 1])
    for i in range(N_BLENDS):
        # Neither shape: random dipoles on both sets of waves, no P, no matching T.
        odd = np.zeros((n_waves, 3))
        odd[[wave[w] for w in ("Q", "R", "S", "V early", "V late", "T")]] = rng.normal(
            scale=0.32, size=(6, 3)
        )
        odd[wave["V main"]] = 0.45 * _unit(rng.normal(size=3))
        dipoles[kind[f"unclassifiable {i + 1}"]] = odd
    return Patient(
        heart_rate_bpm=float(rate),
        respiration_hz=float(rng.uniform(0.2, 0.33)),  # 12 to 20 breaths a minute at rest
        dipoles=dipoles,
        centres_s=centres,
        sigmas_s=sigmas,
        lead_tilt=_rotation(rng.normal(scale=0.2, size=3)),
    )


def _ventricular(
    rng: np.random.Generator, wave: dict[str, int], direction: Array | None = None
) -> Array:
    """Dipoles of a ventricular beat: wide, bizarre, no P, the T wave against the QRS."""
    if direction is None:
        # From the right ventricle to the left, or the other way round; from above or below.
        direction = _unit(
            [rng.choice((-0.8, 0.8)), rng.choice((-1.0, 1.0)), rng.uniform(-0.7, 0.7)]
        )
    size = rng.uniform(1.2, 1.9)
    beat = np.zeros((len(WAVES), 3))
    # The front turns as it spreads: early and late parts point elsewhere, which makes notches.
    for name, part, turn in (("V early", 0.35, 0.5), ("V main", 1.0, 0.1), ("V late", 0.45, 0.4)):
        beat[wave[name]] = size * part * (direction + rng.normal(scale=turn, size=3))
    beat[wave["V T"]] = -rng.uniform(0.3, 0.4) * size * (direction + rng.normal(scale=0.08, size=3))
    return beat


def _unit(vector: npt.ArrayLike) -> Array:
    array = np.asarray(vector, dtype=np.float64)
    return array / np.linalg.norm(array)


def _rotation(angles: Array) -> Array:
    """Turn about the three axes by the angles given in radians."""
    (a, b, c), (sa, sb, sc) = np.cos(angles), np.sin(angles)
    turn_x = np.array([[1, 0, 0], [0, a, -sa], [0, sa, a]])
    turn_y = np.array([[b, 0, sb], [0, 1, 0], [-sb, 0, b]])
    turn_z = np.array([[c, -sc, 0], [sc, c, 0], [0, 0, 1]])
    return np.asarray(turn_x @ turn_y @ turn_z)
