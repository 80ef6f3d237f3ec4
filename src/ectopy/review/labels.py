"""`Labels`: the labels as they stand: the original ones, and what the log makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.classes import AAMI
from ectopy.review.edits import ABSENT, BEATS, LETTERS, SAME, Edit, Rows, counting

if TYPE_CHECKING:
    from ectopy.analysis.labelled_beats import LabelledBeats

Bool = npt.NDArray[np.bool_]
Int64 = npt.NDArray[np.int64]

PER_CLASS: Final = 1000
"""Template 2 of class V is cluster ``PER_CLASS * 2 + 2``, whatever its beats are called later."""
NEW_CLUSTERS: Final = PER_CLASS * len(AAMI)
"""Edit 7 makes cluster ``NEW_CLUSTERS + 7`` by splitting one."""
LIKE_NO_OTHER: Final = 0
"""Cluster of beats that are in none."""

_CODES: Final = np.zeros(256, dtype=np.int8)
_CODES[[letter[0] for letter in LETTERS.tolist()]] = np.arange(len(LETTERS))


@dataclass(frozen=True, eq=False)
class Labels:
    """Every beat that ever was, and what it is called now.

    Attributes
    ----------
    samples : ndarray of int64, shape (n,)
        R peaks, ascending: the original beats, and those that readers set.
    classes : ndarray of int8, shape (n,)
        Index into `ectopy.classes.AAMI`.
    uncertain : ndarray of bool, shape (n,)
        Whether the class should not be relied on.
    stated : ndarray of bool, shape (n,)
        Whether a reader stated or confirmed the class.
    cluster : ndarray of int32, shape (n,)
        Number of its cluster: of those that `PER_CLASS` and `NEW_CLUSTERS` tell, or
        `LIKE_NO_OTHER`.
    there : ndarray of bool, shape (n,)
        False where a reader took the beat away, or it lies in an artefact.
    origin : ndarray of int64, shape (n,)
        Row of the original table; -1 for a beat that a reader set.
    artefacts : list of (int, int)
        First sample of each, and the one after its last; they do not overlap.
    accepted : frozenset of str
        Items of the queue that were accepted.

    Examples
    --------
    >>> from ectopy.review import Labels
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> labels = Labels.of(ectopy.analyze(recording).beats)
    >>> bool(labels.there.all()), bool(labels.stated.any())
    (True, False)
    """

    samples: Int64
    classes: npt.NDArray[np.int8]
    uncertain: Bool
    stated: Bool
    cluster: npt.NDArray[np.int32]
    there: Bool
    origin: Int64
    artefacts: list[tuple[int, int]] = field(default_factory=list)
    accepted: frozenset[str] = frozenset()

    @property
    def letters(self) -> npt.NDArray[np.bytes_]:
        """How each beat is written in an edit: see `ectopy.review.edits.BEATS`."""
        return np.where(
            self.there, LETTERS[self.classes + len(AAMI) * self.uncertain], np.bytes_(ABSENT)
        )

    def find(self, samples: npt.ArrayLike) -> Int64:
        """Give the rows of beats that are there; -1 where there is none at that sample."""
        samples = np.asarray(samples, dtype=np.int64)
        at = np.searchsorted(self.samples, samples)
        inside = np.minimum(at, len(self.samples) - 1)
        if not len(self.samples):
            return np.full(len(samples), -1)
        hit = (self.samples[inside] == samples) & self.there[inside]
        return np.where(hit, inside, -1)

    def between(self, start: int, stop: int) -> Int64:
        """Give the rows of the beats from one sample to before another."""
        first, last = np.searchsorted(self.samples, [start, stop]).tolist()
        found: Int64 = first + np.flatnonzero(self.there[first:last])
        return found

    @classmethod
    def of(cls, beats: LabelledBeats) -> Labels:
        """Give the labels as the model left them."""
        n = len(beats)
        return cls(
            samples=beats.samples,
            classes=beats.classes.astype(np.int8),
            uncertain=beats.uncertain,
            stated=np.zeros(n, dtype=bool),
            cluster=np.where(
                beats.template > 0, PER_CLASS * beats.classes + beats.template, LIKE_NO_OTHER
            ).astype(np.int32),
            there=np.ones(n, dtype=bool),
            origin=np.arange(n),
        )


def fold(original: Labels, log: Sequence[Edit]) -> Labels:
    """Give the labels that a log makes of the original ones.

    Every edit says of each of its beats what it is from then on; the last word holds. An edit of
    a beat that is not there, since what set it was taken back, does nothing. So without an edit
    the labels are what they would be had it never been made.

    Parameters
    ----------
    original : Labels
        From `Labels.of`.
    log : sequence of Edit
        In order.

    Examples
    --------
    >>> from ectopy.review import Edit, Labels, fold, relabel, undo
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> original = Labels.of(ectopy.analyze(recording).beats)
    >>> change = relabel(original, original.samples[:1], "V")
    >>> log = [Edit(1, "anna", "now", change.kind, change.beats)]
    >>> int(original.classes[0]), int(fold(original, log).classes[0])
    (0, 2)
    >>> log.append(Edit(2, "anna", "later", "undo", change.beats[:0], undo(log, "anna").target))
    >>> int(fold(original, log).classes[0])
    0
    """
    counts = counting(log)
    edits = [edit for edit, does in zip(log, counts, strict=True) if does and not edit.takes_back]
    # As plain bytes: NumPy compares the fields of each part otherwise.
    bytes_ = f"V{BEATS.itemsize}"
    parts = [np.zeros(0, bytes_), *(np.ascontiguousarray(e.beats).view(bytes_) for e in edits)]
    all_rows = np.concatenate(parts).view(BEATS)
    kinds = np.repeat(
        np.array([edit.kind for edit in edits], dtype="U8"),
        np.array([len(edit.beats) for edit in edits], dtype=np.int64),
    )
    labels = _with_room(original, np.unique(all_rows["sample"][kinds == "insert"]))
    samples = labels.samples
    at = np.minimum(np.searchsorted(samples, all_rows["sample"]), max(len(samples) - 1, 0))
    known = samples[at] == all_rows["sample"] if len(samples) else np.zeros(len(at), dtype=bool)
    all_rows, kinds, at = all_rows[known], kinds[known], at[known]
    _apply(labels, all_rows, kinds, at)
    artefacts = _joined([tuple(edit.note["artefact"]) for edit in edits if edit.kind == "artefact"])
    there = labels.there
    for start, stop in artefacts:
        there[slice(*np.searchsorted(samples, [start, stop]))] = False
    accepted = frozenset(edit.note["item"] for edit in edits if edit.note.get("item"))
    return Labels(
        samples,
        labels.classes,
        labels.uncertain,
        labels.stated,
        labels.cluster,
        there,
        labels.origin,
        artefacts,
        accepted,
    )


def _with_room(original: Labels, inserted: Int64) -> Labels:
    """Copy the labels, with rows for beats that readers set; these are not there yet."""
    at = np.searchsorted(original.samples, inserted)
    known = np.r_[original.samples, -1][at] == inserted
    new = inserted[~known]
    samples, origin = original.samples, original.origin
    order: Any = slice(None)
    if len(new):  # else these two stay as they are, and are shared
        samples, origin = np.r_[samples, new], np.r_[origin, np.full(len(new), -1)]
        order = np.argsort(samples, kind="stable")

    def grown(name: str, filling: int) -> Any:
        values = getattr(original, name)
        return np.r_[values, np.full(len(new), filling, dtype=values.dtype)][order]

    return Labels(
        samples[order],
        grown("classes", 0),
        grown("uncertain", 0),
        grown("stated", 0),
        grown("cluster", LIKE_NO_OTHER),
        grown("there", 0),
        origin[order],
    )


def _apply(labels: Labels, beats: Rows, kinds: npt.NDArray[np.str_], at: Int64) -> None:
    """Write what edits say into arrays; of two words on a beat the later one stays."""
    away = beats["after"] == ABSENT
    comes = kinds == "insert"
    decides = away | comes
    labels.there[at[decides]] = comes[decides]
    codes = _CODES[np.ascontiguousarray(beats["after"]).view(np.uint8)]
    said = ~away & (beats["after"] != SAME)
    labels.classes[at[said]] = codes[said] % len(AAMI)
    labels.uncertain[at[said]] = codes[said] >= len(AAMI)
    labels.stated[at[said]] = kinds[said] != "adapt"
    moved = beats["cluster_after"] >= 0
    labels.cluster[at[moved]] = beats["cluster_after"][moved]


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what overlaps."""
    out: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], stop))
        else:
            out.append((start, stop))
    return out
