"""A folder's rhythm from its signals, against the reference's marks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import wfdb
from typer.testing import CliRunner

from ectopy.analysis.rhythm.evaluate import RhythmOptions, evaluate_rhythm, seconds_table
from ectopy.analysis.rhythm.told_record import ToldRecord, by_mark
from ectopy.cli import app
from ectopy.recordings.annotations import Annotations
from ectopy.recordings.rhythm_marks import Spans
from ectopy.recordings.simulation.simulate import SimulationParameters, simulate
from ectopy.runtime.rhythm.course import RhythmCourse
from ectopy.runtime.rhythm.kinds import AF, SINUS


def write_record(folder: Path, name: str, marks: list[str], at_s: list[float]) -> None:
    regular = SimulationParameters(s_share=0, v_share=0, f_share=0, q_share=0)
    recording, _ = simulate(90, rng=np.random.default_rng(1), parameters=regular, name=name)
    wfdb.wrsamp(
        name,
        fs=recording.fs_hz,
        units=["mV"] * 2,
        sig_name=list(recording.leads),
        p_signal=recording.read().T.astype(np.float64),
        fmt=["16"] * 2,
        write_dir=str(folder),
    )
    samples = np.rint(np.array(at_s) * recording.fs_hz).astype(np.int64)
    wfdb.wrann(name, "atr", samples, symbol=["+"] * len(marks), aux_note=marks, write_dir=folder)


def test_signals_are_labelled_and_every_second_is_compared(tmp_path: Path) -> None:
    write_record(tmp_path, "a", ["(N", "(AFIB", "(N"], [1, 20, 60])
    write_record(tmp_path, "b", ["(N"], [0.5])
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["evaluate", str(tmp_path), "--rhythm", "--out", str(out)])
    assert done.exit_code == 0, done.output
    report = json.loads((out / "rhythm-evaluation.json").read_text())
    assert (report["beats"], report["labelled_by"]) == ("detected", "default")
    assert report["records"]["a"]["missed"] == 1
    assert report["free_of_it"]["called_share"] == 0
    assert report["named_as_trained_on"] == []
    seconds = report["seconds"]
    assert seconds["(N"]["sinus"] == pytest.approx(19 + 30 + 89.5, abs=0.1)
    assert seconds["(AFIB"]["sinus"] == pytest.approx(40, abs=0.1)
    assert sum(seconds["unmarked"].values()) == pytest.approx(1.5, abs=0.1)
    assert "sinus" in done.output
    assert "(AFIB" in done.output
    (tmp_path / "b.dat").unlink()
    rest = evaluate_rhythm(tmp_path, RhythmOptions())
    assert rest["n_records"] == 1
    assert "b" in rest["left_out"]


def test_seconds_by_mark_and_kind() -> None:
    course = RhythmCourse(
        np.array([0.0, 40.0]),
        np.array([40.0, 100.0]),
        np.array([SINUS, AF]),
        np.array([1, 1], dtype=np.float32),
        np.zeros(100, dtype=np.float32),
    )
    marks = Annotations(
        np.array([100, 400, 5000]), np.array(["+"] * 3), 100.0, np.array(["(N\0", "(AFIB", "(N"])
    )
    told = ToldRecord(marks, Spans(np.array([4000]), np.array([10000])), 10000, 10000, {}, course)
    assert by_mark(told) == {
        "unmarked": {"sinus": 1.0},
        "(N": {"sinus": 3.0, "af": 50.0},
        "(AFIB": {"sinus": 36.0, "af": 10.0},
    }
    assert by_mark(told, 300)["(N"] == {"sinus": 1.0, "af": 50.0}
    assert seconds_table(by_mark(told)).splitlines()[1].split() == ["(N", "3", "50"]


@pytest.mark.data
def test_fibrillation_of_real_recordings_is_found(data_dir: Path) -> None:
    report = evaluate_rhythm(data_dir / "mitdb", records=("201", "203", "208"))
    assert report["named_as_trained_on"] == ["201", "203", "208"]
    assert report["gross"]["duration_se"] > 0.98
    assert report["gross"]["duration_ppv"] > 0.95
    assert report["free_of_it"]["called_share"] == 0
    assert report["seconds"]["(T"]["t"] > 0.8 * sum(report["seconds"]["(T"].values())
