"""A reader's answers: asked for, learnt from, kept, saved, told, and taken back."""

import json
import pickle
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import ectopy
from ectopy.analysis.analyze import analyze
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.result import Result
from ectopy.analysis.told import told
from ectopy.beats.reference import reference_beats
from ectopy.classes import AAMI
from ectopy.errors import ConfigError
from ectopy.evaluation.ec57 import match
from ectopy.evaluation.ec57.pairing import pair
from ectopy.recordings.annotated import open_annotated
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.recording import Recording
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runtime.labels import BeatLabels

Float32 = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def result() -> Result:
    recording, _ = simulate(300, rng=np.random.default_rng(7))
    return analyze(recording)


@pytest.fixture(scope="module")
def adapted(result: Result) -> Result:
    """All that are called V are S, says a reader of the first six of them."""
    own = result.beats.samples[result.beats.symbols == "V"]
    assert len(own) > 30
    return result.adapt([*own[:6], result.beats.samples[0]], [*"SSSSSS", "N"])


def test_stated_beats_stay_and_others_like_them_follow(result: Result, adapted: Result) -> None:
    before, after = result.beats, adapted.beats
    rows = np.searchsorted(after.samples, adapted.answers.samples)
    assert adapted.answers.symbols.tolist() == after.symbols[rows].tolist()
    assert "".join(sorted(after.symbols[rows])) == "NSSSSSS"
    assert not after.uncertain[rows].any()
    assert after.probabilities[rows].max(axis=1).tolist() == [1] * 7
    was_v = before.symbols == "V"
    assert (after.symbols[was_v] == "S").mean() > 0.7
    assert (after.symbols[before.symbols == "N"] == "N").mean() > 0.98
    assert (after.samples == before.samples).all()
    # What no answer is about stays: the signal is as poor as it was.
    assert after.uncertain[
        (before.quality > 0) & ~np.isin(after.samples, after.samples[rows])
    ].all()


def test_everything_told_follows(result: Result, adapted: Result) -> None:
    n = int(np.count_nonzero(adapted.beats.symbols == "S"))
    count, before = (one.summary.classes["S"] for one in (adapted, result))
    assert count.certain + count.uncertain == n > before.certain + before.uncertain
    assert sum(t.count for t in adapted.templates if t.of == "S") == n
    singles = [
        {event.first for event in one.events if event.of == "SVEB" and event.kind == "single"}
        for one in (result, adapted)
    ]
    assert len(singles[1] - singles[0]) > 5
    assert adapted.summary.uncertain == int(adapted.beats.uncertain.sum())
    # What no label changes is the same.
    for name in ("leads", "signal_seconds", "settings", "record", "duration_s", "calibration"):
        assert getattr(adapted.summary, name) == getattr(result.summary, name)


def test_a_change_is_counted_stated_beats_apart(result: Result, adapted: Result) -> None:
    change = adapted.change_from(result)
    differ = result.beats.classes != adapted.beats.classes
    assert len(change) == differ.sum() == sum(change.counts.values()) + 6
    assert change.stated_counts == {("V", "S"): 6}
    assert (
        change.counts["V", "S"]
        == (adapted.beats.symbols[result.beats.symbols == "V"] == "S").sum() - 6
    )
    assert (change.before != change.after).all()
    rows = change.to_arrow().to_pylist()
    assert rows[0]["before"] in AAMI
    assert sum(row["stated"] for row in rows) == 6
    assert "stated: 6 V to S" in repr(change)
    recording, _ = simulate(60, rng=np.random.default_rng(1))
    with pytest.raises(ConfigError, match="are not the same ones; compare results of one analysis"):
        adapted.change_from(analyze(recording))


def test_answers_add_up_and_later_ones_go_first(result: Result, adapted: Result) -> None:
    first = int(adapted.answers.samples[-1])
    later = adapted.adapt([first + 2], "F")  # a mark that is a little off
    assert len(later.answers) == 7
    assert later.answers.symbols[-1] == "F"
    assert later.beats.symbols[np.searchsorted(later.beats.samples, first)] == "F"
    at_once = result.adapt(later.answers.samples, later.answers.classes)
    assert (at_once.beats.probabilities == later.beats.probabilities).all()
    back = later.unadapted()
    assert (back.beats.probabilities == result.beats.probabilities).all()
    assert (back.beats.uncertain == result.beats.uncertain).all()
    assert back.summary == result.summary
    assert back.events == result.events
    assert len(back.answers) == 0


def test_what_was_answered_is_not_asked_again(result: Result) -> None:
    asked: list[int] = []
    for _ in range(3):
        questions = result.ask(5)
        assert not set(questions.samples.tolist()) & set(asked)
        asked += questions.samples.tolist()
        for question in questions:
            assert result.beats.samples[question.row] == question.sample
            assert result.beats.symbols[question.row] == question.label
        result = result.adapt(questions.samples, [question.label for question in questions])
    assert len(result.answers) == len(asked) == 15
    assert result.ask(1).to_arrow().num_rows == 1
    first = result.ask(3).samples
    others = result.ask(3, leave_out=first).samples
    assert not set(first.tolist()) & set(others.tolist())


@pytest.mark.parametrize("way", ["saved", "pickled"])
def test_answers_outlive_a_file(adapted: Result, way: str, tmp_path: Path) -> None:
    again = (
        Result.load(adapted.save(tmp_path / "a.ectopy"))
        if way == "saved"
        else pickle.loads(pickle.dumps(adapted))
    )
    assert again.answers.to_arrow() == adapted.answers.to_arrow()
    assert again.summary == adapted.summary
    assert again.ask(7) == adapted.ask(7)
    more = [int(adapted.beats.samples[9])]
    one, other = again.adapt(more, "Q"), adapted.adapt(more, "Q")
    assert (one.beats.probabilities == other.beats.probabilities).all()
    assert one.summary == other.summary
    assert one.unadapted().summary == other.unadapted().summary


def test_every_output_says_that_a_reader_helped(
    result: Result, adapted: Result, tmp_path: Path
) -> None:
    made = adapted.write(tmp_path, formats=("ect", "csv", "json", "html"))
    summary = json.loads(made["json"].read_text())
    assert summary["labelled_by"]["stated"] == 7
    assert summary["classes"]["S"]["certain"] == adapted.summary.classes["S"].certain
    assert "expert-assisted: adapted to 7 beats that a reader stated" in repr(adapted)
    assert "expert-assisted" not in repr(result)
    assert "adapted to 7 beats that a reader stated" in made["html"].read_text()
    marks = read_annotations(made["ect"].with_suffix(""), "ect")
    stated = np.isin(marks.samples, adapted.answers.samples)
    assert "".join(sorted(marks.symbols[stated])) == "NSSSSSS"


def test_an_adapted_label_is_not_explained_by_the_weights(adapted: Result) -> None:
    with pytest.raises(ConfigError, match=r"adapted to 7 of a reader's answers.*unadapted"):
        adapted.explain("0:01:00")


def test_a_classifier_of_ones_own_learns_too(classifier: Classifier) -> None:
    recording, _ = simulate(120, rng=np.random.default_rng(5))
    result = analyze(recording, classifier=classifier)
    called = result.beats.samples[result.beats.symbols == "V"]
    adapted = result.adapt(called[:4], "SSSS")
    assert (adapted.beats.symbols == "S").sum() > 4
    assert len(result.ask(5)) == 5
    assert adapted.summary.labelled_by.stated == 4


@pytest.mark.parametrize("why", ["fibrillation", "faint"])
def test_no_answer_ends_the_doubts_of_the_signal(result: Result, why: str) -> None:
    beats, times = result.intervals.beats, result.intervals.times_s
    inside, outside = (times > 100) & (times < 130), (times > 200) & (times < 230)
    either = inside | outside
    probabilities, strength = beats.probabilities.copy(), np.ones(len(beats), np.float32)
    probabilities[either] = [0.55, 0.05, 0.4, 0, 0]
    background = result.background
    if why == "fibrillation":
        background = replace(background, vf_spans_s=((100.0, 130.0),))
    else:
        strength[inside] = 0.4
    doubtful = replace(
        beats,
        classes=np.where(either, 0, beats.classes),
        probabilities=probabilities,
        strength=strength,
        uncertain=either,
    )
    found = replace(
        result, background=background, **told(doubtful, result.quality, background)._asdict()
    )
    asked = np.r_[np.flatnonzero(inside)[::3], np.flatnonzero(outside)[::3]]
    adapted = found.adapt(beats.samples[asked], "N" * len(asked))
    assert not adapted.beats.uncertain[asked].any()
    others = ~np.isin(np.arange(len(beats)), asked)
    assert adapted.beats.uncertain[inside & others][3:-3].all()
    assert adapted.beats.uncertain[outside & others].mean() < 0.5


def test_a_classifier_without_doubts_gets_none_from_an_answer() -> None:
    class Sure:
        behind_s = ahead_s = 0
        leads_used = 1

        def classify(
            self, signal_mv: Float32, fs_hz: float, r_peaks: npt.NDArray[np.int64]
        ) -> BeatLabels:
            said = np.tile(np.float32([0.9, 0.1, 0, 0, 0]), (len(r_peaks), 1))
            return BeatLabels(said, said.argmax(axis=1), np.zeros(len(said), dtype=bool))

    recording, _ = simulate(120, rng=np.random.default_rng(5))
    result = analyze(recording, classifier=Sure())
    adapted = result.adapt(result.beats.samples[10:11], "V")
    assert adapted.summary.uncertain <= result.summary.uncertain + 5


def test_what_cannot_be_learnt_is_said(result: Result, tmp_path: Path) -> None:
    first = int(result.beats.samples[0])
    with pytest.raises(ConfigError, match="is at no beat, expected one within 150 ms"):
        result.adapt([first - 100], "N")
    with pytest.raises(ConfigError, match="class 'X' is none of N S V F Q"):
        result.adapt([first], "X")
    with pytest.raises(ConfigError, match="there are 1 samples and 2 classes"):
        result.adapt([first], "NN")
    with pytest.raises(ConfigError, match="is stated to be N and V; state one class"):
        result.adapt([first, first], "NV")
    for k in (0, 2.5, "5", None):
        with pytest.raises(ConfigError, match=f"k is {k!r}, expected"):
            result.ask(k)  # type: ignore[arg-type]
    for odd in (np.nan, np.inf, "100", None, 2**70, True, [[first]]):
        with pytest.raises(ConfigError, match="are not all numbers of samples; name beats by"):
            result.adapt(np.array([odd]), "N")
    assert len(result.adapt([float(first)], "N").answers) == 1
    made = result.write(tmp_path, formats=("ect",))
    assert result.recording is not None
    given = analyze(result.recording, annotations=made["ect"])
    for learn in (lambda: given.ask(3), lambda: given.adapt([first], "N")):
        with pytest.raises(ConfigError, match=r"were given in simulated\.ect, and only those of"):
            learn()


def test_a_recording_without_a_beat_has_nothing_to_ask() -> None:
    flat = Recording.from_array(np.zeros((1, 5000)), 250, "II")
    assert len(analyze(flat).ask(5)) == 0


def test_a_hundred_thousand_beats_are_adapted_within_a_second(result: Result) -> None:
    """The time is the processor's: other work on the machine does not count."""
    repeats = 100_000 // len(result.beats) + 1
    beats = result.intervals.beats
    columns = {
        name: np.concatenate([getattr(beats, name)] * repeats)
        for name in ("classes", "probabilities", "uncertain", "strength", "quality", "outlines")
    }
    steps = np.arange(repeats)[:, None] * result.n_samples
    long = replace(
        beats,
        samples=(steps + beats.samples).ravel(),
        template=beats.template[:0],
        pacing=beats.pacing[:0],
        **columns,
    )
    quality = type(result.quality)(
        *(
            np.tile(getattr(result.quality, name), repeats)
            for name in result.quality.__dataclass_fields__
        )
    )
    background = replace(result.background, n_samples=result.n_samples * repeats)
    found = told(long, quality, background)
    day = replace(
        result,
        n_samples=background.n_samples,
        quality=quality,
        background=background,
        **found._asdict(),
    )
    assert len(day.beats) > 100_000
    began = time.process_time()
    asked = day.ask(5)
    adapted = day.adapt(asked.samples, [question.label for question in asked])
    took = time.process_time() - began
    assert len(adapted.answers) == 5
    assert took < 2.0  # about 0.5 s; threads of BLAS spin while they wait
    # A reader who relabels whole forms states tens of thousands of beats.
    many = day.beats.symbols == "N"
    adapted = day.adapt(day.beats.samples[many][::2], np.zeros((many.sum() + 1) // 2, dtype=int))
    assert len(adapted.answers) > 40_000
    assert not np.isin(adapted.ask(12).samples, adapted.answers.samples).any()


@pytest.mark.data
def test_ten_answers_are_worth_more_than_ten_beats(data_dir: Path) -> None:
    record = open_annotated(data_dir / "svdb" / "889")
    result = analyze(record.recording, weights="ds1")
    reference = reference_beats(record)
    pairs = pair(reference.samples, result.beats.samples, round(0.15 * record.fs_hz))
    truth = np.full(len(result.beats), AAMI.index("Q"))
    truth[pairs.test] = reference.classes[pairs.reference]

    def found(of: Result) -> int:
        beats = of.beats
        aux = np.full(len(beats), "", dtype=np.str_)
        test = ectopy.Annotations(beats.samples, beats.symbols, record.fs_hz, aux)
        matrix = match(record.reference, test, skip_s=0)
        return matrix.of("Sn + Sv + Ns + Vs + Vn + Nv")

    wrong = found(result)
    for _ in range(2):
        rows = [question.row for question in result.ask(5)]
        result = result.adapt(result.beats.samples[rows], truth[rows])
    assert wrong > 80
    assert found(result) < 0.6 * wrong
