"""The beat model's networks asked about beats, two leads at a time.

The networks were taught on the measures of two leads, pooled to mean, largest and smallest. Pooled
over more, these would be extremes that no network ever saw; so more leads are asked pair by pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ectopy.beats.features.context import InRhythm, Seen, describe, in_rhythm
from ectopy.classes import AAMI
from ectopy.runtime import supraventricular
from ectopy.runtime.networks import Member, log_softmax
from ectopy.runtime.rhythm.beat_by_beat import BeatRhythm

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

LEADS: Final = 6
"""Leads that are heard, at most: a fourth pair changed little on twelve-lead strips."""
SURELY_NORMAL: Final = 0.97
"""Probability of a normal beat by the first two leads up to which others are asked."""


def pairs(n_leads: int) -> list[tuple[int, ...]]:
    """Give the leads, best first, in twos; the last of an odd number is heard with the first.

    Examples
    --------
    >>> from ectopy.runtime.lead_pairs import pairs
    >>> pairs(1), pairs(2), pairs(3)
    ([(0,)], [(0, 1)], [(0, 1), (2, 0)])
    """
    if n_leads == 1:
        return [(0,)]
    found: list[tuple[int, ...]] = [(i, i + 1) for i in range(0, n_leads - 1, 2)]
    return [*found, (n_leads - 1, 0)] if n_leads % 2 else found


def scores(
    members: Sequence[Member], seen: Seen, whole: Float64 | None, rhythm: BeatRhythm | None
) -> Float64:
    """Average the log probabilities of a setting's networks, and of the pairs of leads.

    The other pairs are asked where the first is not sure that a beat is normal, or is off. Where
    they disagree, what is left in the middle is uncertain. Where the rhythm is told, the odds of S
    are lowered in fibrillation.

    Parameters
    ----------
    members : sequence of Member
        The setting's networks.
    seen : Seen
        Beats, in leads from best to worst.
    whole : ndarray of float64, optional
        As for `ectopy.beats.features.context.in_rhythm`.
    rhythm : BeatRhythm, optional
        Of the same beats, where the weights ask for it.

    Returns
    -------
    ndarray of float64, shape (n_beats, 5)
    """
    told = in_rhythm(seen, whole=whole)
    first, *others = pairs(seen.on.shape[1])
    total, looks = _ask(members, seen.of(first), told)
    if others:
        _hear_others(members, seen, told, total, looks)
    if rhythm is None:
        return total
    by_signal = np.mean(
        [member.averaged(own)[1] for member, own in zip(members, looks, strict=True)], axis=0
    )
    return supraventricular.in_rhythm(total, rhythm, by_signal)


def _hear_others(
    members: Sequence[Member],
    seen: Seen,
    told: list[InRhythm],
    total: Float64,
    looks: list[Float32],
) -> None:
    """Average the other pairs into what the first said of all beats, ``total``, where asked."""
    first, *others = pairs(seen.on.shape[1])
    on = heard(seen.of(first))
    rows = np.flatnonzero(in_doubt(total) | (on == 0))
    summed, spoken = total[rows] * on[rows, None], on[rows]
    for pair in others if len(rows) else ():
        own = seen.of(pair)
        there = heard(own)[rows]
        summed += _ask(members, own, told, looks, rows)[0] * there[:, None]
        spoken = spoken + there
    some = spoken > 0
    total[rows[some]] = summed[some] / spoken[some, None]


def in_doubt(scores: Float64) -> npt.NDArray[np.bool_]:
    """Tell for which beats the first pair, which gave these scores, is not to decide alone."""
    normal = np.exp(log_softmax(scores))[:, AAMI.index("N")]
    return np.asarray(normal < SURELY_NORMAL)


def heard(seen: Seen) -> Float64:
    """Give 1 where a lead is on, and 0 elsewhere, shape (n_beats,)."""
    return np.asarray(seen.on.any(axis=(0, 1)), dtype=np.float64)


def _ask(
    members: Sequence[Member],
    seen: Seen,
    told: list[InRhythm],
    looks: list[Float32] | None = None,
    rows: Int64 | None = None,
) -> tuple[Float64, list[Float32]]:
    """Ask every network about beats, or some ``rows`` of them, in the leads that ``seen`` has.

    Gives log probabilities, and how much each network's rhythm ``looks`` like fibrillation, which
    no leads but the first need tell.
    """
    sides = describe(seen, told)
    which = slice(None) if rows is None else rows
    total = np.zeros((len(seen) if rows is None else len(rows), len(AAMI)))
    found: list[Float32] = []
    for number, member in enumerate(members):
        features = sides[-1 if member.two_sided else 0]
        if looks is None:
            found.append(member.looks(features))
        own = (looks or found)[number]
        short, long = member.averaged(own)
        total += member.judge(features[which], own[which], short[which], long[which])
    return np.asarray(total / len(members)), found
