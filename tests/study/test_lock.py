"""Two studies never write into one folder; a dead one stops nobody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import ectopy as package
from ectopy.bench import recipes as bench_recipes
from ectopy.cli.messages import sentence
from ectopy.errors import RunFolderError
from ectopy.study.config import load_as, validate
from ectopy.study.folder import open_folder
from ectopy.study.lock import LOCK, FolderLock
from ectopy.study.windows.settings import WindowStudy

_HOLDER = """
import sys
from pathlib import Path
from ectopy.study.config import load
from ectopy.study.folder import open_folder
folder = open_folder(load(sys.argv[1]), sys.argv[2])
print("held", flush=True)
sys.stdin.read()
"""


def study(**changes: Any) -> WindowStudy:
    settings = {
        "name": "small",
        "protocol": "pooled",
        "data": {"name": "simulated-140"},
        "model": {"name": "cnn1d"},
    }
    config = validate(settings | changes, "test")
    assert isinstance(config, WindowStudy)
    return config


def start(config: WindowStudy, folder: Path) -> subprocess.Popen[str]:
    """Start a process that begins a study and then waits."""
    (folder.parent / "small.toml").write_text(config.to_toml(), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder.parent / "small.toml"), str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def stop(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_live_study_keeps_others_out_and_a_dead_one_does_not(tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = start(study(), run)
    try:
        with pytest.raises(RunFolderError) as refused:
            open_folder(study(), run)
    finally:
        stop(process)
    assert process.returncode == -signal.SIGKILL
    message = str(refused.value)
    assert f"another study (process {process.pid}) is running in {run}" in message
    assert "give another folder" in message
    assert sentence(refused.value, "study").endswith("(--out)")
    assert (run / LOCK).exists(), "the killed process left its file, as a power cut does"
    with pytest.raises(RunFolderError, match="seeds is 5 there and 3 here"):
        open_folder(study(seeds=3), run)
    folder = open_folder(study(), run)
    assert folder.resumed
    folder.close()
    assert not (run / LOCK).exists()


def test_a_folder_that_is_refused_is_left_as_it_is(tmp_path: Path) -> None:
    folder = open_folder(study(), tmp_path / "run")
    folder.finish()
    folder.close()
    before = sorted(path.name for path in (tmp_path / "run").iterdir())
    with pytest.raises(RunFolderError, match="never overwritten"):
        open_folder(study(), tmp_path / "run")
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == before
    assert LOCK not in before


def test_without_out_a_study_leaves_the_folder_of_a_running_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = open_folder(study(), tmp_path / "runs" / "small-pooled-00000000-000000")
    second = open_folder(study(), None)
    assert not second.resumed
    assert second.path.resolve() != first.path
    second.close()
    first.close()
    third = open_folder(study(), None)
    assert third.resumed
    third.close()


def test_bench_recipes_has_the_same_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_recipes, "start_keras", lambda: None)
    pytest.importorskip("keras")
    with (
        FolderLock(tmp_path / "busy"),
        pytest.raises(RunFolderError, match="another study"),
    ):
        bench_recipes.time_recipes([study()], seeds=1, out=tmp_path / "busy")


def test_bench_recipes_does_not_take_a_look_for_the_real_thing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("keras")
    monkeypatch.setattr(bench_recipes, "start_keras", lambda: None)

    def trained(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bench_recipes, "run_unit", trained)
    look = [load_as(WindowStudy, "mitbih-cnn-smote", quick=True, data_set="simulated-187")]
    real = [load_as(WindowStudy, "mitbih-cnn-smote", data_set="simulated-187")]
    with pytest.raises(KeyboardInterrupt):
        bench_recipes.time_recipes(look, seeds=1, out=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        bench_recipes.time_recipes(look, seeds=1, out=tmp_path)
    with pytest.raises(RunFolderError, match="trainings with other settings"):
        bench_recipes.time_recipes(real, seeds=1, out=tmp_path)
