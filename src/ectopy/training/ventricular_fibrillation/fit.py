"""Fit the logistic regression, once on all records and once without each record of ``cudb``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.detection.fibrillation_waves import MEASURES, WINDOW_S
from ectopy.beats.detection.ventricular_fibrillation import Weights, fold, restless
from ectopy.files import atomic_write
from ectopy.training.ventricular_fibrillation.records import (
    LEARNT_NOISE_S,
    MARKED,
    SETS,
    Seen,
    mixed,
    paths,
    seen,
)

NAME: Final = "ventricular-fibrillation"
LEARNT_SHARE: Final = 0.18  # of the waves' size, below `RESTLESS`: more of what is nearly restless
BEFORE_S, AFTER_S = 10.0, 8.0
"""Seconds around a marked episode that are not learnt from: what leads to it is often fast
ventricular tachycardia, and nobody knows the second in which one becomes the other."""
NOISE_SHARE: Final = 0.2  # of the seconds with noise that are learnt: there are so many of them
ONSET_S, ONSET_WEIGHT = 14.0, 2.0  # alarms are about how an episode begins
EPISODE_S: Final = (
    60.0  # seconds that a record of marked episodes weighs, times the root of minutes
)
PENALTY: Final = 0.1  # scikit-learn's C: small, for twenty patients have little to teach


@dataclass(frozen=True, eq=False)
class Examples:
    """Seconds of one record: its name, their measures, whether they are marked, their weights.

    Examples
    --------
    >>> from ectopy.training.ventricular_fibrillation import Examples
    >>> Examples("none", np.zeros((0, 21)), np.zeros(0, dtype=bool), np.zeros(0)).record
    'none'
    """

    record: str
    measures: npt.NDArray[np.float32]
    marked: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.float64]


def train(data: Path, out: Path, seed: int = 0) -> None:
    """Learn from the databases in a folder and write the weights.

    Parameters
    ----------
    data : Path
        Holds a folder of each of `records.SETS`, and ``mitdb``.
    out : Path
        JSON file to write.
    seed : int
        Of what is drawn from the noise.
    """
    rng = np.random.default_rng(seed)
    examples = [_examples(one, rng) for of in SETS for one in seen(data, of)]
    examples += [_examples(one, rng) for one in mixed(data)]
    examples = [one for one in examples if len(one.weights)]
    folds = [path.stem for path in paths(data, MARKED)]
    of = np.array([fold(one.record, folds) for one in examples])
    weights = {
        "name": NAME,
        "measures": list(MEASURES),
        **fit(examples),
        "trained_on": [*SETS, "ds1 with noise"],
        "left_out": {
            name: fit([one for one, own in zip(examples, of, strict=True) if own != name])
            for name in folds
        },
    }
    atomic_write(out, json.dumps(weights, indent=1) + "\n")
    Weights.load(out)


def _examples(record: Seen, rng: np.random.Generator) -> Examples:
    """Describe the seconds of a record that are learnt from."""
    _, second, measures = restless(record.bands, record.quality, LEARNT_SHARE)
    end = (second + 1) * record.second_s
    inside, near = np.zeros(len(end), dtype=bool), np.zeros(len(end), dtype=bool)
    onset = np.zeros(len(end), dtype=bool)
    for begin, stop in record.marked:
        near |= (end > begin - BEFORE_S) & (end < stop + AFTER_S)
        within = (end >= begin + WINDOW_S * record.second_s) & (end <= stop)
        inside |= within
        onset |= within & (end < begin + ONSET_S)
    kept = inside | ~near
    if record.noisy.any():
        kept &= record.noisy[second] & (rng.random(len(second)) < NOISE_SHARE)
        kept &= second < LEARNT_NOISE_S
    weights = np.ones(len(end))
    if inside.any():
        # A long episode is worth more than a short one, but not as many times as it is longer.
        weights[inside] = np.sqrt(EPISODE_S / np.count_nonzero(inside))
        weights[onset] *= ONSET_WEIGHT
    name = record.name
    return Examples(name, measures[kept], inside[kept], weights[kept])


def fit(examples: list[Examples]) -> dict[str, Any]:
    """Fit on standardised measures.

    Returns
    -------
    dict
        ``factors`` for measures as they are, and the ``constant``, of `Weights`.

    Examples
    --------
    >>> from ectopy.training.ventricular_fibrillation import Examples
    >>> from ectopy.training.ventricular_fibrillation.fit import fit
    >>> rng = np.random.default_rng(0)
    >>> marked = rng.random(200) < 0.5
    >>> measures = rng.normal(size=(200, 3)).astype(np.float32) + marked[:, None] * [1, 0, 0]
    >>> made = fit([Examples("made", measures, marked, np.ones(200))])
    >>> made["factors"][0] > abs(made["factors"][1])
    True
    """
    from sklearn.linear_model import LogisticRegression

    measures = np.concatenate([one.measures for one in examples]).astype(np.float64)
    marked = np.concatenate([one.marked for one in examples])
    weights = np.concatenate([one.weights for one in examples])
    centre = np.average(measures, axis=0, weights=weights)
    spread = np.sqrt(np.average((measures - centre) ** 2, axis=0, weights=weights))
    model = LogisticRegression(C=PENALTY, max_iter=1000)
    model.fit((measures - centre) / spread, marked, sample_weight=weights)
    factors = model.coef_[0] / spread
    constant = float(model.intercept_[0] - centre @ factors)
    return {"factors": [float(f"{each:.6g}") for each in factors], "constant": round(constant, 6)}
