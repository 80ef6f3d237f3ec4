"""From what is wanted over REST to a change of the labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ectopy.app import edit_model as model
from ectopy.errors import ConflictError
from ectopy.review import changes
from ectopy.review.changes import Change
from ectopy.review.edits import Edit
from ectopy.review.labels import Labels
from ectopy.review.opened import Opened

Make = Callable[[Labels, Sequence[Edit]], Change]


def change_for(wanted: model.Wanted, opened: Opened) -> Make:
    """Give what makes the change, of the labels as they stand when its turn comes."""

    def make(labels: Labels, log: Sequence[Edit]) -> Change:
        match wanted:
            case model.Relabel():
                return changes.relabel(labels, wanted.samples, wanted.to)
            case model.Delete():
                return changes.delete(labels, wanted.samples)
            case model.Insert():
                return changes.insert(
                    labels,
                    opened.recording,
                    opened.base.leading,
                    wanted.sample,
                    wanted.to,
                    snap=wanted.snap,
                )
            case model.Artefact():
                return changes.artefact(labels, opened.recording, wanted.start, wanted.stop)
            case model.RelabelCluster():
                return changes.relabel_cluster(labels, wanted.of, wanted.cluster, wanted.to)
            case model.Move():
                into = wanted.into
                return changes.move(labels, wanted.samples, into.of, into.cluster)
            case model.Merge():
                parts = [(one.of, one.cluster) for one in wanted.clusters]
                return changes.merge(labels, parts, wanted.into.of, wanted.into.cluster)
            case model.Split():
                # A signed recording is reopened by a row of its own, before this one.
                return changes.split(labels, wanted.samples, len(log) + 1)
            case model.Accept():
                return _accepted(labels, opened, wanted.item)

    return make


def _accepted(labels: Labels, opened: Opened, key: str) -> Change:
    for item in opened.current.queue:
        if item.key == key:
            return changes.accept(labels, key, item.beats)
    raise ConflictError(
        "the queue holds no such item any more: its beats were changed; load the queue again"
    )
