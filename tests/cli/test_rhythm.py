"""``ectopy rhythm`` and ``ectopy evaluate --rhythm``, from files to files."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ectopy.recordings.annotations import Annotations, read_annotations, write_annotations
from ectopy.recordings.rhythm_marks import rhythm_spans

FS_HZ = 250.0


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ectopy", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make three records: their beats (qrs), and where two of them fibrillate (ref)."""
    folder = tmp_path_factory.mktemp("records")
    rng = np.random.default_rng(3)
    for name in ("p", "q", "r"):
        rr = np.concatenate(
            [
                0.8 + rng.normal(0, 0.01, 500),
                np.clip(rng.gamma(12, 0.65 / 12, 500), 0.3, 1.8),
                0.8 + rng.normal(0, 0.01, 500),
            ]
        )
        if name == "r":
            rr[500:1000] = rr[:500]
        beats = np.rint(np.cumsum(rr) * FS_HZ).astype(np.int64)
        n = len(beats)
        own = Annotations(beats, np.full(n, "N"), FS_HZ, np.full(n, ""))
        write_annotations(folder, name, own, "qrs")
        marks = Annotations(
            np.array([0, beats[500], beats[1000]]),
            np.full(3, "+"),
            FS_HZ,
            np.array(["(N", "(N" if name == "r" else "(AFIB", "(N"]),
        )
        write_annotations(folder, name, marks, "ref")
        header = f"{name} 1 {FS_HZ:g} {beats[-1] + 1}\n{name}.dat 16 200 16 0 0 0 0 I\n"
        (folder / f"{name}.hea").write_text(header)
    return folder


def test_from_beats_to_marks_table_and_summary(records: Path, tmp_path: Path) -> None:
    done = run("rhythm", str(records / "p.qrs"), "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "AF episodes  1 of 30 s or more" in done.stdout
    truth = rhythm_spans(read_annotations(records / "p", "ref"))
    marks = read_annotations(tmp_path / "p", "ecr")
    assert marks.aux.tolist() == ["(OTHER", "(AFIB", "(OTHER"]
    assert marks.samples[0] == 0
    assert marks.fs_hz == FS_HZ
    found = rhythm_spans(marks)
    assert abs(found.first[0] - truth.first[0]) < 20 * FS_HZ
    assert abs(found.last[0] - truth.last[0]) < 20 * FS_HZ
    summary = json.loads((tmp_path / "p.rhythm.json").read_text())
    told = summary["rhythm"]["fibrillation"]  # the same part that a recording's summary has
    assert told["episodes"] == 1
    assert told["seconds"] == pytest.approx((found.last[0] - found.first[0]) / FS_HZ, abs=0.01)
    assert told["rate_inside"] > told["rate_outside"]
    assert "flutter" in summary["rhythm"]["cannot_show"][0]
    assert "cannot show  flutter and atrial tachycardia" in done.stdout
    with (tmp_path / "p.rhythm.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["rhythm"] for row in rows] == ["other", "af", "other"]
    assert float(rows[1]["duration_s"]) == pytest.approx(told["seconds"], abs=0.01)
    again = run("rhythm", str(records / "p.qrs"), "--out", str(tmp_path))
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert "--force" in again.stderr
    assert run("rhythm", str(records / "p.qrs"), "--out", str(tmp_path), "--force").returncode == 0


def test_intervals_in_a_table_give_the_same(records: Path, tmp_path: Path) -> None:
    beats = read_annotations(records / "p", "qrs").samples
    table = tmp_path / "rr.csv"
    table.write_text("rr_ms\n" + "\n".join(f"{4 * step}" for step in np.diff(beats)))
    first, second = (run("rhythm", str(path)) for path in (records / "p.qrs", table))
    assert second.returncode == 0, second.stderr
    # One time begins with the record, the other with the first beat.
    burden, again = (
        float(done.stdout.split("AF burden")[1].split()[0]) for done in (first, second)
    )
    assert burden == pytest.approx(again, abs=0.05)
    assert first.stdout.splitlines()[2:4] == second.stdout.splitlines()[2:4]


def test_one_sentence_where_nothing_is_to_be_had(tmp_path: Path) -> None:
    table = tmp_path / "rr.csv"
    table.write_text("0.8\n0.9\n-1\n")
    for words, said in (
        ((str(tmp_path / "none.qrs"),), "not found"),
        ((str(table),), "as RR interval 3"),
        ((str(table), "--out", str(tmp_path / "out")), "as RR interval 3"),
    ):
        done = run("rhythm", *words)
        assert done.returncode == 2
        assert done.stderr.startswith("ectopy: ")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
        assert done.stdout == ""
    assert not (tmp_path / "out").exists()


def test_a_folder_is_scored_from_its_beats_alone(records: Path, tmp_path: Path) -> None:
    words = ("evaluate", str(records), "--rhythm", "--extension", "ref")
    done = run(*words, "--from-annotations", "qrs", "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "rhythm-evaluation.json").read_text())
    assert report["n_records"] == 3
    assert report["free_of_it"]["records"] == 1
    assert report["free_of_it"]["called_share"] == 0
    assert "0.00 % of the 0.3 hours of 1 records without" in done.stdout
    gross = report["gross"]
    assert (gross["found"], gross["missed"], gross["right"], gross["wrong"]) == (2, 0, 2, 0)
    assert gross["duration_se"] > 0.9
    assert gross["duration_ppv"] > 0.9
    assert f"{100 * gross['duration_se']:.2f}" in done.stdout
    with (tmp_path / "rhythm-evaluation.csv").open(newline="") as stream:
        assert [row["record"] for row in csv.DictReader(stream)] == [
            "p",
            "q",
            "r",
            "gross",
            "average",
        ]
    without = run(*words)
    assert without.returncode == 2
    assert "none of the 3 records" in without.stderr  # they have no signal
    stray = run("evaluate", str(records), "--from-annotations", "qrs")
    assert stray.returncode == 2
    assert "goes with --rhythm" in stray.stderr
    unmarked = run(*words[:3], "--extension", "qrs", "--from-annotations", "qrs")
    assert unmarked.returncode == 2
    assert "no rhythm marks" in unmarked.stderr


def test_what_is_compared_ends_with_the_beats_not_with_the_marks(
    records: Path, tmp_path: Path
) -> None:
    """As in afdb: a header says more than was detected, or nothing at all."""
    n = len(read_annotations(records / "p", "qrs"))
    last_s = read_annotations(records / "p", "qrs").samples[-1] / FS_HZ
    for name, frames in (("longer", round((last_s + 600) * FS_HZ)), ("untold", 0)):
        for extension in ("qrs", "ref"):
            given = read_annotations(records / "p", extension)
            if extension == "ref":  # it fibrillates to the end, as far as the marks say
                given = Annotations(given.samples[:2], given.symbols[:2], FS_HZ, given.aux[:2])
            write_annotations(tmp_path, name, given, extension)
        (tmp_path / f"{name}.hea").write_text(f"{name} 0 {FS_HZ:g} {frames}\n")
    assert n == 1500
    words = ("evaluate", str(tmp_path), "--rhythm", "--extension", "ref")
    done = run(*words, "--from-annotations", "qrs", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "0.17 hours after the last beats" in done.stdout
    told = json.loads((tmp_path / "out" / "rhythm-evaluation.json").read_text())["records"]
    marked_s = last_s - read_annotations(records / "p", "ref").samples[1] / FS_HZ
    for entry in told.values():
        assert entry["reference_s"] == pytest.approx(marked_s, abs=0.01)
    assert told["longer"]["after_last_beat_s"] == pytest.approx(600, abs=0.01)
    assert told["untold"]["after_last_beat_s"] == 0
