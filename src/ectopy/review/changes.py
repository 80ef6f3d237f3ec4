"""Changes: what a reader wants, checked against the labels as they stand, made into an edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ectopy.classes import AAMI
from ectopy.errors import ConfigError, ConflictError, DataNotFoundError
from ectopy.recordings.clock import Clock
from ectopy.recordings.recording import Recording
from ectopy.review.edits import ABSENT, BEATS, SAME, Edit, Kind, Rows, counting, rows
from ectopy.review.labels import LIKE_NO_OTHER, NEW_CLUSTERS, Labels

Int64 = npt.NDArray[np.int64]

SNAP_S: Final = 0.12
"""Seconds around a click in which the peak of the beat is looked for: a QRS complex is as wide."""
LEVEL_S: Final = 0.6
"""Seconds around it whose median is the level that a peak stands out from."""
APART_S: Final = 0.2
"""Seconds between two beats, at least: the heart cannot beat again within them."""
MOST: Final = 2_000_000
"""Beats in one edit."""


@dataclass(frozen=True, eq=False)
class Change:
    """An edit before it has a number, an author and a time."""

    kind: Kind
    beats: Rows = field(default_factory=lambda: np.zeros(0, BEATS))
    target: int | None = None
    note: dict[str, Any] = field(default_factory=dict)


def letter(name: str) -> int:
    """Give the index of a class.

    Raises
    ------
    ConfigError
        If there is none of that name.
    """
    if name not in AAMI:
        raise ConfigError(f"class is {name!r}, expected one of {', '.join(AAMI)}")
    return AAMI.index(name)


def _chosen(labels: Labels, samples: Sequence[int] | Int64) -> Int64:
    """Give the rows of the beats at some samples, each once."""
    wanted = np.unique(np.asarray(samples, dtype=np.int64))
    if not len(wanted):
        raise ConfigError("no beat was chosen; choose one")
    if len(wanted) > MOST:
        raise ConfigError(f"{len(wanted)} beats were chosen, expected at most {MOST}")
    found = labels.find(wanted)
    if (found < 0).any():
        gone = f"{np.count_nonzero(found < 0)} of {len(wanted)} chosen beats are"
        raise ConflictError(
            f"{gone if len(wanted) > 1 else 'the chosen beat is'} not there any more; another "
            "reader may have changed that, choose again"
        )
    return found


def _when(recording: Recording, sample: int) -> str:
    return Clock(recording.start, recording.duration_s).text(sample / recording.fs_hz)


def relabel(labels: Labels, samples: Sequence[int] | Int64, to: str) -> Change:
    """Call some beats otherwise, or confirm what they are called.

    Raises
    ------
    ConfigError
        If there is no such beat or class.

    Examples
    --------
    >>> from ectopy.review import Labels, relabel
    >>> recording, _ = ectopy.simulate(60, rng=np.random.default_rng(0))
    >>> labels = Labels.of(ectopy.analyze(recording).beats)
    >>> relabel(labels, labels.samples[:2], "V").beats["before"].tolist()
    [b'N', b'N']
    """
    letter(to)
    at = _chosen(labels, samples)
    return Change("relabel", rows(labels.samples[at], labels.letters[at], to.encode()))


def delete(labels: Labels, samples: Sequence[int] | Int64) -> Change:
    """Take away what is no beat."""
    at = _chosen(labels, samples)
    return Change("delete", rows(labels.samples[at], labels.letters[at], ABSENT))


def insert(
    labels: Labels, recording: Recording, lead: int, sample: int, to: str, *, snap: bool = True
) -> Change:
    """Set a beat that was missed.

    Parameters
    ----------
    labels : Labels
        As they stand.
    recording : Recording
        Its samples tell where the peak is.
    lead : int
        The lead that R peaks are marked on.
    sample : int
        About where it is.
    to : str
        Its class.
    snap : bool
        Whether to set it on the highest or lowest point within `SNAP_S`.

    Raises
    ------
    ConfigError
        If that is outside the recording, in an artefact, or another beat is within `APART_S`.
    """
    letter(to)
    if not 0 <= sample < recording.n_samples:
        raise ConfigError(
            "a beat was to be set outside the recording, which ends at "
            f"{_when(recording, recording.n_samples)}; choose a place within"
        )
    if snap:
        sample = peak_near(recording, lead, sample)
    if any(start <= sample < stop for start, stop in labels.artefacts):
        raise ConflictError(
            f"{_when(recording, sample)} lies in an artefact; undo that in the log first"
        )
    apart = round(APART_S * recording.fs_hz)
    if len(near := labels.between(sample - apart + 1, sample + apart)):
        raise ConflictError(
            f"a beat is at {_when(recording, labels.samples[near[0]])} already, less than "
            f"{APART_S:g} s away; relabel that one"
        )
    return Change("insert", rows([sample], ABSENT, to.encode(), -1, LIKE_NO_OTHER))


def peak_near(recording: Recording, lead: int, sample: int) -> int:
    """Give the sample within `SNAP_S` whose distance from the level around is largest."""
    wide, near = (round(s * recording.fs_hz) for s in (LEVEL_S, SNAP_S))
    begin = max(0, sample - wide)
    values = recording.read(begin, min(sample + wide + 1, recording.n_samples))[lead]
    if not np.isfinite(values).any():
        return sample
    first = max(0, sample - near - begin)
    around = np.abs(values[first : sample + near + 1 - begin] - np.nanmedian(values))
    if not np.isfinite(around).any():
        return sample
    return begin + first + int(np.nanargmax(around))


def artefact(labels: Labels, recording: Recording, start: int, stop: int) -> Change:
    """Leave out a stretch: its beats, and its time.

    Raises
    ------
    ConfigError
        If it is empty or outside the recording.
    """
    if not 0 <= start < stop <= recording.n_samples:
        raise ConfigError(
            f"an artefact from {_when(recording, start)} to {_when(recording, stop)} is empty or "
            f"outside the recording, which ends at {_when(recording, recording.n_samples)}; drag "
            "over what is to be left out"
        )
    at = labels.between(start, stop)
    return Change(
        "artefact",
        rows(labels.samples[at], labels.letters[at], ABSENT),
        note={"artefact": [start, stop]},
    )


def relabel_cluster(labels: Labels, of: str, cluster: int, to: str) -> Change:
    """Call all beats of a cluster otherwise."""
    at = members(labels, of, cluster)
    beats = rows(labels.samples[at], labels.letters[at], to.encode())
    letter(to)
    return Change("cluster", beats, note={"of": of, "cluster": cluster, "to": to})


def members(labels: Labels, of: str, cluster: int) -> Int64:
    """Give the rows of the beats of a cluster within a class.

    Raises
    ------
    ConfigError
        If it has none.
    """
    own = (labels.cluster == cluster) & (labels.classes == letter(of)) & labels.there
    found = np.flatnonzero(own)
    if not len(found):
        raise ConflictError(
            f"class {of} has no such template any more; another reader may have changed it, "
            "choose again"
        )
    return found


def move(labels: Labels, samples: Sequence[int] | Int64, of: str, cluster: int) -> Change:
    """Move some beats into a cluster; they take its class."""
    members(labels, of, cluster)
    return _moved(labels, "move", _chosen(labels, samples), of, cluster)


def merge(labels: Labels, parts: Sequence[tuple[str, int]], of: str, cluster: int) -> Change:
    """Move all beats of some clusters into another one; they take its class."""
    members(labels, of, cluster)
    others = [part for part in dict.fromkeys(parts) if part != (of, cluster)]
    if not others:
        raise ConfigError("a template cannot be merged with itself; choose another one")
    at = np.unique(np.concatenate([members(labels, *part) for part in others]))
    return _moved(labels, "merge", at, of, cluster, {"parts": [list(part) for part in others]})


def split(labels: Labels, samples: Sequence[int] | Int64, number: int) -> Change:
    """Make a cluster of its own of some beats of one class.

    Parameters
    ----------
    labels : Labels
        As they stand.
    samples : sequence of int
        Its beats.
    number : int
        Of the edit that this becomes, which the cluster is called by.
    """
    at = _chosen(labels, samples)
    classes = np.unique(labels.classes[at])
    if len(classes) > 1:
        raise ConfigError(
            f"beats of the classes {', '.join(AAMI[i] for i in classes)} were chosen, expected one "
            "class; relabel them first"
        )
    return _moved(labels, "split", at, AAMI[classes[0]], NEW_CLUSTERS + number)


def _moved(
    labels: Labels,
    kind: Kind,
    at: Int64,
    of: str,
    cluster: int,
    note: dict[str, Any] | None = None,
) -> Change:
    stays = labels.classes[at] == letter(of)
    after = np.where(stays, np.bytes_(SAME), np.bytes_(of.encode()))
    beats = rows(
        labels.samples[at], labels.letters[at], after, labels.cluster[at], np.int32(cluster)
    )
    return Change(kind, beats, note={"of": of, "cluster": cluster, **(note or {})})


def accept(labels: Labels, item: str, samples: Sequence[int] | Int64) -> Change:
    """Agree with an item of the queue: its beats are what they are called."""
    if not len(samples):
        return Change("accept", note={"item": item})
    at = _chosen(labels, samples)
    before = labels.letters[at]
    return Change(
        "accept", rows(labels.samples[at], before, np.char.upper(before)), note={"item": item}
    )


def undo(log: Sequence[Edit], author: str, number: int | None = None) -> Change:
    """Take back one edit: the one of that number, or the last of this reader that counts.

    Raises
    ------
    ConfigError
        If there is none, or it does not count any more, or it is no correction.

    Examples
    --------
    >>> from ectopy.review import Edit, undo
    >>> from ectopy.review.edits import rows
    >>> log = [Edit(1, "anna", "now", "delete", rows([155], b"N", b"-"))]
    >>> undo(log, "anna").target
    1
    """
    counts = counting(log)
    if number is None:
        for edit, does in zip(reversed(log), counts[::-1].tolist(), strict=True):
            if does and edit.author == author and not edit.takes_back and edit.kind != "state":
                return Change("undo", target=edit.number)
        raise ConflictError("there is nothing to undo")
    for edit, does in zip(log, counts.tolist(), strict=True):
        if edit.number == number:
            if edit.kind == "state" or edit.takes_back:
                raise ConfigError(f"edit {number} is no correction; name one, or redo")
            if not does:
                raise ConflictError(f"edit {number} is undone already")
            return Change("undo", target=number)
    raise DataNotFoundError(f"there is no edit {number}")


def redo(log: Sequence[Edit], author: str, number: int | None = None) -> Change:
    """Have an edit count again: that of the number, or the last one that this reader undid.

    Raises
    ------
    ConfigError
        If it was not undone, or the reader has corrected something since the last undo.
    """
    counts = counting(log)
    undone = [
        edit
        for edit, does in zip(log, counts.tolist(), strict=True)
        if does and edit.kind == "undo" and (number is None or edit.target == number)
    ]
    if number is None:
        own = [edit for edit in undone if edit.author == author]
        since = max((e.number for e in log if e.author == author and not e.takes_back), default=0)
        undone = [edit for edit in own if edit.number > since]
    if not undone:
        raise ConflictError(
            "there is nothing to redo" if number is None else f"edit {number} is not undone"
        )
    return Change("redo", target=undone[-1].number)
