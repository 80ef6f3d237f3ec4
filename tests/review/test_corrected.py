"""What is told of corrected labels is what `analyze` would tell of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.result import Result
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate
from ectopy.review import changes
from ectopy.review.corrected import corrected, template_numbers
from ectopy.review.edits import Edit
from ectopy.review.labels import Labels, fold


def made(labels: Labels, *wanted: changes.Change) -> Labels:
    log = [
        Edit(i, "anna", "now", one.kind, one.beats, one.target, one.note)
        for i, one in enumerate(wanted, 1)
    ]
    return fold(labels, log)


@pytest.fixture(scope="module")
def noisy() -> Result:
    """A recording with a gap, a flat stretch, noise, and two leads."""
    recording, _ = simulate(150, rng=np.random.default_rng(8))
    signal = recording.read().copy()
    fs = round(recording.fs_hz)
    signal[:, 20 * fs : 26 * fs] = np.nan
    signal[0, 60 * fs : 70 * fs] = 0
    rng = np.random.default_rng(1)
    signal[:, 90 * fs : 100 * fs] += rng.normal(0, 2, (len(signal), 10 * fs))
    return analyze(Recording.from_array(signal, recording.fs_hz, recording.leads))


@pytest.mark.parametrize("which", ["result", "noisy"])
def test_without_an_edit_all_is_as_it_was(which: str, request: pytest.FixtureRequest) -> None:
    base: Result = request.getfixturevalue(which)
    again = corrected(base, Labels.of(base.beats), [])
    assert again.summary == base.summary
    assert list(again.events) == list(base.events)
    assert again.beats.to_arrow().equals(base.beats.to_arrow())
    np.testing.assert_array_equal(again.intervals.rr_s, base.intervals.rr_s)
    np.testing.assert_array_equal(again.rhythm.onset_s, base.rhythm.onset_s)


def test_counts_events_and_summary_follow_at_once(result: Result, labels: Labels) -> None:
    normal = np.flatnonzero((labels.classes == 0) & ~labels.uncertain)
    three = normal[np.flatnonzero(np.diff(normal, n=2) == 0)[5] + np.arange(3)]
    three = np.arange(three[0], three[0] + 3)
    told = corrected(result, made(labels, changes.relabel(labels, labels.samples[three], "V")), [])
    assert told.summary.classes["V"].certain == result.summary.classes["V"].certain + 3
    assert told.summary.veb.runs == (result.summary.veb.runs or 0) + 1
    assert sum(hour.veb_runs for hour in told.summary.hours) == told.summary.veb.runs
    assert told.beats.probabilities[three[0]].tolist() == [0, 0, 1, 0, 0]
    assert not told.beats.uncertain[three].any()
    # The original stays as it is.
    assert result.beats.classes[three].tolist() == [0, 0, 0]


def test_a_beat_taken_away_makes_a_pause_and_one_set_ends_it(
    result: Result, labels: Labels
) -> None:
    settings = result.summary.settings.model_copy(update={"pause_s": 1.2})
    base = replace(result, background=replace(result.background, settings=settings))
    gone = int(labels.samples[50])
    without = made(labels, changes.delete(labels, [gone]))
    told = corrected(base, without, [])
    assert (told.summary.pauses.count or 0) >= 1
    assert len(told.beats) == len(base.beats) - 1
    back = made(
        labels,
        changes.delete(labels, [gone]),
        changes.insert(without, base.signal(), 0, gone, "N", snap=False),
    )
    again = corrected(base, back, [])
    assert again.summary.pauses.count == corrected(base, labels, []).summary.pauses.count
    assert again.beats.samples.tolist() == base.beats.samples.tolist()


def test_the_time_of_an_artefact_is_not_used(result: Result, labels: Labels) -> None:
    fs = round(result.fs_hz)
    change = changes.artefact(labels, result.signal(), 30 * fs, 50 * fs)
    told = corrected(result, made(labels, change), ["a note"])
    assert told.summary.beats == result.summary.beats - len(change.beats)
    assert told.summary.signal_seconds["missing"] == 20 + result.summary.signal_seconds["missing"]
    inside = (told.beats.samples >= 30 * fs) & (told.beats.samples < 50 * fs)
    assert not inside.any()
    first_after = int(np.searchsorted(told.beats.samples, 50 * fs))
    assert np.isnan(told.intervals.rr_s[first_after])  # no pause of 20 s
    assert told.summary.pauses.count == result.summary.pauses.count
    assert told.summary.notes[-1] == "a note"


def test_the_largest_cluster_of_a_class_is_its_first_template() -> None:
    classes = np.array([0, 0, 0, 2, 2, 2, 2])
    cluster = np.array([1, 2, 2, 2001, 5003, 5003, 0], dtype=np.int32)
    assert template_numbers(classes, cluster).tolist() == [2, 1, 1, 2, 1, 1, 0]


def test_a_recording_without_a_beat_can_be_given_one() -> None:
    silent = analyze(Recording.from_array(np.zeros((1, 5000)), 250, "II"))
    none = Labels.of(silent.beats)
    told = corrected(
        silent, made(none, changes.insert(none, silent.signal(), 0, 900, "V", snap=False)), []
    )
    assert told.beats.symbols.tolist() == ["V"]
