"""Which smoothing of the evidence is best on left-out patients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.evaluation.ec57.episodes import FIGURES, compare_episodes, episode_statistics
from ectopy.evaluation.intervals import RESAMPLES
from ectopy.recordings.rhythm_marks import Spans
from ectopy.runtime.rhythm.settings import RhythmSettings
from ectopy.runtime.rhythm.smoothing import most_likely
from ectopy.training.rhythm.examples import RhythmRecord

Float64 = npt.NDArray[np.float64]

BIASES: Final = (-0.5, 0.0, 0.5, 1.0, 1.5, 2.0)
LIMITS: Final = (2.0, 3.0)
CHANGE_COSTS: Final = (6.0, 9.0, 12.0, 16.0)
FALSE_WEIGHT: Final = 4.0
"""What the share of ectopic records that is called fibrillation weighs, against eight figures."""


@dataclass(frozen=True)
class Smoothing:
    """Bias and bound of the evidence, and the cost of a change."""

    bias: float
    limit: float
    change_cost: float

    def spans(self, at: Float64, logits: Float64) -> Spans:
        """Give episodes in milliseconds from log-odds at places."""
        evidence = np.clip(logits + self.bias, -self.limit, self.limit)
        there = most_likely(evidence, self.change_cost)
        change = np.diff(there.astype(np.int8), prepend=0, append=0)
        edges = np.concatenate([at[:1], (at[1:] + at[:-1]) / 2, at[-1:]])
        first, last = edges[np.flatnonzero(change == 1)], edges[np.flatnonzero(change == -1)]
        long = last - first >= RhythmSettings().af_shortest_s
        return Spans(_ms(first[long]), _ms(last[long]))


Scored = Mapping[str, tuple[Float64, Float64]]
"""Times of the places of a record and their log-odds, by its name."""


def figures(
    smoothing: Smoothing,
    records: Sequence[RhythmRecord],
    scored: Scored,
    n_resamples: int = RESAMPLES,
) -> dict[str, Any]:
    """Give EC57 figures: episodes from the shortest duration on, durations of all."""
    counts, durations = {}, {}
    for record in records:
        test = smoothing.spans(*scored[record.name])
        truth = Spans(_ms(record.onset_s), _ms(record.end_s))
        stop = int(_ms(record.times_s[-1])) + 1
        shortest = int(1000 * RhythmSettings().af_shortest_s)
        counts[record.name] = compare_episodes(truth, test, stop=stop, shortest=shortest)
        durations[record.name] = compare_episodes(truth, test, stop=stop)
    rates = dict.fromkeys(counts, 1000.0)
    return episode_statistics(counts, durations, rates, n_resamples=n_resamples)


def false_share(smoothing: Smoothing, records: Sequence[RhythmRecord], scored: Scored) -> float:
    """Give the share of the time of records without fibrillation that is called so."""
    own = [record for record in records if not len(record.onset_s)]
    found = [smoothing.spans(*scored[record.name]) for record in own]
    called = sum(int((spans.last - spans.first).sum()) for spans in found) / 1000
    return called / sum(float(record.times_s[-1] - record.times_s[0]) for record in own)


def choose(
    records: Sequence[RhythmRecord], ectopic: Sequence[RhythmRecord], scored: Scored
) -> Smoothing:
    """Choose by the sum of `FIGURES`, gross and average, less what is called so and is not.

    Parameters
    ----------
    records, ectopic : sequence of RhythmRecord
        Records with fibrillation, and ones with many ectopic beats.
    scored : mapping
        Of both, by models that were trained without them.
    """

    def worth(one: Smoothing) -> float:
        told = figures(one, records, scored, n_resamples=1)
        right = sum(told[over][name] or 0.0 for over in ("gross", "average") for name in FIGURES)
        return float(right - FALSE_WEIGHT * false_share(one, ectopic, scored))

    return max((Smoothing(*values) for values in product(BIASES, LIMITS, CHANGE_COSTS)), key=worth)


def _ms(seconds: npt.ArrayLike) -> npt.NDArray[np.int64]:
    return np.rint(np.asarray(seconds, dtype=np.float64) * 1000).astype(np.int64)
