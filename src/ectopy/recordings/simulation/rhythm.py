"""The rhythm of a simulated recording: when each beat comes, and what kind it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.errors import ConfigError
from ectopy.recordings.simulation.morphology import KINDS, N_BLENDS, N_VENTRICULAR, Patient

_REFRACTORY_S: Final = 0.28
"""No beat follows another sooner: the ventricles cannot."""


@dataclass(frozen=True)
class SimulationParameters:
    """Everything about a simulated recording except the patient.

    Attributes
    ----------
    s_share, v_share, f_share, q_share : float
        Shares of the beats that are S, V, F and Q; the rest are N. The defaults are near those of
        the MIT-BIH Arrhythmia Database without its paced records, with a few Q beats added.
    paced_share : float
        Share of the Q beats that are paced (after a spike); the others are unclassifiable.
    s_coupling, v_coupling : (float, float)
        RR interval before a premature beat, as parts of the sinus RR (lowest, highest).
    respiratory_rr, mayer_rr, slow_rr, random_rr : float
        Relative standard deviation of the RR interval from breathing (0.2-0.33 Hz), from blood
        pressure waves (0.1 Hz), over minutes, and from beat to beat. Together some 50 ms in five
        minutes, as in healthy adults (Task Force, Circulation 1996, 93:1043-1065).
    circadian_rr : float
        Amplitude of the day's rhythm: RR is longer by this part at night, shorter by day.
    wander_mv, muscle_mv, mains_mv : float
        Standard deviation of baseline wander and muscle noise, amplitude of mains hum.
    mains_hz : float
        50 or 60; hum at or above half the sampling rate is left out, as a recorder would.

    Examples
    --------
    >>> from ectopy.recordings.simulation import SimulationParameters, simulate
    >>> many = SimulationParameters(v_share=0.3)
    >>> _, reference = simulate(60, rng=np.random.default_rng(0), parameters=many)
    >>> np.mean(reference.symbols == "V").round(2).item()
    0.31
    """

    s_share: float = 0.03
    v_share: float = 0.07
    f_share: float = 0.01
    q_share: float = 0.01
    paced_share: float = 0.7
    s_coupling: tuple[float, float] = (0.55, 0.8)
    v_coupling: tuple[float, float] = (0.5, 0.75)
    respiratory_rr: float = 0.025
    mayer_rr: float = 0.02
    slow_rr: float = 0.025
    random_rr: float = 0.008
    circadian_rr: float = 0.12
    wander_mv: float = 0.08
    muscle_mv: float = 0.012
    mains_mv: float = 0.006
    mains_hz: float = 50.0

    def __post_init__(self) -> None:
        """Refuse values that cannot be drawn, naming the one that is wrong."""
        shares = {k: getattr(self, k) for k in ("s_share", "v_share", "f_share", "q_share")}
        for name, value in {**shares, "paced_share": self.paced_share}.items():
            if not 0 <= value <= 1:
                raise ConfigError(f"{name} is {value}, expected a share between 0 and 1")
        # Every ectopic event ends in an N beat, so that pauses can be seen.
        if sum(shares.values()) > 0.6:
            raise ConfigError(
                f"S, V, F and Q shares add up to {sum(shares.values()):g}, at most 0.6"
            )
        for name in ("s_coupling", "v_coupling"):
            low, high = getattr(self, name)
            if not 0.3 <= low <= high < 1:
                raise ConfigError(f"{name} is {(low, high)}, expected 0.3 <= low <= high < 1")


@dataclass(frozen=True)
class Beats:
    """Beats in time order; every array has shape (n_beats,)."""

    times_s: npt.NDArray[np.float64]  # R peak
    kinds: npt.NDArray[np.intp]  # index into KINDS
    sinus_rr_s: npt.NDArray[np.float64]  # sets the distance of T
    sizes: npt.NDArray[np.float64]  # amplitude of this beat, near 1


def _class_sequence(n: int, parameters: SimulationParameters, rng: np.random.Generator) -> str:
    """Draw ``n`` class letters: singles mostly, with couplets, runs and bigeminy among them."""
    events: list[str] = []
    patterns = {  # pattern and how often an event takes it
        "S": (("S", 0.8), ("SS", 0.12), ("SSSSS", 0.08)),
        "V": (("V", 0.74), ("VV", 0.12), ("VVVV", 0.04), ("VNVNV", 0.06), ("VNNVNNV", 0.04)),
        "F": (("F", 1.0),),
        "Q": (("Q", 0.6), ("QQQQQ", 0.4)),
    }
    for letter, choices in patterns.items():
        wanted = round(n * getattr(parameters, f"{letter.lower()}_share"))
        texts = np.array([text for text, _ in choices])
        drawn = rng.choice(texts, size=wanted, p=[share for _, share in choices])
        total = np.cumsum(np.char.count(drawn, letter))
        kept = drawn[total <= wanted]
        events += [f"{text}N" for text in kept]
        events += [f"{letter}N"] * (wanted - int(total[len(kept) - 1] if len(kept) else 0))
    n_normal = max(n - sum(map(len, events)), 0)
    units = np.array(events + ["N"] * n_normal)
    return "NN" + "".join(rng.permutation(units))


def _sinus_rr(
    times_s: npt.NDArray[np.float64],
    patient: Patient,
    parameters: SimulationParameters,
    phases: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """RR interval (s) that the sinus node would give at each time."""
    # (frequency in Hz, relative amplitude); sqrt(2) makes a standard deviation an amplitude.
    slow = np.array([0.0031, 0.0083, 0.021])
    parts = [
        (patient.respiration_hz, np.sqrt(2) * parameters.respiratory_rr),
        (0.1, np.sqrt(2) * parameters.mayer_rr),
        *((f, np.sqrt(2 / len(slow)) * parameters.slow_rr) for f in slow),
        (1 / 86400, parameters.circadian_rr),
    ]
    modulation = np.zeros_like(times_s)
    for (frequency, amplitude), phase in zip(parts, phases, strict=True):
        modulation += amplitude * np.sin(2 * np.pi * frequency * times_s + phase)
    return np.asarray(60 / patient.heart_rate_bpm * (1 + modulation))


def draw_beats(
    duration_s: float, patient: Patient, parameters: SimulationParameters, rng: np.random.Generator
) -> Beats:
    """Draw the beats of ``duration_s`` seconds."""
    mean_rr = 60 / patient.heart_rate_bpm
    # Half as many again, because premature beats and the day's rhythm make more of them fit.
    n = int(1.5 * duration_s / mean_rr) + 20
    classes = np.array(list(_class_sequence(n, parameters, rng)))
    n = len(classes)
    before = np.concatenate([["N"], classes[:-1]])
    is_s, is_v, is_f, is_q = (classes == c for c in "SVFQ")
    paced = rng.random(n) < parameters.paced_share
    starts = is_q & (before != "Q")  # a run of Q beats is all paced or all unclassifiable
    paced = paced[np.maximum.accumulate(np.where(starts, np.arange(n), 0))] & is_q

    # RR before each beat in parts of the sinus RR. A premature beat comes early. After V and F the
    # sinus node goes on undisturbed, so the two intervals add up to two (full compensatory pause);
    # S resets the node, so the next interval is about one. Demand pacing waits for a late beat.
    factor = np.ones(n)
    factor[is_s] = rng.uniform(*parameters.s_coupling, is_s.sum())
    # Beats of one focus keep nearly the same coupling: one value a patient, 3 % around it.
    coupling = rng.uniform(*parameters.v_coupling) * rng.normal(1, 0.03, is_v.sum())
    factor[is_v] = coupling.clip(*parameters.v_coupling)
    factor[is_f] = rng.uniform(0.92, 1.0, is_f.sum())
    factor[paced & (before == "N")] = 1.12
    after_v, after_s = np.isin(before, ("V", "F")), before == "S"
    pause = ~np.isin(classes, ("S", "V", "F"))
    early = np.concatenate([[1.0], factor[:-1]])
    factor = np.where(pause & after_v, 2 - early, factor)
    factor = np.where(pause & after_s, rng.uniform(1.0, 1.12, n), factor)

    phases = rng.uniform(0, 2 * np.pi, 6)
    jitter = 1 + rng.normal(scale=parameters.random_rr, size=n)
    rr = np.full(n, mean_rr)
    for _ in range(3):  # modulation depends on time, and time on RR: settles at once
        sinus = _sinus_rr(np.cumsum(rr), patient, parameters, phases)
        rr = np.maximum(sinus * factor * jitter, _REFRACTORY_S)
    times = np.cumsum(rr) - rr[0] + 0.6 * mean_rr

    kinds = np.zeros(n, dtype=np.intp)
    kinds[is_s] = np.where(
        rng.random(is_s.sum()) < 0.75, KINDS.index("atrial"), KINDS.index("junctional")
    )
    # Most ventricular beats of a patient share one focus.
    focus = rng.choice(N_VENTRICULAR, size=n, p=[0.8, 0.15, 0.05])
    kinds[is_v] = KINDS.index("ventricular 1") + focus[is_v]
    blend = rng.integers(N_BLENDS, size=n)
    kinds[is_f] = KINDS.index("fusion 1") + blend[is_f]
    kinds[is_q] = KINDS.index("unclassifiable 1") + blend[is_q]
    kinds[paced] = KINDS.index("paced")
    # Breathing turns the heart a little and so changes the size of the complexes (some 5 %).
    breath = np.sin(2 * np.pi * patient.respiration_hz * times + phases[0])
    sizes = 1 + 0.05 * breath + rng.normal(scale=0.03, size=n)

    # The last annotated beat keeps its whole QRS inside the recording.
    inside = times < duration_s - 0.15
    return Beats(times[inside], kinds[inside], sinus[inside], sizes[inside])
