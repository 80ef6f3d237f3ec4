import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from ectopy.analysis.analyze import analyze
from ectopy.analysis.labeller import Classifier
from ectopy.analysis.outputs import write
from ectopy.analysis.result import Result
from ectopy.analysis.summary.model import Summary
from ectopy.analysis.tables import Rhythms
from ectopy.errors import ConfigError
from ectopy.files import sha256
from ectopy.recordings.annotations import read_annotations, write_annotations
from ectopy.recordings.clock import Clock
from ectopy.recordings.rhythm_marks import fibrillation_spans, rhythm_spans
from ectopy.recordings.simulation.simulate import simulate
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.fibrillation import FibrillationModel
from ectopy.runtime.rhythm.kinds import AF, KEYS, NONE, SINUS, VF


@pytest.fixture
def result(classifier: Classifier, rng: np.random.Generator) -> Result:
    recording, _ = simulate(300, rng=rng)
    return analyze(recording, classifier=classifier)


def test_all_outputs_tell_the_same(result: Result, tmp_path: Path) -> None:
    made = write(result, tmp_path / "results")
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == sorted(
        path.name for path in made.values()
    )
    beats = result.beats
    annotated = read_annotations(tmp_path / "results" / result.name, "ect")
    mark = annotated.symbols == "+"
    assert np.array_equal(annotated.samples[~mark], beats.samples)
    assert np.array_equal(annotated.symbols[~mark], beats.symbols)
    for table in (pq.read_table(made["parquet"]), pyarrow.csv.read_csv(made["csv"])):
        assert np.array_equal(table["sample"].to_numpy(), beats.samples)
        assert table["class"].to_pylist() == beats.symbols.tolist()
        assert table["rr_s"].null_count == np.isnan(result.intervals.rr_s).sum()
    for table in (pq.read_table(made["rhythm_parquet"]), pyarrow.csv.read_csv(made["rhythm_csv"])):
        assert table["rhythm"].to_pylist() == [KEYS[kind] for kind in result.rhythm.kind]
        assert table["onset_s"][0].as_py() == 0
        assert table["end_s"][-1].as_py() == pytest.approx(result.duration_s, abs=1e-3)
        assert table["end_s"].to_pylist()[:-1] == table["onset_s"].to_pylist()[1:]
    told = Summary.model_validate_json(made["json"].read_text())
    trees = FibrillationModel.load()
    assert told.rhythm.told_by["fibrillation.onnx"] == trees.checksum
    assert "ventricular-fibrillation.json" in told.rhythm.told_by
    assert told.written.annotations_sha256 == sha256(made["ect"])
    assert told.model_copy(update={"written": result.summary.written}) == result.summary
    counts = told.classes.values()
    assert sum(count.certain + count.uncertain for count in counts) == len(beats)
    assert sum(count.uncertain for count in counts) == told.uncertain
    assert sum(sum(h.certain.values()) + h.uncertain for h in told.hours) == len(beats)


def test_rhythm_marks_stand_beside_the_beats_for_other_programs(
    result: Result, tmp_path: Path
) -> None:
    import wfdb

    kind = np.array([SINUS, AF, VF, NONE])
    onset = np.array([0.0, 100.0, 200.0, 260.0])
    nan = np.full(4, np.nan, dtype=np.float32)
    end = np.append(onset[1:], result.duration_s)
    course = RhythmCourse(onset, end, kind, nan, np.full(300, np.nan, dtype=np.float32))
    told = replace(result, rhythm=Rhythms(course, Clock(None, result.duration_s)))
    made = write(told, tmp_path)
    read = wfdb.rdann(str(tmp_path / result.name), "ect")
    at = {name: np.flatnonzero(np.array(read.symbol) == name) for name in "+[]"}
    texts = [read.aux_note[i].rstrip("\0") for i in at["+"]]
    assert texts == ["(N", "(AFIB", "(VFL", "(ND"]
    fs = result.fs_hz
    assert (read.sample[at["+"]] / fs).tolist() == onset.tolist()  # the first at the first sample
    assert (read.sample[np.r_[at["["], at["]"]]] / fs).tolist() == [200.0, 260.0]
    beats = ~np.isin(read.symbol, ("+", "[", "]", "~"))
    assert np.array_equal(read.sample[beats], result.beats.samples)
    # Our own readers: where fibrillation is, as the reference's marks are read.
    marks = read_annotations(tmp_path / result.name, "ect")
    stop = result.n_samples
    for spans, expected in (
        (rhythm_spans(marks, stop=stop), (100, 200)),
        (fibrillation_spans(marks, stop=stop), (200, 260)),
    ):
        assert (spans.first[0] / fs, spans.last[0] / fs) == expected
    # As corrected annotations they say nothing but beats, and are still known as our own.
    recording = told.signal()
    again = analyze(recording, annotations=made["ect"])
    assert np.array_equal(again.beats.samples, result.beats.samples)
    write(told, tmp_path)
    changed = replace(marks, aux=np.where(marks.aux == "(AFIB", "(AFL", marks.aux))
    made["ect"].unlink()
    write_annotations(tmp_path, result.name, changed, "ect")
    with pytest.raises(ConfigError, match="was changed since ectopy wrote it"):
        write(told, tmp_path)


def test_the_page_needs_nothing_beside_it(result: Result, tmp_path: Path) -> None:
    text = write(result, tmp_path, formats=("html",))["html"].read_text()
    assert "SIMULATED" in text
    assert "25 mm/s" in text
    assert not re.search(r"src\s*=|href\s*=(?!\"#strip-)|url\((?!#)|@import|<script", text)
    assert text.count('class="ecg-strip"') >= 3


def test_an_interrupted_run_leaves_nothing(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("ectopy.analysis.report.page.page", stop)
    with pytest.raises(KeyboardInterrupt):
        write(result, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be(result: Result, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ConfigError, match="taken"):
        write(result, tmp_path / "taken")


def test_the_published_schema_is_the_one_in_use() -> None:
    published = Path(__file__).parents[2] / "docs" / "summary.schema.json"
    assert json.loads(published.read_text()) == Summary.model_json_schema(mode="serialization")
