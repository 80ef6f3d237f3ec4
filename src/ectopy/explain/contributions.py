"""What decided the label of a beat: groups of measures, and what each did to the odds.

The networks that gave the label are asked again, with measures of the beat set to what is usual for
this patient: once for every set of groups. A group's contribution is its Shapley value, the mean of
what it changes over all orders in which the groups could be told; so contributions add up, exactly,
to the log odds of the label less those of a beat that is usual in everything.

References
----------
Shapley, A value for n-person games, 1953; Lundberg and Lee, A unified approach to interpreting
model predictions, NeurIPS 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import factorial
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features import groups
from ectopy.beats.features.fibrillation_gate import LIMIT
from ectopy.classes import AAMI
from ectopy.runtime.labels import believe, called_paced, decide
from ectopy.runtime.networks import Member
from ectopy.runtime.supraventricular import fibrillating, in_question, lowered

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

PLAYERS: Final = (*groups.GROUPS, "recording", "pacing")
"""What can decide: groups of measures, the shares of the classes in the whole recording, and a
pacing spike."""

LEAST: Final = 1e-6
"""Probabilities are not told apart below this, so that log odds stay within what the networks know:
calibration is from some 100,000 beats."""

MOST: Final = 2 / 3
"""Share of all that spoke for a label from which it is said to have decided."""

HARDLY: Final = 0.25
"""Log odds that are not worth telling: odds of 5 to 4."""

RHYTHM: Final = groups.GROUPS.index("rhythm")
_NAMES: Final = tuple(column.name for column in groups.columns(True))
_MINE: Final = {
    side: np.array([_NAMES.index(column.name) for column in groups.columns(side)])
    for side in (False, True)
}
"""Where the columns of each side stand among those of the whole recording, which has them all."""

N_COLUMNS: Final = len(_NAMES)
MEMBERS_OF: Final = groups.members(groups.columns(True))
"""Columns of each group, shape (n_groups, N_COLUMNS)."""


@dataclass(frozen=True)
class Asked:
    """One beat as a member reads it, beside what is usual.

    Attributes
    ----------
    member : Member
        Whom to ask.
    own, usual : ndarray of float32, shape (n_columns,)
        Measures of the beat, and those that are usual for the patient, in the leads that the
        member is asked about.
    best, best_usual : ndarray of float32, shape (n_columns,)
        The same in the best leads, where the member looks for fibrillation.
    looks : float
        How much the rhythm looks like fibrillation at this beat, as the member reads it.
    around, usually_around : ndarray of float64, shape (2,)
        The same averaged over the beats around it (short and long), and what is usual for that.
    weight : ndarray of float64, shape (2,)
        Weight of the beat itself in these averages.
    """

    member: Member
    own: Float32
    usual: Float32
    best: Float32
    best_usual: Float32
    looks: float
    around: Float64
    usually_around: Float64
    weight: Float64


@dataclass(frozen=True)
class Question:
    """A beat, and everything its label was made of.

    Attributes
    ----------
    asked : tuple of Asked
        Of each member whose word is averaged.
    chosen : dict
        The setting of the bundle: bias, temperature, threshold.
    factors : ndarray of float64, shape (5,), optional
        How much likelier each class is in the recording than usual, where that was believed.
    paced : bool
        Whether a pacing spike before it, in a paced rhythm, made it Q.
    by_times : tuple of float, optional
        Log-odds of fibrillation by the times of the beats around it, and what is usual for that,
        where the weights ask for it.
    """

    asked: tuple[Asked, ...]
    chosen: dict[str, Any]
    factors: Float64 | None
    paced: bool
    by_times: tuple[float, float] | None = None

    @property
    def players(self) -> Bool:
        """Tell which of `PLAYERS` have a say in this setting, shape (n_players,)."""
        always = [True] * len(groups.GROUPS)
        return np.array([*always, self.factors is not None, self.paced])

    def scores(self, own: Bool, around: Bool) -> Float64:
        """Ask the members again, with measures set to what is usual.

        Parameters
        ----------
        own : ndarray of bool, shape (n, N_COLUMNS)
            True for measures that are the beat's own.
        around : ndarray of bool, shape (n,)
            Whether the rhythm around it is told.

        Returns
        -------
        ndarray of float64, shape (n, 5)
        """
        told = [_judged(one, own, around) for one in self.asked]
        found = np.asarray(np.mean([scores for scores, _ in told], axis=0))
        if self.by_times is None:
            return found
        by_signal = np.mean([near[:, 1] for _, near in told], axis=0)
        odds = fibrillating(np.where(around, *self.by_times), by_signal)
        return np.where(in_question(found)[:, None], lowered(found, odds), found)

    def as_it_is(self) -> Float64:
        """Give the scores of the beat, nothing of it set to what is usual: (1, 5)."""
        return self.scores(np.ones((1, N_COLUMNS), dtype=bool), np.ones(1, dtype=bool))

    def finished(self, scores: Float64, told: Bool) -> Float64:
        """Give calibrated probabilities of scores (n, 5); told (n, 2): the shares, the spike."""
        if self.factors is not None:
            usual = believe(scores, np.ones(len(AAMI)))
            scores = np.where(told[:, :1], believe(scores, self.factors), usual)
        found = decide(scores, self.chosen).probabilities
        if self.paced:
            found = np.where(told[:, 1:], called_paced(found), found)
        return found.astype(np.float64)

    def of_players(self, present: Bool) -> Float64:
        """Ask again, with groups set to what is usual: (n, n_players) to probabilities (n, 5)."""
        n = len(groups.GROUPS)
        measures, place = np.unique(present[:, :n], axis=0, return_inverse=True)
        scores = self.scores(measures @ MEMBERS_OF, measures[:, RHYTHM])
        return self.finished(scores[place.ravel()], present[:, n:])


@dataclass(frozen=True)
class Contributions:
    """What each of `PLAYERS` did to the log odds of a class against another.

    Attributes
    ----------
    label, against : str
        The two classes.
    values : ndarray of float64, shape (n_players,)
        Positive where it spoke for the label.
    usual : float
        Log odds of a beat that is usual in everything.
    """

    label: str
    against: str
    values: Float64
    usual: float

    @property
    def total(self) -> float:
        """Log odds of the beat."""
        return self.usual + float(self.values.sum())


def contributions(question: Question, label: str, others: Sequence[str]) -> list[Contributions]:
    """Share the log odds of a label against other classes out to what decided.

    Parameters
    ----------
    question : Question
        The beat.
    label : str
        Its class.
    others : sequence of str
        Classes to set it against.
    """
    playing = question.players
    n = int(playing.sum())
    sets = (np.arange(2**n)[:, None] >> np.arange(n)) & 1 > 0
    present = np.zeros((2**n, len(PLAYERS)), dtype=bool)
    present[:, playing] = sets
    log = np.log(np.maximum(question.of_players(present), LEAST))
    found = []
    for other in others:
        odds = log[:, AAMI.index(label)] - log[:, AAMI.index(other)]
        values = np.zeros(len(PLAYERS))
        values[playing] = shapley(odds)
        found.append(Contributions(label, other, values, float(odds[0])))
    return found


def shapley(worth: Float64) -> Float64:
    """Share the worth of sets of players out to them.

    Parameters
    ----------
    worth : ndarray of float64, shape (2**n,)
        Of each set; bit i of its place says whether player i is in it.

    Returns
    -------
    ndarray of float64, shape (n,)
        They add up to the worth of all less that of none.
    """
    n = len(worth).bit_length() - 1
    return np.asarray(_weights(n) @ worth)


@cache
def _weights(n: int) -> Float64:
    """Weigh each set for each player: by how many orders it stands before or with the player in."""
    places = np.arange(2**n)
    inside = (places[:, None] >> np.arange(n)) & 1
    size = inside.sum(axis=1)
    orders = np.array([factorial(k) * factorial(n - 1 - k) for k in range(n)]) / factorial(n)
    weights = np.where(inside, orders[np.maximum(size - 1, 0)][:, None], 0.0)
    weights -= np.where(inside, 0.0, orders[np.minimum(size, n - 1)][:, None])
    return np.ascontiguousarray(weights.T)


def decided(found: Contributions, among: Sequence[str] = PLAYERS) -> list[str]:
    """Name the fewest of `PLAYERS`, the strongest first, that make up most of what spoke for it.

    Most is `MOST` of all that spoke for the label; what hardly spoke at all (`HARDLY`) does not
    count. Nothing decided where a beat that is usual in everything would have the label too.
    """
    if found.usual > 0:
        return []
    order = [i for i in np.argsort(-found.values) if PLAYERS[i] in among]
    gains = np.maximum(found.values[order], 0)
    enough = int(np.searchsorted(np.cumsum(gains), MOST * gains.sum())) + 1
    return [PLAYERS[i] for i in order[:enough] if found.values[i] > HARDLY]


def _judged(asked: Asked, own: Bool, around: Bool) -> tuple[Float64, Float64]:
    """Ask one member: the averages around the beat move with what it looks like itself.

    Gives log probabilities, and these averages.
    """
    mine = own[:, _MINE[asked.member.two_sided]]
    features = np.where(mine, asked.own, asked.usual).astype(np.float32)
    looks = asked.member.looks(np.where(mine, asked.best, asked.best_usual).astype(np.float32))
    moved = np.clip(looks, -LIMIT, LIMIT).astype(np.float64) - np.clip(asked.looks, -LIMIT, LIMIT)
    near = asked.around + moved[:, None] * asked.weight
    near = np.where(around[:, None], near, asked.usually_around)
    return asked.member.judge(features, looks, near[:, 0], near[:, 1]), near
