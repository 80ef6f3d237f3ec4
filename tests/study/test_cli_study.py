"""`ectopy study`: what the user sees, and that mistakes cost one sentence and exit code 2."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ectopy as package
from ectopy.datasets.protocols import PROTOCOLS
from ectopy.study.lock import FolderLock

_SOURCE = str(Path(package.__file__).parents[1])


def ectopy(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ectopy", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": _SOURCE, **environment},
    )


def test_lists_the_studies_without_keras(tmp_path: Path) -> None:
    told = ectopy("study", "--list", cwd=tmp_path)
    assert told.returncode == 0
    for name in ("ecg5000-cnn-gru", "ecg5000-cnn-gru-paper", "mitbih-cnn-smote", "beats-default"):
        assert name in told.stdout
    for protocol in PROTOCOLS.values():
        assert re.search(rf"^{protocol.name} +{protocol.summary}$", told.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("study", "ecg5000"), "there is no study 'ecg5000'"),
        (("study", "ecg5000-cnn-gru", "--protocol", "fair"), "'protocol' is 'fair'"),
        (("study", "ecg5000-cnn-gru", "--seeds", "0"), "'seeds' is 0"),
        (("study", "ecg5000-cnn-gru", "--data-set", "ecg6000"), "ecg6000"),
        (("study", "mitbih-interpatient", "--protocol", "pooled"), "'protocol' is 'pooled'"),
        (("study", "mitbih-interpatient-shipped", "--seeds", "5"), "nothing is trained"),
        (("study", "mitbih-interpatient", "--data-set", "svdb"), "names its own records"),
        (("bench", "training", "beats-default"), "is one of records, expected one of windows"),
        (("study", "--quick"), "no study was named beside --quick; name one"),
        (("study", "--seeds", "2", "--out", "x"), "no study was named beside --seeds, --out; name"),
        (
            ("study", "ecg5000-cnn-gru", "--workers", "2", "--scheduler", "x:1"),
            "one of the two out",
        ),
        (("study", "ecg5000-cnn-gru", "--scheduler", "gone.json"), "gone.json not found, expected"),
        (("study", "--workers", "2"), "no study was named beside --workers; name one"),
        (("study", "run"), "its study again, name run/config.toml"),
        (("study", "mine.toml"), "unknown key 'recipe.epocs'"),
        (("study", "ecg5000-cnn-gru", "--data", "nowhere"), "holds ecg5000/ (--data)"),
        (("study", "ecg5000-cnn-gru", "--data-set", "simulated-140", "--out", "full"), "(--out)"),
        (
            ("study", "ecg5000-cnn-gru", "--data-set", "simulated-140", "--out", "busy"),
            "another study (process",
        ),
    ],
)
def test_mistakes_cost_a_sentence_and_leave_nothing(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    (tmp_path / "mine.toml").write_text(
        'protocol = "official"\n[data]\nname = "ecg5000"\n[model]\nname = "cnn1d"\n'
        "[recipe]\nepocs = 3\n"
    )
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.toml").write_text("")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("Dear aunt")
    with FolderLock(tmp_path / "busy"):
        before = sorted(p.name for p in tmp_path.rglob("*"))
        told = ectopy(
            *arguments,
            cwd=tmp_path,
            ECTOPY_DATA="",
            ECTOPY_OFFLINE="1",
            XDG_CACHE_HOME=str(tmp_path.with_name("cache")),
        )
        after = sorted(p.name for p in tmp_path.rglob("*"))
    assert told.returncode == 2, told.stderr
    assert words in told.stderr
    assert "Traceback" not in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1
    assert after == before


SMALL = """
title = "Small"
protocol = "official"
[data]
name = "simulated-140"
options = { patients = 2, duration_s = 60 }
[model]
name = "cnn1d"
options = { filters = [4, 4, 4], hidden = 8 }
[recipe]
epochs = 1
"""


def test_a_study_of_one_s_own_runs_and_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(SMALL)
    told = ectopy("study", "mine.toml", "--quick", "--out", "run", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "report.html" in told.stdout
    assert told.stderr == "", "TensorFlow talked"
    run = tmp_path / "run"
    metrics = json.loads((run / "metrics.json").read_text())
    assert (metrics["quick"], metrics["study"]) == (True, "mine")
    assert metrics["data"]["simulated"] is True
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["command"] == "ectopy study mine.toml --quick --out run"
    assert {p.name for p in run.iterdir()} >= {"report.html", "model_card.md", "model.onnx"}
    again = ectopy("study", "mine.toml", "--quick", "--out", "run", cwd=tmp_path)
    assert again.returncode == 2
    assert "never overwritten" in again.stderr


@pytest.mark.slow
@pytest.mark.data
def test_quick_study_of_the_real_ecg5000(tmp_path: Path, data_dir: Path) -> None:
    told = ectopy(
        "study", "ecg5000-cnn-gru-paper", "--quick", "--data", str(data_dir), "--out", "run",
        cwd=tmp_path,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "report.html" in told.stdout
    assert told.stderr == "", "TensorFlow talked"
    run = tmp_path / "run"
    metrics = json.loads((run / "metrics.json").read_text())
    assert metrics["quick"] is True
    assert metrics["model"]["parameters"] == 743_109
    assert metrics["data"]["simulated"] is False
    assert sum(metrics["data"]["counts"]["test"].values()) > 500
    assert metrics["test"]["accuracy"]["mean"] > 0.75  # 0.58 are of one class
