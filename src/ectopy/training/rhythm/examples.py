"""Places in annotated records, described and labelled, to learn fibrillation from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features import irregularity
from ectopy.runtime.rhythm.fibrillation import described
from ectopy.runtime.rhythm.segments import segments
from ectopy.runtime.rhythm.settings import RhythmSettings
from ectopy.training.rhythm.copies import at_another_rate, disturbed
from ectopy.training.rhythm.recipe import RhythmRecipe

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

NEAR: Final = 150  # intervals from an edge, of the places that are taken more often


@dataclass(frozen=True, eq=False)
class RhythmRecord:
    """Beat times of one record, and its episodes of fibrillation.

    Attributes
    ----------
    name : str
        Of the record; each is one patient.
    times_s : ndarray of float64, shape (n_beats,)
        Ascending.
    onset_s, end_s : ndarray of float64, shape (n_episodes,)
        Episodes, apart and in time order.
    tick_s : float
        What the times are multiples of.
    """

    name: str
    times_s: Float64
    onset_s: Float64
    end_s: Float64
    tick_s: float = 0.0

    def inside(self, times_s: Float64) -> npt.NDArray[np.bool_]:
        """Say which times are within an episode."""
        before = np.searchsorted(self.onset_s, times_s, side="right") - 1
        return (before >= 0) & (times_s < np.append(self.end_s, 0.0)[before])


def places_of(times_s: Float64) -> tuple[Float64, Float32]:
    """Describe a record: times of its places, and their measures."""
    found = [
        described(times_s[first:last])
        for first, last in segments(times_s, RhythmSettings().rhythm_gap_s)
        if last - first > 1
    ]
    if not found:
        return np.zeros(0), np.zeros((0, irregularity.N_FEATURES), np.float32)
    return np.concatenate([at for at, _ in found]), np.concatenate([x for _, x in found])


def examples(
    records: Sequence[RhythmRecord], recipe: RhythmRecipe, rng: np.random.Generator
) -> list[tuple[Float32, npt.NDArray[np.bool_]]]:
    """Draw places of each record and of a disturbed copy, at rates drawn for each.

    Returns
    -------
    list of (ndarray, ndarray)
        For each record measures, shape (n, `irregularity.N_FEATURES`), and whether each is
        within an episode of fibrillation.
    """
    found = []
    for record in records:
        copies = (record.times_s, disturbed(record.times_s, recipe, rng))
        parts = [
            _drawn(record, amount, at_another_rate(times, record.tick_s, rng), recipe, rng)
            for amount, times in zip((recipe.places, recipe.disturbed), copies, strict=True)
        ]
        found.append((np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])))
    return found


def _drawn(
    record: RhythmRecord,
    amount: int,
    times: Float64,
    recipe: RhythmRecipe,
    rng: np.random.Generator,
) -> tuple[Float32, npt.NDArray[np.bool_]]:
    at, measures = places_of(times)
    truth = record.inside(at)
    amount = int(min(amount, recipe.share * len(at)))
    near = np.flatnonzero(_near(at, np.sort(np.concatenate([record.onset_s, record.end_s]))))
    wanted = min(int(amount * recipe.near), len(near))
    chosen = np.concatenate(
        [
            rng.choice(near, wanted, replace=False),
            rng.choice(len(at), amount - wanted, replace=False),
        ]
    ).astype(np.int64)
    return measures[chosen], truth[chosen]


def _near(at: Float64, edges: Float64) -> npt.NDArray[np.bool_]:
    """Say which places are within `NEAR` intervals of an edge."""
    own = np.arange(len(at))
    of_edges = np.searchsorted(at, edges)
    if not len(edges):
        return np.zeros(len(at), dtype=bool)
    away = np.abs(own - of_edges[_nearest(of_edges, len(at))])
    return np.asarray(away * irregularity.STRIDE <= NEAR)


def _nearest(edges: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    """Give the nearest of ascending ``edges`` for each of the numbers below ``n``."""
    at = np.arange(n)
    after = np.clip(np.searchsorted(edges, at), 0, len(edges) - 1)
    before = np.maximum(after - 1, 0)
    return np.where(np.abs(edges[before] - at) < np.abs(edges[after] - at), before, after)
