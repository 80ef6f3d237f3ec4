import json
from dataclasses import replace

import numpy as np
import pytest

from ectopy.errors import ConfigError, RunFolderError
from ectopy.recordings.annotations import Annotations
from ectopy.runtime.classifier import BeatClassifier, BeatLabels
from ectopy.study.interpatient import run as interpatient
from ectopy.study.interpatient.records import Annotated
from ectopy.study.interpatient.robustness import conditions, robustness
from ectopy.training.inter_patient.training_record import TrainingRecord


def made(n=60, fs_hz=200.0):
    at = np.rint((1 + 0.8 * np.arange(n)) * fs_hz).astype(int)
    t = np.arange(int((at[-1] / fs_hz + 1) * fs_hz))
    lead = sum(np.exp(-0.5 * ((t - a) / 3) ** 2) for a in at)
    symbols = np.where(np.arange(n) % 10 == 5, "V", "N")
    reference = Annotations(at, symbols, fs_hz, np.full(n, ""))
    return Annotated("made", np.stack([lead, -lead]).astype(np.float32), fs_hz, reference)


def test_fibrillation_is_read_from_the_rhythm_notes():
    record = made(n=6)
    assert np.isnan(record.training().fibrillation).all()  # nobody says
    beats = record.reference.samples
    samples = np.concatenate([beats, [beats[1] - 20, beats[3] - 20, beats[5] - 20]])
    order = np.argsort(samples)
    symbols = np.array(["N"] * 6 + ["+"] * 3)[order]
    aux = np.array([""] * 6 + ["(AFIB", "(N", "(AFL"])[order]
    noted = replace(record, reference=Annotations(samples[order], symbols, 200.0, aux))
    np.testing.assert_array_equal(noted.training().fibrillation, [np.nan, 1, 1, 0, 0, 1])


def test_every_condition_keeps_every_beat():
    record = made()
    peaks = record.beats()[0]
    for name, change in conditions():
        disturbed, moved = change(record, peaks, np.random.default_rng(0))
        assert len(moved) == len(peaks), name
        assert (np.diff(moved) >= 0).all(), name
        assert moved[-1] < disturbed.signal_mv.shape[1], name
        assert np.isfinite(disturbed.signal_mv).all(), name


def test_noise_has_the_level_it_says():
    record = made()
    change = dict(conditions())["muscle noise, 6 dB"]
    disturbed, _ = change(record, record.beats()[0], np.random.default_rng(0))
    added = disturbed.signal_mv[0] - record.signal_mv[0]
    height = np.ptp(record.signal_mv[0])
    measured = 10 * np.log10(height**2 / 8 / added.var())
    assert abs(measured - 6) < 1


def test_an_oracle_scores_one_whatever_is_disturbed():
    record = made()
    truth = record.beats()[1]

    def oracle(signal_mv, fs_hz, r_peaks):
        return BeatLabels(np.eye(5, dtype=np.float32)[truth], truth, np.zeros(len(truth), bool))

    found = robustness([record], oracle)
    assert all(entry["VEB"]["f1"] == 1 and entry["accuracy"] == 1 for entry in found.values())


def test_a_full_folder_is_not_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(RunFolderError, match="not empty"):
        interpatient.run_interpatient(out=tmp_path)
    with pytest.raises(ConfigError, match="ds1 or all"):
        interpatient.run_interpatient(out=tmp_path / "new", train_on="ds2")


def test_packaged_weights_say_what_they_learnt_from():
    from ectopy.beats.aami import DS1, DS2

    trained_on = set(BeatClassifier.load("ds1").bundle.manifest["trained_on"])
    assert trained_on == set(DS1)
    assert not trained_on & set(DS2)
    assert len(BeatClassifier.load("default").bundle.manifest["trained_on"]) == 83


@pytest.mark.data
@pytest.mark.slow
def test_evaluate_only(data_dir, tmp_path):
    folder = interpatient.run_interpatient(
        out=tmp_path / "run", data_dir=data_dir, evaluate_only=True, say=lambda _: None
    )
    metrics = json.loads((folder / "metrics.json").read_text())
    ds2, svdb = metrics["ds2"], metrics["svdb"]
    assert ds2["past"]["beats"] == 49712
    # What docs/results/interpatient.md says of the packaged weights, to its third place.
    told = [
        found[setting][kind]["f1"]
        for found in (ds2, svdb)
        for setting in ("past", "whole")
        for kind in ("SVEB", "VEB")
    ]
    expected = [0.735, 0.971, 0.798, 0.975, 0.755, 0.900, 0.795, 0.917]
    np.testing.assert_allclose(told, expected, atol=1e-3)


def test_left_out_figures_are_told_by_database():
    def record(name):
        y = np.array([0, 0, 1, 2])
        signal, nowhere = np.zeros((1, 10), np.float32), np.zeros(4, np.float32)
        return TrainingRecord(name, signal, np.arange(4.0), y, nowhere)

    right = np.eye(5)[[0, 0, 1, 2]]
    all_normal = np.tile(np.eye(5)[0], (4, 1))
    found = interpatient._by_database(
        [record("100"), record("800")], [right, all_normal], [0.0] * 5
    )
    assert found["mitdb"]["SVEB"]["f1"] == found["mitdb"]["accuracy"] == 1
    assert found["svdb"]["SVEB"]["se"] == 0
    assert found["svdb"]["accuracy"] == 0.5


def test_what_each_database_was_used_for_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(interpatient, "_database", lambda *_: {})
    monkeypatch.setattr(interpatient.data, "folders", lambda _: (tmp_path, tmp_path))
    said = []
    out = interpatient.run_interpatient(out=tmp_path / "run", evaluate_only=True, say=said.append)
    told = json.loads((out / "metrics.json").read_text())
    assert told["roles"]["svdb"].startswith("development set")
    assert told["roles"]["ds2"].startswith("test set")
    assert any("svdb, a development set" in line for line in said)
    assert sorted(path.name for path in out.iterdir()) == ["metrics.json"]  # and no lock
