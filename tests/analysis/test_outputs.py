import json
import re
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
from ectopy.errors import ConfigError
from ectopy.files import sha256
from ectopy.recordings.annotations import read_annotations
from ectopy.recordings.simulation.simulate import simulate


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
    told = Summary.model_validate_json(made["json"].read_text())
    assert told.written.annotations_sha256 == sha256(made["ect"])
    assert told.model_copy(update={"written": result.summary.written}) == result.summary
    counts = told.classes.values()
    assert sum(count.certain + count.uncertain for count in counts) == len(beats)
    assert sum(count.uncertain for count in counts) == told.uncertain
    assert sum(sum(h.certain.values()) + h.uncertain for h in told.hours) == len(beats)


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
