"""`Opened`: one recording that is read: its signal, its labels, and the way to change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock, RLock
from typing import Any

import numpy as np

from ectopy.analysis.events import Intervals
from ectopy.analysis.explanation.build import explain
from ectopy.analysis.explanation.looked import NearLooks
from ectopy.analysis.explanation.model import BeatExplanation
from ectopy.analysis.result import Result
from ectopy.errors import ConfigError, DataNotFoundError
from ectopy.explain.whole import Whole
from ectopy.files import sha256
from ectopy.review.changes import Change
from ectopy.review.clusters import Cluster, clusters
from ectopy.review.corrected import Measured, corrected, intervals_of
from ectopy.review.edits import Edit, check_unseen, counting, sent_before
from ectopy.review.labels import Labels, fold
from ectopy.review.memory import give_back, outlines_on_disk
from ectopy.review.pyramid import Pyramid
from ectopy.review.queue import Item, queue
from ectopy.review.signing import Standing, holds, signature, standing
from ectopy.review.store import Store, now, told
from ectopy.review.windows import Window, window
from ectopy.review.work import PYRAMID, RESULT, WHOLE, Job


class _OneAtATime:
    """Reads for several threads: a file is read by one at a time."""

    def __init__(self, reader: Callable[[int, int], Any]) -> None:
        self._reader, self._reading = reader, Lock()

    def __call__(self, start: int, stop: int) -> Any:
        with self._reading:
            return self._reader(start, stop)


class Current:
    """Labels as they stand after some edits, and what is told of them, worked out when asked for.

    Attributes
    ----------
    revision : int
        Number of the last edit; 0 before the first.
    labels : Labels
        As they stand.
    """

    def __init__(self, base: Result, labels: Labels, log: Sequence[Edit]) -> None:
        self._base, self._log, self._making = base, tuple(log), RLock()
        self.labels = labels
        self.revision = log[-1].number if log else 0

    @cached_property
    def _measured(self) -> Measured:
        return intervals_of(self._base, self.labels)

    @property
    def intervals(self) -> Intervals:
        """The beats with their intervals: what the pages need first, before all else is told."""
        return self._measured[0]

    @cached_property
    def _result(self) -> Result:
        said = notes(self._log)
        if not said:
            return self._base
        try:
            return corrected(self._base, self.labels, said, self._measured)
        finally:
            give_back()

    @property
    def result(self) -> Result:
        """Counts, events and summary of the labels."""
        with self._making:
            return self._result

    @cached_property
    def _queue(self) -> list[Item]:
        return queue(self.labels, self.result)

    @property
    def queue(self) -> list[Item]:
        """What is to be looked at."""
        with self._making:
            return self._queue

    @cached_property
    def _clusters(self) -> list[Cluster]:
        return clusters(self.labels, self.result)

    @property
    def clusters(self) -> list[Cluster]:
        """Beats that look alike."""
        with self._making:
            return self._clusters


@dataclass(frozen=True)
class Made:
    """What came of a change.

    Attributes
    ----------
    edit : Edit
        Its row.
    current : Current
        The labels after it.
    """

    edit: Edit
    current: Current


class Opened:
    """A recording that is ready, opened for its readers.

    Parameters
    ----------
    store : Store
        Where its log is.
    recording : str
        Its id.
    job : Job
        How it was opened to be analysed.

    Raises
    ------
    EctopyError
        If its files are not what they were.
    """

    def __init__(self, store: Store, recording: str, job: Job) -> None:
        place = store.place(recording)
        self.id, self._store, self.folder = recording, store, place
        found = job.recording()
        self.recording = replace(found, reader=_OneAtATime(found.reader))
        base = outlines_on_disk(Result.load(place / RESULT), place)
        self.base = base.with_recording(self.recording)
        self.original_sha256 = sha256(place / RESULT)
        self.pyramid = Pyramid.mapped(place / PYRAMID)
        self._explaining = Lock()
        self._weights: str | None = job.options.get("weights")
        self._writing = RLock()
        self._original = Labels.of(self.base.beats)
        self._log = store.log(recording)
        self._current = self._folded(self._log)
        give_back()

    def _folded(self, log: Sequence[Edit]) -> Current:
        return Current(self.base, fold(self._original, log), log)

    @property
    def log(self) -> list[Edit]:
        """All edits, in order."""
        with self._writing:
            return list(self._log)

    @property
    def current(self) -> Current:
        """The labels as they stand."""
        return self._current

    @property
    def standing(self) -> Standing:
        """Whether it is a draft, reviewed or signed."""
        return standing(self.log)

    def why(self, sample: int) -> BeatExplanation:
        """Explain what the model called the beat at a sample.

        Raises
        ------
        DataNotFoundError
            If the model found none there.
        ConfigError
            If no model labelled it.
        """
        samples = self.base.beats.samples
        at = int(np.searchsorted(samples, sample))
        if at >= len(samples) or samples[at] != sample:
            when = self.base.background.clock.text(sample / self.base.fs_hz)
            own = self.current.labels.find(np.array([sample]))[0] >= 0
            said = f"a reader set the beat at {when}, and" if own else f"no beat is at {when}, so"
            raise DataNotFoundError(
                f"{said} the model has nothing to say of it; choose one that it found"
            )
        with self._explaining:
            return explain(self.base, sample / self.base.fs_hz, self._weights, self._looks)

    @cached_property
    def _looks(self) -> NearLooks | None:
        """Look around a beat; None where its label depends on its past, which is looked at once."""
        path = self.folder / WHOLE
        if not path.is_file():
            return None
        return NearLooks(self.base, Whole.load(path), self._weights)

    def as_of(self, author: str) -> Current:
        """Give the labels that one reader's edits alone would make."""
        own = [edit for edit in self.log if edit.author == author]
        return self._folded(own)

    def edit(
        self,
        author: str,
        make: Callable[[Labels, Sequence[Edit]], Change],
        key: str | None = None,
        seen: int | None = None,
    ) -> Made:
        """Change something; it is on the disk when this returns.

        Parameters
        ----------
        author : str
            The reader.
        make : callable
            Gives the change for the labels and the log as they then stand; nothing else changes
            them meanwhile.
        key : str, optional
            Of `ectopy.review.edits.key_of`: sent again with the same key, it is not made again.
        seen : int, optional
            Number of the last edit that the reader saw: what another reader did since to one of the
            same beats is not overwritten unseen.

        Raises
        ------
        ConfigError
            If it cannot be made.
        ConflictError
            If it cannot be made any more, or the key is that of another edit.
        """
        with self._writing:
            if key is not None and (made := sent_before(self._log, key)) is not None:
                return Made(made, self._current)
            wanted = [make(self._current.labels, self._log)]
            if seen is not None:
                check_unseen(self._log, author, wanted[0].beats, seen)
            if wanted[0].kind != "state" and standing(self._log).status == "signed":
                # What was signed is no longer what is there.
                wanted.insert(0, Change("state", note={"state": "draft", "reopened": True}))
            edits = [
                Edit(
                    number=len(self._log) + 1 + i,
                    author=author,
                    at=now(),
                    kind=change.kind,
                    beats=change.beats,
                    target=change.target,
                    note=change.note,
                    key=key if change is wanted[-1] else None,
                )
                for i, change in enumerate(wanted)
            ]
            written = self._store.append(self.id, edits, self._log[-1] if self._log else None)
            self._log += written
            self._current = self._folded(self._log)
            return Made(written[-1], self._current)

    @property
    def signature(self) -> str:
        """The hash that a signature of the labels as they stand would have."""
        with self._writing:
            return signature(self.base, self.original_sha256, self._current.labels, self._log)

    @property
    def signature_holds(self) -> bool | None:
        """Whether what was signed is what is kept, and the log is whole; None if not signed."""
        log = self.log
        held = holds(self.base, self.original_sha256, self._original, log)
        return held if held is None else held and self._store.intact(log)

    def window(self, start: int, stop: int, leads: Sequence[int], columns: int) -> Window:
        """Give a stretch of some leads, see `ectopy.review.windows.window`.

        Raises
        ------
        ConfigError
            If it is outside the recording.
        """
        n_leads = len(self.recording.leads)
        if not leads or len({*leads} & {*range(n_leads)}) != len(leads):
            raise ConfigError(
                f"leads are {told(', '.join(map(str, leads)), 60) or 'none'}, expected numbers "
                f"from 0 to {n_leads - 1}, each once"
            )
        return window(self.recording, self.pyramid, start, stop, list(leads), columns)


def notes(log: Sequence[Edit]) -> list[str]:
    """Say in a summary who corrected how much, and where the recording stands."""
    counts = counting(log)
    edits = [edit for edit, does in zip(log, counts, strict=True) if does and not edit.takes_back]
    authors = sorted({edit.author for edit in edits if edit.kind != "state"})
    stands = standing(log)
    if not authors and not stands.by:
        return []
    said = {"relabel": "relabelled", "cluster": "relabelled", "move": "relabelled",
            "merge": "relabelled", "accept": "confirmed", "insert": "set", "delete": "taken away",
            "artefact": "left out as artefact", "adapt": "relabelled in their light"}  # fmt: skip
    totals: dict[str, int] = {}
    for edit in edits:
        if words := said.get(edit.kind):
            changed = edit.beats["after"] != b"="
            totals[words] = totals.get(words, 0) + int(np.count_nonzero(changed))
    told = ", ".join(f"{n:,} {words}" for words, n in totals.items() if n)
    ended = f"; {stands.status} by {stands.by} at {stands.at}" if stands.by else ""
    if not authors:
        return [f"labels as the model left them; {stands.status} by {stands.by} at {stands.at}"]
    return [f"labels corrected by {', '.join(authors)}: beats {told or 'as they were'}{ended}"]
