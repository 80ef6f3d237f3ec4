"""Corrected records that a study trains on: what is refused, what is told, and the whole loop."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import ectopy
from ectopy.analysis.analyze import analyze
from ectopy.analysis.corrected_record import CorrectedRecord
from ectopy.beats.aami import DS1
from ectopy.cli import app
from ectopy.cli.messages import sentence
from ectopy.errors import ConfigError, DataFormatError, DataNotFoundError, LeakError
from ectopy.recordings.annotations import write_annotations
from ectopy.recordings.simulation.simulate import simulate
from ectopy.recordings.wfdb.write import write_record
from ectopy.report.results import Results
from ectopy.study.config import load
from ectopy.study.records.corrected import find_corrected, in_words, read_corrected
from ectopy.study.records.sets import SETS
from ectopy.study.run import run_study


def keep(folder: Path, seed: int, *, certain: bool = False, weights: str = "default") -> Path:
    recording, _ = simulate(60, rng=np.random.default_rng(seed))
    result = analyze(replace(recording, name=f"r{seed}"), weights=weights)
    adapted = result.adapt(result.ask(4).samples, "NNVS")
    return adapted.write_training(folder, patient=f"p{seed}", certain=certain)


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loop") / "corrected"
    keep(folder, 50)
    keep(folder, 51, certain=True)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five records of simulated beats in place of MIT-BIH's."""
    folder = tmp_path_factory.mktemp("data")
    for seed, name in enumerate(("100", *DS1[:5])):
        recording, reference = simulate(60, rng=np.random.default_rng(seed))
        write_record(folder / "mitdb", recording, name)
        write_annotations(folder / "mitdb", name, reference, "ect").rename(
            folder / "mitdb" / f"{name}.atr"
        )
    return folder


def study(folder: Path, **changes: Any) -> Any:
    lines = {
        "kind": "records",
        "protocol": "record-wise",
        "train": ["ds1"],
        "weights": "mine",
        **changes,
    }
    path = folder / "mine.toml"
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in lines.items()))
    return load(path, quick=True)


def test_results_that_a_reader_corrected_train_a_study(
    corrected: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("keras")
    monkeypatch.setattr("ectopy.report.figures.write", lambda *_: [])  # figures have their tests
    config = study(tmp_path, corrected=[str(corrected)])
    assert (config.recipe.members, config.corrected) == (1, (str(corrected),))
    out = run_study(config, out=tmp_path / "run", data_dir=data)
    metrics = Results.load(out).metrics
    told = [CorrectedRecord.load(path) for path in sorted(corrected.glob("*.json"))]
    assert any(
        note.startswith(
            "Trained with 2 corrected records (labels by model and reader) of 2 patients: 8 beats"
        )
        for note in metrics.notes
    )
    assert any(note.startswith("SIMULATED: 2") for note in metrics.notes)
    assert "corrected records" in (out / "model_card.md").read_text()
    # They are trained on, and nothing is judged by them.
    reference = metrics.test.n
    train = sum(metrics.data.counts["train"].values())
    assert train == reference + sum(record.taught for record in told)
    assert {row.records for row in metrics.ec57} == {"left-out ds1"}
    assert all(f"corrected/{name}" in metrics.data.checksums for name in told[0].files)
    manifest = json.loads((out / "weights" / "bundle.json").read_text())
    assert manifest["trained_on"] == [*DS1[:5], "r50", "r51"]
    named = [(one["record"], one["stated"], one["taught"]) for one in manifest["corrected"]]
    assert named == [(record.record, 4, record.taught) for record in told]
    assert manifest["beats"] == train
    recording, _ = simulate(60, rng=np.random.default_rng(99))
    result = ectopy.analyze(recording, weights=out / "weights")
    assert result.summary.labelled_by.name == "mine"
    assert len(result.beats) > 40


def test_beats_that_nobody_vouches_for_do_not_teach(corrected: Path) -> None:
    found = find_corrected([str(corrected)])
    for record, told in zip(read_corrected(found), found.values(), strict=True):
        assert record.teaches is not None
        assert record.teaches.sum() == len(record.taught) == told.taught < len(record.y)
        assert not record.judges
        assert np.isnan(record.fibrillation).all(), "nobody stated a rhythm"
        assert record.patient.endswith(told.patient)


@pytest.mark.parametrize("twice", ["a record of the set", "two of one recording"])
def test_a_recording_is_not_trained_on_twice(data: Path, tmp_path: Path, twice: str) -> None:
    own = tmp_path / "own"
    if twice == "a record of the set":
        recording = ectopy.open_recording(data / "mitdb" / "106.hea")
        result = analyze(replace(recording, name="holter"))
        result.adapt(result.ask(2).samples, "NN").write_training(own, patient="x")
        config, match = study(tmp_path, corrected=[str(own)]), "is record 106 of 'ds1'"
    else:
        (first, second) = keep(own, 50), keep(tmp_path / "other", 50)
        assert first.name == second.name
        config = study(tmp_path, corrected=[str(own), str(second.parent)])
        match = "are of one recording"
    with pytest.raises(LeakError, match=match):
        config.prepare(data)


def test_nothing_that_is_scored_is_known_to_what_teaches(
    corrected: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("signals", "checksums"):  # svdb and DS2 are not made here
        monkeypatch.setattr(f"ectopy.study.records.sets.RecordSet.{key}", lambda *_: {})
    scored = {"protocol": "inter-patient", "test": ["ds2"], "corrected": [str(corrected)]}
    with pytest.raises(LeakError, match="'default', which were trained on 22 of the records"):
        study(tmp_path, **scored).prepare(data)
    own = keep(tmp_path / "own", 50, certain=True, weights="ds1").parent
    assert study(tmp_path, **scored | {"corrected": [str(own)]}).prepare(data)
    stated_alone = keep(tmp_path / "alone", 50).parent
    assert study(tmp_path, **scored | {"corrected": [str(stated_alone)]}).prepare(data)
    (path,) = own.glob("*.json")
    told = json.loads(path.read_text())
    path.write_text(json.dumps(told | {"trained_on": None}))
    with pytest.raises(LeakError, match="nothing says whether they know"):
        study(tmp_path, **scored | {"corrected": [str(own)]}).prepare(data)
    path.write_text(json.dumps(told))
    monkeypatch.setattr(
        "ectopy.study.records.sets.RecordSet.signals",
        lambda own, *_: {told["signal_sha256"]: "100"} if own.name == "ds2" else {},
    )
    with pytest.raises(LeakError, match="is record 100 of 'ds2', which is scored"):
        study(tmp_path, **scored | {"corrected": [str(own)]}).prepare(data)


def test_folders_that_hold_no_corrected_records_are_refused(data: Path, tmp_path: Path) -> None:
    nowhere = study(tmp_path, corrected=[str(tmp_path / "nowhere")])
    with pytest.raises(DataNotFoundError, match="holds no corrected record"):
        nowhere.prepare(data)
    asked = ("study", str(tmp_path / "mine.toml"), "--data", str(data), "--out", "x", "--quick")
    told = CliRunner().invoke(app, asked)
    assert isinstance(told.exception, DataNotFoundError)
    assert sentence(told.exception, "study") == str(told.exception), "no option would mend it"
    own = keep(tmp_path / "own", 50).parent
    (own / "z.hea").write_text("z 0 250 100\n")
    with pytest.raises(DataFormatError, match=r"z\.hea has no z\.corrected\.json"):
        study(tmp_path, corrected=[str(own)]).prepare(data)
    with pytest.raises(ConfigError, match="corrected names folders and train no set"):
        study(tmp_path, train=[], test=["ds2"], protocol="inter-patient", corrected=["x"])


def test_words_say_what_the_labels_are_of(corrected: Path) -> None:
    first, second = find_corrected([str(corrected)]).values()
    (alone, *_) = in_words([first], [SETS["mitdb"]])
    assert alone.startswith("Trained with 1 corrected record (labels by reader) of 1 patient: 4")
    both = in_words([first, second.model_copy(update={"patient": first.patient})], [SETS["mitdb"]])
    assert "of 1 patient:" in both[0]
    assert both[-1].startswith("1 of the corrected records were labelled by weights that know")
    assert in_words([], []) == ()
