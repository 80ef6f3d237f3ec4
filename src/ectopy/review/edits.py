"""`Edit`: one row of the log of a recording: who changed what, when, from what, to what."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from ectopy.classes import AAMI
from ectopy.errors import ConflictError

Kind = Literal[
    "relabel",
    "delete",
    "insert",
    "artefact",
    "cluster",
    "move",
    "merge",
    "split",
    "accept",
    "adapt",
    "undo",
    "redo",
    "state",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
TAKES_BACK: Final = ("undo", "redo")
"""Kinds that change nothing themselves but name a row that no longer counts."""

BEATS: Final = np.dtype(
    [
        ("sample", "<i8"),
        ("before", "S1"),
        ("after", "S1"),
        ("cluster_before", "<i4"),
        ("cluster_after", "<i4"),
    ]
)
"""What an edit did to each beat.

``before`` and ``after`` are the letter of the class, in lower case where it is uncertain, `ABSENT`
for no beat, and after `SAME` where the class stays; ``cluster_after`` is -1 where the cluster does.
"""
ABSENT: Final = b"-"
SAME: Final = b"="
LETTERS: Final = np.array([letter.encode() for letter in (*AAMI, *map(str.lower, AAMI))])
"""How classes are written: the certain ones, then the uncertain ones."""

Rows = npt.NDArray[np.void]


@dataclass(frozen=True, eq=False)
class Edit:
    """One row of the log; it is never changed.

    Attributes
    ----------
    number : int
        Its place in the log of its recording, from 1.
    author : str
        Name of the reader.
    at : str
        When, UTC, ISO 8601.
    kind : str
        One of `KINDS`.
    beats : ndarray of `BEATS`
        What it did to each beat.
    target : int or None
        For what takes back: number of the row that no longer counts.
    note : dict
        What else there is to say: the samples of an artefact, the item of the queue, the state.
    digest : str
        SHA-256 over this row and the digest of the row before: a changed log is noticed.
    key : str or None
        Of `key_of`, so that an edit that is sent twice counts once.

    Examples
    --------
    >>> from ectopy.review import Edit
    >>> from ectopy.review.edits import rows
    >>> edit = Edit(1, "anna", "2026-11-26T20:00:00+00:00", "relabel", rows([155], b"N", b"V"))
    >>> edit.beats["after"].tolist()
    [b'V']
    """

    number: int
    author: str
    at: str
    kind: Kind
    beats: Rows = field(repr=False)
    target: int | None = None
    note: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    key: str | None = None

    @property
    def takes_back(self) -> bool:
        """Tell whether it only takes back another row."""
        return self.kind in TAKES_BACK


def rows(
    samples: npt.ArrayLike,
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    cluster_before: npt.ArrayLike = -1,
    cluster_after: npt.ArrayLike = -1,
) -> Rows:
    """Put together what is done to some beats."""
    samples = np.asarray(samples, dtype=np.int64)
    out = np.zeros(len(samples), dtype=BEATS)
    out["sample"] = samples
    out["before"], out["after"] = before, after
    out["cluster_before"], out["cluster_after"] = cluster_before, cluster_after
    return out


def pack(beats: Rows) -> bytes:
    """Give the beats of an edit as they are stored."""
    return zlib.compress(np.ascontiguousarray(beats, dtype=BEATS).tobytes(), 1)


def unpack(stored: bytes) -> Rows:
    """Give back what `pack` was given."""
    return np.frombuffer(zlib.decompress(stored), dtype=BEATS)


def digest(before: str, edit: Edit) -> str:
    """Give the SHA-256 of a row that follows one with the digest ``before``."""
    said = [edit.number, edit.author, edit.at, edit.kind, edit.target, edit.note]
    found = hashlib.sha256(before.encode())
    found.update(json.dumps(said, sort_keys=True, ensure_ascii=True).encode())
    found.update(np.ascontiguousarray(edit.beats, dtype=BEATS).tobytes())
    return found.hexdigest()


def counting(log: Sequence[Edit]) -> npt.NDArray[np.bool_]:
    """Tell which rows of a log count: those that no row which counts takes back.

    Parameters
    ----------
    log : sequence of Edit
        In order. A row can only take back an earlier one, so the last one always counts.
    """
    place = {edit.number: i for i, edit in enumerate(log)}
    counts = np.ones(len(log), dtype=bool)
    for i in range(len(log) - 1, -1, -1):
        edit = log[i]
        if counts[i] and edit.takes_back and edit.target in place:
            counts[place[edit.target]] = False
    return counts


_NAMED: Final = 32
"""Digits of a key that tell who sent it under which name; the others tell what was wanted."""


def key_of(author: str, name: str, wanted: str) -> str:
    """Give the key of an edit that a client named.

    Parameters
    ----------
    author : str
        The reader; each has names of their own.
    name : str
        What the client calls it.
    wanted : str
        What it asks for: under a name that was used for something else it is refused.
    """
    named = hashlib.sha256(json.dumps([author, name]).encode()).hexdigest()
    return named[:_NAMED] + hashlib.sha256(wanted.encode()).hexdigest()[:_NAMED]


def sent_before(log: Sequence[Edit], key: str) -> Edit | None:
    """Give the edit that was made when this one was sent before, or None.

    Raises
    ------
    ConflictError
        If the reader used its name for something else.
    """
    for edit in log:
        if edit.key is not None and edit.key[:_NAMED] == key[:_NAMED]:
            if edit.key == key:
                return edit
            raise ConflictError(
                f"the key was that of edit {edit.number}, which is another one, and this one was "
                "not made; give each edit a key of its own"
            )
    return None


def check_unseen(log: Sequence[Edit], author: str, beats: Rows, seen: int) -> None:
    """Refuse to change beats that another reader changed after what was seen.

    Parameters
    ----------
    log : sequence of Edit
        All of it.
    author : str
        The reader.
    beats : ndarray of `BEATS`
        What is to be changed.
    seen : int
        Number of the last edit that the reader saw.

    Raises
    ------
    ConflictError
        If there is such a beat, or nobody can have seen that edit.
    """
    if seen > len(log):
        raise ConflictError(
            f"you saw edit {seen}, and the last one is {len(log)}; load the log again"
        )
    by_number = {edit.number: edit for edit in log}
    for edit in log[seen:]:
        if edit.author == author:
            continue
        changed = edit
        while changed.takes_back and changed.target in by_number:
            changed = by_number[changed.target]
        both = np.intersect1d(changed.beats["sample"], beats["sample"])
        if len(both):
            more = f" and {len(both) - 1} more" if len(both) > 1 else ""
            raise ConflictError(
                f"{edit.author} changed the beat at sample {both[0]}{more} (edit {edit.number}) "
                f"after edit {seen}, the last that you saw; look at it, then say it again"
            )
