"""What readers stated is learnt from, as a proposal that is accepted as one edit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from ectopy.analysis.labelled_beats import LabelledBeats
from ectopy.analysis.result import Result
from ectopy.errors import ConfigError
from ectopy.review import changes, learning
from ectopy.review.edits import Edit
from ectopy.review.labels import Labels, fold
from ectopy.review.store import Store


@dataclass
class Learner:
    """Calls every beat what the last answer says, save the first three; asks from the end."""

    beats: LabelledBeats
    answered: npt.NDArray[np.int64]

    def adapt(self, samples: npt.NDArray[np.int64], classes: npt.NDArray[np.int64]) -> Learner:
        found = np.r_[self.beats.classes[:3], np.full(len(self.beats) - 3, classes[-1])]
        known = np.isin(self.beats.samples, samples)
        found[known] = classes
        made = LabelledBeats(
            self.beats.samples, found, self.beats.probabilities, ~known, self.beats.strength,
            self.beats.quality,
        )  # fmt: skip
        return Learner(made, samples)

    def ask(self, k: int) -> npt.NDArray[np.int64]:
        open_ = self.beats.samples[~np.isin(self.beats.samples, self.answered)]
        return open_[::-1][:k]


@pytest.fixture
def learner(result: Result) -> Learner:
    return Learner(result.beats, np.zeros(0, dtype=np.int64))


@pytest.fixture
def recording(store: Store) -> str:
    return store.create("a", "anna", "ready", {}).id


def log_of(*wanted: changes.Change) -> list[Edit]:
    return [
        Edit(i, "anna", "now", one.kind, one.beats, one.target, one.note)
        for i, one in enumerate(wanted, 1)
    ]


def test_a_proposal_is_the_difference_and_one_edit(
    learner: Learner, labels: Labels, store: Store, recording: str
) -> None:
    with pytest.raises(ConfigError, match="nothing was corrected"):
        learning.differences(learner, labels)  # type: ignore[arg-type]
    answer = changes.relabel(labels, labels.samples[10:11], "V")
    now = fold(labels, log_of(answer))
    beats = learning.differences(learner, now)  # type: ignore[arg-type]
    assert labels.samples[10] not in beats["sample"]  # no stated beat is changed
    one = learning.propose(store, recording, "anna", beats)
    assert one.state == "open"
    assert sum(one.counts.values()) == len(beats)
    edit = learning.accept(now, one)
    after = fold(labels, log_of(answer, edit))
    assert (after.classes[3:] == 2).all()
    assert after.stated.sum() == 1  # what was learnt is not what was stated
    assert after.uncertain[20]
    settled = learning.settle(store, recording, one, "accepted")
    with pytest.raises(ConfigError, match="accepted already"):
        learning.accept(now, settled)
    with pytest.raises(ConfigError, match="nothing of proposal"):
        learning.accept(after, one)


def test_what_was_stated_meanwhile_stays(learner: Learner, labels: Labels, store: Store) -> None:
    first = changes.relabel(labels, labels.samples[10:11], "V")
    beats = learning.differences(learner, fold(labels, log_of(first)))  # type: ignore[arg-type]
    one = learning.Proposal(1, "anna", "now", "open", beats)
    then = changes.relabel(labels, labels.samples[20:21], "N")
    now = fold(labels, log_of(first, then))
    edit = learning.accept(now, one)
    assert labels.samples[20] not in edit.beats["sample"]
    assert fold(labels, log_of(first, then, edit)).classes[20] == 0


def test_a_newer_proposal_takes_the_place_of_an_open_one(store: Store, recording: str) -> None:
    from ectopy.review.edits import rows

    beats = rows([5, 9], [b"N", b"n"], b"V")
    one = learning.propose(store, recording, "anna", beats)
    two = learning.propose(store, recording, "ben", beats)
    assert learning.proposal_of(store, recording, one.number).state == "refused"
    assert (two.number, two.state, two.counts) == (2, "open", {"N>V": 2})
    with pytest.raises(ConfigError, match="no proposal 3"):
        learning.proposal_of(store, recording, 3)


def test_what_is_asked_was_not_answered(learner: Learner, labels: Labels) -> None:
    last = labels.samples[-1:]
    assert learning.ask(learner, labels, 2) == labels.samples[:-3:-1].tolist()  # type: ignore[arg-type]
    now = fold(labels, log_of(changes.relabel(labels, last, "V")))
    assert learning.ask(learner, now, 2) == labels.samples[-2:-4:-1].tolist()  # type: ignore[arg-type]


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
