"""Learn from corrections: which beats to ask about, and what the others are called in their light.

Both are `Result.ask` and `Result.adapt`; here they meet what readers have stated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from ectopy.analysis.result import Result
from ectopy.classes import AAMI
from ectopy.errors import ConflictError, DataNotFoundError
from ectopy.review.changes import Change
from ectopy.review.edits import LETTERS, Rows, pack, rows, unpack
from ectopy.review.labels import Labels
from ectopy.review.store import Store, now

State = Literal["open", "accepted", "refused"]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Proposal:
    """What would change if the rest were relabelled.

    Attributes
    ----------
    number : int
        Its place among those of the recording, from 1.
    author, at : str
        Who asked for it, and when.
    state : str
        ``open``, ``accepted`` or ``refused``.
    beats : ndarray of `ectopy.review.edits.BEATS`
        Each beat that would change, from what to what.
    """

    number: int
    author: str
    at: str
    state: State
    beats: Rows = field(repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """How many beats go from which class to which: ``{"N>S": 12}``."""
        pairs = [
            f"{a.decode()}>{b.decode()}"
            for a, b in zip(
                np.char.upper(self.beats["before"]), np.char.upper(self.beats["after"]), strict=True
            )
        ]
        names, counts = np.unique(np.array(pairs, dtype="U3"), return_counts=True)
        return dict(zip(names.tolist(), counts.tolist(), strict=True))


MOST_ANSWERS: Final = 300
"""Stated beats that are learnt from: of a relabelled cluster thousands would say the same."""


def stated(labels: Labels) -> tuple[Int64, Int64]:
    """Give samples and classes of the original beats whose class a reader stated.

    Where they are more than `MOST_ANSWERS`, some of each class and cluster speak for all of it.
    """
    known = np.flatnonzero(labels.stated & labels.there & (labels.origin >= 0))
    if len(known) > MOST_ANSWERS:
        groups = np.stack([labels.classes[known], labels.cluster[known]])
        _, group, counts = np.unique(groups, axis=1, return_inverse=True, return_counts=True)
        most = MOST_ANSWERS
        while most > 1 and np.minimum(counts, most).sum() > MOST_ANSWERS:
            most = most * 9 // 10
        parts = (known[group.ravel() == one] for one in range(len(counts)))
        known = np.sort(np.concatenate([_spread(part, most) for part in parts]))
    return labels.samples[known], labels.classes[known].astype(np.int64)


def _spread(rows: Int64, most: int) -> Int64:
    """Choose so many, evenly spread."""
    if len(rows) <= most:
        return rows
    return rows[np.rint(np.linspace(0, len(rows) - 1, most)).astype(np.int64)]


def ask(base: Result, labels: Labels, k: int) -> list[int]:
    """Give the samples of the beats whose answer would help most.

    Raises
    ------
    ConfigError
        If the labels were given, and no model made them.
    """
    samples, classes = stated(labels)
    known = base.adapt(samples, classes) if len(samples) else base
    found = known.ask(k).samples
    return [int(sample) for sample in found[labels.find(found) >= 0]]


def differences(base: Result, labels: Labels) -> Rows:
    """Give the beats that would be called otherwise, in the light of what readers stated.

    Raises
    ------
    ConfigError
        If nothing was stated yet, or no model made the labels.
    """
    samples, classes = stated(labels)
    if not len(samples):
        raise ConflictError("nothing was corrected or confirmed yet; answer for some beats first")
    beats = base.adapt(samples, classes).beats
    at = labels.find(beats.samples)
    after = LETTERS[beats.classes + len(AAMI) * beats.uncertain]
    changes = (at >= 0) & ~labels.stated[at] & (labels.letters[at] != after)
    at, after = at[changes], after[changes]
    return rows(labels.samples[at], labels.letters[at], after)


def accept(labels: Labels, proposal: Proposal) -> Change:
    """Make an edit of a proposal; what a reader stated meanwhile stays.

    Raises
    ------
    ConfigError
        If it is not open, or nothing of it is left.
    """
    _check_open(proposal)
    at = labels.find(proposal.beats["sample"])
    after = proposal.beats["after"]
    left = (at >= 0) & ~labels.stated[at] & (labels.letters[at] != after)
    at, after = at[left], after[left]
    if not len(at):
        raise ConflictError(f"nothing of proposal {proposal.number} is left to change")
    return Change(
        "adapt",
        rows(labels.samples[at], labels.letters[at], after),
        note={"proposal": proposal.number},
    )


def _check_open(proposal: Proposal) -> None:
    if proposal.state != "open":
        raise ConflictError(f"proposal {proposal.number} is {proposal.state} already")


def propose(store: Store, recording: str, author: str, beats: Rows) -> Proposal:
    """Keep a proposal; an older one that is open is refused by it."""
    with store.transaction() as db:
        db.execute(
            "UPDATE proposals SET state = 'refused' WHERE recording = ? AND state = 'open'",
            (recording,),
        )
        number = (
            1
            + db.execute(
                "SELECT coalesce(max(number), 0) FROM proposals WHERE recording = ?", (recording,)
            ).fetchone()[0]
        )
        db.execute(
            "INSERT INTO proposals VALUES (?, ?, ?, ?, 'open', ?)",
            (recording, number, author, now(), pack(beats)),
        )
    return proposal_of(store, recording, number)


def proposal_of(store: Store, recording: str, number: int) -> Proposal:
    """Give a proposal.

    Raises
    ------
    DataNotFoundError
        If there is none of that number.
    """
    found = store.query(
        "SELECT * FROM proposals WHERE recording = ? AND number = ?", (recording, number)
    )
    if not found:
        raise DataNotFoundError(f"there is no proposal {number}")
    row = found[0]
    return Proposal(row["number"], row["author"], row["at"], row["state"], unpack(row["beats"]))


def settle(store: Store, recording: str, proposal: Proposal, state: State) -> Proposal:
    """Write that a proposal was accepted or refused.

    Raises
    ------
    ConfigError
        If it is not open.
    """
    _check_open(proposal)
    with store.transaction() as db:
        db.execute(
            "UPDATE proposals SET state = ? WHERE recording = ? AND number = ? AND state = 'open'",
            (state, recording, proposal.number),
        )
    return proposal_of(store, recording, proposal.number)
