"""What readers stated is learnt from, as a proposal that is accepted as one edit."""

from __future__ import annotations

import numpy as np
import pytest

from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.result import Result
from ectopy.errors import ConfigError, DataNotFoundError
from ectopy.review import changes, learning
from ectopy.review.edits import Edit
from ectopy.review.labels import Labels, fold
from ectopy.review.store import Store


@pytest.fixture
def recording(store: Store) -> str:
    return store.create("a", "anna", "ready", {}).id


def log_of(*wanted: changes.Change) -> list[Edit]:
    return [
        Edit(i, "anna", "now", one.kind, one.beats, one.target, one.note)
        for i, one in enumerate(wanted, 1)
    ]


def test_a_proposal_is_the_difference_and_one_edit(
    result: Result, labels: Labels, store: Store, recording: str
) -> None:
    with pytest.raises(ConfigError, match="nothing was corrected"):
        learning.differences(result, labels)
    cluster = int(labels.cluster[10])
    alike = changes.members(labels, "N", cluster)
    answer = changes.relabel(labels, labels.samples[alike[:6]], "V")
    now = fold(labels, log_of(answer))
    beats = learning.differences(result, now)
    assert len(beats)  # what looks like the six is called V, too
    assert not np.isin(labels.samples[alike[:6]], beats["sample"]).any()  # what is stated stays
    one = learning.propose(store, recording, "anna", beats)
    assert one.state == "open"
    assert sum(one.counts.values()) == len(beats)
    edit = learning.accept(now, one)
    after = fold(labels, log_of(answer, edit))
    adapted = result.adapt(labels.samples[alike[:6]], "V" * 6)
    assert after.classes.tolist() == adapted.beats.classes.tolist()
    assert after.uncertain.tolist() == adapted.beats.uncertain.tolist()
    assert after.stated.sum() == 6  # what was learnt is not what was stated
    settled = learning.settle(store, recording, one, "accepted")
    with pytest.raises(ConfigError, match="accepted already"):
        learning.accept(now, settled)
    with pytest.raises(ConfigError, match="nothing of proposal"):
        learning.accept(after, one)


def test_what_was_stated_meanwhile_stays(result: Result, labels: Labels) -> None:
    alike = changes.members(labels, "N", int(labels.cluster[10]))
    first = changes.relabel(labels, labels.samples[alike[:6]], "V")
    beats = learning.differences(result, fold(labels, log_of(first)))
    one = learning.Proposal(1, "anna", "now", "open", beats)
    then = changes.relabel(labels, beats["sample"][:1], "F")
    now = fold(labels, log_of(first, then))
    edit = learning.accept(now, one)
    assert beats["sample"][0] not in edit.beats["sample"]
    after = fold(labels, log_of(first, then, edit))
    assert after.classes[after.find(beats["sample"][:1])].tolist() == [3]


def test_a_newer_proposal_takes_the_place_of_an_open_one(store: Store, recording: str) -> None:
    from ectopy.review.edits import rows

    beats = rows([5, 9], [b"N", b"n"], b"V")
    one = learning.propose(store, recording, "anna", beats)
    two = learning.propose(store, recording, "ben", beats)
    assert learning.proposal_of(store, recording, one.number).state == "refused"
    assert (two.number, two.state, two.counts) == (2, "open", {"N>V": 2})
    with pytest.raises(DataNotFoundError, match="no proposal 3"):
        learning.proposal_of(store, recording, 3)


def test_what_is_asked_was_not_answered(result: Result, labels: Labels) -> None:
    first = learning.ask(result, labels, 3)
    assert len(set(first)) == 3
    assert (labels.find(first) >= 0).all()
    now = fold(labels, log_of(changes.relabel(labels, first, "N")))
    assert not set(learning.ask(result, now, 3)) & set(first)
    gone = fold(labels, log_of(changes.delete(labels, first)))
    assert not set(learning.ask(result, gone, 3)) & set(first)


def test_of_a_relabelled_cluster_some_beats_speak_for_all() -> None:
    n = 5000
    labels = Labels.of(
        LabelledBeats(
            np.arange(n) * 100, np.zeros(n, dtype=np.int64), np.zeros((n, 5), dtype=np.float32),
            np.zeros(n, dtype=bool), np.ones(n, dtype=np.float32), np.zeros(n, dtype=np.uint8),
            template=np.r_[np.full(4990, 1), np.full(10, 2)].astype(np.int16),
        )
    )  # fmt: skip
    now = fold(
        labels,
        log_of(
            changes.relabel_cluster(labels, "N", 1, "V"),
            changes.relabel_cluster(labels, "N", 2, "S"),
        ),
    )
    samples, classes = learning.stated(now)
    assert 250 < len(samples) <= learning.MOST_ANSWERS
    assert (np.diff(samples) > 0).all()
    assert np.count_nonzero(classes == 1) == 10  # the few are all there
