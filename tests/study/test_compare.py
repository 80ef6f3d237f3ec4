"""`ectopy bench compare`: two runs, one table, and one sentence where they cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from ectopy.cli import main
from ectopy.evaluation.metrics import classification
from ectopy.evaluation.over_seeds import over_seeds
from ectopy.report.schema import Data, Metrics, Model, Scores
from ectopy.study.compare import compare

CLASSES = ("N", "S", "V")
RECORDS = np.repeat([f"{100 + i}" for i in range(12)], 60)


def write_run(folder: Path, right: float, *, seeds: tuple[int, ...] = (0, 1), **other: Any) -> Path:
    """Write a run that calls a share of the beats by their class, wrong ones by the next."""
    folder.mkdir()
    y_true = np.random.default_rng(5).integers(0, 3, len(RECORDS))
    parts = []
    for seed in seeds:
        hit = np.random.default_rng(seed).random(len(RECORDS)) < right
        parts.append(
            {
                "seed": np.full(len(RECORDS), seed, dtype=np.int32),
                "beat": np.arange(len(RECORDS)) + other.get("shift", 0),
                "group": other.get("group", RECORDS),
                "y_true": y_true.astype(np.int8),
                "y_pred": np.where(hit, y_true, (y_true + 1) % 3).astype(np.int8),
            }
        )
    columns = {key: np.concatenate([part[key] for part in parts[::-1]]) for key in parts[0]}
    pyarrow.parquet.write_table(pyarrow.table(columns), folder / "predictions.parquet")
    metrics = Metrics(
        study=folder.name,
        kind="windows",
        protocol=other.get("protocol", "inter-patient"),
        data=Data(name=other.get("data", "made"), classes=CLASSES, shares_patients=False),
        model=Model(name="cnn1d"),
        test=Scores.model_validate(over_seeds([classification([0, 1, 2], [0, 1, 2], CLASSES)])),
        quick=other.get("quick", False),
        seeds=seeds,
    )
    (folder / "metrics.json").write_text(metrics.model_dump_json())
    return folder


def test_a_better_run_is_seen_over_the_seeds_in_common(tmp_path: Path) -> None:
    worse = write_run(tmp_path / "worse", 0.8, seeds=(0, 1, 2))
    better = write_run(tmp_path / "better", 0.9, seeds=(1, 2, 3))
    found = compare(worse, better)
    assert json.loads(json.dumps(found)) == found
    assert (found["seeds"], found["n_records"], found["beats"]) == ([1, 2], 12, 720)
    for name in ("accuracy", "macro-F1", "F1 of S", "accuracy, mean of records"):
        one = found["figures"][name]
        assert one["difference"] == pytest.approx(0.1, abs=0.05)
        assert one["p_value"] < 0.01
        assert one["interval"][0] > 0
    # Every record has as many beats, so both accuracies are the same.
    figures = found["figures"]
    assert figures["accuracy"]["a"] == pytest.approx(figures["accuracy, mean of records"]["a"])


def test_a_run_beside_itself_is_no_better(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", 0.8)
    for one in compare(run, run)["figures"].values():
        assert (one["difference"], one["p_value"]) == (0, 1)


def test_prints_one_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [write_run(tmp_path / name, right) for name, right in (("one", 0.8), ("two", 0.9))]
    monkeypatch.setattr("sys.argv", ["ectopy", "bench", "compare", *map(str, runs)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert "12 records, 720 beats, seeds in common: 0, 1" in told
    assert sum(line.startswith(("accuracy", "macro-F1", "F1 of")) for line in told.split("\n")) == 6
    assert "in every way" in told


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"data": "else"}, "the data of one is made, of the other else"),
        ({"protocol": "intra-patient"}, "the protocol of one"),
        ({"seeds": (7,)}, "no seed in common"),
        ({"quick": True}, "two is a quick look"),
        ({"shift": 1}, "did not test the same beats"),
        ({"group": np.full(len(RECORDS), "")}, "did not test the same beats"),
    ],
)
def test_runs_that_cannot_be_compared(
    tmp_path: Path,
    other: dict[str, Any],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    runs = [write_run(tmp_path / "one", 0.8), write_run(tmp_path / "two", 0.9, **other)]
    assert words in _refused(runs, monkeypatch, capsys)


def test_what_a_run_has_to_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = np.full(len(RECORDS), "")
    runs = [write_run(tmp_path / name, 0.8, group=nowhere) for name in ("one", "two")]
    assert "does not tell which record" in _refused(runs, monkeypatch, capsys)
    (runs[0] / "predictions.parquet").unlink()
    assert "no predictions.parquet" in _refused(runs, monkeypatch, capsys)
    assert "metrics.json is not there" in _refused([tmp_path, runs[1]], monkeypatch, capsys)


def _refused(
    runs: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> str:
    monkeypatch.setattr("sys.argv", ["ectopy", "bench", "compare", *map(str, runs)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith("ectopy: ")
    assert told.count("\n") == 1
    return told
