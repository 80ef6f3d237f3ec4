"""The queue: first what a reader must not miss."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ectopy.analysis.result import Result
from ectopy.analysis.told import told
from ectopy.review import changes
from ectopy.review.corrected import corrected, relabelled
from ectopy.review.edits import Edit, rows
from ectopy.review.labels import Labels, fold
from ectopy.review.queue import UNCERTAIN, queue
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import AF, OTHER, VF


def corrected_by(labels: Labels, *wanted: changes.Change) -> Labels:
    log = [Edit(i, "anna", "now", w.kind, w.beats, w.target, w.note) for i, w in enumerate(wanted)]
    return fold(labels, log)


def test_what_must_not_be_missed_comes_first(result: Result, labels: Labels) -> None:
    now = corrected_by(
        labels,
        changes.relabel(labels, labels.samples[20:24], "V"),
        changes.relabel(labels, labels.samples[60:67], "V"),
        changes.delete(labels, labels.samples[40:41]),
    )
    settings = result.summary.settings.model_copy(update={"pause_s": 1.2, "tachycardia_bpm": 10})
    base = replace(result, background=replace(result.background, settings=settings))
    seen = corrected(base, now, [])
    seen = replace(
        seen,
        rhythm=RhythmCourse(
            np.array([0.0, 20, 60, 64, 90]),
            np.array([20.0, 60, 64, 90, 120]),
            np.array([OTHER, AF, VF, AF, OTHER]),
            np.full(5, 0.9, dtype=np.float32),
            np.zeros(120, dtype=np.float32),
        ),
        summary=seen.summary.model_copy(update={"settings": settings}),
    )
    found = queue(now, seen)
    kinds = list(dict.fromkeys(item.kind for item in found))
    order = ["ventricular fibrillation", "ventricular run", "pause", "atrial fibrillation",
             "supraventricular run", "uncertain beat"]  # fmt: skip
    assert kinds == [kind for kind in order if kind in kinds]
    assert set(kinds) >= set(order[:4])
    assert found[0].title == "ventricular fibrillation or flutter for 4 s"
    runs = [item for item in found if item.kind == "ventricular run"]
    assert [len(item.beats) for item in runs][:2] == [7, 4]  # the longest first
    fibrillation = [item for item in found if item.kind == "atrial fibrillation"]
    assert [item.stop_s - item.start_s for item in fibrillation] == [40, 26]
    assert not any(item.beats for item in fibrillation)  # to agree says nothing of each beat
    assert len({item.key for item in found}) == len(found)
    doubts = [item for item in found if item.kind == "uncertain beat"]
    assert len(doubts) <= UNCERTAIN


def test_an_accepted_run_is_done_until_one_of_its_beats_changes(
    result: Result, labels: Labels
) -> None:
    run = changes.relabel(labels, labels.samples[60:67], "V")
    now = corrected_by(labels, run)
    item = next(i for i in queue(now, corrected(result, now, [])) if i.kind == "ventricular run")
    accepted = corrected_by(labels, run, changes.accept(now, item.key, item.beats))
    found = queue(accepted, corrected(result, accepted, []))
    assert next(i for i in found if i.key == item.key).done
    shorter = corrected_by(
        labels,
        run,
        changes.accept(now, item.key, item.beats),
        changes.relabel(accepted, labels.samples[66:67], "N"),
    )
    found = queue(shorter, corrected(result, shorter, []))
    again = next(i for i in found if i.kind == "ventricular run")
    assert again.key != item.key
    assert not again.done


def test_in_doubt_after_learning_is_what_was_learnt_or_what_the_model_says(
    result: Result, labels: Labels
) -> None:
    sure = np.flatnonzero((labels.classes == 0) & ~labels.uncertain)[:4]
    learnt = changes.Change("adapt", rows(labels.samples[sure], b"N", b"v"))
    now = corrected_by(labels, learnt)
    found = [one for one in queue(now, corrected(result, now, [])) if one.title == "V or N?"]
    assert {*labels.samples[sure].tolist()} <= {sample for one in found for sample in one.beats}
    assert relabelled(result, now, sure).all()
    assert relabelled(result, now, np.arange(len(labels.samples))).sum() == len(sure)
    stated = corrected_by(labels, learnt, changes.relabel(now, labels.samples[sure], "V"))
    assert not relabelled(result, stated, sure).any()


def test_the_least_certain_beats_come_before_surer_ones(result: Result, labels: Labels) -> None:
    beats = replace(result.intervals.beats, uncertain=np.ones(len(result.beats), dtype=bool))
    doubtful = told(beats, result.quality, result.background)
    seen = replace(result, intervals=doubtful.intervals, events=doubtful.events)
    all_open = Labels.of(beats)
    samples = [i.beats[0] for i in queue(all_open, seen) if i.kind == "uncertain beat"]
    rows = np.searchsorted(beats.samples, samples)
    sure = beats.probabilities[rows, beats.classes[rows]]
    assert (np.diff(sure) >= 0).all()
    assert len(samples) == min(UNCERTAIN, len(beats))
