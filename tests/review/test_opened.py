"""An open recording: what is told after edits, why a beat is what it is, what lies on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ectopy.analysis import example
from ectopy.analysis.analyze import analyze
from ectopy.analysis.explanation.build import explain
from ectopy.errors import DataFormatError, DataNotFoundError
from ectopy.review import changes, learning
from ectopy.review.corrected import corrected
from ectopy.review.edits import Edit
from ectopy.review.labels import Labels, fold
from ectopy.review.memory import OUTLINES, outlines_on_disk
from ectopy.review.opened import Current, Opened, notes
from ectopy.review.pyramid import build
from ectopy.review.store import Store
from ectopy.review.work import PYRAMID, RESULT, WHOLE, Job
from ectopy.runtime.rhythm import fibrillation


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a store with the packaged example in it."""
    folder = tmp_path_factory.mktemp("opened") / "store"
    store = Store(folder)
    row = store.create("example", "anna", "ready", {"stated": {}, "options": {}, "settings": {}})
    recording, _ = example.load()
    own = store.place(row.id)
    analyze(recording, whole=lambda whole: whole.save(own / WHOLE)).save(own / RESULT)
    build(recording, own / PYRAMID)
    store.close()
    return folder


@pytest.fixture
def opened(place: Path) -> Iterator[Opened]:
    store = Store(place)
    row = store.recordings()[0]
    yield Opened(store, row.id, job(store, row.id))
    store.close()


def job(store: Store, recording: str) -> Job:
    return Job(str(store.place(recording)), "example", "", {}, {}, {})


def afresh(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> Current:
    """Work out the labels with nothing remembered."""
    monkeypatch.setattr(fibrillation, "_LATELY", fibrillation._Lately(8))
    return Current(opened.base, fold(Labels.of(opened.base.beats), opened.log), opened.log)


def test_what_is_told_after_edits_is_what_is_told_afresh(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = opened.base.beats.samples
    for make in (
        lambda labels, _: changes.relabel(labels, samples[40:44], "V"),
        lambda labels, _: changes.delete(labels, samples[100:102]),
        lambda labels, _: changes.insert(
            labels, opened.recording, 0, int(samples[100]), "S", snap=False
        ),
        lambda labels, _: changes.artefact(labels, opened.recording, 20_000, 23_000),
        lambda _, log: changes.undo(log, "anna", 2),
    ):
        opened.edit("anna", make)
        told = opened.current
        assert told.result.summary.beats == int(told.labels.there.sum())  # and so remembered
        fresh = afresh(opened, monkeypatch)
        assert told.result.summary == fresh.result.summary
        assert list(told.result.events) == list(fresh.result.events)
        assert told.queue == fresh.queue
        for name in ("onset_s", "end_s", "kind", "probability", "af_probability"):
            own, other = (getattr(one.result.rhythm, name) for one in (told, fresh))
            assert own.tobytes() == other.tobytes()
        assert told.result.intervals is told.intervals  # measured once
        by_itself = corrected(opened.base, fresh.labels, notes(opened.log))
        assert by_itself.summary == told.result.summary


def test_edits_do_not_touch_what_is_shared(opened: Opened) -> None:
    base, before = opened.base, analyze(example.load()[0])
    opened.edit("ben", lambda labels, _: changes.relabel(labels, base.beats.samples[7:9], "Q"))
    table = opened.current.result.intervals.beats
    assert np.shares_memory(table.strength, base.intervals.beats.strength) == (
        len(table) == len(base.beats)
    )
    for name in ("samples", "classes", "probabilities", "uncertain", "quality", "pacing"):
        np.testing.assert_array_equal(getattr(base.beats, name), getattr(before.beats, name))


def test_outlines_lie_on_the_disk_and_teach_all_the_same(opened: Opened) -> None:
    outlines = opened.base.intervals.beats.outlines
    assert isinstance(outlines, np.memmap)
    in_memory = analyze(example.load()[0])
    np.testing.assert_array_equal(outlines, in_memory.beats.outlines)
    labels = changes_of(opened, "V")
    differ, other = (learning.differences(one, labels) for one in (opened.base, in_memory))
    assert differ.tobytes() == other.tobytes()


def changes_of(opened: Opened, to: str) -> Labels:
    own = Labels.of(opened.base.beats)
    change = changes.relabel(own, own.samples[[3, 30, 60]], to)
    return fold(own, [Edit(1, "anna", "now", change.kind, change.beats)])


def test_outlines_of_other_beats_are_refused(opened: Opened, tmp_path: Path) -> None:
    result = analyze(example.load()[0])
    np.save(tmp_path / OUTLINES, np.zeros((5, 48), np.int8))
    with pytest.raises(DataFormatError, match="not of these beats"):
        outlines_on_disk(result, tmp_path)
    (tmp_path / OUTLINES).write_bytes(b"")
    with pytest.raises(DataFormatError, match="open the recording again"):
        outlines_on_disk(result, tmp_path)


@pytest.mark.parametrize("kept", [True, False])
def test_a_beat_is_explained_as_by_the_whole_recording(place: Path, kept: bool) -> None:
    store = Store(place)
    row = store.recordings()[0]
    whole = store.place(row.id) / WHOLE
    if not kept:
        whole.unlink()
    opened = Opened(store, row.id, job(store, row.id))
    sample = int(opened.base.beats.samples[50])
    told = opened.why(sample).to_json()
    assert ("looked" in vars(opened.base)) == (not kept)  # at all of it
    by_all = explain(opened.base, sample / opened.base.fs_hz).to_json()
    assert repr(told) == repr(by_all)
    with pytest.raises(DataNotFoundError, match=r"no beat is at .* elapsed, so"):
        opened.why(sample + 1)
    store.close()
