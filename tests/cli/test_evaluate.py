import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ectopy.recordings.simulation.simulate import simulate


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ectopy", "evaluate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_one_sentence_where_there_is_nothing(tmp_path: Path) -> None:
    done = run(str(tmp_path / "none"))
    assert done.returncode == 2
    assert done.stderr.startswith("ectopy: ")
    assert "expected a folder of WFDB records" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_out_is_looked_at_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("not a folder")
    done = run(str(tmp_path / "none"), "--out", str(tmp_path / "results"))
    assert done.returncode == 2
    assert done.stderr == (
        f"ectopy: {tmp_path / 'results'} cannot be written to (Not a directory); "
        "make room or name another folder (--out)\n"
    )
    assert done.stdout == ""


@pytest.mark.parametrize(("weights", "seen"), [("default", ["100", "208"]), ("ds1", ["208"])])
def test_records_that_the_weights_were_trained_on_are_told(
    tmp_path: Path, weights: str, seen: list[str]
) -> None:
    import wfdb

    for i, name in enumerate(("100", "208", "own")):
        recording, beats = simulate(30, rng=np.random.default_rng(i), fs_hz=250, leads=("II",))
        signal = recording.read().T.astype(np.float64)
        how = {"units": ["mV"], "sig_name": ["II"], "fmt": ["16"], "write_dir": str(tmp_path)}
        wfdb.wrsamp(name, fs=250, p_signal=signal, **how)
        symbols = [str(symbol) for symbol in beats.symbols]
        wfdb.wrann(name, "atr", np.asarray(beats.samples), symbol=symbols, write_dir=str(tmp_path))
    done = run(str(tmp_path), "--weights", weights, "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    said = f"{len(seen)} of the 3 scored have the names of records that the weights were trained"
    assert said in done.stdout
    assert "--weights ds1" in done.stdout
    report = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert report["named_as_trained_on"] == seen
    done = run(str(tmp_path), "--weights", weights, "--records", "own")
    assert "trained on" not in done.stdout
