"""A recording whose ectopic beats have two forms, and a classifier that knows which they are."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ectopy.analysis.analyze import analyze
from ectopy.analysis.result import Result
from ectopy.recordings.recording import Recording

FS = 250.0
PATTERN = "NNNNVNNNNNWNNN"
"""N; V and W are ectopic beats of two forms, W upside down; every fifth W is uncertain."""


@dataclass(frozen=True)
class Labels:
    classes: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float32]
    uncertain: npt.NDArray[np.bool_]


def kinds(r_peaks: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    """Give the letter of each beat, which its time tells."""
    return np.array(list(PATTERN))[(r_peaks // 200) % len(PATTERN)]


class Known:
    """Calls V and W ventricular."""

    behind_s = ahead_s = 12
    leads_used = 2

    def classify(
        self, signal_mv: npt.NDArray[np.float32], fs_hz: float, r_peaks: npt.NDArray[np.int64]
    ) -> Labels:
        # The times of a piece say nothing of the pattern; 48 ms after the peak only these are tall.
        down = signal_mv[0][np.clip(r_peaks + 12, 0, signal_mv.shape[1] - 1)]
        classes = np.where(np.abs(down) > 0.35, 2, 0).astype(np.int64)
        probabilities = 0.9 * np.eye(5, dtype=np.float32)[classes]
        return Labels(classes, probabilities, down < -0.64)


def signal(n_beats: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Draw two leads, a beat every 0.8 s, and tell where; the second lead is the first, halved."""
    peaks = 100 + 200 * np.arange(n_beats)
    at = (np.arange(200) - 100) / FS
    narrow = 1.2 * np.exp(-((at / 0.012) ** 2)) + 0.2 * np.exp(-(((at - 0.2) / 0.05) ** 2))
    wide = 1.1 * np.exp(-((at / 0.05) ** 2)) - 0.5 * np.exp(-(((at - 0.2) / 0.06) ** 2))
    rows = np.stack([{"N": narrow, "V": wide, "W": -1.3 * wide}[kind] for kind in kinds(peaks)])
    inverted = np.flatnonzero(kinds(peaks) == "W")
    rows[inverted[::5]] *= 1.25
    lead = rows.ravel() + np.random.default_rng(0).normal(0, 0.02, rows.size)
    return np.stack([lead, 0.5 * lead]).astype(np.float32), peaks


def result(n_beats: int = 420, **more: object) -> Result:
    """Analyze it."""
    leads, peaks = signal(n_beats)
    recording = Recording.from_array(leads, FS, ("II", "V1"), name="forms", **more)  # type: ignore[arg-type]
    return analyze(recording, classifier=Known(), r_peaks=peaks, lead="II")
