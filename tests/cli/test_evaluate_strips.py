"""``ectopy evaluate --rhythm --strips``: strips against a table of labels, from files to files."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FS_HZ = 300


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ectopy", "evaluate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make strips: two of sinus rhythm, two that fibrillate, one that is not there."""
    folder = tmp_path_factory.mktemp("strips")
    rng = np.random.default_rng(0)
    names = {"S1": "N", "S2": "N", "F1": "A", "A00004": "A", "GONE": "O"}
    for name, label in list(names.items())[:4]:
        sinus = label == "N"
        rr = 0.85 + rng.normal(0, 0.012, 30) if sinus else rng.uniform(0.45, 1.1, 33)
        at = np.cumsum(rr)
        time = np.arange(round((at[-1] + 0.6) * FS_HZ)) / FS_HZ
        signal = rng.normal(0, 0.01, len(time)) + (not sinus) * 0.04 * np.sin(40 * time)
        for centre, height, width in ((-0.16, 0.12 * sinus, 0.022), (0, 1.0, 0.014),
                                      (0.03, -0.2, 0.012), (0.28, 0.2, 0.05)):  # fmt: skip
            for beat in at:
                signal += height * np.exp(-0.5 * ((time - beat - centre) / width) ** 2)
        np.rint(1000 * signal).astype("<i2").tofile(folder / f"{name}.dat")
        (folder / f"{name}.hea").write_text(
            f"{name} 1 {FS_HZ} {len(time)}\n{name}.dat 16 1000/mV 16 0 0 0 0 I\n"
        )
    rows = "".join(f"{name},{label}\n" for name, label in names.items())
    (folder / "labels.csv").write_text(rows)
    return folder


def test_from_signals_to_figures(folder: Path, tmp_path: Path) -> None:
    table = folder / "labels.csv"
    done = run(str(folder), "--rhythm", "--strips", str(table), "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "never trained on" in done.stdout
    assert "left out GONE" in done.stderr
    report = json.loads((tmp_path / "strip-evaluation.json").read_text())
    assert report["unseen"]["strips"] == 4
    assert report["unseen"]["f1"]["AF"] == 1
    assert report["unseen"]["f1"]["sinus"] == 1
    assert report["seen"] is None
    with (tmp_path / "strip-evaluation.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["strip"], row["label"], row["called"]) for row in rows] == [
        ("S1", "sinus", "sinus"),
        ("S2", "sinus", "sinus"),
        ("F1", "AF", "AF"),
        ("A00004", "AF", "AF"),
    ]
    assert all(float(row["p_AF"]) > 0.5 for row in rows if row["label"] == "AF")


def test_strips_that_were_learnt_from_are_told_apart(folder: Path, tmp_path: Path) -> None:
    """By name alone: a strip called as one of the Challenge counts as one of the Challenge."""
    from ectopy.runtime.rhythm.strip_model import StripModel

    known = StripModel.load().manifest["trained_on"]["cinc2017"][0]
    for ending in (".hea", ".dat"):
        (tmp_path / f"{known}{ending}").write_bytes((folder / f"S1{ending}").read_bytes())
    header = (tmp_path / f"{known}.hea").read_text().replace("S1", known)
    (tmp_path / f"{known}.hea").write_text(header)
    (tmp_path / "labels.csv").write_text(f"{known},N\n")
    done = run(str(tmp_path), "--rhythm", "--strips", str(tmp_path / "labels.csv"))
    assert done.returncode == 0, done.stderr
    assert "names trained on" in done.stdout
    assert "never trained on" not in done.stdout


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ([], "goes with --rhythm"),
        (["--rhythm", "--from-annotations", "qrs"], "without --from-annotations"),
        (["--rhythm", "--records", "S1,X"], "has no X"),
    ],
)
def test_one_sentence_where_it_cannot_be(folder: Path, more: list[str], sentence: str) -> None:
    done = run(str(folder), "--strips", str(folder / "labels.csv"), *more)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stdout == ""


def test_a_table_that_is_none_is_told(folder: Path) -> None:
    done = run(str(folder), "--rhythm", "--strips", str(folder / "S1.hea"))
    assert done.returncode == 2
    assert "expected a name and one of N, A, O, ~" in done.stderr
