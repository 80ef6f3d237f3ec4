"""Studies of records: what they read, how they score, and from TOML to run folder."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ectopy.beats.aami import DS1, DS2
from ectopy.datasets.wfdb.noise import RecordedNoise
from ectopy.errors import LeakError, RunFolderError
from ectopy.recordings.annotations import Annotations
from ectopy.report.results import Results
from ectopy.report.schema import Ec57Row
from ectopy.runtime.classifier import BeatClassifier
from ectopy.runtime.labels import BeatLabels
from ectopy.study.config import load, validate
from ectopy.study.job import OUTCOME, Unit
from ectopy.study.records import sets
from ectopy.study.records.job import RecordJob
from ectopy.study.records.read import Annotated
from ectopy.study.records.robustness import WHITE, WHITE_MV, conditions, robustness
from ectopy.study.records.score import left_out_rows
from ectopy.study.records.settings import RecordStudy
from ectopy.study.run import run_study
from ectopy.training.task import Silent

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]

TINY = {
    "members": 1,
    "hidden": 40,
    "folds": 2,
    "copies": [{"rhythm": 0.5, "flip": 0.3}],
}


def made(n: int = 60, fs_hz: float = 200.0, name: str = "made", every: int = 10) -> Annotated:
    """One record whose every tenth beat is wide, early and V."""
    rng = np.random.default_rng(int(name) if name.isdigit() else 0)
    ectopic = np.arange(n) % every == every // 2
    step = np.where(ectopic, 0.6, 0.85) + rng.uniform(-0.02, 0.02, n)
    at = np.rint((1 + np.cumsum(step)) * fs_hz).astype(np.int64)
    t = np.arange(int(at[-1] + fs_hz))
    width = np.where(ectopic, 9, 3)
    lead = sum(np.exp(-0.5 * ((t - a) / w) ** 2) for a, w in zip(at, width, strict=True))
    noisy = lead + 0.02 * rng.standard_normal(len(t))
    reference = Annotations(at, np.where(ectopic, "V", "N"), fs_hz, np.full(n, ""))
    return Annotated(name, np.stack([noisy, -noisy]).astype(np.float32), fs_hz, reference)


@pytest.fixture
def made_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four short records in every set, whatever folder is given."""

    def read(own: sets.RecordSet, data_dir: Path | None, most: int | None = None) -> Any:
        return [made(60, name=name) for name in own.records[: most or 4]]

    monkeypatch.setattr(sets.RecordSet, "read", read)
    monkeypatch.setattr(sets.RecordSet, "checksums", lambda own, *_: {f"{own.name}.dat": "ab" * 32})


def study(**changes: Any) -> RecordStudy:
    settings = {
        "kind": "records",
        "name": "small",
        "protocol": "inter-patient",
        "seeds": 2,
        "train": ["ds1"],
        "test": ["ds2", "svdb"],
        "weights": "mine",
        "recipe": TINY,
    }
    config = validate(settings | changes, "test")
    assert isinstance(config, RecordStudy)
    return config


def test_fibrillation_is_read_from_the_rhythm_notes() -> None:
    record = made(n=6)
    assert np.isnan(record.training().fibrillation).all()  # nobody says
    beats = record.reference.samples
    samples = np.concatenate([beats, [beats[1] - 20, beats[3] - 20, beats[5] - 20]])
    order = np.argsort(samples)
    symbols = np.array(["N"] * 6 + ["+"] * 3)[order]
    aux = np.array([""] * 6 + ["(AFIB", "(N", "(AFL"])[order]
    noted = replace(record, reference=Annotations(samples[order], symbols, 200.0, aux))
    np.testing.assert_array_equal(noted.training().fibrillation, [np.nan, 1, 1, 0, 0, 1])


NOISES = [
    RecordedNoise(
        "muscle", np.random.default_rng(3).normal(size=(2, 9000)).astype(np.float32), 360.0
    )
]
"""In the place of what was recorded."""


def test_every_condition_keeps_every_beat() -> None:
    record = made()
    peaks = record.beats()[0]
    for name, change in conditions(NOISES):
        disturbed, moved = change(record, peaks, np.random.default_rng(0))
        assert len(moved) == len(peaks), name
        assert (np.diff(moved) >= 0).all(), name
        assert moved[-1] < disturbed.signal_mv.shape[1], name
        assert np.isfinite(disturbed.signal_mv).all(), name
        assert ("noise" in name) == name.startswith(("simulated ", "recorded ")), name


def test_an_oracle_scores_one_whatever_is_disturbed() -> None:
    record = made(430)  # past minute 5, where the noise begins
    truth = record.beats()[1]

    def oracle(signal_mv: Float32, fs_hz: float, r_peaks: Int64) -> BeatLabels:
        return BeatLabels(np.eye(5, dtype=np.float32)[truth], truth, np.zeros(len(truth), bool))

    found = robustness([record], oracle, NOISES, records="made", role="a test", setting="past")
    assert len(found) == len(list(conditions(NOISES)))
    for row in found:
        assert row.VEB.f1 is not None
        assert row.accuracy is not None
        assert row.VEB.f1.mean == row.accuracy.mean == 1
        assert row.SVEB.f1 is None, "there is no S beat"


def test_figures_over_certain_beats_leave_out_what_is_not_decided() -> None:
    record = made()
    truth = record.beats()[1]

    def doubtful(signal_mv: Float32, fs_hz: float, r_peaks: Int64) -> BeatLabels:
        uncertain = np.arange(len(truth)) % 10 == 5  # every V, and it calls them N
        said = np.where(uncertain, 0, truth)
        return BeatLabels(np.eye(5, dtype=np.float32)[said], said, uncertain)

    (row,) = robustness(
        [record], doubtful, NOISES, only=WHITE.__eq__, records="made", role="a test", setting="past"
    )
    assert row.condition == WHITE
    assert row.accuracy is not None
    assert row.accuracy.mean == pytest.approx(0.9)
    assert row.certain is not None
    assert row.certain.share is not None
    assert row.certain.share.mean == pytest.approx(0.9)
    assert row.certain.accuracy is not None
    assert row.certain.accuracy.mean == 1
    assert row.certain.VEB.fn is not None
    assert row.certain.VEB.fn.mean == 0


def test_white_noise_has_the_size_it_says() -> None:
    record = made()
    disturbed, _ = dict(conditions(NOISES))[WHITE](
        record, record.beats()[0], np.random.default_rng(0)
    )
    added = disturbed.signal_mv - record.signal_mv
    np.testing.assert_allclose(added.std(axis=1), WHITE_MV, rtol=0.05)


def test_packaged_weights_say_what_they_learnt_from() -> None:
    trained_on = set(BeatClassifier.load("ds1").bundle.manifest["trained_on"])
    assert trained_on == set(DS1)
    assert not trained_on & set(DS2)
    assert len(BeatClassifier.load("default").bundle.manifest["trained_on"]) == 83


@pytest.mark.usefixtures("made_records")
def test_a_rhythm_learnt_elsewhere_is_not_scored_on_what_it_knows() -> None:
    known = {"train": [], "seeds": 1, "weights": "ds1", "rhythm": True}
    job = study(**known, test=["ds2"]).prepare(None)
    assert isinstance(job, RecordJob)
    assert job._packaged.rhythm is not None
    pure = study(**(known | {"rhythm": False}), test=["svdb"]).prepare(None)
    assert isinstance(pure, RecordJob)
    assert pure._packaged.rhythm is None
    with pytest.raises(LeakError, match="rhythm that goes with 'ds1' was trained on 32"):
        study(**known, test=["svdb"]).prepare(None)


@pytest.mark.usefixtures("made_records")
def test_packaged_weights_are_not_scored_on_what_they_know() -> None:
    known = {"train": [], "seeds": 1, "weights": "default"}
    with pytest.raises(LeakError, match="'default' were trained on 22 of the records of 'ds2'"):
        study(**known).prepare(None)
    assert study(**known | {"weights": "ds1"}).prepare(None).units == [Unit("inter-patient", 0)]


def test_left_out_rows_count_each_record() -> None:
    y = [np.array([0, 0, 1, 2])] * 2
    said = [np.array([0, 0, 1, 2]), np.zeros(4, np.int64)]
    labels = [BeatLabels(np.eye(5, dtype=np.float32)[one], one, np.zeros(4, bool)) for one in said]
    about = {"records": "x", "role": "y", "setting": "past"}
    right = left_out_rows(["100"], y[:1], labels[:1], **about)
    assert right.SVEB.f1 is not None
    assert right.accuracy is not None
    assert right.SVEB.f1.mean == right.accuracy.mean == 1
    both = left_out_rows(["100", "800"], y, labels, **about)
    assert both.accuracy is not None
    assert both.accuracy.mean == 0.75
    assert list(both.by_record) == ["100", "800"]
    accuracy = both.by_record["800"].accuracy
    assert accuracy is not None
    assert accuracy.mean == 0.5


@pytest.mark.usefixtures("made_records")
def test_a_study_of_records_leaves_a_run_folder_and_goes_on_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("keras")
    from ectopy.report.figures import registry

    monkeypatch.setattr(registry, "FIGURES", {})
    monkeypatch.setattr("ectopy.report.figures.write", lambda *_: [])  # figures have their tests
    ran: list[Unit] = []
    whole = RecordJob.run

    def dying(job: RecordJob, unit: Unit, folder: Path, observer: Any) -> None:
        if len(ran) == 1:
            ran.append(unit)
            raise KeyboardInterrupt
        ran.append(unit)
        whole(job, unit, folder, observer)

    monkeypatch.setattr(RecordJob, "run", dying)
    with pytest.raises(KeyboardInterrupt):
        run_study(study(), out=tmp_path / "run")
    with pytest.raises(RunFolderError, match="seeds is 2 there and 1 here"):
        run_study(study(seeds=1), out=tmp_path / "run")
    out = run_study(study(), out=tmp_path / "run")
    assert [unit.seed for unit in ran] == [0, 1, 1], "seed 0 was kept"

    assert {path.name for path in out.iterdir()} >= {
        "config.toml", "manifest.json", "metrics.json", "predictions.parquet", "weights",
        "model_card.md", "report.html",
    }  # fmt: skip
    assert not any(path.name.startswith(".") for path in out.iterdir())
    assert validate(tomllib.loads((out / "config.toml").read_text()), "x") == study()
    results = Results.load(out)
    metrics = results.metrics
    assert (metrics.kind, metrics.seeds, metrics.data.name) == ("records", (0, 1), "ds2, svdb")
    assert results.manifest is not None
    assert results.manifest.finished
    assert [entry.protocol for entry in metrics.beside] == [
        "inter-patient", "ds1 to svdb", "ds1 to svdb", "record-wise", "record-wise",
    ]  # fmt: skip

    def key(row: Ec57Row) -> tuple[str, str, str, str]:
        return row.records, row.setting, row.peaks, row.condition

    rows = {key(row): row for row in metrics.ec57}
    assert len(rows) == len(metrics.ec57)
    assert ("left-out ds1", "past", "reference", "") in rows
    assert rows["svdb", "whole", "detected", ""].role.startswith("development set")
    for name in ("ds2", "svdb", "left-out ds1"):
        row = rows[name, "past", "reference", ""]
        assert row.accuracy is not None
        assert len(row.accuracy.values) == len(row.confusion) == 2
        assert row.accuracy.sd == pytest.approx(np.std(row.accuracy.values, ddof=1))
        assert len(row.by_record) == 4
    first = rows["ds2", "past", "reference", ""].accuracy
    assert first is not None
    assert metrics.test.accuracy.values == pytest.approx(first.values)
    assert metrics.test.n == len(results.predictions["beat"]) / 2 == 240
    again = BeatClassifier.load(out / "weights")
    assert again.bundle.manifest["recipe"]["seed"] == 0
    assert again.bundle.manifest["trained_on"] == list(DS1[:4])
    card = (out / "model_card.md").read_text(encoding="utf-8")
    assert "| left-out ds1 | whole | reference |" in card
    assert "DS1" in card


@pytest.mark.usefixtures("made_records")
def test_weights_that_know_all_are_judged_by_records_left_out(tmp_path: Path) -> None:
    pytest.importorskip("keras")
    config = study(protocol="record-wise", train=["ds1", "svdb"], test=[], seeds=1)
    job = config.prepare(None)
    (tmp_path / "unit").mkdir()
    job.run(job.units[0], tmp_path / "unit", Silent())
    assert (tmp_path / "unit" / OUTCOME).is_file()
    metrics = job.results({job.units[0]: tmp_path / "unit"}, tmp_path, {})
    assert metrics.data.name == "ds1, svdb"
    assert [row.records for row in metrics.ec57] == 2 * [
        "left-out ds1", "left-out svdb", "left-out, all",
    ]  # fmt: skip
    *parts, everything = (row.beats for row in metrics.ec57[:3])
    assert everything is not None
    assert everything.mean == sum(part.mean for part in parts if part) == metrics.test.n


@pytest.mark.data
@pytest.mark.slow
def test_the_packaged_weights_are_as_good_as_the_docs_say(data_dir: Path, tmp_path: Path) -> None:
    config = load("mitbih-interpatient-shipped")
    out = run_study(config, out=tmp_path / "run", data_dir=data_dir)
    rows = [row for row in Results.load(out).metrics.ec57 if not row.condition]
    told = [
        figure.mean
        for name in ("ds2", "svdb")
        for setting in ("past", "whole")
        for row in rows
        if (row.records, row.setting, row.peaks) == (name, setting, "reference")
        for figure in (row.SVEB.f1, row.VEB.f1)
        if figure is not None
    ]
    # What docs/results/interpatient.md says of the packaged weights, to its third place.
    expected = [0.735, 0.971, 0.798, 0.975, 0.755, 0.900, 0.795, 0.917]
    np.testing.assert_allclose(told, expected, atol=1e-3)
    assert rows[0].beats is not None
    assert rows[0].beats.mean == 49712
    assert json.loads((out / "metrics.json").read_text())["test"]["n"] == 49712
