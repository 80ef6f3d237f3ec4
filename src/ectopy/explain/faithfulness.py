"""Whether what is said to have decided matters more to the networks than other measures do.

Of each beat the groups that are said to have decided are set to what is usual, and the networks are
asked again; beside it the same with random groups of as many measures. If contributions were made
up, one would move the label as much as the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features.groups import GROUPS
from ectopy.classes import AAMI
from ectopy.errors import ConfigError
from ectopy.explain.contributions import (
    MEMBERS_OF,
    N_COLUMNS,
    PLAYERS,
    RHYTHM,
    Contributions,
    Question,
    decided,
)

Bool = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]

LEAST_GAIN: Final = 0.1
"""Difference of the mean probabilities that is worth the name: ten percentage points."""

WAYS: Final = ("decided", "random_groups", "random_columns")
"""What is taken away: what decided, and two kinds of as many measures at random."""

_RESAMPLES: Final = 2000  # bootstrap draws; the 2.5 % quantile then rests on 50
_LEVEL: Final = 0.95


@dataclass(frozen=True)
class Taken:
    """What became of one beat.

    Attributes
    ----------
    record : str
        Whose it is.
    label : str
        Its class.
    right : bool, optional
        Whether the reference has the same class, where there is one.
    n_columns : int
        Measures that were taken away.
    before : float
        Probability of the label.
    after : dict of str to float
        The same with measures taken away, for each of `WAYS`; a mean over draws.
    flipped : dict of str to float
        Share of draws in which another class became the likeliest.
    """

    record: str
    label: str
    right: bool | None
    n_columns: int
    before: float
    after: dict[str, float]
    flipped: dict[str, float]


@dataclass(frozen=True)
class Faithful:
    """What the check found.

    Attributes
    ----------
    passed : bool
        Whether the interval of the gain over random groups lies above `LEAST_GAIN`.
    beats, records : int
        How many were asked about.
    n_columns : float
        Mean of the measures that were taken away, of `N_COLUMNS`.
    before : float
        Mean probability of the label.
    after, flipped : dict of str to float
        The mean, and the share of labels that changed, for each of `WAYS`.
    gain : float
        How much lower the probability is without what decided than without random groups.
    interval : tuple of float
        95 % of it, by drawing records.
    """

    passed: bool
    beats: int
    records: int
    n_columns: float
    before: float
    after: dict[str, float]
    flipped: dict[str, float]
    gain: float
    interval: tuple[float, float]


def take_away(
    question: Question,
    found: Contributions,
    *,
    rng: np.random.Generator,
    record: str = "",
    right: bool | None = None,
    draws: int = 8,
) -> Taken | None:
    """Take from a beat what decided, and as many other measures.

    Parameters
    ----------
    question : Question
        The beat.
    found : Contributions
        What is said to have decided it.
    rng : numpy.random.Generator
        Draws the others.
    record, right
        Passed on to the result.
    draws : int
        How many times.

    Returns
    -------
    Taken or None
        None where no group is said to have spoken for the label.
    """
    names = [name for name in decided(found, PLAYERS[: len(GROUPS)]) if name in GROUPS]
    if not names:
        return None
    gone = np.isin(GROUPS, names)
    n_columns = int(MEMBERS_OF[gone].sum())
    columns, rhythm = [MEMBERS_OF[gone].any(axis=0)], [bool(gone[RHYTHM])]
    for _ in range(draws):
        some, touched = _groups_at_random(n_columns, rng)
        columns.append(some)
        rhythm.append(bool(touched[RHYTHM]))
    for _ in range(draws):
        columns.append(np.isin(np.arange(N_COLUMNS), rng.choice(N_COLUMNS, n_columns, False)))
        rhythm.append(False)
    own = np.vstack([np.ones(N_COLUMNS, dtype=bool), ~np.array(columns)])
    around = np.r_[True, ~np.array(rhythm)]
    p = question.finished(question.scores(own, around), np.ones((len(own), 2), dtype=bool))
    label = AAMI.index(found.label)
    parts = dict(zip(WAYS, np.split(np.arange(1, len(p)), [1, 1 + draws]), strict=True))
    return Taken(
        record,
        found.label,
        right,
        n_columns,
        float(p[0, label]),
        {way: float(p[rows, label].mean()) for way, rows in parts.items()},
        {way: float((p[rows].argmax(axis=1) != label).mean()) for way, rows in parts.items()},
    )


def made_up(found: Contributions, rng: np.random.Generator) -> Contributions:
    """Deal contributions to groups at random: what the check has to fail."""
    values = found.values.copy()
    values[: len(GROUPS)] = rng.permutation(values[: len(GROUPS)])
    return replace(found, values=values)


def judge(taken: Sequence[Taken], rng: np.random.Generator) -> Faithful:
    """Judge over many beats whether contributions are faithful.

    Parameters
    ----------
    taken : sequence of Taken
        Of several records, or the interval says little.
    rng : numpy.random.Generator
        Draws records.

    Raises
    ------
    ConfigError
        If there are no beats.
    """
    if not taken:
        raise ConfigError("contributions are judged over beats, but none was asked about")
    gains = np.array([one.after["random_groups"] - one.after["decided"] for one in taken])
    whose = np.unique([one.record for one in taken], return_inverse=True)[1]
    sums, counts = np.bincount(whose, gains), np.bincount(whose)
    drawn = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), _RESAMPLES)
    edges = [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2]
    low, high = np.quantile((drawn @ sums) / (drawn @ counts), edges).tolist()

    def mean(of: list[dict[str, float]]) -> dict[str, float]:
        return {way: float(np.mean([one[way] for one in of])) for way in WAYS}

    return Faithful(
        low > LEAST_GAIN,
        len(taken),
        len(counts),
        float(np.mean([one.n_columns for one in taken])),
        float(np.mean([one.before for one in taken])),
        mean([one.after for one in taken]),
        mean([one.flipped for one in taken]),
        float(gains.mean()),
        (low, high),
    )


def _groups_at_random(n_columns: int, rng: np.random.Generator) -> tuple[Bool, Bool]:
    """Draw groups until so many columns are reached; of the last one only some columns."""
    chosen: Any = np.zeros(N_COLUMNS, dtype=bool)
    touched = np.zeros(len(GROUPS), dtype=bool)
    for group in rng.permutation(len(GROUPS)):
        wanted = n_columns - int(chosen.sum())
        if wanted <= 0:
            break
        columns = np.flatnonzero(MEMBERS_OF[group])
        if len(columns) > wanted:
            columns = rng.choice(columns, wanted, replace=False)
        chosen[columns] = touched[group] = True
    return chosen, touched
