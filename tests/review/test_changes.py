"""What readers want is checked against the labels as they stand."""

from __future__ import annotations

import numpy as np
import pytest

from ectopy.analysis.result import Result
from ectopy.errors import ConfigError
from ectopy.recordings.recording import Recording
from ectopy.review import changes
from ectopy.review.edits import Edit
from ectopy.review.labels import LIKE_NO_OTHER, NEW_CLUSTERS, Labels, fold


class Log:
    """A log that changes are put into, as the service does."""

    def __init__(self, original: Labels) -> None:
        self.original, self.log = original, list[Edit]()

    @property
    def labels(self) -> Labels:
        return fold(self.original, self.log)

    def make(self, change: changes.Change, author: str = "anna") -> Edit:
        number = len(self.log) + 1
        self.log.append(
            Edit(number, author, "now", change.kind, change.beats, change.target, change.note)
        )
        return self.log[-1]


@pytest.fixture
def log(labels: Labels) -> Log:
    return Log(labels)


def test_undo_and_redo_go_back_and_forth_without_end(log: Log) -> None:
    samples = log.labels.samples
    for i, to in enumerate("VSFQ"):
        log.make(changes.relabel(log.labels, [samples[i]], to))
    after = log.labels.classes.tolist()
    for _ in range(2):
        for _ in "VSFQ":
            log.make(changes.undo(log.log, "anna"))
        assert log.labels.classes.tolist() == log.original.classes.tolist()
        with pytest.raises(ConfigError, match="nothing to undo"):
            changes.undo(log.log, "anna")
        for _ in "VSFQ":
            log.make(changes.redo(log.log, "anna"))
        assert log.labels.classes.tolist() == after
        with pytest.raises(ConfigError, match="nothing to redo"):
            changes.redo(log.log, "anna")


def test_undo_takes_back_ones_own_edit_and_any_that_is_chosen(log: Log) -> None:
    samples = log.labels.samples
    log.make(changes.relabel(log.labels, [samples[0]], "V"), "anna")
    log.make(changes.relabel(log.labels, [samples[1]], "V"), "ben")
    assert changes.undo(log.log, "anna").target == 1
    log.make(changes.undo(log.log, "anna", 2), "anna")
    assert log.labels.classes[1] == log.original.classes[1]
    with pytest.raises(ConfigError, match="undone already"):
        changes.undo(log.log, "ben", 2)
    with pytest.raises(ConfigError, match="no correction"):
        changes.undo(log.log, "ben", 3)
    log.make(changes.redo(log.log, "ben", 2), "ben")
    assert log.labels.classes[1] == 2


def test_after_a_new_edit_there_is_nothing_to_redo(log: Log) -> None:
    samples = log.labels.samples
    log.make(changes.relabel(log.labels, [samples[0]], "V"))
    log.make(changes.undo(log.log, "anna"))
    log.make(changes.relabel(log.labels, [samples[1]], "V"))
    with pytest.raises(ConfigError, match="nothing to redo"):
        changes.redo(log.log, "anna")
    log.make(changes.redo(log.log, "anna", 1))  # the chosen one still can
    assert (log.labels.classes[:2] == 2).all()


def test_a_beat_is_set_on_the_peak_nearby(log: Log, result: Result) -> None:
    recording, lead = result.signal(), result.leading
    peak = int(log.labels.samples[10])
    log.make(changes.delete(log.labels, [peak]))
    made = log.make(changes.insert(log.labels, recording, lead, peak + 12, "V"))
    assert abs(int(made.beats["sample"][0]) - peak) <= 2
    exact = changes.insert(log.labels, recording, lead, peak + 100, "V", snap=False)
    assert exact.beats["sample"].tolist() == [peak + 100]


def test_no_beat_is_set_beside_another_in_an_artefact_or_outside(log: Log, result: Result) -> None:
    recording, lead = result.signal(), result.leading
    peak = int(log.labels.samples[10])
    with pytest.raises(ConfigError, match="a beat is at 0:00:12 elapsed already"):
        changes.insert(log.labels, recording, lead, peak + 5, "V")
    with pytest.raises(ConfigError, match="which ends at 0:"):
        changes.insert(log.labels, recording, lead, recording.n_samples, "V")
    log.make(changes.artefact(log.labels, recording, peak - 50, peak + 50))
    assert log.labels.find([peak]).tolist() == [-1]
    with pytest.raises(ConfigError, match="0:00:12 elapsed lies in an artefact"):
        changes.insert(log.labels, recording, lead, peak, "V")
    with pytest.raises(ConfigError, match="empty or outside"):
        changes.artefact(log.labels, recording, 5, 5)


def test_where_nothing_was_recorded_a_beat_stays_where_it_was_set() -> None:
    flat = Recording.from_array(np.full((1, 1000), np.nan), 250, "II")
    assert changes.peak_near(flat, 0, 500) == 500


def test_a_beat_that_is_not_there_cannot_be_changed(log: Log) -> None:
    with pytest.raises(ConfigError, match="the chosen beat is not there"):
        changes.relabel(log.labels, [1], "V")
    with pytest.raises(ConfigError, match="1 of 2 chosen beats are not there"):
        changes.delete(log.labels, [1, int(log.labels.samples[0])])
    with pytest.raises(ConfigError, match="class is 'X'"):
        changes.relabel(log.labels, [int(log.labels.samples[0])], "X")
    with pytest.raises(ConfigError, match="no beat was chosen"):
        changes.delete(log.labels, [])


def test_clusters_are_relabelled_moved_merged_and_split(log: Log) -> None:
    numbers = np.unique(log.labels.cluster[log.labels.classes == 0])
    normal = int(numbers[numbers > 0][0])
    at = changes.members(log.labels, "N", normal)
    split = log.make(changes.split(log.labels, log.labels.samples[at[:3]], len(log.log) + 1))
    new = NEW_CLUSTERS + split.number
    assert changes.members(log.labels, "N", new).tolist() == at[:3].tolist()
    assert len(changes.members(log.labels, "N", normal)) == len(at) - 3
    assert not log.labels.stated.any()  # no class was stated by it
    log.make(changes.relabel_cluster(log.labels, "N", new, "V"))
    assert (log.labels.classes[at[:3]] == 2).all()
    assert log.labels.stated[at[:3]].all()
    log.make(changes.move(log.labels, log.labels.samples[at[3:5]], "V", new))
    assert changes.members(log.labels, "V", new).tolist() == at[:5].tolist()
    log.make(changes.merge(log.labels, [("V", new)], "N", normal))
    assert changes.members(log.labels, "N", normal).tolist() == at.tolist()
    log.make(changes.undo(log.log, "anna", split.number))
    assert (log.labels.cluster[at] == normal).all()  # the merge came later and still counts
    with pytest.raises(ConfigError, match="with itself"):
        changes.merge(log.labels, [("N", normal)], "N", normal)
    with pytest.raises(ConfigError, match="class N has no such template"):
        changes.relabel_cluster(log.labels, "N", 77, "V")
    with pytest.raises(ConfigError, match="expected one class"):
        changes.split(log.labels, log.labels.samples[: len(log.labels.samples)], 99)


def test_a_beat_that_was_set_is_like_no_other(log: Log, result: Result) -> None:
    peak = int(log.labels.samples[10])
    log.make(changes.delete(log.labels, [peak]))
    log.make(changes.insert(log.labels, result.signal(), 0, peak, "S", snap=False))
    at = log.labels.find([peak])[0]
    assert log.labels.classes[at] == 1
    assert log.labels.stated[at]
    assert log.make(changes.delete(log.labels, [peak])).beats["before"].tolist() == [b"S"]
    assert LIKE_NO_OTHER == 0
